package logs_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// jenkinsServer answers as a Jenkins does for one build. Its file holds notes,
// which it counts but does not send.
type jenkinsServer struct {
	*logServer
	text  string // as it is sent
	notes int    // bytes of notes before the text
	runs  bool
	asked []string
}

func serveJenkins(t *testing.T) *jenkinsServer {
	j := &jenkinsServer{notes: 100}
	j.logServer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		j.asked = append(j.asked, r.URL.String())
		w.Header().Set("X-Jenkins", "2.426.1")
		switch r.URL.Path {
		case "/job/unit/7/consoleText":
			io.WriteString(w, j.text)
		case "/job/unit/7/logText/progressiveText":
			j.progressive(w, r)
		default:
			http.NotFound(w, r)
		}
	})
	return j
}

func (j *jenkinsServer) progressive(w http.ResponseWriter, r *http.Request) {
	start, err := strconv.Atoi(r.FormValue("start"))
	if size := j.notes + len(j.text); err != nil || start > size {
		start = 0
	}
	w.Header().Set("X-Text-Size", fmt.Sprint(j.notes+len(j.text)))
	if j.runs {
		w.Header().Set("X-More-Data", "true")
	}
	io.WriteString(w, j.text[max(start-j.notes, 0):])
}

func (j *jenkinsServer) job(result string) classify.Job {
	return classify.Job{Name: "unit", Source: "ci", Result: result, LogURL: j.URL + "/job/unit/7/"}
}

// Of the console of a build that runs only what is new is sent, and once it has
// ended it is asked for no more.
func TestConsoleOfRunningBuild(t *testing.T) {
	j := serveJenkins(t)
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	open := func(result, want string, wantAsked ...string) {
		t.Helper()
		j.asked = nil
		if got, err := readJob(t, l, j.job(result), "consoleText"); got != want || err != nil {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
		if diff := cmp.Diff(wantAsked, j.asked); diff != "" {
			t.Error(diff)
		}
	}
	const more = "/job/unit/7/logText/progressiveText?start="
	j.text, j.runs = "begun\n", true
	open("RUNNING", "begun\n", more+"0")
	j.text += "goes on\n"
	open("RUNNING", "begun\ngoes on\n", more+"106")
	open("RUNNING", "begun\ngoes on\n", more+"114")
	j.text = "anew\n"
	open("RUNNING", "anew\n", more+"114")
	j.text, j.runs = "anew\nand ended\n", false
	open("RUNNING", "anew\nand ended\n", more+"105")
	open("FAILURE", "anew\nand ended\n")
}

// A build that is known to have ended has its console read as a whole.
func TestConsoleOfEndedBuild(t *testing.T) {
	j := serveJenkins(t)
	j.text = "all\n"
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	if got, err := readJob(t, l, j.job("FAILURE"), "consoleText"); got != "all\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if diff := cmp.Diff([]string{"/job/unit/7/consoleText"}, j.asked); diff != "" {
		t.Error(diff)
	}
}

// What only looks like a Jenkins keeps its console as a file.
func TestConsoleOfNoJenkins(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/consoleText") {
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, "a file\n")
	})
	l := newLogs(t, logs.Options{CacheDir: t.TempDir()})
	job := classify.Job{Source: "ci", Result: "RUNNING", LogURL: s.URL + "/job/unit/7/"}
	if got, err := readJob(t, l, job, "consoleText"); got != "a file\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// Once a server is known to be a Jenkins, the names that consoles have elsewhere
// are not asked for.
func TestJenkinsIsAskedOnceForOtherConsoles(t *testing.T) {
	j := serveJenkins(t)
	j.text = "E1\n"
	c, err := classify.Compile([]classify.Rule{{
		ID: "e", Files: []string{"job-output.txt", "console.html", "console.log", "consoleText"}, Pattern: "E1", Message: "e",
	}})
	if err != nil {
		t.Fatal(err)
	}
	l := newLogs(t, logs.Options{})
	for range 2 {
		for r := range c.Run(t.Context(), l, []classify.Job{j.job("FAILURE")}) {
			if r.Reason != "e" || r.Partial {
				t.Errorf("got %+v", r)
			}
		}
	}
	want := []string{"/job/unit/7/job-output.txt", "/job/unit/7/consoleText", "/job/unit/7/consoleText"}
	if diff := cmp.Diff(want, j.asked); diff != "" {
		t.Error(diff)
	}
}
