package local

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// changed is the time of the last change of all files of the tests.
func changed() time.Time { return time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) }

// folder writes files into a new folder and returns it.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, changed(), changed()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// listed returns the jobs of a source, without problems.
func listed(t *testing.T, s Source) []classify.Job {
	t.Helper()
	l, err := s.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range l.Problems {
		t.Error(p)
	}
	return l.Jobs
}

func TestFileAndFolder(t *testing.T) {
	dir := folder(t, "logs/console.log", "logs/more/syslog", "build.txt", "Logs.tar.GZ")
	t.Chdir(dir)
	if err := os.Chtimes("logs", changed(), changed()); err != nil {
		t.Fatal(err)
	}
	got := listed(t, Source{Paths: []string{"build.txt", "./logs", "logs/more/../console.log", "Logs.tar.GZ"}})
	want := []classify.Job{
		{File: "build.txt", Name: "build.txt", Time: changed(), LogURL: "file://" + dir + "/build.txt"},
		{File: "./logs", Name: "logs", Time: changed(), LogURL: "file://" + dir + "/logs/"},
		{File: "logs/more/../console.log", Name: "console.log", Time: changed(), LogURL: "file://" + dir + "/logs/console.log"},
		{File: "Logs.tar.GZ", Name: "Logs.tar.GZ", Time: changed(), LogURL: "file://" + dir + "/Logs.tar.GZ//"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestGlobs(t *testing.T) {
	dir := folder(t, "b/x.log", "a/x.log", "c.log", "[1].log")
	t.Chdir(dir)
	var got []string
	for _, j := range listed(t, Source{Paths: []string{"*/x.log", "[1].log", "?"}, Result: "FAILURE"}) {
		got = append(got, j.File+" "+j.Result)
	}
	if diff := cmp.Diff([]string{"a/x.log FAILURE", "b/x.log FAILURE", "[1].log FAILURE", "a FAILURE", "b FAILURE"}, got); diff != "" {
		t.Error(diff)
	}
	l, err := (&Source{Paths: []string{"*.none"}}).Jobs(t.Context())
	if err != nil || len(l.Problems) != 1 || !strings.Contains(l.Problems[0].Error(), "*.none") {
		t.Errorf("%v %v", err, l.Problems)
	}
}

func TestWorkingFolder(t *testing.T) {
	dir := folder(t, "a.log")
	t.Chdir(dir)
	got := listed(t, Source{Paths: []string{"."}})
	if len(got) != 1 || got[0].Name != filepath.Base(dir) || got[0].LogURL != "file://"+dir+"/" {
		t.Errorf("got %+v", got)
	}
}

func TestEach(t *testing.T) {
	outside := folder(t, "secret.log", "sub/secret.log")
	dir := folder(t, "b.log", "a/c.log", "a/b/d.log", "a.log", ".hidden.log", ".git/config", "a/.cache/x")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("b.log", "z-inside.log")
	link(outside+"/secret.log", "z-outside.log")
	link("../"+filepath.Base(outside)+"/secret.log", "z-relative.log")
	link(outside+"/sub", "z-folder")
	link("nowhere", "z-dangling.log")
	if err := syscall.Mkfifo(filepath.Join(dir, "z-pipe"), 0o600); err != nil {
		t.Log("no pipe to try:", err)
	}
	for _, typed := range []string{dir, dir + "/", dir + "/a/.."} {
		var names []string
		for _, j := range listed(t, Source{Paths: []string{typed}, Each: true}) {
			names = append(names, j.Name)
			if want := strings.TrimRight(typed, "/") + "/" + j.Name; j.File != want {
				t.Errorf("file %q, want %q", j.File, want)
			}
			if j.LogURL != "file://"+dir+"/"+j.Name || !j.Time.Equal(changed()) {
				t.Errorf("got %+v", j)
			}
		}
		if diff := cmp.Diff([]string{"a.log", "a/b/d.log", "a/c.log", "b.log", "z-inside.log"}, names); diff != "" {
			t.Errorf("%s: -want +got\n%s", typed, diff)
		}
	}
}

// A folder that is itself a link was typed by the user, and is read.
func TestEachOfLink(t *testing.T) {
	dir := folder(t, "a.log")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	got := listed(t, Source{Paths: []string{link}, Each: true})
	if len(got) != 1 || got[0].File != link+"/a.log" {
		t.Errorf("got %+v", got)
	}
}

func TestOddNames(t *testing.T) {
	names := []string{"a b.log", "#1.log", "100%.log", "50%25.log", "what?.log", "ü.log", "\xff\xfe.log", "a+b;c&d=e.log", "tab\there.log", "c:d.log", "\xffdir/x.log"}
	dir := folder(t, names...)
	jobs := listed(t, Source{Paths: []string{dir}, Each: true})
	if len(jobs) != len(names) {
		t.Errorf("%d jobs of %d files", len(jobs), len(names))
	}
	for _, j := range jobs {
		u, err := url.Parse(j.LogURL)
		if err != nil {
			t.Error(err)
			continue
		}
		data, err := os.ReadFile(u.Path)
		if err != nil || string(data) != j.Name || u.Host != "" {
			t.Errorf("%s leads to %q, %v; want %q", j.LogURL, data, err, j.Name)
		}
	}
}

func TestProblems(t *testing.T) {
	dir := folder(t, "a.log")
	empty := t.TempDir()
	missing := filepath.Join(dir, "missing.log")
	l, err := (&Source{Paths: []string{missing, dir, empty}, Each: true}).Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Jobs) != 1 || l.Jobs[0].Name != "a.log" || l.Changes != 3 {
		t.Errorf("got %+v", l)
	}
	if len(l.Problems) != 2 {
		t.Fatalf("problems: %v", l.Problems)
	}
	if !errors.Is(l.Problems[0], fs.ErrNotExist) || strings.Count(l.Problems[0].Error(), "missing.log") != 1 {
		t.Errorf("problem: %v", l.Problems[0])
	}
	if !strings.Contains(l.Problems[1].Error(), empty) {
		t.Errorf("problem: %v", l.Problems[1])
	}
}

// A folder that cannot be read costs itself only. (The walk is told of the
// error here, since root may read every folder.)
func TestUnreadableFolder(t *testing.T) {
	walk := tree{ctx: t.Context(), typed: "logs/"}
	err := walk.visit("logs/closed", nil, &fs.PathError{Op: "open", Path: "logs/closed", Err: fs.ErrPermission})
	if err != nil || len(walk.problems) != 1 || !errors.Is(walk.problems[0], fs.ErrPermission) {
		t.Fatalf("got %v, problems %v", err, walk.problems)
	}
	if got, want := walk.problems[0].Error(), "read logs/closed: permission denied"; got != want {
		t.Errorf("problem %q, want %q", got, want)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&Source{Paths: []string{t.TempDir()}}).Jobs(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
