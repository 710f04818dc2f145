package classify_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

func TestFiles(t *testing.T) {
	rule := func(id string, files ...string) classify.Rule {
		return classify.Rule{ID: id, Files: files, Pattern: "(?P<x>E.)", Message: "{x}"}
	}
	matches := func(r classify.Result) string {
		var all []string
		for _, m := range r.Matches {
			all = append(all, m.Rule+"="+m.File+":"+m.Message)
		}
		return strings.Join(all, " ")
	}
	for _, tt := range []struct {
		name    string
		console string // candidates of the main log
		rules   []classify.Rule
		logs    classify.Logs
		want    string
		missing []classify.Missing
	}{
		{"the first that exists", "a b console", []classify.Rule{rule("r", "a", "b", "console")}, folder{"b": "E1", "console": "E2"}, "r=b:E1", nil},
		{"one pass serves all", "console", []classify.Rule{rule("r", "a", "console"), rule("s", "console"), rule("t", "a", "b", "console")}, folder{"console": "E1"},
			"r=console:E1 s=console:E1 t=console:E1", nil},
		{"absent beside a log is no loss", "console", []classify.Rule{rule("r", "syslog"), rule("s", "console")}, folder{"console": "E1"}, "s=console:E1", nil},
		{"a broken candidate is told", "console", []classify.Rule{rule("r", "a", "console")}, folder{"a": errors.New("403"), "console": "E1"}, "r=console:E1",
			[]classify.Missing{{File: "a", Why: "403"}}},
		{"where the host is down no other is tried", "console b", []classify.Rule{rule("r", "console", "b"), rule("s", "c")},
			folder{"console": fmt.Errorf("host down: %w", classify.ErrUnreachable), "b": "E1", "c": "E1"}, "",
			[]classify.Missing{{File: "console", Why: "host down: unreachable"}}},
		{"where nothing is there no other is tried", "console b", []classify.Rule{rule("r", "a", "d"), rule("s", "console", "b")},
			folder{"a": fmt.Errorf("404: %w", errors.Join(fs.ErrNotExist, classify.ErrUnreachable)), "b": "E1"}, "",
			[]classify.Missing{{File: "a", Why: "404: file does not exist\nunreachable"}}},
		{"a time-out of one file", "console b", []classify.Rule{rule("r", "console", "b")}, folder{"console": context.DeadlineExceeded, "b": "E1"}, "r=b:E1",
			[]classify.Missing{{File: "console", Why: "context deadline exceeded"}}},
		{"the main log's absence is told", "console", []classify.Rule{rule("r", "console"), rule("s", "c")}, folder{"c": "E1"}, "s=c:E1",
			[]classify.Missing{{File: "console", Why: "console: file does not exist"}}},
		{"a candidate known too late", "console", []classify.Rule{rule("r", "x"), rule("s", "y", "x")}, folder{"x": "E1", "console": "-"}, "r=x:E1 s=x:E1", nil},
		{"all absent", "console b c", []classify.Rule{rule("r", "console", "b", "c")}, folder{}, "",
			[]classify.Missing{{File: "console", Why: "console: file does not exist (nor is one of its 2 other names there)"}}},
		{"glob", "console", []classify.Rule{rule("r", "logs/*.log")}, listed{folder{"logs/b.log": "E2", "logs/a.log": "E1", "c.log": "E3", "console": "-"}}, "r=logs/a.log:E1 r=logs/b.log:E2", nil},
		{"glob that names nothing", "console", []classify.Rule{rule("r", "*.log", "console")}, listed{folder{"console": "E1"}}, "r=console:E1", nil},
		{"glob that cannot be listed", "console", []classify.Rule{rule("r", "*.log", "console")}, folder{"console": "E1"}, "r=console:E1",
			[]classify.Missing{{File: "*.log", Why: "the files of this job cannot be listed: unsupported operation"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := compile(t, tt.rules...)
			c.Console = strings.Fields(tt.console)
			r := one(t, c, tt.logs)
			if got := matches(r); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(tt.missing, r.Missing); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestManyFiles holds the limits over all files of a job: one match for each
// rule and message, 20 a rule, 100 files a glob.
func TestManyFiles(t *testing.T) {
	logs := folder{"console": "-"}
	for i := range 150 {
		var text strings.Builder
		for m := range 25 {
			fmt.Fprintf(&text, "E%d\n", m)
		}
		logs[fmt.Sprintf("%03d.log", i)] = text.String()
	}
	r := one(t, compile(t, classify.Rule{Files: []string{"*.log"}, Pattern: `E\d+`, Message: "{0}"}), listed{logs})
	if len(r.Matches) != 20 {
		t.Errorf("%d matches", len(r.Matches))
	}
	for _, m := range r.Matches {
		if m.File != "000.log" || m.Count != 100 {
			t.Errorf("%s in %s, %s times", m.Message, m.File, m.Count)
		}
	}
	if len(r.Missing) != 1 || !strings.Contains(r.Missing[0].Why, "150") {
		t.Errorf("missing %v", r.Missing)
	}
}

func TestFallback(t *testing.T) {
	c := compile(t, classify.Rule{ID: "r", Pattern: "E1"}, classify.Rule{ID: "s", Files: []string{"x"}, Pattern: "E1"})
	c.Fallback = "*.log"
	if r := one(t, c, listed{folder{"a.log": "E1", "b.log": "E1", "c.txt": "E1", "d/e.log": "E1"}}); len(r.Matches) != 1 || r.Matches[0].Count != 2 || r.Partial {
		t.Errorf("without a console: %v, missing %v", r.Matches, r.Missing)
	}
	if r := one(t, c, listed{folder{"a.log": "E1", "console": "E1"}}); len(r.Matches) != 1 || r.Matches[0].File != "console" {
		t.Errorf("with a console: %v", r.Matches)
	}
	c.Fallback = "**"
	if r := one(t, c, listed{folder{"a/b/c.txt": "E1"}}); len(r.Matches) != 1 || r.Matches[0].File != "a/b/c.txt" {
		t.Errorf("in a folder below: %v, missing %v", r.Matches, r.Missing)
	}
	if r := one(t, c, folder{"c.txt": "E1"}); len(r.Missing) != 2 || r.Missing[0].File != "console" || r.Missing[1].File != "x" {
		t.Errorf("where files cannot be listed: %v", r.Missing)
	}
	c.Fallback = "*.log"
	if r := one(t, c, listed{folder{"c.txt": "E1"}}); r.Outcome != classify.OutcomeNoLogs || len(r.Missing) == 0 {
		t.Errorf("with neither: %s, missing %v", r.Outcome, r.Missing)
	}
}

// halfListed is a folder that lists some of its files, and then an error.
type halfListed struct {
	listed
	err error
}

func (f halfListed) List(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	names, _ := f.listed.List(ctx, job, glob)
	return names, f.err
}

// What could be listed is read, and what could not be is told.
func TestListedInPart(t *testing.T) {
	logs := halfListed{listed{folder{"a/x.log": "E1", "console": "-"}}, errors.New("list b/: 403 Forbidden")}
	r := one(t, compile(t, classify.Rule{Files: []string{"*/x.log"}, Pattern: `E\d+`, Message: "{0}"}), logs)
	if r.Reason != "E1" || !r.Partial || len(r.Missing) != 1 || r.Missing[0].Why != "list b/: 403 Forbidden" {
		t.Errorf("got %+v", r)
	}
}
