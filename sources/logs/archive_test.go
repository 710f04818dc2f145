package logs_test

import (
	"archive/tar"
	archivezip "archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// entry is a file of an archive.
type entry struct{ name, text string }

func tarball(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Size: int64(len(e.text)), Mode: 0o644, Typeflag: tar.TypeReg}
		if strings.HasSuffix(e.name, "/") {
			header.Typeflag = tar.TypeDir
		}
		writeTar(t, w, header, e.text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func writeTar(t testing.TB, w *tar.Writer, header *tar.Header, text string) {
	t.Helper()
	if err := w.WriteHeader(header); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func zipFile(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := archivezip.NewWriter(&b)
	for _, e := range entries {
		header := &archivezip.FileHeader{Name: e.name, Method: archivezip.Deflate}
		if e.text == "" {
			header.Method = archivezip.Store
		}
		f, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archives returns the same members in each kind of archive.
func archives(t testing.TB) map[string]string {
	members := []entry{
		{"./top.log", "top\n"},
		{"logs/", ""},
		{"logs/ctl/syslog", "syslog\n"},
		{"/logs/ctl/nova.log.gz", zip(t, "nova\n")},
		{"../outside", "outside"},
		{"top.log", "top again\n"},
		{"page.html", "<html><title>Oops</title>"},
	}
	ball := tarball(t, members...)
	return map[string]string{
		"a.tar": ball, "a.tar.gz": zip(t, ball), "a.tar.xz": inXZ(t, ball), "a.tar.zst": inZstd(t, ball), "a.zip": zipFile(t, members...),
		"a.gz.tgz": zip(t, zip(t, ball)),
	}
}

var members = []string{"logs/ctl/nova.log.gz", "logs/ctl/syslog", "page.html", "top.log"}

func TestArchives(t *testing.T) {
	files := archives(t)
	dir, _ := tree(t, files)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		file, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
		}
		io.WriteString(w, file)
	})
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	for name := range files {
		for _, base := range []string{dir, s.URL + "/"} {
			t.Run(base[:4]+" "+name, func(t *testing.T) {
				testArchive(t, l, base, name+"//")
				testArchive(t, l, base+name+"//", "")
			})
		}
	}
	if n := s.asked.Load(); n != int32(len(files)) {
		t.Errorf("%d requests for %d archives", n, len(files))
	}
}

// testArchive reads and lists one of the archives, whose names begin with a prefix.
func testArchive(t *testing.T, l *logs.Logs, url, prefix string) {
	for _, tt := range []struct{ file, want, err string }{
		{"top.log", "top\n", ""},
		{"logs/ctl/syslog", "syslog\n", ""},
		{"./logs/../logs/ctl/nova.log.gz", "nova\n", ""},
		{"logs", "", "no such member"},
		{"outside", "", "no such member"},
		{"page.html", "", `an HTML page with the title "Oops", not a log`},
	} {
		got, err := read(t, l, url, prefix+tt.file)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && (lacks(err, tt.err) || !errors.Is(err, fs.ErrNotExist)) {
			t.Errorf("%s: got %q, %v", tt.file, got, err)
		}
	}
	for glob, want := range map[string][]string{
		"**":          members,
		"**/syslog":   {"logs/ctl/syslog"},
		"*.log":       {"top.log"},
		"nothing/**":  nil,
		"logs/*/*.gz": {"logs/ctl/nova.log.gz"},
	} {
		got, err := l.List(t.Context(), classify.Job{LogURL: url, Source: "x", Result: "FAILURE"}, prefix+glob)
		var prefixed []string
		for _, name := range want {
			prefixed = append(prefixed, prefix+name)
		}
		if diff := cmp.Diff(prefixed, got); diff != "" || err != nil {
			t.Errorf("list %s: %v %s", glob, err, diff)
		}
	}
}

// A URL that ends in "//" by accident is that of a folder, whose files may be
// archives.
func TestFoldersWithTwoSlashes(t *testing.T) {
	files := map[string]string{"x/a.log": "a\n", "x/b.zip": zipFile(t, entry{"b", "b\n"})}
	dir, _ := tree(t, files)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		file, ok := files["x/"+path.Base(r.URL.Path)]
		if !ok || path.Clean(r.URL.Path) == r.URL.Path {
			http.NotFound(w, r)
		}
		io.WriteString(w, file)
	})
	l := newLogs(t, logs.Options{})
	for _, url := range []string{dir + "x//", s.URL + "/x//", s.URL + "/x.zip/x//"} {
		for file, want := range map[string]string{"a.log": "a\n", "b.zip//b": "b\n"} {
			if got, err := read(t, l, url, file); got != want || err != nil {
				t.Errorf("%s: %s: %q, %v", url, file, got, err)
			}
		}
	}
	names, err := l.List(t.Context(), ended(dir+"x//"), "*")
	if diff := cmp.Diff([]string{"a.log", "b.zip"}, names); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// Globs name archives as well as members; what is no archive has none.
func TestGlobsOfArchives(t *testing.T) {
	inner := zip(t, tarball(t, entry{"x/syslog", "inner\n"}))
	url, _ := tree(t, map[string]string{
		"logs/a.tar.gz": zip(t, tarball(t, entry{"var/syslog", ""}, entry{"var/messages", ""})),
		"logs/b.zip":    zipFile(t, entry{"syslog", ""}, entry{"inner.tar.gz", inner}),
		"logs/c.log":    "text",
		"logs/cut.tgz":  zip(t, tarball(t, entry{"syslog", strings.Repeat("x", 1000)}))[:60],
	})
	l := newLogs(t, logs.Options{})
	for _, tt := range []struct {
		glob string
		want []string
		err  string
	}{
		{"logs/[abc].*//**/syslog", []string{"logs/a.tar.gz//var/syslog", "logs/b.zip//syslog"}, ""},
		{"logs/b.zip//*.gz//**", []string{"logs/b.zip//inner.tar.gz//x/syslog"}, ""},
		{"logs/missing.zip//**", nil, ""},
		{"logs/c.log//**", nil, "neither a zip nor a tar archive"},
		{"logs/*//syslog", []string{"logs/b.zip//syslog"}, "logs/cut.tgz: "},
		{"logs/b.zip//inner.tar.gz//x//y", nil, "an archive in an archive in an archive"},
	} {
		got, err := l.List(t.Context(), classify.Job{LogURL: url}, tt.glob)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
			t.Errorf("%s: error %v %s", tt.glob, err, diff)
		}
	}
	if got, err := read(t, l, url, "logs/b.zip//inner.tar.gz//x/syslog"); got != "inner\n" || err != nil {
		t.Errorf("archive in an archive: %q, %v", got, err)
	}
}
