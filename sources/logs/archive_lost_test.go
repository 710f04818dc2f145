package logs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// lookedFor lets the engine look for many files of a job: rules name some, the
// main log has ten names, and any file will do in the end.
func lookedFor(t *testing.T, l *logs.Logs, url string) classify.Result {
	t.Helper()
	var console []string
	for i := range 10 {
		console = append(console, fmt.Sprintf("console-%d.log", i))
	}
	c, err := classify.Compile([]classify.Rule{
		{ID: "glob", Files: []string{"*/syslog"}, Literal: "oops", Message: "m"},
		{ID: "file", Files: []string{"a.log", "b.log"}, Literal: "oops", Message: "m"},
		{ID: "console", Files: console, Literal: "wrong", Message: "m"},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Console, c.Fallback = console, "**"
	for result := range c.Run(t.Context(), l, []classify.Job{ended(url)}) {
		return result
	}
	t.Fatal("no result")
	return classify.Result{}
}

// An archive that is a job's folder and cannot be opened is told of once, and
// asked for once, whatever is looked for in it.
func TestLostArchiveIsToldOnce(t *testing.T) {
	whole := zipFile(t, entry{"console-9.log", "it went wrong\n"})
	for name, tt := range map[string]struct {
		status int
		body   string
		absent bool
		want   string
	}{
		"not there":            {404, "Not Found", true, "404"},
		"empty":                {200, "", false, "neither a zip nor a tar archive"},
		"text":                 {200, "it went wrong\n", false, "neither a zip nor a tar archive"},
		"a zip without an end": {200, whole[:len(whole)/2], false, "zip:"},
		"a broken gzip":        {200, "\x1f\x8b" + strings.Repeat("x", 100), false, "neither a zip nor a tar archive"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				fmt.Fprint(w, tt.body)
			})
			l := newLogs(t, logs.Options{})
			got := lookedFor(t, l, s.URL+"/logs.zip//")
			if len(got.Missing) != 1 || !strings.Contains(got.Missing[0].Why, tt.want) || !strings.HasPrefix(got.Missing[0].Why, "open "+s.URL+"/logs.zip: ") {
				t.Errorf("missing %q, want one that says %q of the archive", got.Missing, tt.want)
			}
			if n := s.asked.Load(); n != 1 {
				t.Errorf("asked %d times, want 1", n)
			}
			_, err := read(t, l, s.URL+"/logs.zip//", "console-0.log")
			if !errors.Is(err, classify.ErrUnreachable) || errors.Is(err, fs.ErrNotExist) != tt.absent {
				t.Errorf("error %v: unreachable %v, not there %v", err, errors.Is(err, classify.ErrUnreachable), errors.Is(err, fs.ErrNotExist))
			}
		})
	}
}

// One of the archives in a job's folder costs its own members only, and so does
// one in an archive.
func TestLostInnerArchive(t *testing.T) {
	inFolder, _ := tree(t, map[string]string{"x.zip": "no zip", "console-9.log": "it went wrong\n"})
	_, dir := tree(t, map[string]string{"all.zip": zipFile(t, entry{"x.zip", "no zip"}, entry{"console-9.log", "it went wrong\n"})})
	for _, url := range []string{inFolder, "file://" + dir + "/all.zip//"} {
		l := newLogs(t, logs.Options{})
		if _, err := read(t, l, url, "x.zip//a"); err == nil || errors.Is(err, classify.ErrUnreachable) {
			t.Errorf("%s: a member of a broken archive: %v", url, err)
		}
		if got := lookedFor(t, l, url); got.Outcome != classify.OutcomeMatched {
			t.Errorf("%s: %s, missing %q", url, got.Outcome, got.Missing)
		}
	}
}
