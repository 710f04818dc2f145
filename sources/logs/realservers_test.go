package logs_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// bigLog is longer than the buffers on its way, and does not compress to nothing.
func bigLog() string {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "%x line %d of a long log\n", i*i*7919, i)
	}
	return b.String()
}

// logFolder makes a folder of logs with names of all kinds. It returns where it
// is, what its files hold, and what a reader gets of them.
func logFolder(t *testing.T) (dir string, texts map[string]string) {
	t.Helper()
	big := bigLog()
	texts = map[string]string{
		"job-output.txt": "begin\nend\n", "empty.log": "",
		"logs/a b/syslog ä.log": "blank and umlaut\n", "logs/c#d/e%f&g.log": "signs\n", "logs/c#d/100%25.txt": "percent\n",
		`logs/c#d/q?'"<x>;+=@,.log`: "more signs\n", "logs/c#d/x:y.log": "colon\n", "logs/c#d/.hidden": "dot\n",
		"logs/z/syslog.1": big, "logs/z/packed.log.gz": "packed\n", "logs/z/static.log": "static\n", "logs/z/static.log.gz": "static\n",
	}
	files := maps.Clone(texts)
	for name, text := range texts {
		if strings.HasSuffix(name, ".gz") {
			files[name] = zip(t, text)
		}
	}
	_, dir = tree(t, files)
	for name := range files { // Apache does not vouch for what changed in the last second
		path, old := filepath.Join(dir, filepath.FromSlash(name)), time.Now().Add(-time.Hour)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	return dir, texts
}

// checkFolder lists a folder by globs and reads all its logs.
func checkFolder(t *testing.T, url string, texts map[string]string) {
	t.Helper()
	l := newLogs(t, logs.Options{})
	for glob, want := range map[string][]string{
		"**":                    slices.Sorted(maps.Keys(texts)),
		"*":                     {"empty.log", "job-output.txt"},
		"logs/*/syslog*":        {"logs/a b/syslog ä.log", "logs/z/syslog.1"},
		"logs/c[#]d/*.txt":      {"logs/c#d/100%25.txt"},
		"**/*.gz":               {"logs/z/packed.log.gz", "logs/z/static.log.gz"},
		"logs/z/*":              {"logs/z/packed.log.gz", "logs/z/static.log", "logs/z/static.log.gz", "logs/z/syslog.1"},
		"nothing/of/that/**":    nil,
		"logs/c#d/e%f&g.lo[gx]": {"logs/c#d/e%f&g.log"},
	} {
		want = slices.DeleteFunc(want, func(name string) bool { _, ok := texts[name]; return !ok })
		got, err := l.List(t.Context(), ended(url), glob)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", glob, err, diff)
		}
	}
	for name, want := range texts {
		if got, err := read(t, l, url, name); got != want || err != nil {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(want), err)
		}
	}
}

// encodings returns the Content-Encoding of a file for one who takes gzip, and
// for one who does not.
func encodings(t *testing.T, url string) (gzip, plain string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	ask := func(accept string) string {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if accept != "" {
			req.Header.Set("Accept-Encoding", accept)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		io.Copy(io.Discard, resp.Body)
		return resp.Header.Get("Content-Encoding")
	}
	return ask("gzip"), ask("")
}

// checkAccess looks at folders that want a password, and that nobody may see.
func checkAccess(t *testing.T, url string) {
	t.Helper()
	host := strings.TrimPrefix(url, "http://")
	client, err := sources.NewClient(sources.ClientOptions{
		Hosts: []string{"127.0.0.1"}, Retries: -1, Credentials: map[string]sources.Credential{host: {User: "ci", Password: "geheim ä"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	known := newLogs(t, logs.Options{Client: client})
	if got, err := known.List(t.Context(), ended(url+"/auth/"), "*.txt"); !slices.Equal(got, []string{"job-output.txt"}) || err != nil {
		t.Errorf("with a password: %q, %v", got, err)
	}
	if got, err := read(t, known, url+"/auth/", "job-output.txt"); got != "begin\nend\n" || err != nil {
		t.Errorf("with a password: %q, %v", got, err)
	}
	if _, err := newLogs(t, logs.Options{}).List(t.Context(), ended(url+"/auth/"), "*"); !errors.Is(err, classify.ErrUnreachable) {
		t.Errorf("without a password: %v", err)
	}
	stranger := newLogs(t, logs.Options{})
	if _, err := stranger.List(t.Context(), ended(url+"/denied/"), "*"); !errors.Is(err, errors.ErrUnsupported) || lacks(err, "403") {
		t.Errorf("of a folder that nobody may see: %v", err)
	}
	if _, err := read(t, stranger, url+"/denied/", "job-output.txt"); lacks(err, "403") || errors.Is(err, classify.ErrUnreachable) {
		t.Errorf("a log that nobody may see: %v", err)
	}
}

// checkResume cuts the connection in the middle of a log: the rest is asked for
// by Range.
func checkResume(t *testing.T, url, path string) {
	t.Helper()
	proxy, passed := cutting(t, url, 100_000) // ends after its client
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}, RetryWait: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	got, err := read(t, newLogs(t, logs.Options{Client: client, CacheDir: t.TempDir()}), proxy+path, "logs/z/syslog.1")
	if want := bigLog(); got != want || err != nil || passed.Load() < 2 {
		t.Errorf("%d bytes of %d by %d connections, %v", len(got), len(want), passed.Load(), err)
	}
}

func TestRealNginx(t *testing.T) {
	dir, texts := logFolder(t)
	delete(texts, "logs/c#d/.hidden") // which nginx does not show
	folder := func(path, directives string) string {
		return fmt.Sprintf("location %s { alias %s/; autoindex on; %s }\n", path, dir, directives)
	}
	url := startNginx(t, folder("/html/", "gzip_static on;")+folder("/sizes/", "autoindex_exact_size off; autoindex_localtime on;")+
		folder("/json/", "autoindex_format json;")+folder("/xml/", "autoindex_format xml;")+folder("/slow/", "gzip_static on; limit_rate 2m;")+
		folder("/gzip/", "gzip on; gzip_types *; gzip_min_length 1;")+
		folder("/auth/", `auth_basic "logs"; auth_basic_user_file `+htpasswd(t, "ci", "geheim ä")+";")+folder("/denied/", "deny all;")+
		"location /cut/ { return 444; }\nlocation /busy/ { return 503; }\n")
	for _, path := range []string{"/html/", "/sizes/", "/json/", "/xml/", "/slow/", "/gzip/"} {
		t.Run(path, func(t *testing.T) { checkFolder(t, url+path, texts) })
	}
	if gzip, plain := encodings(t, url+"/html/logs/z/static.log"); gzip != "gzip" || plain != "" {
		t.Errorf("gzip_static is not on: %q, %q", gzip, plain)
	}
	if gzip, _ := encodings(t, url+"/gzip/logs/z/syslog.1"); gzip != "gzip" {
		t.Errorf("gzip is not on: %q", gzip)
	}
	checkAccess(t, url)
	checkResume(t, url, "/html/")
	for _, path := range []string{"/cut/", "/busy/"} {
		l := newLogs(t, logs.Options{})
		if _, err := l.List(t.Context(), ended(url+path), "*"); !errors.Is(err, classify.ErrUnreachable) {
			t.Errorf("list %s: %v", path, err)
		}
	}
}

func TestRealApache(t *testing.T) {
	dir, texts := logFolder(t)
	delete(texts, "logs/c#d/.hidden") // which the directives below hide, as Debian's do
	aliases := ""
	folder := func(path, directives string) {
		aliases += fmt.Sprintf("Alias %s %s/\n<Location %[1]s>\n%[3]s\n</Location>\n", path, dir, directives)
	}
	variants := map[string]string{
		"/plain/": "", "/fancy/": "IndexOptions FancyIndexing", "/table/": "IndexOptions FancyIndexing HTMLTable VersionSort NameWidth=* XHTML",
		"/short/": "IndexOptions FancyIndexing NameWidth=8 FoldersFirst SuppressColumnSorting", "/charset/": "IndexOptions FancyIndexing Charset=UTF-8 TrackModified ScanHTMLTitles",
		"/bare/":    "IndexOptions FancyIndexing HTMLTable SuppressSize SuppressLastModified SuppressIcon SuppressDescription",
		"/no-date/": "IndexOptions FancyIndexing SuppressLastModified", "/no-size/": "IndexOptions FancyIndexing SuppressSize SuppressHTMLPreamble",
		"/deflate/": "IndexOptions FancyIndexing HTMLTable\nSetOutputFilter DEFLATE",
	}
	for path, directives := range variants {
		folder(path, directives)
	}
	folder("/auth/", "IndexOptions FancyIndexing\nAuthType Basic\nAuthName logs\nAuthUserFile "+htpasswd(t, "ci", "geheim ä")+"\nRequire valid-user")
	folder("/denied/", "Require all denied")
	url := startApache(t, "IndexIgnore .??*\n"+aliases)
	for path := range variants {
		t.Run(path, func(t *testing.T) { checkFolder(t, url+path, texts) })
	}
	if gzip, plain := encodings(t, url+"/deflate/logs/z/syslog.1"); gzip != "gzip" || plain != "" {
		t.Errorf("mod_deflate is not on: %q, %q", gzip, plain)
	}
	checkAccess(t, url)
	checkResume(t, url, "/fancy/")
}
