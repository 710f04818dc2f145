package draft_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/draft"
)

// drafted drafts a rule for the lines from first to last of a log.
func drafted(t *testing.T, log string, first, last int) patterns.Entry {
	t.Helper()
	d, err := draft.New(t.Context(), lines(log), first, last, draft.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Entry()
	if err != nil {
		t.Fatal(err)
	}
	load(t, patterns.Document{Entries: []patterns.Entry{e}})
	return e
}

// TestLine drafts rules for single lines.
func TestLine(t *testing.T) {
	for _, c := range []struct{ line, pattern, message, tag string }{
		{"--- FAIL: TestFrob (2.63s)", `^--- FAIL: (?P<test>Test\w+) \(\d[\w.,]*\)`, "FAIL: {test}", "test"},
		{"src/a/frob.c:12:5: error: conflicting types for 'frob_open'", `^(?P<file>[^\s:]+\.c):\d+:\d+: error: conflicting types for '(?P<name>[^']+)'`, "{file}: error: conflicting types for {name}", "code"},
		{"E: Unable to locate package frob-dev==1.2.3-4", `^E: Unable to locate package (?P<package>\S+)`, "Unable to locate package {package}", "dependency"},
		{"\tCould not resolve host: mirror.example.org", `^\s*Could not resolve host: (?P<host>[\w.]+)`, "Could not resolve host: {host}", "infra"},
		{"ERROR: job 8f3c2a1b-1111-2222-3333-444455556666 was cancelled by the scheduler", `^ERROR: job [\w-]+ was cancelled by the scheduler`, "job … was cancelled by the scheduler", "code"},
		{"frobd[4711]: cannot bind to 127.0.0.1:8080: Address already in use", `^frobd\[\d+\]: cannot bind to (?P<address>[\w.:]+): Address already in use`, "frobd: cannot bind to {address}: Address already in use", "code"},
		{"Detected 3 broken links in 589 pages", `^Detected (?P<count>\d+) broken links in (?P<count2>\d+) pages`, "Detected {count} broken links in {count2} pages", "quality"},
		{"frob exited with code 137 after 12m03s", `^frob exited with code (?P<code>\d+) after`, "frob exited with code {code}", "code"},
		{"Error: expected 'left' but got 'right'", `^Error: expected '(?P<expected>[^']+)' but got '(?P<actual>[^']+)'$`, "expected {expected} but got {actual}", "test"},
		{`The script "deploy all" gave up: nobody answers`, `^The script "(?P<name>[^"]+)" gave up: nobody answers`, "The script {name} gave up: nobody answers", "code"},
		{"/srv/run.sh: line 12: /srv/frob.sh: not there", `^(?P<file>[^\s:]+\.sh): line \d+: (?P<file2>[^\s:]+\.sh): not there$`, "{file}: {file2}: not there", "code"},
		{"doc/a.md: 12: MD040/code-language no language is given", `^(?P<file>[^\s:]+\.md): \d+: MD040/code-language no language is given`, "{file}: MD040/code-language no language is given", "quality"},
		{"20 11 2026 10:11:12.471:ERROR [frob.x]: the browser went away", `ERROR \[(?P<name>[\w.]+)\]: the browser went away`, "ERROR [{name}]: the browser went away", "code"},
		{"a reader/writer lock is held by org.example.Frob", `^a reader/writer lock is held by (?P<name>[\w.]+)`, "a reader/writer lock is held by {name}", "code"},
		{`frobd could not begin the job that was asked for by the scheduler as the runner of the pool for small jobs said "start: \"-x\": no such frob at hand"`, `^frobd could not begin the job that was asked for by the scheduler as the runner of the pool for small jobs said "start: \\"-x\\": no such frob at hand"`, `frobd could not begin the job that was asked for by the scheduler as the runner of the pool for small jobs said "start: \"-x\": no such frob at hand"`, "code"},
		{"{frob} went away {again}", `^\{frob\} went away \{again\}`, "{{frob}} went away {{again}}", "code"},
	} {
		e := drafted(t, "first\n"+c.line+"\nlast\n", 2, 2)
		got := []string{e.Pattern, e.Message, e.Tag}
		if diff := cmp.Diff([]string{c.pattern, c.message, c.tag}, got); diff != "" {
			t.Errorf("%q: %s", c.line, diff)
		}
	}
}

// TestUnfit refuses what no rule can be made of, and says what to do.
func TestUnfit(t *testing.T) {
	log := "checking the frobnicator\nok\n\n}\nfrob: the knob is gone\n"
	for _, c := range []struct {
		first, last int
		want        string
	}{
		{2, 2, "line 2 says too little to be known again: \"ok\"; pick a line that says more; the lines around it:\n  1: checking the frobnicator\n  5: frob: the knob is gone"},
		{3, 3, "line 3 says too little to be known again: \"\"; pick a line that says more; the lines around it:\n  1: checking the frobnicator\n  5: frob: the knob is gone"},
		{2, 4, "lines 2 to 4 say too little to be known again; pick a line that says more; the lines around them:\n  1: checking the frobnicator\n  5: frob: the knob is gone"},
		{9, 9, "there is no line 9: the log has 5; name a line as the report prints it"},
		{0, 1, "there are no lines 0 to 1; lines are counted from 1, and the first comes first"},
		{1, 200, "200 lines are more than a rule can show; name at most 100"},
	} {
		_, err := draft.New(t.Context(), lines(log), c.first, c.last, draft.Options{})
		if _, ok := errors.AsType[*draft.Unfit](err); !ok {
			t.Fatalf("%d-%d: %v", c.first, c.last, err)
		}
		if diff := cmp.Diff(c.want, err.Error()); diff != "" {
			t.Errorf("%d-%d: %s", c.first, c.last, diff)
		}
	}
}

// TestNegatives chooses as negatives the lines most like the line that are
// harmless, and none that the pattern matches.
func TestNegatives(t *testing.T) {
	log := "make: Entering directory\n--- PASS: TestFrob (0.10s)\n--- FAIL: TestFrob (2.63s)\n--- FAIL: TestKnob (0.00s)\nPASS: all of TestFrob\nok\n"
	e := drafted(t, log, 3, 3)
	want := []patterns.Test{
		{Rule: e.ID, Log: "--- FAIL: TestFrob (2.63s)", Want: "FAIL: TestFrob"},
		{Rule: e.ID, Log: "--- PASS: TestFrob (0.10s)"},
	}
	if diff := cmp.Diff(want, e.Tests); diff != "" {
		t.Error(diff)
	}
}

// TestRange makes of several lines a rule that shows them.
func TestRange(t *testing.T) {
	log := "starting\n" +
		"frob: cannot open the valve\n  at valve.c:12\n  at main.c:7\n" +
		"=========\nnext step\nnote: about to fail\nERROR: the gate is shut\n\nend of it\n"
	for name, c := range map[string]struct {
		first, last int
		pattern     string
		until       string
		context     classify.Context
	}{
		"a number of lines":       {2, 4, "^frob: cannot open the valve", "", classify.Context{After: 2}},
		"up to a separator":       {2, 5, "^frob: cannot open the valve", `^\s*={4,}\s*$`, classify.Context{}},
		"the line that tells":     {6, 8, "^ERROR: the gate is shut", "", classify.Context{Before: 2}},
		"up to an empty line":     {8, 9, "^ERROR: the gate is shut", `^\s*$`, classify.Context{}},
		"before, and up to empty": {7, 9, "^ERROR: the gate is shut", `^\s*$`, classify.Context{Before: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			e := drafted(t, log, c.first, c.last)
			if e.Pattern != c.pattern || e.Until != c.until || e.Context != c.context {
				t.Errorf("pattern %q until %q context %v", e.Pattern, e.Until, e.Context)
			}
		})
	}
}

// TestSpecialise makes a pattern stricter where it matches many lines of its
// own log that look otherwise.
func TestSpecialise(t *testing.T) {
	var log strings.Builder
	for i := range 20 {
		fmt.Fprintf(&log, "frob failed to close %c%cxy_z now that all the others of them had gone home, part %d\n", 'a'+i, 'b'+i, i)
	}
	log.WriteString("frob failed to close knob_1 for ever\n")
	d, err := draft.New(t.Context(), lines(log.String()), 21, 21, draft.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before, err := d.Entry()
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	for d.Specialise() {
		steps++
	}
	after, err := d.Entry()
	if err != nil {
		t.Fatal(err)
	}
	if steps == 0 || after.Pattern != "^frob failed to close knob_1 for ever$" {
		t.Errorf("after %d steps %q is no stricter than %q", steps, after.Pattern, before.Pattern)
	}
}

// TestOptions go before what is guessed.
func TestOptions(t *testing.T) {
	log := "frob: the knob is gone\n"
	o := draft.Options{
		Message: "no knob", Tag: "infra", Tier: classify.TierSymptom, Name: "logs/syslog",
		Files: map[string][]string{"kernel": {"var/log/messages", "*/syslog"}},
		Taken: func(id string) bool { return id == "frob-knob-gone" },
	}
	d, err := draft.New(t.Context(), lines(log), 1, 1, o)
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Entry()
	if err != nil {
		t.Fatal(err)
	}
	got := []string{e.ID, e.Files[0], e.Message, e.Tag, string(e.Tier)}
	if diff := cmp.Diff([]string{"frob-knob-gone-2", "kernel", "no knob", "infra", "symptom"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestGeneric tells where a line near says more.
func TestGeneric(t *testing.T) {
	log := "ERROR: frob: cannot open the valve, permission denied\nmake: *** [all] Error 2\n"
	d, err := draft.New(t.Context(), lines(log), 2, 2, draft.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Entry()
	if err != nil {
		t.Fatal(err)
	}
	if e.Tier != classify.TierSymptom || d.Telling == nil || d.Telling.Number != 1 {
		t.Errorf("tier %q, told of %v", e.Tier, d.Telling)
	}
}

// FuzzNew drafts a rule for any line, or refuses it: what comes out loads, does
// its tests right, and matches the line.
func FuzzNew(f *testing.F) {
	for _, line := range []string{
		"--- FAIL: TestFrob (2.63s)", "}", "", "E: {x} '{' \"}\" \\", "a\x00b\xff\xfe error '''", "2026-11-20T10:11:12Z 2026-11-20T10:11:12Z error: twice",
		"[10:11:12] [10:11:12] failed to frob", "error: ‘;’ expected before “frob“", "\tat a.b.C$D.e(F.java:12)", "BZh9 frob failed", "é: ungültig\r\rmehr davon\r",
		strings.Repeat("word ", 400), "https://example.org/a?b=c&d failed (502)", "#frob = \"x\" # 'y'", "::1 fe80::1 1.2.3.4:5 a@b.cz",
	} {
		f.Add("frob begins\n"+line+"\nfrob ends\n", uint8(2), uint8(0))
	}
	f.Add("0", uint8(0), uint8(0))
	f.Add("error: one\n\ntwo\n=====\n", uint8(1), uint8(3))
	f.Fuzz(func(t *testing.T, log string, first, more uint8) {
		d, err := draft.New(t.Context(), lines(log), int(first), int(first)+int(more), draft.Options{})
		if err != nil {
			return
		}
		var rules patterns.Document // the first, and the strictest
		for more := true; more; more = d.Specialise() {
			e, err := d.Entry() // which finds that the rule matches its line
			if err != nil {
				t.Fatal(err)
			}
			e.ID = fmt.Sprint("rule-", len(rules.Entries))
			rules.Entries = append(rules.Entries[:min(len(rules.Entries), 1)], e)
		}
		passes(t, written(t, rules))
	})
}
