// Package index reads the lists that servers make of the files in a folder:
// HTML pages of Apache, nginx, lighttpd, Caddy, Swift, gcsweb, Python's
// http.server and of Zuul's upload roles, the JSON and XML of nginx's
// autoindex, Caddy's JSON, and any other page whose links lead to what lies in
// the folder.
//
// Such a page comes from strangers. A name in it never leads out of the folder,
// and there are at most MaxEntries of them.
package index

import (
	"bytes"
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a listing.
const (
	MaxBytes   = 8 << 20 // of a page, decompressed; for those who read it
	MaxEntries = 10_000  // what is more is left out
)

// ErrNone says that a page lists no folder.
var ErrNone = errors.New("no list of a folder's files")

// Entry is a file or a folder in a listing.
type Entry struct {
	Name     string    // as it is on the server's disk: decoded, without a slash
	Dir      bool      // a folder
	URL      string    // where the link of it leads; of a folder its listing, which may be "…/index.html"
	Modified time.Time // zero: not told
}

// Listing is what a page tells of a folder.
type Listing struct {
	Entries []Entry // in the page's order, each name once
	Known   bool    // the page says of itself that it is such a list; so it may be empty
	Cut     bool    // there were more than MaxEntries
}

// Parse reads the listing of a folder that was found at a URL. Dates that name
// no zone are of the given one. The error wraps ErrNone where it is none.
func Parse(page []byte, at *url.URL, zone *time.Location) (Listing, error) {
	l := &list{folders: foldersAt(at), host: at.Host, zone: zone, seen: map[string]int{}}
	text := bytes.TrimSpace(bytes.TrimPrefix(page, []byte("\ufeff")))
	var err error
	switch {
	case bytes.HasPrefix(text, []byte("[")):
		err = l.json(text, at)
	case bytes.HasPrefix(text, []byte("<?xml")) && bytes.Contains(text[:min(len(text), 512)], []byte("<list>")):
		err = l.xml(text, at)
	default:
		err = l.html(page, at)
	}
	if err == nil && !l.Known && len(l.Entries) == 0 {
		err = ErrNone
	}
	return l.Listing, err
}

// list is a listing as it grows.
type list struct {
	Listing
	folders []string // decoded paths of the folder, each ending in "/"
	host    string
	zone    *time.Location
	seen    map[string]int // index in Entries by name
}

// foldersAt returns the paths that links may call the folder by: a page at
// "/a/b" may be that of the folder "/a/b/", or a file in "/a/".
func foldersAt(at *url.URL) []string {
	if strings.HasSuffix(at.Path, "/") {
		return []string{at.Path}
	}
	parent := at.Path[:strings.LastIndexByte(at.Path, '/')+1]
	return []string{at.Path + "/", cmp.Or(parent, "/")}
}

// add adds an entry, unless its name is known or no name.
func (l *list) add(e Entry) {
	if !IsName(e.Name) {
		return
	}
	if at, ok := l.seen[e.Name]; ok {
		l.Entries[at].Dir = l.Entries[at].Dir || e.Dir
		return
	}
	if len(l.Entries) == MaxEntries {
		l.Cut = true
		return
	}
	l.seen[e.Name] = len(l.Entries)
	l.Entries = append(l.Entries, e)
}

// IsName reports whether a name may be that of a file in a folder, and can be
// shown.
func IsName(name string) bool {
	return name != "" && name != "." && name != ".." && len(name) <= 1024 && !strings.Contains(name, "/") &&
		utf8.ValidString(name) && !strings.ContainsFunc(name, unicode.IsControl)
}

// where is how a link stands to the folder.
type where int

const (
	nowhere where = iota // it leads to no file: a script, an anchor, another order of the same page
	above                // to the folder itself, or one around it
	below                // to what lies in it
	outside              // elsewhere
)

// locate says how a link stands to the folder, and what of the folder it names,
// with a "/" at the end where the link tells that this is a folder.
func (l *list) locate(u *url.URL) (name string, at where) {
	path, ok := l.pathOf(u)
	switch {
	case !ok:
		return "", outside
	case u.RawQuery != "":
		return "", nowhere
	}
	for _, folder := range l.folders {
		if isAbove(path, folder) {
			return "", above
		}
		if rest, ok := strings.CutPrefix(path, folder); ok {
			return cutName(rest, u)
		}
	}
	return "", outside
}

// isAbove reports whether a path is that of a folder, or of one around it, or
// the page of one around it.
func isAbove(path, folder string) bool {
	if dir, ok := strings.CutSuffix(path, "/index.html"); ok && dir+"/" != folder {
		path = dir
	}
	return strings.HasPrefix(folder, strings.TrimSuffix(path, "/")+"/")
}

// cutName returns the name that the rest of a path begins with. What lies deeper
// than the folder is not named by it, but for the page of a folder in it.
func cutName(rest string, u *url.URL) (string, where) {
	name, deeper, dir := strings.Cut(rest, "/")
	escaped := strings.ToLower(u.RawPath)
	if deeper != "" && deeper != "index.html" || strings.Contains(escaped, "%2f") {
		return "", nowhere
	}
	if dir {
		name += "/"
	}
	return name, below
}

// pathOf returns the path of a URL on the folder's host. gcsweb links from
// /gcs/BUCKET/ to the files themselves, on the host that they come from.
func (l *list) pathOf(u *url.URL) (string, bool) {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.User != nil:
		return "", false
	case strings.EqualFold(u.Host, l.host):
		return cmp.Or(u.Path, "/"), true
	case u.Host == "storage.googleapis.com" && slices.ContainsFunc(l.folders, isGCS):
		return "/gcs" + u.Path, true
	}
	return "", false
}

func isGCS(folder string) bool { return strings.HasPrefix(folder, "/gcs/") }
