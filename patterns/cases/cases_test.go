package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// write writes files below a new folder, which it returns.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tell returns one line a case, with paths below dir.
func tell(cases []Case, dir string) []string {
	var out []string
	for _, c := range cases {
		line := c.Name + ": " + c.Log + " " + c.File
		if c.Unwanted {
			line += " (not there)"
		}
		if c.Err != nil {
			line += ": " + c.Err.Error()
		}
		out = append(out, strings.ReplaceAll(line, dir+string(filepath.Separator), ""))
	}
	return out
}

const pinned = "rule = 'x'\n"

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string // those that end in .want pin a rule
		want  []string
	}{
		{"a log", []string{"a.log", "a.want"}, []string{"a: a.log a.want"}},
		{"compressed", []string{"a.log.gz", "a.want"}, []string{"a: a.log.gz a.want"}},
		{"the whole name", []string{"a.log.gz", "a.log.gz.want"}, []string{"a.log.gz: a.log.gz a.log.gz.want"}},
		{"a dot in the name", []string{"v1.2", "v1.2.want"}, []string{"v1.2: v1.2 v1.2.want"}},
		{"a job", []string{"tox/console.log", "tox/b/c.log", "tox.want"}, []string{"tox: tox tox.want"}},
		{"a group", []string{"pip/a.log", "pip/a.want", "b.log", "b.want"}, []string{"b: b.log b.want", "pip/a: pip/a.log pip/a.want"}},
		{"nothing pinned yet", []string{"a.log", "job/x"}, []string{"a: a.log a.want (not there)", "job: job job.want (not there)"}},
		{"one pinned of two", []string{"a.log", "a.2.log", "a.want"}, []string{"a: a.log a.want", "a.2: a.2.log a.2.want (not there)"}},
		{"two that could have the same", []string{"a.log", "a.txt"},
			[]string{"a.log: a.log a.log.want (not there)", "a.txt: a.txt a.txt.want (not there)"}},
		{"passed over", []string{".git/config", "README.md", "a.log", "a.want"}, []string{"a: a.log a.want"}},
		{"no log", []string{"a.want"}, []string{"a:  a.want: a.want: there is no log to it; put a.log or a folder a beside it, or remove it"}},
		{"several logs", []string{"a.log", "a.txt", "a.want"}, []string{
			"a: a.log a.want: a.want: stands for several logs: a.log, a.txt; call it a.log.want, and give the others one each",
			"a: a.txt a.want: a.want: stands for several logs: a.log, a.txt; call it a.log.want, and give the others one each"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{}
			for _, name := range test.files {
				files[name] = pinned
			}
			dir := write(t, files)
			found, err := Find(dir)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, tell(found, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	dir := write(t, map[string]string{"README.md": ""})
	for name, want := range map[string]string{
		dir: "no case in", filepath.Join(dir, "none"): "no such file", filepath.Join(dir, "README.md"): "is a file",
	} {
		if found, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %q", name, found, err, want)
		}
	}
}

// TestMistakes: each names its place and costs its own case only.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"rule = 3":              `a.want:1:1: "rule" is an integer, but must be a string; put it in quotes`,
		"\nrole = 'x'":          `a.want:2:1: unknown key "role"; did you mean "rule"?`,
		"outcome = 'unmatch'":   `a.want:1:1: there is no outcome "unmatch"; did you mean "unmatched"?`,
		"line = -1":             `a.want:1:1: line -1 is none; lines count from 1; 0: none`,
		"":                      `a.want:1:1: nothing is expected; give a rule, a reason, a line or an outcome`,
		"job = 'x'":             `a.want:1:1: nothing is expected; give a rule, a reason, a line or an outcome`,
		"rule = 'a'\nrule = ''": `a.want:2:1: "rule" is already set in line 1`,
		"rule":                  `a.want:1:`,
	} {
		dir := write(t, map[string]string{"a.log": "", "a.want": text, "b.log": "", "b.want": pinned})
		found, err := Find(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 2 || found[0].Err == nil || found[1].Err != nil {
			t.Fatalf("%q: %q", text, tell(found, dir))
		}
		if got := strings.TrimPrefix(found[0].Err.Error(), dir+"/"); !strings.HasPrefix(got, want) {
			t.Errorf("%q:\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// verdict is a result in which the rule "disk" gave the reason.
func verdict() *classify.Result {
	return &classify.Result{
		Outcome: classify.OutcomeMatched, Rule: "disk", Reason: "the disk \"/\" is full",
		Matches: []classify.Match{{Rule: "disk", File: "console.log", Line: 12}},
	}
}

func parse(t *testing.T, text string) *Case {
	t.Helper()
	c := &Case{File: "a.want"}
	if c.decode([]byte(text)); c.Err != nil {
		t.Fatal(c.Err)
	}
	return c
}

func TestCheck(t *testing.T) {
	unmatched := &classify.Result{Outcome: classify.OutcomeUnmatched, Evidence: []classify.Evidence{{File: "x", Line: 3}}}
	for _, test := range []struct {
		want string
		r    *classify.Result
		diff []Difference
	}{
		{"rule = 'disk'", verdict(), nil},
		{"rule = 'disk'\nreason = 'the disk \"/\" is full'\nfile = 'console.log'\nline = 12\noutcome = 'matched'", verdict(), nil},
		{"rule = 'net'\nline = 12", verdict(), []Difference{{"rule", `"net"`, `"disk"`}}},
		{"rule = 'disk'\nline = 13", verdict(), []Difference{{"line", "13", "12"}}},
		{"outcome = 'unmatched'", unmatched, nil},
		{"rule = ''\nreason = ''\nline = 0\nfile = ''", unmatched, nil},
		{"rule = 'disk'\noutcome = 'matched'", unmatched, []Difference{{"outcome", `"matched"`, `"unmatched"`}, {"rule", `"disk"`, `""`}}},
	} {
		if diff := cmp.Diff(test.diff, parse(t, test.want).Check(test.r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.want, diff)
		}
	}
}

func TestApply(t *testing.T) {
	job := classify.Job{Name: "a.log", Branch: "main"}
	parse(t, "rule = 'x'\njob = 'tox'\nproject = 'p'\npipeline = 'gate'\nresult = 'TIMED_OUT'\ndetail = 'in 1 h'").Apply(&job)
	want := classify.Job{Name: "tox", Branch: "main", Project: "p", Pipeline: "gate", Result: "TIMED_OUT", Detail: "in 1 h"}
	if diff := cmp.Diff(want, job); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUpdate(t *testing.T) {
	for _, test := range []struct{ name, old, want string }{
		{"as it is", "rule = 'disk'", "rule = 'disk'"},
		{"only what it checks, and no comment", "# why\nrule='net' # so\n\n# job\njob = 'x'\n", "# why\nrule = \"disk\"\n\n# job\njob = 'x'\n"},
		{"several", "line = 1\nrule = 'disk'\noutcome = 'unmatched'", "line = 12\nrule = 'disk'\noutcome = \"matched\"\n"},
		{"text of several lines", "reason = '''\na\nb'''\nline = 12\n", "reason = \"the disk \\\"/\\\" is full\"\nline = 12\n"},
		{"three quotes in one line", "reason = \"\"\"a\"\"\"\nline = 12\n", "reason = \"the disk \\\"/\\\" is full\"\nline = 12\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := string(parse(t, test.old).Update(verdict()))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := parse(t, got).Check(verdict()); len(diff) > 0 {
				t.Errorf("differs still: %v", diff)
			}
		})
	}
}

func TestUpdateNew(t *testing.T) {
	folder := verdict()
	folder.LogURL = "file:///logs/"
	for _, test := range []struct {
		r    *classify.Result
		want string
	}{
		{verdict(), "outcome = \"matched\"\nrule    = \"disk\"\nreason  = \"the disk \\\"/\\\" is full\"\nline    = 12\n"},
		{folder, "outcome = \"matched\"\nrule    = \"disk\"\nreason  = \"the disk \\\"/\\\" is full\"\nfile    = \"console.log\"\nline    = 12\n"},
		{&classify.Result{Outcome: classify.OutcomeUnmatched}, "outcome = \"unmatched\"\n"},
	} {
		c := Case{Unwanted: true}
		if diff := cmp.Diff(test.want, string(c.Update(test.r))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// FuzzDecode: no .want file makes the decoder panic, and what Update makes of a
// right one is right, and expects what the result has.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		pinned, "rule = '''\nx'''\nline = 3 # x", "'rule' = 'x'", "\"line\" = 0x1\r\nrule = \"\"\"\r\n\\\r\na\"\"\"",
		"outcome = 'unmatched'\njob = 'x'", "a = 1", "rule = '''a''''\nreason = \"\"\"b\"\"\"\"\"",
	} {
		f.Add(seed, "reason \"\\\x00\n")
	}
	f.Fuzz(func(t *testing.T, text, reason string) {
		c := Case{File: "a.want"}
		if c.decode([]byte(text)); c.Err != nil {
			return
		}
		r := verdict()
		r.Reason = reason
		next := Case{File: "a.want"}
		if next.decode(c.Update(r)); next.Err != nil {
			t.Fatalf("%q becomes %q: %v", text, c.Update(r), next.Err)
		}
		if diff := next.Check(r); len(diff) > 0 {
			t.Fatalf("%q becomes %q, and differs: %v", text, c.Update(r), diff)
		}
	})
}
