package periodic

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/index"
)

// index reads a server's index of a folder. The runs are the folders in it, or,
// if there is none, the files that look like logs.
func (r *reading) index(text []byte, at *url.URL) {
	entries, err := r.entries(text, at)
	runs := slices.DeleteFunc(slices.Clone(entries), func(e index.Entry) bool { return !e.Dir })
	if len(runs) == 0 {
		runs = slices.DeleteFunc(slices.Clone(entries), func(e index.Entry) bool { return !looksLikeLog(e.Name) })
	}
	if err != nil || len(runs) == 0 && len(entries) > 0 {
		r.err = errors.New("no table of runs is in it: rows with a link to a run's folder and a date such as " +
			"09-Aug-2016 12:34; if it shows its runs in another way, write selectors for it (row, link, date, …)")
		return
	}
	dated := slices.ContainsFunc(runs, func(e index.Entry) bool { return !e.Modified.IsZero() })
	for _, e := range runs {
		link := folderURL(e)
		if dated && e.Modified.IsZero() {
			r.noDate(errors.New("no date stands beside " + link))
		}
		r.add(classify.Job{Time: e.Modified, URL: link, LogURL: link})
	}
}

// entries returns what an index lists. A page that does not say that it is one
// lists only what has a date.
func (r *reading) entries(text []byte, at *url.URL) ([]index.Entry, error) {
	l, err := index.Parse(text, at, r.zone)
	if err == nil && !l.Known {
		l.Entries = slices.DeleteFunc(l.Entries, func(e index.Entry) bool { return e.Modified.IsZero() })
		if len(l.Entries) == 0 {
			err = index.ErrNone
		}
	}
	return l.Entries, err
}

// folderURL returns where an entry is: not the page of a folder, but the folder.
func folderURL(e index.Entry) string {
	if e.Dir {
		return strings.TrimSuffix(e.URL, "index.html")
	}
	return e.URL
}

// looksLikeLog reports whether a file's name is that of a log.
func looksLikeLog(name string) bool {
	name = strings.ToLower(path.Base(name))
	for _, packed := range []string{".gz", ".xz", ".bz2", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch path.Ext(name) {
	case ".log", ".txt", ".out":
		return true
	}
	return strings.HasPrefix(name, "console")
}
