// Package logs opens the log files of jobs, from log servers and from local
// folders: it downloads, remembers, and decompresses.
//
// What is on a log server is text, compressed once or twice, in an archive or in
// an HTML page, or an error page that says it is fine; what is read here is the
// text, or an error. All of it comes from strangers, so sizes and times are bounded
// and no name leads out of a job's folder.
package logs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// Options say where logs come from and what is remembered of them. The zero
// value opens local files only.
type Options struct {
	Client     *sources.Client // for http and https; nil: these are errors
	CacheDir   string          // made if need be, readable by its owner alone; "": nothing is remembered
	Offline    bool            // answer from the cache and from local files alone
	NoLocal    bool            // refuse file: URLs, where jobs come from others than the user
	MaxBytes   int64           // of a file, as downloaded and as decoded; zero: 2 GiB
	KeepAbsent time.Duration   // how long a 404 is believed, and the log of a job that may not have ended; zero: 10 min
	MaxAge     time.Duration   // of what is in the cache, since it was last used; zero: 30 days
	MaxSize    int64           // of the cache in bytes: what was not used for longest goes first, once an hour, when a Logs is made; zero: 10 GiB
	Guesses    []string        // globs that List is asked for in case there is something: on a server that has index pages alone, only in the job's own folder
	Log        *slog.Logger    // troubles of the cache, which cost time only; may be nil
}

// Logs opens log files. It is safe for use by several goroutines at once, and
// several processes may share a cache. Two that open the same log at the same
// time both download it.
type Logs struct {
	o         Options
	cache     *cache // nil: none
	shelf     *shelf
	turns     turns // to decompress what takes much memory
	trees     trees // what files jobs have
	jenkinses jenkinses
}

var (
	_ classify.Logs   = (*Logs)(nil)
	_ classify.Lister = (*Logs)(nil)
	_ sources.Ender   = (*log)(nil)
)

// ErrTooLarge is in the error at which a log larger than Options.MaxBytes ends.
var ErrTooLarge = errors.New("too large")

// ErrOffline is in the error for what is not in the cache when offline. It wraps
// fs.ErrNotExist: that another name of the same log is there is as likely.
var ErrOffline error = offline{}

type offline struct{}

func (offline) Error() string { return "not in the cache, and offline" }
func (offline) Unwrap() error { return fs.ErrNotExist }

// New returns a Logs, and removes from the cache what is too old or too much.
func New(o Options) (*Logs, error) {
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.KeepAbsent = cmp.Or(o.KeepAbsent, 10*time.Minute)
	o.MaxAge = cmp.Or(o.MaxAge, defaultMaxAge)
	o.MaxSize = cmp.Or(o.MaxSize, defaultMaxSize)
	o.Log = cmp.Or(o.Log, slog.New(slog.DiscardHandler))
	l := &Logs{o: o, turns: newTurns()}
	l.shelf = newShelf(l.limits, "")
	if o.CacheDir == "" {
		return l, nil
	}
	var err error
	if l.cache, err = openCache(o); err == nil {
		l.shelf.dir = l.cache.dir
	}
	return l, err
}

// Open returns the decoded text of a file of a job: of the file below the
// job's folder, or of the job's only file, whatever the name, where the job's
// LogURL does not end in "/". In "archive//path" the path is that of a member of a
// tar or zip archive, which may lie in another archive ("a//b//path"); a LogURL
// that ends in an archive's name (sources.IsArchive) and "//" is an archive as a
// job's folder. The error wraps fs.ErrNotExist where the file is not there, or
// the server has a page for it that is no log, or it is offline and the cache
// lacks it (ErrOffline). A log that is cut short gives what there is and then an error.
// Close it before the same log is opened again, or it is downloaded twice. At
// most two logs are open at once that take more than 8 MiB of memory to be
// decompressed (by "xz -9"): the next one waits until one of them is closed.
//
// Only the log of a job that is known to have ended is remembered for good. A
// source's job of which that is not known may still be writing: what is
// remembered of it holds for Options.KeepAbsent, unless its reader says that it
// ended (sources.Ender). A job that is known to run, and one of no source, which
// is an address that the user typed, who wants to see what is there now, are
// always asked for. What is remembered and does not hold is downloaded only if
// the server has something newer (ETag, Last-Modified).
func (l *Logs) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	at, err := locate(job, file)
	if err != nil {
		return nil, err
	}
	if at.member != "" {
		return l.openMember(ctx, job, at)
	}
	raw, err := l.openRaw(ctx, at, beliefIn(job))
	if err != nil {
		return nil, err
	}
	text, err := l.decode(ctx, raw)
	if err != nil {
		if ctx.Err() == nil {
			raw.refuse()
		}
		return nil, fmt.Errorf("open %s: %w", at, errors.Join(err, raw.Close()))
	}
	return &log{text, raw}, nil
}

// decode returns the text of what is stored, which is closed with it; not if
// there is an error.
func (l *Logs) decode(ctx context.Context, stored io.ReadCloser) (*text, error) {
	limits := l.limits(ctx)
	r, err := Decode(stored, limits)
	if err != nil {
		limits.turn.end()
		return nil, err
	}
	return &text{r, stored, limits.turn}, nil
}

func (l *Logs) limits(ctx context.Context) DecodeOptions {
	return DecodeOptions{MaxBytes: l.o.MaxBytes, turn: l.turns.turn(ctx)}
}

func (l *Logs) openRaw(ctx context.Context, at place, b belief) (rawLog, error) {
	if at.local != "" {
		if l.o.NoLocal {
			return nil, fmt.Errorf("open %s: local files are refused here", at)
		}
		return at.open(ctx)
	}
	raw, err := l.openURL(ctx, at.url, b)
	if err != nil {
		return nil, err
	}
	if raw, err = undone(raw); err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	return raw, nil
}

func beliefIn(job classify.Job) belief {
	switch {
	case job.Status() == classify.Unending:
		return belief{ask: true}
	case job.Result == "":
		return belief{ask: job.Source == ""}
	}
	return belief{final: true}
}

// rawLog is a log as its server or folder has it.
type rawLog interface {
	io.ReadCloser
	refuse()                    // it is no log: do not remember it
	final()                     // it will not change any more: remember it for good
	encoding() string           // what its server did to it for the way, and nobody undid yet
	section() *io.SectionReader // all of it, until it is closed; nil where it is not in a file
}

// text is the text of a log.
type text struct {
	io.Reader
	stored io.Closer
	turn   *turn
}

func (t *text) Close() error {
	t.turn.end()
	return t.stored.Close()
}

// log is the text of a log that is in a file of its own.
type log struct {
	*text
	raw rawLog
}

func (l *log) Ended() { l.raw.final() }

// place is where a log is: a URL, or a local file below a folder or by itself.
type place struct {
	url    string
	path   string // of the URL
	local  string // the folder, or the file if there is no name
	name   string // below the folder
	folder bool
	member string // of the archive that this is; "": the log is this itself
}

func (p place) String() string {
	name := path.Join(p.local, p.name)
	if p.local == "" {
		name = redact(p.url)
	}
	if p.member != "" {
		name += memberSep + p.member
	}
	return name
}

// locate finds a file of a job.
func locate(job classify.Job, file string) (place, error) {
	logURL, inArchive := cutArchive(job.LogURL)
	u, err := url.Parse(logURL)
	if err != nil || u.Scheme == "" {
		return place{}, fmt.Errorf("open %q of job %q: the URL of its logs is no proper URL", file, job.Name)
	}
	p := place{path: u.Path, folder: strings.HasSuffix(logURL, "/")}
	switch {
	case inArchive:
		p.member, err = cleanMember(file)
	case p.folder:
		p.name, p.member, err = clean(file)
	}
	if err != nil {
		return place{}, err
	}
	if u.Scheme == "file" {
		p.local, err = localPath(u)
		return p, err
	}
	p.url, _, _ = strings.Cut(logURL, "#")
	if p.folder {
		p.url = strings.TrimSuffix(p.url, "/") + "/" + escape(p.name)
	}
	return p, nil
}

// cutArchive returns the URL of the archive that is a job's folder. Other URLs
// end in "//" by accident: theirs is a folder.
func cutArchive(logURL string) (archive string, ok bool) {
	archive, ok = strings.CutSuffix(logURL, sources.ArchiveEnd)
	if !ok {
		return logURL, false
	}
	u, err := url.Parse(archive)
	if err != nil || u.RawQuery != "" || u.Fragment != "" || !sources.IsArchive(u.Path) {
		return logURL, false
	}
	return archive, true
}

// clean returns the name of a file below a folder, and behind "//" that of a member
// of the archive that the file is; names that lead out of either are refused.
func clean(file string) (name, member string, err error) {
	name, member, inArchive := strings.Cut(file, memberSep)
	if name, err = cleanPath(name, file); err == nil && inArchive {
		member, err = cleanMember(member)
	}
	return name, member, err
}

func cleanMember(file string) (string, error) {
	parts := strings.Split(file, memberSep)
	if len(parts) > maxArchives {
		return "", fmt.Errorf("open %q: %w", file, errTooDeep)
	}
	for i, part := range parts {
		var err error
		if parts[i], err = cleanPath(part, file); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, memberSep), nil
}

func cleanPath(name, file string) (string, error) {
	clean := path.Clean(name)
	if name == "" || clean == "." || path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") {
		return "", fmt.Errorf("open %q: a file is named by its path below the job's folder", file)
	}
	return clean, nil
}

func escape(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return strings.Join(parts, "/")
}

func redact(rawURL string) string {
	if u, err := url.Parse(rawURL); err == nil {
		return u.Redacted()
	}
	return "a log"
}
