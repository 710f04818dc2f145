package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/internal/index"
)

const (
	maxTrees = 64 // jobs whose files are remembered
	maxPages = 200
	maxDepth = 12 // of folders that index pages show
)

// listServer lists the files of a job on a server that a glob names. How the
// folder tells them is found out once: by Zuul's manifest, by Jenkins, or by
// index pages, of which only those are asked for that may show such files.
func (l *Logs) listServer(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	t := l.trees.of(job.LogURL, l.o.KeepAbsent)
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("list %s: %w", redact(job.LogURL), ctx.Err())
	}
	base, _, _ := strings.Cut(job.LogURL, "#")
	f := &finder{ctx: ctx, logs: l, tree: t, base: strings.TrimSuffix(base, "/") + "/", belief: beliefIn(job), glob: glob}
	f.shallow = slices.Contains(l.o.Guesses, glob)
	names, err := f.list()
	if err != nil {
		err = fmt.Errorf("list %s: %w", redact(job.LogURL), err)
	}
	return slices.Compact(slices.Sorted(slices.Values(names))), err
}

// tree is what is known of the files below a job's folder on a server.
type tree struct {
	turn  chan struct{} // held by the one who asks
	since time.Time

	tried bool   // whether all files can be had at once is known
	whole *files // all of them; nil: they cannot
	pages map[string]*page
	shown int // entries of all pages
}

// trees remembers what is known of the latest jobs. The zero value is empty.
type trees struct {
	mu    sync.Mutex
	known map[string]*tree
	order []string // the oldest first
}

// of returns what is known of a folder, for so long as it is believed.
func (ts *trees) of(folder string, keep time.Duration) *tree {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t := ts.known[folder]; t != nil && time.Since(t.since) <= keep {
		return t
	}
	if ts.known == nil {
		ts.known = map[string]*tree{}
	}
	t := &tree{turn: make(chan struct{}, 1), since: time.Now(), pages: map[string]*page{}}
	ts.known[folder] = t
	ts.order = append(slices.DeleteFunc(ts.order, func(f string) bool { return f == folder }), folder)
	if len(ts.order) > maxTrees {
		delete(ts.known, ts.order[0])
		ts.order = ts.order[1:]
	}
	return t
}

// finder is one search for the files of a job that a glob names.
type finder struct {
	ctx     context.Context
	logs    *Logs
	tree    *tree
	base    string // URL of the job's folder
	belief  belief
	glob    string
	shallow bool // no page is asked for but the job's own

	names []string
	errs  []error // of single pages
}

func (f *finder) list() ([]string, error) {
	if !f.tree.tried {
		if err := f.findWhole(); err != nil {
			return nil, err
		}
		f.tree.tried = true
	}
	if all := f.tree.whole; all != nil {
		named := slices.Collect(func(yield func(string) bool) {
			for _, name := range all.names {
				if classify.MatchFile(f.glob, name) && !yield(name) {
					return
				}
			}
		})
		return named, all.err()
	}
	return f.listPages()
}

// findWhole looks for a list of all files. The error says why to ask no further.
func (f *finder) findWhole() error {
	for _, m := range manifestsOf(f.base) {
		err := f.ask(m.name, maxManifest, func(text []byte) error {
			all, err := m.parse(text)
			if err == nil {
				f.tree.whole = all
			}
			return err
		})
		if err == nil || f.stops(err) {
			return err
		}
	}
	return nil
}

// stops reports whether an error holds for all that is asked of the server.
func (f *finder) stops(err error) bool {
	_, refused := errors.AsType[*sources.RefusedError](err)
	return f.ctx.Err() != nil || errors.Is(err, classify.ErrUnreachable) && !refused
}

// ask reads what lies below the job's folder, which is not remembered unless it
// is understood.
func (f *finder) ask(name string, limit int64, understand func([]byte) error) error {
	raw, err := f.logs.openRaw(f.ctx, place{url: f.base + name}, f.belief)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(raw, limit+1))
	switch {
	case err != nil:
	case int64(len(text)) > limit:
		err = fmt.Errorf("cut at %s: %w", size(limit), ErrTooLarge)
	default:
		err = understand(text)
	}
	if err != nil {
		raw.refuse()
	}
	return errors.Join(err, raw.Close())
}

// files collects the names of files, in bounded memory.
type files struct {
	names []string
	bytes int
	cut   bool
}

// add adds a file by its path below the folder; a path that cannot be one is
// passed over.
func (f *files) add(path string) {
	parts := strings.Split(path, "/")
	switch {
	case len(path) > maxPath || slices.ContainsFunc(parts, func(part string) bool { return !index.IsName(part) }):
	case len(f.names) == maxNames || f.bytes+len(path) > maxNameBytes:
		f.cut = true
	default:
		f.names = append(f.names, path)
		f.bytes += len(path)
	}
}

// err says that there were more.
func (f *files) err() error {
	if !f.cut {
		return nil
	}
	return fmt.Errorf("more than %d files; the others were not looked at", len(f.names))
}
