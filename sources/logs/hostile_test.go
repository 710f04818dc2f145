package logs_test

import (
	"archive/tar"
	archivezip "archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// archived returns the names of an archive's members, and the text of each.
func archived(t testing.TB, l *logs.Logs, archive string) (map[string]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive.tar")
	if err := os.WriteFile(path, []byte(archive), 0o600); err != nil {
		t.Fatal(err)
	}
	return opened(t, l, "file://"+filepath.ToSlash(path)+"//")
}

func opened(t testing.TB, l *logs.Logs, url string) (map[string]string, error) {
	t.Helper()
	job := classify.Job{LogURL: url}
	names, err := l.List(t.Context(), job, "**")
	texts := map[string]string{}
	for _, name := range names {
		r, openErr := l.Open(t.Context(), job, name)
		if openErr != nil {
			err = errors.Join(err, openErr)
			continue
		}
		text, readErr := io.ReadAll(r)
		texts[name] = string(text)
		err = errors.Join(err, readErr, r.Close())
	}
	return texts, err
}

// Members are files; names stay in the archive, and can be shown.
func TestNamesOfMembers(t *testing.T) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{
		{Typeflag: tar.TypeReg, Name: "./a//b/../c"},
		{Typeflag: tar.TypeReg, Name: "/etc/passwd"},
		{Typeflag: tar.TypeReg, Name: "../../etc/shadow"},
		{Typeflag: tar.TypeReg, Name: "x/../.."},
		{Typeflag: tar.TypeReg, Name: "line\nbreak\x1b[31m"},
		{Typeflag: tar.TypeReg, Name: "b\\c"},
		{Typeflag: tar.TypeReg, Name: strings.Repeat("long/", 300) + "x"},
		{Typeflag: tar.TypeSymlink, Name: "link", Linkname: "/etc/passwd"},
		{Typeflag: tar.TypeLink, Name: "hard", Linkname: "a/c"},
		{Typeflag: tar.TypeFifo, Name: "pipe"},
		{Typeflag: tar.TypeChar, Name: "device"},
		{Typeflag: tar.TypeDir, Name: "folder/"},
	} {
		writeTar(t, w, &h, "")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l := newLogs(t, logs.Options{})
	got, err := archived(t, l, b.String())
	want := map[string]string{"a/c": "", "etc/passwd": "", "line\ufffdbreak\ufffd[31m": "", `b\c`: ""}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error("tar:", err, diff)
	}
	got, err = archived(t, l, zipFile(t, entry{`win\dir\a.log`, "a"}, entry{`win\empty\`, ""}, entry{"../b", "b"}, entry{"Pr\x81f.log", "c"}, entry{"d/", ""}))
	if diff := cmp.Diff(map[string]string{"win/dir/a.log": "a", "Pr\ufffdf.log": "c"}, got); diff != "" || err != nil {
		t.Error("zip:", err, diff)
	}
}

// What is broken in an archive costs that much, and is told.
func TestBrokenArchives(t *testing.T) {
	two := []entry{{"a", strings.Repeat("text of a\n", 100)}, {"b", strings.Repeat("text of b\n", 100)}}
	ball, zipped := tarball(t, two...), zipFile(t, two...)
	central := strings.Index(zipped, "PK\x01\x02")
	changed := func(at int, to string) string { return zipped[:at] + to + zipped[at+len(to):] }
	l := newLogs(t, logs.Options{})
	for _, tt := range []struct {
		name, in, err string
		members       string
	}{
		{"empty file", "", "neither a zip nor a tar archive", ""},
		{"text", "text", "neither a zip nor a tar archive", ""},
		{"page", "<html><title>Oops</title>", `an HTML page with the title "Oops", not a log`, ""},
		{"a store's error", "<Error><Code>NoSuchKey</Code>", `an object store's error "NoSuchKey"`, ""},
		{"empty tar", strings.Repeat("\x00", 1024), "", ""},
		{"empty zip", zipFile(t), "", ""},
		{"tar, cut in b", ball[:len(ball)-2048], "unexpected EOF", "ab"},
		{"tar, cut in b's header", ball[:512+1024+100], "unexpected EOF", "a"},
		{"tar.gz, cut", zip(t, ball)[:len(zip(t, ball))-30], "unexpected EOF", "ab"},
		{"tar, other header", ball[:512+1024] + strings.Repeat("x", 512), "tar: archive/tar: invalid tar header", "a"},
		{"zip, cut", zipped[:len(zipped)-30], "zip: not a valid zip file", ""},
		{"zip, encrypted", changed(central+8, "\x01"), "zip: the member is encrypted", "b"},
		{"zip, another method", changed(central+10, "\x0c"), "zip: the method of compression bzip2 cannot be read", "b"},
		{"zip, method unknown", changed(central+10, "\x50"), "zip: the method of compression number 80 cannot be read", "b"},
		{"zip, wrong size", changed(central+24, "\x07"), "zip: ", "ab"},
		{"zip, wrong checksum", changed(central+16, "\x00\x00\x00\x00"), "zip: checksum error", "ab"},
		{"zip, no local header", changed(central+42, "\x01"), "zip: not a valid zip file", "b"},
	} {
		got, err := archived(t, l, tt.in)
		if (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
			t.Errorf("%s: error %v", tt.name, err)
		}
		var members string
		for _, e := range two {
			if text, ok := got[e.name]; ok {
				members += e.name
				if !strings.HasPrefix(e.text, text) {
					t.Errorf("%s: %s is %.100q", tt.name, e.name, text)
				}
			}
		}
		if members != tt.members {
			t.Errorf("%s: members %q", tt.name, members)
		}
	}
}

// Entries that overlap cost no more than what is read of each.
func TestOverlappingEntries(t *testing.T) {
	one := zipFile(t, entry{"a", strings.Repeat("\x00", 1<<20)})
	central, end := strings.Index(one, "PK\x01\x02"), strings.Index(one, "PK\x05\x06")
	var b strings.Builder
	b.WriteString(one[:central])
	const n = 2000
	for i := range n { // each names the same data
		record := []byte(one[central:end])
		record = append(record[:46], fmt.Appendf(nil, "%04d", i)...)
		binary.LittleEndian.PutUint16(record[28:], 4)
		record = append(record, one[central+47:end]...)
		b.Write(record)
	}
	trailer := []byte(one[end:])
	binary.LittleEndian.PutUint16(trailer[8:], n)
	binary.LittleEndian.PutUint16(trailer[10:], n)
	binary.LittleEndian.PutUint32(trailer[12:], uint32(b.Len()-central))
	b.Write(trailer)
	url, _ := tree(t, map[string]string{"a.zip": b.String()})
	l := newLogs(t, logs.Options{MaxBytes: 1 << 19})
	used := allocated(func() {
		names, err := l.List(t.Context(), classify.Job{LogURL: url + "a.zip//"}, "*")
		if len(names) != n || err != nil {
			t.Errorf("%d names, %v", len(names), err)
		}
	})
	if used > 16<<20 {
		t.Errorf("%d MiB were allocated", used>>20)
	}
	if text, err := read(t, l, url, "a.zip//1999"); len(text) != 1<<19 || !errors.Is(err, logs.ErrTooLarge) {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// Archives of more members, longer headers and larger directories than are
// wanted take bounded memory.
func TestArchiveBombs(t *testing.T) {
	many := func(n int) (entries []entry) {
		for i := range n {
			entries = append(entries, entry{fmt.Sprintf("%06d", i), ""})
		}
		return entries
	}
	var pax bytes.Buffer
	w := tar.NewWriter(&pax)
	for i := range 50 {
		writeTar(t, w, &tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprint(i), PAXRecords: map[string]string{"WATCHCAT.x": strings.Repeat("x", 900<<10)}}, "")
	}
	var huge bytes.Buffer
	writeTar(t, tar.NewWriter(&huge), &tar.Header{Typeflag: tar.TypeReg, Name: "huge", Size: 1 << 50}, "text")
	for _, tt := range []struct {
		name, in string
		members  int
		err      string
		most     uint64
	}{
		{"tar", zip(t, tarball(t, many(10_001)...)), 10_000, "only its first 10000 members are listed: too large", 64 << 20},
		{"zip", zipFile(t, many(10_001)...), 10_000, "only its first 10000 members are listed: too large", 64 << 20},
		{"zip with a large directory", zipFile(t, many(90_000)...), 0, "zip: a directory of more than 4 MiB: too large", 64 << 20},
		{"long PAX headers", zip(t, pax.String()), 50, "", 512 << 20},
		{"tar of zeros", zip(t, tarball(t, entry{"a", ""})[:512]+strings.Repeat("\x00", 64<<20)), 1, "", 16 << 20},
		{"huge size", huge.String(), 1, "tar: unexpected EOF", 16 << 20},
	} {
		url, _ := tree(t, map[string]string{"a.tar": tt.in})
		used := allocated(func() {
			names, err := newLogs(t, logs.Options{}).List(t.Context(), classify.Job{LogURL: url + "a.tar//"}, "**")
			if len(names) != tt.members || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
				t.Errorf("%s: %d members, %v", tt.name, len(names), err)
			}
		})
		if used > tt.most {
			t.Errorf("%s: %d MiB were allocated", tt.name, used>>20)
		}
	}
}

// One archive is downloaded once, and not for long kept open.
func TestArchiveIsKeptOpen(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ball := zip(t, tarball(t, entry{"a", "a"}, entry{"b", "b"}, entry{"inner.zip", zipFile(t, entry{"c", "c"})}))
	path := filepath.Join(dir, "a.tar.gz")
	if err := os.WriteFile(path, []byte(ball), 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l, err := logs.New(logs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		job := classify.Job{LogURL: "file://" + filepath.ToSlash(path) + "//"}
		for _, file := range []string{"a", "b", "inner.zip//c", "a"} {
			if got, err := readJob(t, l, job, file); got != file[len(file)-1:] || err != nil {
				t.Errorf("%s: %q, %v", file, got, err)
			}
		}
	})
	if left, err := os.ReadDir(dir); len(left) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What is fetched of an archive is not fetched again for each member, cache or no.
func TestArchiveIsDownloadedOnce(t *testing.T) {
	ball := zip(t, tarball(t, entry{"a", "a"}, entry{"b", "b"}))
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, ball) })
	l := newLogs(t, logs.Options{})
	if got, err := opened(t, l, s.URL+"/a.tar.gz//"); len(got) != 2 || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// An archive that cannot be had is not asked for again for each member, but is
// after a while, and at once if it was only one caller who gave up.
func TestArchiveIsMissedOnce(t *testing.T) {
	broken := true
	ball := zip(t, tarball(t, entry{"a", "a"}))
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if broken {
			http.Error(w, "try later", http.StatusForbidden)
			return
		}
		io.WriteString(w, ball)
	})
	l := newLogs(t, logs.Options{})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Open(gone, ended(s.URL+"/a.tgz//"), "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	for _, file := range []string{"a", "b", "a"} {
		if _, err := read(t, l, s.URL+"/a.tgz//", file); lacks(err, "403") {
			t.Errorf("%s: error %v", file, err)
		}
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	broken = false
	if got, err := read(t, l, s.URL+"/other.tgz//", "a"); got != "a" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// What cannot be opened is tried again after a while.
func TestArchiveIsTriedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.zip")
	url := "file://" + filepath.ToSlash(path) + "//"
	good := zipFile(t, entry{"a", "a"})
	writeFile(t, path, strings.Repeat("x", len(good)))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		l, err := logs.New(logs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			wait time.Duration
			want string
		}{{0, ""}, {9 * time.Second, ""}, {2 * time.Second, "a"}} {
			time.Sleep(tt.wait)
			if got, err := readJob(t, l, classify.Job{LogURL: url}, "a"); got != tt.want || (err == nil) != (got != "") {
				t.Errorf("after %s: %q, %v", tt.wait, got, err)
			}
			writeFile(t, path, good)
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil { // as good as the same file
				t.Fatal(err)
			}
		}
	})
}

// An archive that was cut on its way is read as far as it came, and is not
// remembered; a page in its place is no archive.
func TestArchivesFromServers(t *testing.T) {
	ball := tarball(t, entry{"a", "whole\n"}, entry{"b", strings.Repeat("b", 4096)})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/cut.tar":
			w.Header().Set("Content-Length", fmt.Sprint(len(ball)))
			io.WriteString(w, ball[:2048])
		case "/page.tar":
			io.WriteString(w, "<html><title>Sign in</title>")
		default:
			http.NotFound(w, r)
		}
	})
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	if got, err := read(t, l, s.URL+"/", "cut.tar//a"); got != "whole\n" || err != nil {
		t.Errorf("before the cut: %q, %v", got, err)
	}
	if _, err := read(t, l, s.URL+"/", "cut.tar//c"); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("behind the cut: %v", err)
	}
	for _, name := range []string{"page.tar", "missing.tar"} {
		if _, err := read(t, l, s.URL+"/", name+"//a"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Zip64 and data behind each file, as programs write it that do not know the size
// before.
func TestZip64(t *testing.T) {
	var b bytes.Buffer
	w := archivezip.NewWriter(&b)
	f, err := w.CreateHeader(&archivezip.FileHeader{Name: "a", Method: archivezip.Store, Extra: []byte("\x01\x00\x10\x00\x04\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00")})
	packed := packed(t, &b, struct {
		io.Writer
		io.Closer
	}{f, w}, err, "text")
	if got, err := archived(t, newLogs(t, logs.Options{}), packed); got["a"] != "text" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
