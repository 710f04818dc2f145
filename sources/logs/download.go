package logs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/internal/fetch"
)

// Fetch downloads a file of a job into the cache, as its server sends it, for an
// Open to come. What is there already and holds, or is a local file, is left
// alone; Open says what holds.
func (l *Logs) Fetch(ctx context.Context, job classify.Job, file string) error {
	at, err := locate(job, file)
	if err != nil || at.local != "" {
		return err
	}
	if l.cache == nil {
		return fmt.Errorf("fetch %s: there is no cache to download it into", at)
	}
	raw, err := l.openURL(ctx, at.url, beliefIn(job))
	if err != nil {
		return err
	}
	if k, ok := raw.(*kept); ok {
		err = k.readAll()
	}
	return errors.Join(err, raw.Close())
}

// openURL opens a log of a server, or of the cache where that is believed.
func (l *Logs) openURL(ctx context.Context, url string, b belief) (rawLog, error) {
	if l.jenkinses.lacks(url) {
		return nil, &sources.StatusError{Code: http.StatusNotFound, URL: redact(url)}
	}
	if l.cache == nil {
		download, err := l.download(ctx, url, nil)
		if err != nil {
			return nil, err
		}
		return unkept{download}, nil
	}
	known := l.cache.lookup(url)
	if known != nil && (l.o.Offline || !b.ask && known.believed()) {
		return known.open(ctx)
	}
	return l.refreshed(ctx, url, known, b)
}

// belief is how far what is remembered of a job's logs may be relied on.
type belief struct {
	ask   bool // not at all, as long as the server can be asked
	final bool // what the server answers is the job's last word
}

// refreshed asks the server for a log, or whether it is still what is known, and
// puts the answer into the cache.
func (l *Logs) refreshed(ctx context.Context, url string, known *known, b belief) (rawLog, error) {
	if !b.final {
		if log, ended := l.progress(ctx, url, known); log != nil {
			return l.cache.keep(url, log, ended), nil
		}
	}
	download, err := l.download(ctx, url, known.unlessSame())
	if err == nil && download == nil {
		known.confirm(b.final)
		return known.open(ctx)
	}
	known.close()
	if status, ok := errors.AsType[*sources.StatusError](err); ok && errors.Is(err, fs.ErrNotExist) {
		l.cache.putAbsent(url, status.Code)
	}
	if err != nil {
		return nil, err
	}
	return l.cache.keep(url, download, b.final), nil
}

// download opens a log on its server; nil if that has nothing newer than what
// the header names.
func (l *Logs) download(ctx context.Context, url string, header http.Header) (*download, error) {
	switch {
	case l.o.Offline:
		return nil, fmt.Errorf("open %s: %w", redact(url), ErrOffline)
	case l.o.Client == nil:
		return nil, fmt.Errorf("open %s: only local files are opened here", redact(url))
	}
	ask := func(header http.Header) (*http.Response, error) {
		header.Set("Accept", "text/plain, */*;q=0.5")
		return l.o.Client.Raw(ctx, url, header)
	}
	if header == nil {
		header = http.Header{}
	}
	resp, err := ask(header)
	if err == nil && resp.StatusCode == http.StatusNotModified && isOfOther(resp, header.Get("If-None-Match")) {
		resp.Body.Close()
		resp, err = ask(http.Header{})
	}
	if err != nil {
		l.jenkinses.learn(url, err)
		return nil, err
	}
	if resp.StatusCode == http.StatusNotModified {
		return nil, resp.Body.Close()
	}
	return newDownload(ctx, ask, resp, l.o.MaxBytes), nil
}

// isOfOther reports whether what did not change is not what was asked about
// (RFC 9111, section 4.3.4): its tag is another, as of a server that looked at the
// time alone. What compresses on the way changes a tag too, to "…-gzip" or W/"…".
func isOfOther(resp *http.Response, asked string) bool {
	told := validator(resp.Header, "Etag")
	plain := func(tag string) string {
		return strings.Replace(strings.TrimPrefix(tag, "W/"), `-gzip"`, `"`, 1)
	}
	return told != "" && asked != "" && plain(told) != plain(asked)
}

// undone returns the log without what its server did to it for the way
// (Content-Encoding).
func undone(raw rawLog) (rawLog, error) {
	if raw.encoding() == "" {
		return raw, nil
	}
	buffered := bufio.NewReaderSize(raw, 64<<10)
	decoded, err := fetch.DecodeBody(buffered, raw.encoding())
	if err != nil {
		raw.refuse()
		return nil, errors.Join(err, raw.Close())
	}
	return &undoneLog{rawLog: raw, decoded: decoded, rest: buffered}, nil
}

// undoneLog is a log that was encoded for the way.
type undoneLog struct {
	rawLog
	decoded, rest io.Reader
}

// Read reads what was sent to its end too, which may lie behind that of what
// was encoded: only then it is known to be whole.
func (l *undoneLog) Read(p []byte) (int, error) {
	n, err := l.decoded.Read(p)
	if err == io.EOF {
		if _, restErr := io.Copy(io.Discard, l.rest); restErr != nil {
			err = restErr
		}
	}
	return n, err
}

func (*undoneLog) encoding() string           { return "" }
func (*undoneLog) section() *io.SectionReader { return nil }

// unkept is a download that is not remembered.
type unkept struct{ *download }

func (unkept) refuse()                    {}
func (unkept) final()                     {}
func (unkept) section() *io.SectionReader { return nil }
