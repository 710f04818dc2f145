package classify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// folder is the Logs of a job with these files; an error stands for one that
// cannot be opened, a reader for one that is read as it is.
type folder map[string]any

func (f folder) Open(_ context.Context, _ classify.Job, file string) (io.ReadCloser, error) {
	switch v := f[file].(type) {
	case string:
		return io.NopCloser(strings.NewReader(v)), nil
	case io.Reader:
		return io.NopCloser(v), nil
	case error:
		return nil, v
	}
	return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
}

// listed is a folder that tells which files it has.
type listed struct{ folder }

func (f listed) List(_ context.Context, _ classify.Job, glob string) ([]string, error) {
	names := slices.Collect(maps.Keys(f.folder))
	return slices.DeleteFunc(names, func(name string) bool { return !classify.MatchFile(glob, name) }), nil
}

func compile(t *testing.T, rules ...classify.Rule) *classify.Classifier {
	t.Helper()
	for i := range rules {
		if rules[i].ID == "" {
			rules[i].ID = fmt.Sprint("rule-", i)
		}
		if rules[i].Files == nil {
			rules[i].Files = []string{"console"}
		}
		if rules[i].Message == "" {
			rules[i].Message = "matched"
		}
	}
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	c.Console = []string{"console"}
	return c
}

// one looks at one failed job whose logs are in a folder.
func one(t *testing.T, c *classify.Classifier, logs classify.Logs) classify.Result {
	t.Helper()
	job := classify.Job{Name: "job", Result: "FAILURE", LogURL: "http://logs/1/"}
	results := slices.Collect(c.Run(t.Context(), logs, []classify.Job{job}))
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}
	return results[0]
}

func TestMatch(t *testing.T) {
	long := strings.Repeat("x ", 50_000) // over MaxLine
	for _, tt := range []struct {
		name string
		rule classify.Rule
		log  string
		want string // message, "" for no match
	}{
		{"literal", classify.Rule{Literal: "a.b"}, "xa.bx", "matched"},
		{"literal is no pattern", classify.Rule{Literal: "a.b"}, "acb", ""},
		{"named capture", classify.Rule{Pattern: `for (?P<what>\S+)`, Message: "no {what}"}, "none for foo==1 here", "no foo==1"},
		{"numbered capture", classify.Rule{Pattern: `(\w)=(\w)`, Message: "{2}{1} {0}"}, "a=b", "ba a=b"},
		{"unused capture", classify.Rule{Pattern: `a(b)?(?P<c>c)?`, Message: "[{c}]"}, "a", "[]"},
		{"braces", classify.Rule{Pattern: `(?P<x>a)`, Message: "{{x}} {} { {x y} }"}, "a", "{x} {} { {x y} }"},
		{"exclude", classify.Rule{Pattern: `error`, Exclude: []string{"harmless", "known"}}, "known error", ""},
		{"exclude elsewhere", classify.Rule{Pattern: `error`, Exclude: []string{"harmless"}}, "error\nharmless", "matched"},
		{"anchors hold at cleaned ends", classify.Rule{Pattern: `^error$`}, "2026-11-20 10:11:12.1 | node | \x1b[31merror\x1b[0m\r\n", "matched"},
		{"anchors hold at carriage returns", classify.Rule{Pattern: `^error$`}, "10%\rerror\r100%\n", "matched"},
		{"no match over lines", classify.Rule{Pattern: `a\s+b`}, "a\nb", ""},
		{"colour inside a literal", classify.Rule{Literal: "error: x"}, "\x1b[31merror\x1b[0m: x", "matched"},
		{"start of an overlong line", classify.Rule{Pattern: `^x x`}, long, "matched"},
		{"no start inside an overlong line", classify.Rule{Pattern: `^ERR`}, strings.ReplaceAll(long, "x", "ERR"), "matched"},
		{"start of a later piece is no start", classify.Rule{Pattern: `^x`}, "y" + long, ""},
		{"end of an early piece is no end", classify.Rule{Pattern: `x $`}, long + "y", ""},
		{"end of an overlong line", classify.Rule{Pattern: `x end$`}, long + "end", "matched"},
		{"multi-line anchors too", classify.Rule{Pattern: `(?m)^x|x $`}, "y" + long + "y", ""},
		{"anchor in an alternative", classify.Rule{Pattern: `^x|found`}, "y" + long + "found" + long, "matched"},
		{"word border at a cut", classify.Rule{Pattern: `\bword\b`}, strings.Repeat("sword words ", 20_000), ""},
		{"within the overlap", classify.Rule{Pattern: `b[x ]{900}e`}, long + "b" + long[:900] + "e" + long, "matched"},
		{"invalid UTF-8", classify.Rule{Pattern: `a.b`}, "a\xffb", "matched"},
		{"NUL", classify.Rule{Pattern: "^ab$"}, "\x00\x00ab\x00", "matched"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := compile(t, tt.rule).Log(t.Context(), "x.log", strings.NewReader(tt.log))
			if r.Reason != tt.want {
				t.Errorf("reason %q, want %q", r.Reason, tt.want)
			}
		})
	}
}

// TestOverlapIsExact puts a text of exactly the promised length at every place
// around the borders of pieces, in words and in one endless word.
func TestOverlapIsExact(t *testing.T) {
	needle := "<" + strings.Repeat("n", classify.Overlap-2) + ">"
	c := compile(t, classify.Rule{Literal: needle}, classify.Rule{Pattern: `<n+>`})
	for _, fill := range []string{"x", "x "} {
		line := strings.Repeat(fill, 200_000/len(fill))
		for at := classify.MaxLine - 2*classify.Overlap; at < classify.MaxLine+classify.Overlap; at += 311 {
			r := c.Log(t.Context(), "x", strings.NewReader(line[:at]+needle+line[at:]))
			if len(r.Matches) != 2 || r.Matches[0].Count != 1 || r.Matches[1].Count != 1 {
				t.Fatalf("fill %q at %d: %d matches", fill, at, len(r.Matches))
			}
		}
	}
}

func TestCounts(t *testing.T) {
	var log strings.Builder
	for i := range 30 {
		fmt.Fprintf(&log, "test t%02d failed\n", i)
	}
	for range 99 {
		log.WriteString("test t00 failed\n")
	}
	for range 200 {
		log.WriteString("test t01 failed\n")
	}
	c := compile(t, classify.Rule{Pattern: `test (?P<t>\w+) failed`, Message: "{t}"})
	r := c.Log(t.Context(), "x", strings.NewReader(log.String()))
	if len(r.Matches) != 20 {
		t.Fatalf("%d matches", len(r.Matches))
	}
	var got []string
	for _, m := range r.Matches[:3] {
		got = append(got, fmt.Sprint(m.Message, " ", m.Line, " ", m.Count))
	}
	if diff := cmp.Diff([]string{"t00 1 100", "t01 2 100+", "t02 3 1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPrimary(t *testing.T) {
	for _, tt := range []struct {
		name  string
		rules []classify.Rule
		want  string
	}{
		{"a cause before a symptom", []classify.Rule{
			{ID: "s", Pattern: "first", Tier: classify.TierSymptom, Priority: 9}, {ID: "c", Pattern: "last"}}, "c"},
		{"the higher priority", []classify.Rule{
			{ID: "low", Pattern: "first"}, {ID: "high", Pattern: "last", Priority: 1}}, "high"},
		{"below zero", []classify.Rule{
			{ID: "low", Pattern: "first", Priority: -1}, {ID: "zero", Pattern: "last"}}, "zero"},
		{"the file named first", []classify.Rule{
			{ID: "z", Pattern: "late", Files: []string{"z"}}, {ID: "a", Pattern: "first"}}, "z"},
		{"the earlier line", []classify.Rule{
			{ID: "late", Pattern: "last"}, {ID: "early", Pattern: "first"}}, "early"},
		{"the rule that stands first", []classify.Rule{
			{ID: "one", Pattern: "last"}, {ID: "two", Pattern: "last"}}, "one"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := one(t, compile(t, tt.rules...), folder{"console": "x\nfirst\nlast\n", "z": "\n\n\n\nlate\n"})
			if r.Rule != tt.want {
				t.Errorf("primary %q of %v", r.Rule, r.Matches)
			}
		})
	}
}

func TestOutcomes(t *testing.T) {
	rules := []classify.Rule{
		{ID: "cause", Pattern: "^cause"},
		{ID: "symptom", Pattern: "^symptom", Tier: classify.TierSymptom},
		{ID: "node", Files: []string{classify.ResultFile}, Pattern: `^NODE_FAILURE (?P<d>.+)`, Message: "no node: {d}"},
		{ID: "retry", Files: []string{classify.ResultFile}, Pattern: `^RETRY_LIMIT`, Tier: classify.TierSymptom},
	}
	job := func(result, detail, logs string) classify.Job {
		return classify.Job{Name: "j", Result: result, Detail: detail, LogURL: logs}
	}
	for _, tt := range []struct {
		name    string
		job     classify.Job
		logs    folder
		outcome classify.Outcome
		rule    string
		partial bool
	}{
		{"passed", job("SUCCESS", "", "http://x/"), folder{"console": "cause"}, classify.OutcomePassed, "", false},
		{"skipped", job("SKIPPED", "due to x", ""), nil, classify.OutcomeSkipped, "", false},
		{"running", job("RUNNING", "", "http://x/"), nil, classify.OutcomeSkipped, "", false},
		{"cause", job("FAILURE", "", "http://x/"), folder{"console": "symptom\ncause"}, classify.OutcomeMatched, "cause", false},
		{"symptom", job("FAILURE", "", "http://x/"), folder{"console": "symptom"}, classify.OutcomeSymptom, "symptom", false},
		{"nothing known", job("FAILURE", "", "http://x/"), folder{"console": "?"}, classify.OutcomeUnmatched, "", false},
		{"empty log", job("FAILURE", "", "http://x/"), folder{"console": ""}, classify.OutcomeNoLogs, "", true},
		{"binary log", job("FAILURE", "", "http://x/"), folder{"console": "PK\x03\x04cause\ncause\n"}, classify.OutcomeNoLogs, "", true},
		{"unknown to its source", job("UNKNOWN", "", "http://x/"), nil, classify.OutcomeSkipped, "", false},
		{"no log there", job("FAILURE", "", "http://x/"), folder{}, classify.OutcomeNoLogs, "", true},
		{"no address", job("FAILURE", "", ""), nil, classify.OutcomeNoLogs, "", true},
		{"unreadable", job("FAILURE", "", "http://x/"), folder{"console": errors.New("500")}, classify.OutcomeNoLogs, "", true},
		{"result explains", job("NODE_FAILURE", "request 3 failed", ""), nil, classify.OutcomeMatched, "node", false},
		{"result hints", job("RETRY_LIMIT", "", ""), nil, classify.OutcomeNoLogs, "retry", true},
		{"log beats result", job("RETRY_LIMIT", "", "http://x/"), folder{"console": "cause"}, classify.OutcomeMatched, "cause", false},
		{"unknown result", job("", "", "http://x/"), folder{"console": "cause"}, classify.OutcomeMatched, "cause", false},
		{"cut short", job("FAILURE", "", "http://x/"), folder{"console": io.MultiReader(strings.NewReader("cause\n"), iotest.ErrReader(io.ErrUnexpectedEOF))}, classify.OutcomeMatched, "cause", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for r := range compile(t, rules...).Run(t.Context(), tt.logs, []classify.Job{tt.job}) {
				if r.Outcome != tt.outcome || r.Rule != tt.rule || r.Partial != tt.partial || r.Partial != (len(r.Missing) > 0) {
					t.Errorf("%s %q partial %v, missing %v", r.Outcome, r.Rule, r.Partial, r.Missing)
				}
				if r.Engine != classify.Version || !strings.HasPrefix(r.Rules, "sha256:") {
					t.Errorf("engine %q, rules %q", r.Engine, r.Rules)
				}
			}
		})
	}
}

func TestSingleLog(t *testing.T) {
	rules := []classify.Rule{
		{ID: "console", Pattern: "E1"},
		{ID: "sys", Files: []string{"var/log/syslog*"}, Pattern: "E1"},
		{ID: "result", Files: []string{classify.ResultFile}, Pattern: "E1"},
	}
	for _, tt := range []struct {
		name string
		want []string
	}{{"any.txt", []string{"console"}}, {"logs/syslog.1", []string{"console", "sys"}}} {
		r := compile(t, rules...).Log(t.Context(), tt.name, strings.NewReader("E1"))
		var got []string
		for _, m := range r.Matches {
			got = append(got, m.Rule)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || r.File != tt.name {
			t.Errorf("%s: %q %s", tt.name, r.File, diff)
		}
	}
	c := compile(t, rules...)
	c.Console = nil
	if r := c.Log(t.Context(), "any.txt", strings.NewReader("E1")); len(r.Matches) != 2 {
		t.Errorf("without a console, %d rules of 2 were tried", len(r.Matches))
	}
}

// TestSingleLogByAddress names the evidence after the file, as a person would.
func TestSingleLogByAddress(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: "E1"})
	for url, want := range map[string]string{
		"file:///tmp/a%20b.log":            "a b.log",
		"http://x/1/console.log?raw=1#top": "console.log",
		"http://x":                         "x",
		"%zz/odd.log":                      "odd.log",
	} {
		for r := range c.Run(t.Context(), anyFile("E1"), []classify.Job{{Result: "FAILURE", LogURL: url}}) {
			if len(r.Evidence) != 1 || r.Evidence[0].File != want {
				t.Errorf("%s: %v, want %s", url, r.Evidence, want)
			}
		}
	}
}

// anyFile is the Logs of jobs of which every file has this text.
type anyFile string

func (f anyFile) Open(context.Context, classify.Job, string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(string(f))), nil
}

func TestALogsOwnWordsDecideNothing(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: "^error: (?P<x>.*)", Message: "{x}"})
	r := c.Log(t.Context(), "x", strings.NewReader("error: y\nDone. Your build exited with 0.\nFinished: SUCCESS\n"))
	if r.Outcome != classify.OutcomeMatched || r.Reason != "y" {
		t.Errorf("%s %q", r.Outcome, r.Reason)
	}
}

func TestCompileErrors(t *testing.T) {
	ok := classify.Rule{ID: "ok", Files: []string{"x"}, Pattern: "x", Message: "x"}
	for _, tt := range []struct {
		name string
		edit func(*classify.Rule)
		want string
	}{
		{"no id", func(r *classify.Rule) { r.ID = "" }, `rule "": no id`},
		{"no file", func(r *classify.Rule) { r.Files = nil }, "no file"},
		{"bad glob", func(r *classify.Rule) { r.Files = []string{"[a"} }, `file "[a"`},
		{"both", func(r *classify.Rule) { r.Literal = "x" }, "not both"},
		{"neither", func(r *classify.Rule) { r.Pattern = "" }, "needs a pattern or a literal"},
		{"bad pattern", func(r *classify.Rule) { r.Pattern = "(" }, "missing closing )"},
		{"no such capture", func(r *classify.Rule) { r.Message = "{y}" }, "{y}"},
		{"capture of a literal", func(r *classify.Rule) { r.Pattern, r.Literal, r.Message = "", "x", "{0}" }, "{0}"},
		{"the result among files", func(r *classify.Rule) { r.Files = []string{"x", classify.ResultFile} }, "stands for no log"},
		{"no such number", func(r *classify.Rule) { r.Message = "{1}" }, "{1}"},
		{"tier", func(r *classify.Rule) { r.Tier = "maybe" }, `tier "maybe"`},
		{"empty exclude", func(r *classify.Rule) { r.Exclude = []string{""} }, "excludes every line"},
		{"twice", func(r *classify.Rule) { r.ID = "ok" }, `rule "ok": another rule has this id`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bad := ok
			bad.ID = "bad"
			tt.edit(&bad)
			_, err := classify.Compile([]classify.Rule{ok, bad})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	_, err := classify.Compile([]classify.Rule{{ID: "a"}, {ID: "b"}})
	if n := strings.Count(fmt.Sprint(err), "rule "); n != 2 {
		t.Errorf("%d of 2 errors: %v", n, err)
	}
}

func TestHash(t *testing.T) {
	a, b := classify.Rule{ID: "a", Pattern: "x"}, classify.Rule{ID: "b", Pattern: "x"}
	ab, again, ba := compile(t, a, b).Hash(), compile(t, a, b).Hash(), compile(t, b, a).Hash()
	if ab != again || ab == ba {
		t.Error("the hash does not name the rules in their order")
	}
}

// slowLogs counts how many logs are open, and opens each after a while.
type slowLogs struct {
	mu         sync.Mutex
	open, most int
}

func (l *slowLogs) Open(ctx context.Context, job classify.Job, _ string) (io.ReadCloser, error) {
	l.mu.Lock()
	l.open++
	l.most = max(l.most, l.open)
	l.mu.Unlock()
	defer func() { l.mu.Lock(); l.open--; l.mu.Unlock() }()
	select {
	case <-time.After(time.Duration(100-job.Change) * time.Second):
		return io.NopCloser(strings.NewReader("cause\n")), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func failedJobs(n int) []classify.Job {
	jobs := make([]classify.Job, n)
	for i := range jobs {
		jobs[i] = classify.Job{Name: fmt.Sprint(i), Change: i, Result: "FAILURE", LogURL: "http://x/"}
	}
	return jobs
}

func TestRunKeepsTheOrderAndTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, logs := compile(t, classify.Rule{Pattern: "cause"}), &slowLogs{}
		c.Workers = 5
		i := 0
		for r := range c.Run(t.Context(), logs, failedJobs(40)) {
			if r.Change != i || r.Outcome != classify.OutcomeMatched {
				t.Fatalf("result %d is of job %d, %s", i, r.Change, r.Outcome)
			}
			i++
		}
		if i != 40 || logs.most != 5 {
			t.Errorf("%d results, at most %d at once", i, logs.most)
		}
	})
}

func TestRunStopsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, logs := compile(t, classify.Rule{Pattern: "cause"}), &slowLogs{}
		c.Workers = 2
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Second)
		defer cancel()
		n := 0
		for range c.Run(ctx, logs, failedJobs(40)) {
			n++
		}
		if n != 4 || logs.open != 0 {
			t.Errorf("cancelled: %d results, %d logs left open", n, logs.open)
		}
		for range c.Run(t.Context(), logs, failedJobs(40)) {
			break
		}
		if logs.open != 0 {
			t.Errorf("broken off: %d logs left open", logs.open)
		}
	})
}

func TestLogStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := compile(t, classify.Rule{Pattern: "x"}).Log(ctx, "x", strings.NewReader("x"))
	if !r.Partial || len(r.Matches) > 0 {
		t.Errorf("partial %v, %d matches", r.Partial, len(r.Matches))
	}
}
