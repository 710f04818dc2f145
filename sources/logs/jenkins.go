package logs

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/sources"
)

// jenkinsConsole is the console of a build of Jenkins, below the build's page.
const jenkinsConsole = "consoleText"

// jenkinses are the hosts that are known to be a Jenkins. The page of a build
// there has no logs of other names beside the console, so that these need not be
// asked for. (Other servers keep logs at addresses of the same form.)
type jenkinses struct{ hosts sync.Map }

// learn notes what a server's answer tells of it.
func (j *jenkinses) learn(rawURL string, err error) {
	if status, ok := errors.AsType[*sources.StatusError](err); ok && status.Jenkins {
		j.hosts.Store(hostOf(rawURL), true)
	}
}

// lacks reports whether there is certainly no such log.
func (j *jenkinses) lacks(rawURL string) bool {
	page, file := cutFile(rawURL)
	if file == jenkinsConsole || !buildExpr.MatchString(page) {
		return false
	}
	_, known := j.hosts.Load(hostOf(rawURL))
	return known
}

func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Host
}

// cutFile parts a URL into its folder and the file in it.
func cutFile(rawURL string) (folder, file string) {
	i := strings.LastIndexByte(rawURL, '/') + 1
	return rawURL[:i], rawURL[i:]
}

// progress downloads the console of a build of Jenkins that may still run: what
// was added since it was stored, put behind that, and whether this is all.
// Jenkins counts in bytes of its own file, whose notes it does not send; so how
// far a console reaches is what X-Text-Size said when it was stored. It returns
// nil for what is no such console.
func (l *Logs) progress(ctx context.Context, rawURL string, known *known) (log *download, ended bool) {
	page, file := cutFile(rawURL)
	if file != jenkinsConsole || !buildExpr.MatchString(page) || l.o.Client == nil || l.o.Offline {
		return nil, false
	}
	start := int64(0)
	if known != nil && known.blob != nil {
		start = known.Reached
	}
	resp, err := l.o.Client.Get(ctx, page+"logText/progressiveText?start="+strconv.FormatInt(start, 10), http.Header{"Accept": {"text/plain"}})
	if err != nil {
		return nil, false // then the console itself says what is wrong
	}
	reached, err := byteCount(resp.Header.Get(textSize))
	if err != nil {
		resp.Body.Close()
		return nil, false
	}
	body := resp.Body
	if start == 0 || reached < start { // it began anew, and all of it is sent
		known.close()
	} else if stored, err := known.open(ctx); err == nil {
		body = &joined{io.MultiReader(stored, resp.Body), stored, resp.Body}
	}
	return &download{
		ctx: ctx, body: body, total: -1, limit: l.o.MaxBytes,
		ask:    func(http.Header) (*http.Response, error) { return nil, errors.ErrUnsupported },
		header: http.Header{textSize: {resp.Header.Get(textSize)}},
	}, resp.Header.Get("X-More-Data") == ""
}

// textSize is the header by which Jenkins says how far a console reaches.
const textSize = "X-Text-Size"

// joined is what was stored of a console and what was added since.
type joined struct {
	io.Reader
	stored, rest io.Closer
}

// Close closes both.
func (j *joined) Close() error { return errors.Join(j.stored.Close(), j.rest.Close()) }
