package logs

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/index"
)

// page is an index page, or why there is none.
type page struct {
	entries []index.Entry
	cut     bool // there were more
	err     error
}

const indexPage = "index.html" // of a folder that has no page of its own, as in Swift

// listPages walks the index pages of a job. A page that cannot be had costs what
// it shows only, unless it is the first.
func (f *finder) listPages() ([]string, error) {
	top := f.page("", "")
	if errors.Is(top.err, fs.ErrNotExist) && !f.stops(top.err) {
		top = f.page("", indexPage)
	}
	switch {
	case top.err == nil:
	case f.stops(top.err), errors.Is(top.err, classify.ErrUnreachable), errors.Is(top.err, ErrOffline):
		return nil, top.err
	default:
		return nil, fmt.Errorf("the folder does not tell its files: %w (%w)", top.err, errors.ErrUnsupported)
	}
	err := f.folder("", top, nil)
	return f.names, errors.Join(append(f.errs, err)...)
}

// folder adds the files of a folder, named "" or "a/b/", and of those in it. The
// error says why to go no further. A link may lead back to a folder around it:
// that shows the same as before, and nothing of its own.
func (f *finder) folder(name string, p *page, around []*page) error {
	if slices.ContainsFunc(around, p.equal) {
		return nil
	}
	if p.cut {
		f.miss(cmp.Or(name, "the folder"), fmt.Errorf("its index shows more than %d files; the others were not looked at", len(p.entries)))
	}
	around = append(slices.Clip(around), p)
	for _, e := range p.entries {
		below := name + e.Name
		switch {
		case !e.Dir && classify.MatchFile(f.glob, below):
			f.names = append(f.names, below)
		case e.Dir && !f.shallow && mayHold(f.glob, below):
			if err := f.enter(below+"/", e, around); err != nil {
				return err
			}
		}
	}
	return nil
}

// enter goes on in a folder. One that is gone has no files.
func (f *finder) enter(name string, e index.Entry, around []*page) error {
	if len(around) > maxDepth {
		f.miss(name, fmt.Errorf("it lies deeper than %d folders", maxDepth))
		return nil
	}
	file := ""
	if strings.HasSuffix(e.URL, "/"+indexPage) {
		file = indexPage
	}
	p := f.page(name, file)
	switch {
	case p.err == nil:
		return f.folder(name, p, around)
	case errors.Is(p.err, errEnough) || f.stops(p.err):
		return p.err
	case !errors.Is(p.err, fs.ErrNotExist), errors.Is(p.err, ErrOffline):
		f.miss(name, p.err)
	}
	return nil
}

// miss notes what could not be listed. The error is that of one page: what it
// wraps does not hold for the others.
func (f *finder) miss(folder string, err error) {
	f.errs = append(f.errs, fmt.Errorf("%s: %s", folder, err.Error()))
}

// errEnough ends a walk that would not end.
var errEnough = errors.New("more than was looked at")

// page returns the index page of a folder, which is asked for once.
func (f *finder) page(folder, file string) *page {
	if p := f.tree.pages[folder+file]; p != nil {
		return p
	}
	switch {
	case len(f.tree.pages) >= maxPages:
		return &page{err: fmt.Errorf("more than %d index pages: %w", maxPages, errEnough)}
	case f.tree.shown > maxFiles:
		return &page{err: fmt.Errorf("more than %d files: %w", maxFiles, errEnough)}
	}
	p := &page{}
	p.err = f.ask(escape(folder)+file, index.MaxBytes, func(text []byte) error { return f.read(p, folder, text) })
	if p.err == nil || !f.stops(p.err) {
		f.tree.pages[folder+file] = p
	}
	return p
}

// read reads an index page.
func (f *finder) read(p *page, folder string, text []byte) error {
	at, err := url.Parse(f.base + escape(folder))
	if err != nil {
		return err
	}
	l, err := index.Parse(text, at, nil)
	if err != nil {
		return err
	}
	p.entries, p.cut = l.Entries, l.Cut
	f.tree.shown += len(l.Entries)
	return nil
}

// equal reports whether two pages show the same, and anything at all.
func (p *page) equal(other *page) bool {
	return len(p.entries) > 0 && slices.EqualFunc(p.entries, other.entries, func(a, b index.Entry) bool {
		return a.Name == b.Name && a.Dir == b.Dir && a.Modified.Equal(b.Modified)
	})
}

// mayHold reports whether a glob may name a file in or below a folder.
func mayHold(glob, folder string) bool {
	patterns, parts := strings.Split(glob, "/"), strings.Split(folder, "/")
	for i, part := range parts {
		if i >= len(patterns)-1 {
			return i < len(patterns) && patterns[i] == "**"
		}
		if patterns[i] == "**" {
			return true
		}
		if ok, err := path.Match(patterns[i], part); !ok || err != nil {
			return false
		}
	}
	return true
}
