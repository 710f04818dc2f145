package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"

	"github.com/watchcat-ci/watchcat/classify"
)

func TestStatus(t *testing.T) {
	tests := []struct {
		code   int
		tries  int32
		absent bool // and not unreachable
		host   bool // it is the host that is unreachable
		want   string
	}{
		{http.StatusNotFound, 1, true, false, "404 Not Found"},
		{http.StatusGone, 1, true, false, "410 Gone"},
		{http.StatusForbidden, 1, false, false, "403 Forbidden; the server refuses access"},
		{http.StatusUnauthorized, 1, false, true, "401 Unauthorized; the server wants credentials"},
		{http.StatusProxyAuthRequired, 1, false, true, "407 Proxy Authentication Required; the proxy wants"},
		{http.StatusNoContent, 1, false, false, "204 No Content"},
		{http.StatusNotImplemented, 1, false, true, "501 Not Implemented; the server has a problem"},
		{http.StatusInternalServerError, 4, false, true, "500 Internal Server Error; the server has a problem"},
		{http.StatusBadGateway, 4, false, true, "502 Bad Gateway"},
		{http.StatusTooManyRequests, 4, false, true, "429 Too Many Requests; the server asks for fewer"},
		{http.StatusServiceUnavailable, 4, false, true, "503 Service Unavailable"},
		{599, 4, false, true, ": 599; the server"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.code), func(t *testing.T) {
			var tries atomic.Int32
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				tries.Add(1)
				w.WriteHeader(tt.code)
			})
			_, err := get(t, newClient(t, Options{}), s.URL+"/log")
			status, ok := errors.AsType[*StatusError](err)
			if !ok || status.Code != tt.code || status.URL != s.URL+"/log" {
				t.Fatalf("error is %#v, want a StatusError", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q lacks %q", err, tt.want)
			}
			if got := errors.Is(err, fs.ErrNotExist); got != tt.absent {
				t.Errorf("is fs.ErrNotExist: %v, want %v", got, tt.absent)
			}
			if got := errors.Is(err, classify.ErrUnreachable); got != tt.host {
				t.Errorf("is classify.ErrUnreachable: %v, want %v", got, tt.host)
			}
			if tries.Load() != tt.tries {
				t.Errorf("%d tries, want %d", tries.Load(), tt.tries)
			}
		})
	}
}

// A proxy that changed something on the way says 203; the body is there.
func TestNonAuthoritative(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNonAuthoritativeInfo)
		io.WriteString(w, "a log")
	})
	if got, err := get(t, newClient(t, Options{}), s.URL); got != "a log" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestSecondTrySucceeds(t *testing.T) {
	var tries atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		io.WriteString(w, r.UserAgent())
	})
	got, err := get(t, newClient(t, Options{}), s.URL)
	if err != nil || !strings.HasPrefix(got, "watchcat/") || !strings.HasSuffix(got, " (+https://github.com/watchcat-ci/watchcat)") {
		t.Fatalf("got %q, %v", got, err)
	}
	tries.Store(0)
	if _, err := get(t, newClient(t, Options{Retries: -1}), s.URL); err == nil {
		t.Error("tried again though told not to")
	}
}

func TestCutBody(t *testing.T) {
	cutZip := zip(t, "hello")
	cutZip = cutZip[:len(cutZip)-4]
	tests := []struct{ name, answer string }{
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello"},
		{"chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
		{"gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + cutZip},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := get(t, newClient(t, Options{}), rawServer(t, tt.answer))
			if got != "hello" || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %q, %v; want what came and io.ErrUnexpectedEOF", got, err)
			}
		})
	}
}

func zip(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHeadersAreBounded(t *testing.T) {
	url := rawServer(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 2*maxHeaderBytes)+"\r\n\r\n")
	if _, err := get(t, newClient(t, Options{Retries: -1}), url); err == nil {
		t.Error("no error")
	}
}

func TestEncoding(t *testing.T) {
	const text = "a log\nof two lines\n"
	var zl, fl bytes.Buffer
	zw := zlib.NewWriter(&zl)
	io.WriteString(zw, text)
	zw.Close()
	fw, _ := flate.NewWriter(&fl, flate.BestCompression)
	io.WriteString(fw, text)
	fw.Close()
	tests := []struct{ name, encoding, body, want, err string }{
		{"none", "", text, text, ""},
		{"gzip file without encoding", "", zip(t, text), zip(t, text), ""},
		{"gzip", "gzip", zip(t, text), text, ""},
		{"x-gzip", "X-GZIP", zip(t, text), text, ""},
		{"zlib", "deflate", zl.String(), text, ""},
		{"bare deflate", "deflate", fl.String(), text, ""},
		{"no gzip at all", "gzip", text, text, ""},
		{"one byte", "gzip", "x", "x", ""},
		{"empty", "gzip", "", "", ""},
		{"gzip in gzip", "gzip", zip(t, zip(t, text)), zip(t, text), ""},
		{"unknown", "br", text, "", `the encoding "br", which nobody asked for`},
		{"bad header", "gzip", "\x1f\x8b\x08\xff", "", "content-encoding gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if tt.encoding != "" {
					w.Header().Set("Content-Encoding", tt.encoding)
				}
				w.Header().Set("Content-Type", "text/plain")
				io.WriteString(w, tt.body)
			})
			got, err := get(t, newClient(t, Options{}), s.URL)
			if got != tt.want || (err == nil) != (tt.err == "") {
				t.Fatalf("got %q, %v", got, err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %q lacks %q", err, tt.err)
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), r.Header.Get("X-Token"), r.Header.Get("Referer"), r.Header.Get("Accept"))
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/loop": "/loop", "/other": other.URL, "/private": "http://10.1.2.3/", "/metadata": "http://169.254.169.254/",
			"/file": "file:///etc/passwd", "/ftp": "ftp://127.0.0.1/", "/unlisted": "http://evil.example/", "/here": "/end",
			"/bad": "http://u:hunter2@[::1", "/secret": "http://u:hunter2@evil.example/",
		}[r.URL.Path]
		if to == "" {
			fmt.Fprint(w, r.Header.Get("X-Token"), r.Header.Get("Referer"))
			return
		}
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusFound)
	})
	tests := []struct{ path, want, err string }{
		{"/here", "token", ""},
		{"/other", "text/plain", ""},
		{"/loop", "", "more than 10 redirects"},
		{"/private", "", "redirected to http://10.1.2.3/: host 10.1.2.3 is not on the list of log hosts; add it to [logs] hosts"},
		{"/metadata", "", "host 169.254.169.254 is not on the list"},
		{"/file", "", `the scheme of the URL is "file"; only http and https are fetched`},
		{"/ftp", "", `the scheme of the URL is "ftp"`},
		{"/unlisted", "", "host evil.example is not on the list"},
		{"/bad", "", ""},
		{"/secret", "", "host evil.example is not on the list"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			c := newClient(t, Options{})
			header := http.Header{"Authorization": {"secret"}, "X-Token": {"token"}, "Accept": {"text/plain"}}
			resp, err := c.Get(t.Context(), s.URL+tt.path+"?signature=secret", header)
			if tt.want == "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v lacks %q", err, tt.err)
				}
				if strings.Contains(err.Error(), "hunter2") {
					t.Fatalf("error %q holds a password", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if got, _ := io.ReadAll(resp.Body); string(got) != tt.want {
				t.Errorf("the other side saw %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRedirectToPrivateAddressOfAllHosts(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://[::ffff:169.254.169.254]/latest/", http.StatusFound)
	})
	c := newClient(t, Options{Hosts: []string{"*"}, Typed: []string{strings.TrimPrefix(s.URL, "http://")}})
	_, err := get(t, c, s.URL)
	if refused, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(refused.Error(), "is a private address") {
		t.Errorf("got %v, want a RefusedError", err)
	}
}

func TestNamesThatLeadInside(t *testing.T) {
	var reached atomic.Bool
	s := serve(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	names := resolver(t, map[string][4]byte{"rebind.example.": {127, 0, 0, 1}, "listed.example.": {127, 0, 0, 1}})
	tests := []struct {
		host    string
		allowed []string
		want    string // of the error; "": it is reached
	}{
		{"rebind.example", []string{"*"}, "host rebind.example has the private address 127.0.0.1; add it"},
		{"rebind.example.", []string{"*"}, "host rebind.example has the private address"},
		{"rebind.example", []string{"*", "127.0.0.0/8"}, ""},
		{"rebind.example", []string{"127.0.0.0/8"}, "not on the list"},
		{"rebind.example", []string{"*", "10.0.0.0/8"}, "private address"},
		{"listed.example", []string{"listed.example"}, ""},
		{"LISTED.example", []string{"*.example:" + port}, ""},
		{"listed.example", []string{"listed.example:1"}, "not on the list"},
		{"nowhere.example", []string{"*"}, `no host has the name "nowhere.example"`},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.host, tt.allowed), func(t *testing.T) {
			reached.Store(false)
			c := newClient(t, Options{Hosts: tt.allowed, resolver: names})
			_, err := get(t, c, "http://"+net.JoinHostPort(tt.host, port)+"/")
			if reached.Load() != (tt.want == "") {
				t.Fatalf("reached: %v; error %v", reached.Load(), err)
			}
			if tt.want != "" && !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("error %v lacks %q", err, tt.want)
			}
		})
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	tests := []struct{ url, want string }{
		{s.URL, "the server's certificate is not trusted: "},
		{strings.Replace(plain.URL, "http:", "https:", 1), "the server does not speak TLS; is it http:// that is meant?"},
	}
	for _, tt := range tests {
		if _, err := get(t, newClient(t, Options{}), tt.url); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v lacks %q", err, tt.want)
		}
	}
}

func TestHTTP2(t *testing.T) {
	done := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Proto)
		if r.URL.Path == "/silent" {
			w.(http.Flusher).Flush()
			<-done
		}
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	defer close(done)
	c := newClient(t, Options{Timeout: time.Second})
	c.transport.routes.of[""].direct.TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	if got, err := get(t, c, s.URL); got != "HTTP/2.0" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := get(t, c, s.URL+"/silent"); got != "HTTP/2.0" || !isType[*TimeoutError](err) {
		t.Errorf("got %q, %v; want a time-out", got, err)
	}
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	c := newClient(t, Options{})
	for range 2 { // the second time from memory, in the same words
		_, err = get(t, c, "http://user:hunter2@"+l.Addr().String()+"/log")
		want := "get http://user:xxxxx@" + l.Addr().String() + "/log: connection refused; is the server up, and the port right?"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	for answer, want := range map[string]string{
		"":                                    "the server hung up without an answer",
		"SSH-2.0-OpenSSH_9.9\r\n":             "malformed HTTP",
		strings.Repeat("x", 100_000) + "\r\n": "malformed HTTP",
	} {
		_, err := get(t, newClient(t, Options{}), rawServer(t, answer))
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 500 {
			t.Errorf("%.20q: error %.600v lacks %q", answer, err, want)
		}
	}
}

func TestBadURLs(t *testing.T) {
	for _, url := range []string{
		"", "logs", "/logs", "http://", "http://u:hunter2@h:port/", "http://u:hunter2@[::1/", "://", "ftp://u:hunter2@h/",
		"javascript:alert(1)", "http://u:hunter2@unlisted/\x7f", "file:///etc/passwd", "http://u:hunter2@xn--a/", "http://%zz:hunter2@h/",
	} {
		_, err := newClient(t, Options{}).Get(t.Context(), url, nil)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v", url, err)
		}
	}
}

func TestProxy(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "by proxy: ", r.URL) })
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "")
	t.Setenv("REQUEST_METHOD", "")
	tests := []struct{ hosts, url, want, err string }{
		{"*.example", "http://logs.example/x", "by proxy: http://logs.example/x", ""},
		{"*", "http://logs.example/x", "by proxy: http://logs.example/x", ""},
		{"10.0.0.0/8", "http://10.1.2.3/x", "by proxy: http://10.1.2.3/x", ""},
		{"*.example", "http://other.test/", "", "not on the list"},
		{"*", "http://10.1.2.3/", "", "host 10.1.2.3 is a private address; add it to [logs] hosts"},
		{"*", "http://[fd00::1]/", "", "is a private address"},
		{"*", "http://127.1/", "", "is no public host"},
		{"*", "http://2130706433/", "", "is no public host"},
		{"*", "http://0x7f.1/", "", "is no public host"},
		{"*", "http://metadata.google.internal/", "", "is no public host"},
	}
	for _, tt := range tests {
		c := newClient(t, Options{Hosts: []string{tt.hosts}})
		got, err := get(t, c, tt.url)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %q, %v", tt.url, got, err)
		}
	}
}

func TestProxyOutOfOrder(t *testing.T) {
	t.Setenv("REQUEST_METHOD", "")
	t.Setenv("HTTP_PROXY", "http://u:hunter2@127.0.0.1:1")
	_, err := get(t, newClient(t, Options{Hosts: []string{"*"}}), "http://logs.example/")
	if err == nil || !strings.Contains(err.Error(), "the proxy cannot be reached") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
	t.Setenv("HTTP_PROXY", "http://u:hunter2@%zz")
	_, err = New(Options{})
	if err == nil || !strings.Contains(err.Error(), "HTTP_PROXY is no URL") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}
