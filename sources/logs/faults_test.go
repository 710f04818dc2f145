package logs_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// goodLog is what the jobs' logs say: the reason first.
var goodLog = "it went wrong\n" + strings.Repeat("and on it went\n", 100)

// fault is what befalls one of three logs.
type fault struct {
	name  string
	serve http.HandlerFunc // of the log, on the server that has the others; nil: it is elsewhere
	url   string           // there
	why   string           // in what the result says is missing; "": nothing is
	down  string           // the host that is to blame; "": none
}

// patience of the client, short enough for a test.
const (
	faultTimeout = time.Second
	faultTotal   = 4 * time.Second // of all tries: more than both take in silence
)

// TestFaults reads three logs, of which one has a fault: the others are read, the
// fault is told apart from all others, nobody waits for longer than was
// configured, and nothing is left behind.
func TestFaults(t *testing.T) {
	quiet(t)
	others, before := goleak.IgnoreCurrent(), openFiles(t)
	names := useNames(t)
	t.Run("all", func(t *testing.T) {
		secure := serveSecurely(t)
		var all []fault
		all = append(all, connectionFaults(t)...)
		all = append(all, secure.faults()...)
		all = append(all, nameFaults(t)...)
		all = append(all, cutFaults()...)
		all = append(all, bodyFaults(t)...)
		all = append(all, redirectFaults()...)
		all = append(all, statusFaults(t)...)
		for _, f := range all {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				f.test(t, secure.authorities)
			})
		}
	})
	names.close()
	goleak.VerifyNone(t, others)
	for range 100 { // connections are closed by goroutines
		if openFiles(t) <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d files are open, %d were before", openFiles(t), before)
}

func (f fault) test(t *testing.T, authorities string) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/bad") {
			f.serve(w, r)
			return
		}
		io.WriteString(w, goodLog)
	}))
	t.Cleanup(s.Close)
	here := strings.NewReplacer("127.0.0.1", "here.test", "HOST", "here.test"+s.URL[strings.LastIndexByte(s.URL, ':'):])
	client, err := sources.NewClient(sources.ClientOptions{
		Hosts: []string{"*", "*.test"}, CAFile: authorities,
		Timeout: faultTimeout, Total: faultTotal, Retries: 1, RetryWait: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	url := here.Replace(cmp.Or(f.url, "http://HOST/bad"))
	f.why, f.down = strings.ReplaceAll(f.why, "HOST", here.Replace("HOST")), here.Replace(f.down)
	l := &blaming{Logs: newLogs(t, logs.Options{Client: client, CacheDir: t.TempDir()})}
	start := time.Now()
	results := classifyAll(t, l, here.Replace("http://HOST/1"), url, here.Replace("http://HOST/3"))
	if took, most := time.Since(start), 2*faultTimeout+faultTotal+5*time.Second; took > most {
		t.Errorf("took %s, more than %s", took, most)
	}
	f.check(t, results, l)
}

func (f fault) check(t *testing.T, results []classify.Result, l *blaming) {
	t.Helper()
	for _, i := range []int{0, 2} {
		if r := results[i]; r.Outcome != classify.OutcomeMatched || len(r.Missing) > 0 {
			t.Errorf("a job without a fault: %s, missing %v", r.Outcome, r.Missing)
		}
	}
	bad := results[1]
	switch {
	case f.why == "":
		if bad.Outcome != classify.OutcomeMatched || len(bad.Missing) > 0 {
			t.Errorf("%s, missing %v; want it read", bad.Outcome, bad.Missing)
		}
	case len(bad.Missing) == 0 || !strings.Contains(bad.Missing[0].Why, f.why):
		t.Errorf("%s, missing %v; want %q", bad.Outcome, bad.Missing, f.why)
	}
	if blamed := l.blamed.Load(); blamed != f.down && (blamed != nil || f.down != "") {
		t.Errorf("blamed is the host %v, want %q", blamed, f.down)
	}
}

// blaming notes which host is to blame, as a command does that counts jobs.
type blaming struct {
	*logs.Logs
	blamed atomic.Value // string
}

func (b *blaming) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	r, err := b.Logs.Open(ctx, job, file)
	if down, ok := errors.AsType[*sources.DownError](err); ok {
		b.blamed.Store(down.Host)
	}
	return r, err
}

func classifyAll(t *testing.T, l *blaming, urls ...string) []classify.Result {
	t.Helper()
	c, err := classify.Compile([]classify.Rule{{ID: "wrong", Files: []string{"console.log"}, Literal: "it went wrong", Message: "it went wrong", Tag: "wrong"}})
	if err != nil {
		t.Fatal(err)
	}
	c.Console = []string{"console.log"}
	var jobs []classify.Job
	for _, url := range urls {
		jobs = append(jobs, ended(url))
	}
	var results []classify.Result
	for r := range c.Run(t.Context(), l, jobs) {
		results = append(results, r)
	}
	if len(results) != len(jobs) {
		t.Fatalf("%d results for %d jobs", len(results), len(jobs))
	}
	return results
}

func connectionFaults(t *testing.T) []fault {
	silent, closed := listen(t), listen(t)
	closed.Close()
	return []fault{
		{name: "no fault", serve: answer(goodLog)},
		elsewhere("refused", "http://"+closed.Addr().String(), "connection refused; is the server up"),
		elsewhere("accepted and silent", "http://"+silent.Addr().String(), "time-out: the server said nothing for 1s"),
		elsewhere("hung up", rawServer(t, ""), "the server hung up without an answer"),
		elsewhere("another protocol", rawServer(t, "SSH-2.0-OpenSSH_9.9\r\n"), "malformed HTTP"),
		{name: "silent in the middle", serve: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, goodLog)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, why: "cut short: reading http://HOST/bad: time-out: the server said nothing for 1s"},
		{name: "slow drip", serve: func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i < len(goodLog) && r.Context().Err() == nil; i++ {
				io.WriteString(w, goodLog[i:i+1])
				w.(http.Flusher).Flush()
				pause(r, faultTimeout/4)
			}
		}, why: "too slow: not done after 4s of waiting"},
	}
}

func cutFaults() []fault {
	var all []fault
	for tenth := range 10 {
		all = append(all, fault{name: fmt.Sprint("cut at tenth ", tenth), serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(goodLog)))
			io.WriteString(w, goodLog[:len(goodLog)*tenth/10])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, why: "the connection ended in the middle of"})
	}
	return all
}

func bodyFaults(t *testing.T) []fault {
	zipped := zip(t, goodLog)
	half := zipped[:len(zipped)/2]
	return []fault{
		{name: "length too great", url: rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"+goodLog) + "/log", why: "the connection ended in the middle of"},
		{name: "length too small", url: rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n"+goodLog) + "/log"},
		elsewhere("two lengths", rawServer(t, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Length: 30\r\n\r\n"+goodLog), "multiple Content-Length headers"),
		{name: "no end of the chunks", url: rawServer(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\nit went wrong\n\r\n") + "/log", why: "the connection ended in the middle of"},
		{name: "encoding gzip, sent plain", serve: answer(goodLog, "Content-Encoding", "gzip")},
		{name: "encoding none, sent gzip", serve: answer(zipped)},
		{name: "encoding that nobody asked for", serve: answer(goodLog, "Content-Encoding", "br"), why: `the encoding "br", which nobody asked for`},
		{name: "truncated gzip on the way", serve: answer(half, "Content-Encoding", "gzip"), why: "cut short: "},
		{name: "truncated gzip file", serve: answer(half, "Content-Type", "application/gzip"), why: "cut short: "},
	}
}

func redirectFaults() []fault {
	next := func(w http.ResponseWriter, r *http.Request) {
		var n int
		fmt.Sscanf(r.URL.Path, "/bad/%d", &n)
		if n++; n <= 10_000 {
			http.Redirect(w, r, fmt.Sprintf("/bad/%d/", n), http.StatusFound)
			return
		}
		io.WriteString(w, goodLog)
	}
	return []fault{
		{name: "redirect loop", serve: http.RedirectHandler("/bad", http.StatusFound).ServeHTTP, why: "more than 10 redirects"},
		{name: "10,000 redirects", serve: next, why: "more than 10 redirects"},
		{name: "redirect to a private address", serve: http.RedirectHandler("http://10.1.2.3/log", http.StatusFound).ServeHTTP, why: "redirected to http://10.1.2.3/log: host 10.1.2.3 is a private address"},
		{name: "redirect to metadata", serve: http.RedirectHandler("http://169.254.169.254/", http.StatusFound).ServeHTTP, why: "host 169.254.169.254 is a private address"},
		{name: "redirect to a file", serve: http.RedirectHandler("file:///etc/passwd", http.StatusFound).ServeHTTP, why: "only http and https are fetched"},
	}
}

func statusFaults(t *testing.T) []fault {
	busy := serve(t, status(429, "Retry-After", "3600"))
	return []fault{
		{name: "404", serve: status(404), why: "404 Not Found"},
		{name: "410", serve: status(410), why: "410 Gone; it was there once: servers let logs expire"},
		{name: "403", serve: status(403), why: "403 Forbidden; the server refuses access"},
		{name: "401", serve: status(401), why: "401 Unauthorized; the server wants credentials"},
		{name: "500", serve: status(500), why: "500 Internal Server Error; the server has a problem", down: "HOST"},
		{name: "500 then 200", serve: first(status(500), answer(goodLog))},
		{name: "429 with Retry-After", serve: first(status(429, "Retry-After", "1"), answer(goodLog))},
		elsewhere("429 with a long Retry-After", busy.URL, "429 Too Many Requests; the server asks to try again after 1h0m0s"),
	}
}

// elsewhere is a fault of the host of a URL.
func elsewhere(name, url, why string) fault {
	_, host, _ := strings.Cut(url, "//")
	return fault{name: name, url: url + "/log", why: why, down: host}
}

// listen accepts connections (the kernel does) and says nothing.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func answer(text string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		io.WriteString(w, text)
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// first answers the first request in one way, and all later ones in another.
func first(one, later http.HandlerFunc) http.HandlerFunc {
	var asked atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			one(w, r)
			return
		}
		later(w, r)
	}
}

// pause waits as long as somebody waits for the answer.
func pause(r *http.Request, wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-r.Context().Done():
	}
}
