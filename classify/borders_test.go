package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// A border is a rule set at the border of what a field means, and what is to
// come of it, which is stated by hand: the engine and the reference must both
// give it.
type border struct {
	name  string
	rules []classify.Rule
	world world
	want  string // as verdict.String has it
}

// String writes a verdict as "r0 message file:line-end xcount (by r1), …; evidence; outcome; missing".
func (v verdict) String() string {
	var all []string
	for _, m := range v.Matches {
		s := fmt.Sprintf("%s %s %s:%d", m.Rule, m.Message, m.File, m.Line)
		if m.EndLine != m.Line {
			s += fmt.Sprint("-", m.EndLine)
		}
		if m.Count != 1 {
			s += " x" + m.Count.String()
		}
		if m.HiddenBy != "" {
			s += " by " + m.HiddenBy
		}
		all = append(all, s)
	}
	parts := []string{strings.Join(all, ", ")}
	for _, e := range v.Evidence {
		parts[0] += fmt.Sprintf(" [%d-%d]", e.Line, e.EndLine)
	}
	if v.Outcome != classify.OutcomeMatched {
		parts = append(parts, string(v.Outcome))
	}
	if len(v.Missing) > 0 {
		parts = append(parts, "missing "+strings.Join(v.Missing, " "))
	}
	return strings.Join(parts, "; ")
}

// holdBorders holds the engine and the reference to what is stated.
func holdBorders(t *testing.T, borders []border) {
	t.Helper()
	for _, tt := range borders {
		t.Run(tt.name, func(t *testing.T) {
			rules, w := borderRules(tt.rules), tt.world
			if w.Job.Result == "" {
				w.Job.Result = "FAILURE"
			}
			w.Job.LogURL = "http://logs/1/"
			want, by := evaluate(rules, w)
			if diff := cmp.Diff(tt.want, want.String()); diff != "" {
				t.Errorf("the reference: %s", diff)
			}
			got := verdictOf(run(t, rules, w), by.missing(false), want.Evidence)
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("the engine: %s", diff)
			}
		})
	}
}

// borderRules gives rules what all need: r0, r1, …, on the file "a".
func borderRules(rules []classify.Rule) []classify.Rule {
	for i := range rules {
		r := &rules[i]
		r.ID = fmt.Sprint("r", i)
		if r.Files == nil {
			r.Files = []string{"a"}
		}
		if r.Message == "" {
			r.Message = "m"
		}
	}
	return rules
}

// run gives the engine's verdict on a world.
func run(t *testing.T, rules []classify.Rule, w world) (got classify.Result) {
	t.Helper()
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	if w.Console != "" {
		c.Console = []string{w.Console}
	}
	for r := range c.Run(t.Context(), w.logs(), []classify.Job{w.Job}) {
		got = r
	}
	return got
}

// files makes a world of names and texts in turn. A text that ends in "✂" is
// cut there, "500" fails to open. Globs can be listed.
func files(namesAndTexts ...string) world {
	w := world{Files: map[string]text{}, Listed: true}
	for i := 0; i < len(namesAndTexts); i += 2 {
		name, t := namesAndTexts[i], text{Text: namesAndTexts[i+1], Bad: namesAndTexts[i+1] == "500"}
		t.Text, t.Cut = strings.CutSuffix(t.Text, "✂")
		w.Files[name] = t
	}
	return w
}

// numbered makes n lines "prefix 1", "prefix 2", …
func numbered(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %d\n", prefix, i+1)
	}
	return b.String()
}

// ok is n lines of no interest.
func ok(n int) string { return strings.Repeat("ok\n", n) }

func unless(literal string, within classify.Within) classify.Unless {
	return classify.Unless{Literal: literal, Within: within}
}

// TestBordersOfUnless is about the lines around a match that unless and next look at.
func TestBordersOfUnless(t *testing.T) {
	rule := func(u ...classify.Unless) []classify.Rule { return []classify.Rule{{Literal: "err", Unless: u}} }
	next := []classify.Rule{{Literal: "err", Next: "^$"}}
	const line, below, file = classify.WithinLine, classify.WithinNext, classify.WithinFile
	holdBorders(t, []border{
		{"a window over the start", rule(unless("no", 5)), files("a", "no\nok\nerr\n"+ok(9)), "; unmatched"},
		{"a window that begins at the start, in vain", rule(unless("no", 5)), files("a", "err\n"+ok(9)), "r0 m a:1 [1-1]"},
		{"a window over the end", rule(unless("no", 5)), files("a", ok(9)+"err\nok\nno"), "; unmatched"},
		{"a window over the end, in vain", rule(unless("no", 5)), files("a", "no\n"+ok(9)+"err"), "r0 m a:11 [11-11]"},
		{"a window over both", rule(unless("no", classify.MaxWindow)), files("a", "err"), "r0 m a:1 [1-1]"},
		{"the first line of a window", rule(unless("no", 3)), files("a", "no\n"+ok(2)+"err\n"), "; unmatched"},
		{"the line before a window", rule(unless("no", 3)), files("a", "no\n"+ok(3)+"err\n"), "r0 m a:5 [5-5]"},
		{"the last line of a window", rule(unless("no", 3)), files("a", "err\n"+ok(2)+"no\n"), "; unmatched"},
		{"the line after a window", rule(unless("no", 3)), files("a", "err\n"+ok(3)+"no\n"), "r0 m a:1 [1-1]"},
		{"the largest window", rule(unless("no", classify.MaxWindow)), files("a", "no\n"+ok(999)+"err\n"+ok(1000)+"no\n"), "; unmatched"},
		{"past the largest window", rule(unless("no", classify.MaxWindow)), files("a", "no\n"+ok(1000)+"err\n"+ok(1000)+"no\n"), "r0 m a:1002 [1002-1002]"},
		{"a window holds the line itself", rule(unless("no", 1)), files("a", "err no"), "; unmatched"},
		{"next is not the line itself", rule(unless("no", below)), files("a", "no\nerr no\nok\nno"), "r0 m a:2 [2-2]"},
		{"next at the end", rule(unless("no", below)), files("a", "err"), "r0 m a:1 [1-1]"},
		{"segments are lines", rule(unless("no", 1)), files("a", "no\rok\rerr\rok\rno\nno"), "r0 m a:1 [1-1]"},
		{"two of different reach: the near one", rule(unless("no", 3), unless("alas", 1)), files("a", "alas\nok\nok\nok\nerr\nalas\n"), "; unmatched"},
		{"two of different reach: the far one", rule(unless("alas", 1), unless("no", 3)), files("a", "no\nok\nok\nerr\n"+ok(3)+"alas\n"), "; unmatched"},
		{"two of different reach: both out of it", rule(unless("alas", 1), unless("no", 3)), files("a", "no\nok\nalas\nok\nerr\nok\nalas\nok\nno\n"), "r0 m a:5 [5-5]"},
		{"line, next, window and file at once", rule(unless("1", line), unless("2", below), unless("3", 2), unless("4", file)),
			files("a", "3\n2\nok\nerr\n1\nerr 1\nerr\n2\nok\n3\nerr\nok\nok\nerr\n"), "r0 m a:4 x2 [4-4]"},
		{"the file, before and after", rule(unless("no", file)), files("a", "no\n"+ok(2000)+"err", "b", "no"), "; unmatched"},
		{"another file does not count", rule(unless("no", file)), files("a", "err", "b", "no"), "r0 m a:1 [1-1]"},
		{"one of many matches is taken away", rule(unless("no", 1)), files("a", "err\nno\nok\nerr\nerr\n"), "r0 m a:4 x2 [4-4]"},
		{"next is an empty line", next, files("a", "err\n\n"), "r0 m a:1 [1-1]"},
		{"after the last line is none", next, files("a", "err\n"), "; unmatched"},
		{"next is a segment", next, files("a", "err\r\r\nok\nerr\n\r\n"), "r0 m a:3 [3-3]"},
		{"next matches too", []classify.Rule{{Literal: "err", Next: "err"}}, files("a", "err\nerr\nerr"), "r0 m a:1 x2 [1-1]"},
	})
}

// TestBordersOfEvidence is about blocks and context.
func TestBordersOfEvidence(t *testing.T) {
	until := func(before int) []classify.Rule {
		return []classify.Rule{{Literal: "err", Until: "^=+$", Context: classify.Context{Before: before}}}
	}
	around := func(before, after int) []classify.Rule {
		return []classify.Rule{{Literal: "err", Context: classify.Context{Before: before, After: after}}}
	}
	holdBorders(t, []border{
		{"until is met", until(0), files("a", "err\nok\n==\nok\n==\n"), "r0 m a:1-3 [1-3]"},
		{"until is met on the next line", until(0), files("a", "err\n==\n==\n"), "r0 m a:1-2 [1-2]"},
		{"until is not looked for in the match's line", []classify.Rule{{Literal: "err", Until: "err|end"}}, files("a", "err end\nok\nend\n"), "r0 m a:1-3 [1-3]"},
		{"until is never met", until(0), files("a", "err\n"+ok(5)), "r0 m a:1-6 [1-6]"},
		{"until at the end of the file", until(0), files("a", ok(3)+"err"), "r0 m a:4 [4-4]"},
		{"a block of MaxBlock", until(0), files("a", "err\n"+ok(98)+"==\n"+ok(9)), "r0 m a:1-100 [1-30]"},
		{"a block over MaxBlock", until(0), files("a", "err\n"+ok(99)+"==\n"), "r0 m a:1-100 [1-30]"},
		{"a block far over MaxBlock", until(0), files("a", "ok\nerr\n"+ok(400)), "r0 m a:2-101 [2-31]"},
		{"lines before a block are none of it", until(100), files("a", ok(150)+"err\n"+ok(150)), "r0 m a:151-250 [51-180]"},
		{"a match within a block", until(0), files("a", "err\nerr\n==\nerr\n==\n"), "r0 m a:1-3 x3 [1-3]"},
		{"a match within a block, the last", []classify.Rule{{Literal: "err", Until: "^=+$", Occurrence: classify.OccurrenceLast}},
			files("a", "err\nerr\n==\nerr\nok\n==\nok\n"), "r0 m a:4-6 x3 [4-6]"},
		{"context over the start and the end", around(100, 100), files("a", ok(2)+"err\n"+ok(3)), "r0 m a:3 [1-6]"},
		{"context within the file", around(2, 3), files("a", ok(9)+"err\n"+ok(9)), "r0 m a:10 [8-13]"},
		{"context on one side", around(0, 1), files("a", ok(9)+"err\n"+ok(9)), "r0 m a:10 [10-11]"},
		{"the largest context", around(100, 100), files("a", ok(200)+"err\n"+ok(200)), "r0 m a:201 [101-301]"},
		{"segments are lines of a context", around(1, 1), files("a", "1\r2\rerr\r4\r5"), "r0 m a:1 [1-1] [1-1] [1-1]"},
		{"a segment ends a block", until(0), files("a", "ok\nerr\rx\r==\ry"), "r0 m a:2 [2-2] [2-2] [2-2]"},
	})
}

// TestBordersOfCounts is about messages, how often they were seen, and which are kept.
func TestBordersOfCounts(t *testing.T) {
	first := []classify.Rule{{Files: []string{"*"}, Pattern: `err (\d+)`, Message: "{1}"}}
	last := []classify.Rule{{Files: []string{"*"}, Pattern: `err (\d+)`, Message: "{1}", Occurrence: classify.OccurrenceLast}}
	lists := func(file string, from, to, line int, after map[int]string) string { // messages from … to, on lines from line on or back
		step := 1
		if to < from {
			step = -1
		}
		var all []string
		for m := from; m != to+step; m += step {
			all = append(all, fmt.Sprintf("r0 %d %s:%d%s", m, file, line, after[m]))
			line += step
		}
		return strings.Join(all, ", ")
	}
	holdBorders(t, []border{
		{"a hundred", first, files("a", strings.Repeat("err 1\n", 100)), "r0 1 a:1 x100 [1-1]"},
		{"more than a hundred", first, files("a", strings.Repeat("err 1\n", 101)), "r0 1 a:1 x100+ [1-1]"},
		{"a hundred and more over files, the last", last, files("a", strings.Repeat("err 1\n", 60), "b", strings.Repeat("err 1\n", 41)), "r0 1 b:41 x100+ [41-41]"},
		{"the first twenty", first, files("a", numbered("err", 25)+"err 1\nerr 25\n"), lists("a", 1, 20, 1, map[int]string{1: " x2"}) + " [1-1]"},
		{"the last twenty", last, files("a", numbered("err", 25)), lists("a", 25, 6, 25, nil) + " [25-25]"},
		{"the last twenty, one of them come again", last, files("a", numbered("err", 25)+"err 6\n"), "r0 6 a:26 x2, " + lists("a", 25, 7, 25, nil) + " [26-26]"},
		{"pushed out, and come again", last, files("a", numbered("err", 25)+"err 3\n"), "r0 3 a:26 x2, " + lists("a", 25, 7, 25, nil) + " [26-26]"},
		{"pushed out, and come again in another file", last, files("a", "err 3\n"+numbered("err", 25), "b", "err 3\n"),
			lists("a", 25, 7, 26, nil) + ", r0 3 b:1 x3 [26-26]"},
		{"known of another file, behind twenty new ones", first, files("a", "err 31\nerr 32\n", "b", numbered("err", 40)+"err 31\n"),
			"r0 31 a:1 x3, r0 32 a:2 x2, " + lists("b", 1, 18, 1, nil) + " [1-1]"},
		{"the first file's, the last in it", last, files("a", "err 1\nerr 2\n", "b", "err 3\nerr 4\n"), "r0 2 a:2, r0 1 a:1, r0 4 b:2, r0 3 b:1 [2-2]"},
		{"the last of a rule against the first of another", append([]classify.Rule{{Literal: "ok"}}, last...), files("a", "err 1\nok\nerr 2\n"), "r0 m a:2, r1 2 a:3, r1 1 a:1 [2-2]"},
	})
}

// TestBordersOfReading is about which files are read, when, and what is told of those that are not.
func TestBordersOfReading(t *testing.T) {
	asks := func(c ...classify.Condition) classify.Rule { return classify.Rule{Literal: "err", All: c} }
	main := files("a", "failed\n")
	main.Console = "a"
	holdBorders(t, []border{
		{"the result before a file whose name sorts before it", []classify.Rule{{Files: []string{"0"}, Literal: "FAIL"}, {Files: []string{classify.ResultFile}, Literal: "FAIL"}},
			files("0", "FAIL\n"), "r1 m @result:1, r0 m 0:1 [1-1]"},
		{"one place for a file read twice", []classify.Rule{{Files: []string{"gone", "d/*"}, Literal: "late"}, {Files: []string{"d/*"}, Literal: "early"}},
			files("d/x", "early\nlate\n"), "r1 m d/x:1, r0 m d/x:2 [1-1]"},
		{"a glob's files as they were read before", []classify.Rule{{Files: []string{"y"}, Literal: "none"}, {Files: []string{"?"}, Literal: "err"}},
			files("x", "err\n", "y", "err\n"), "r1 m y:1 x2 [1-1]"},
		{"the main log is read though a condition asks only whether it is there", []classify.Rule{{Files: []string{"b"}, Literal: "err", None: []classify.Condition{{Files: []string{"a"}}}}},
			main, "; unmatched"},
		{"a condition's broken candidate is told of once", []classify.Rule{asks(classify.Condition{Files: []string{"b", "c"}, Literal: "x"})},
			files("a", "err\n", "b", "500"), "; unmatched; missing b"},
	})
}

// TestBordersOfCuts is about files that are cut short.
func TestBordersOfCuts(t *testing.T) {
	rule := func(u ...classify.Unless) []classify.Rule { return []classify.Rule{{Literal: "err", Unless: u}} }
	holdBorders(t, []border{
		{"the line itself is cut", rule(unless("again", classify.WithinLine)), files("a", "ok\nerr, tr✂"), "; unmatched; missing a"},
		{"the line is whole", rule(unless("again", classify.WithinLine)), files("a", "ok\nerr\ntr✂"), "r0 m a:2 [2-2]; missing a"},
		{"a match on a cut line, of a rule without unless", rule(), files("a", "ok\nerr, tr✂"), "r0 m a:2 [2-2]; missing a"},
		{"the next line is cut", rule(unless("again", classify.WithinNext)), files("a", "err\ntr✂"), "; unmatched; missing a"},
		{"the next line is whole", rule(unless("again", classify.WithinNext)), files("a", "err\nok\n✂"), "r0 m a:1 [1-1]; missing a"},
		{"a window ends before the cut", rule(unless("again", 2)), files("a", "err\nok\nok\n✂"), "r0 m a:1 [1-1]; missing a"},
		{"a window ends in the cut line", rule(unless("again", 2)), files("a", "err\nok\nok✂"), "; unmatched; missing a"},
		{"a window goes on behind the cut", rule(unless("again", 3)), files("a", "err\nok\nok\n✂"), "; unmatched; missing a"},
		{"the file", rule(unless("again", classify.WithinFile)), files("a", "err\n"+ok(50)+"✂"), "; unmatched; missing a"},
		{"next is seen in the cut line, unless asks for the line only", []classify.Rule{{Literal: "err", Next: "^tr", Unless: []classify.Unless{unless("x", classify.WithinLine)}}},
			files("a", "err\ntr✂"), "r0 m a:1 [1-1]; missing a"},
		{"next is seen before the cut", []classify.Rule{{Literal: "err", Next: "^tr"}}, files("a", "err\ntr✂"), "r0 m a:1 [1-1]; missing a"},
		{"next is cut off", []classify.Rule{{Literal: "err", Next: ".*"}}, files("a", "err\n✂"), "; unmatched; missing a"},
		{"until ends with the file", []classify.Rule{{Literal: "err", Until: "^=+$"}}, files("a", "err\nok\n=✂"), "r0 m a:1-3 [1-3]; missing a"},
	})
}

// TestBordersOfHides is about matches that are consequences of others.
func TestBordersOfHides(t *testing.T) {
	rule := func(literal string, hides ...string) classify.Rule {
		return classify.Rule{Literal: literal, Hides: hides}
	}
	symptom := rule("s", "r0")
	symptom.Tier = classify.TierSymptom
	holdBorders(t, []border{
		{"what is hidden comes last", []classify.Rule{rule("x"), rule("y", "r0")}, files("a", "x\ny\n"), "r1 m a:2, r0 m a:1 by r1 [2-2]"},
		{"who did not match hides nothing", []classify.Rule{rule("x"), rule("y", "r0")}, files("a", "x\n"), "r0 m a:1 [1-1]"},
		{"a chain", []classify.Rule{rule("x"), rule("y", "r0"), rule("z", "r1")}, files("a", "x\ny\nz\n"), "r2 m a:3, r0 m a:1 by r1, r1 m a:2 by r2 [3-3]"},
		{"a chain that is broken", []classify.Rule{rule("x"), rule("y", "r0"), rule("z", "r1")}, files("a", "x\nz\n"), "r0 m a:1, r2 m a:2 [1-1]"},
		{"by two", []classify.Rule{rule("x"), rule("y", "r0"), rule("z", "r0")}, files("a", "x\nz\ny\n"), "r2 m a:2, r1 m a:3, r0 m a:1 by r1 [2-2]"},
		{"a symptom hides a cause", []classify.Rule{rule("x"), symptom}, files("a", "x\ns\n"), "r1 m a:2, r0 m a:1 by r1 [2-2]; symptom"},
		{"a rule for other jobs hides nothing", []classify.Rule{rule("x"), {Literal: "y", Hides: []string{"r0"}, Jobs: []string{"lint"}}}, files("a", "x\ny\n"), "r0 m a:1 [1-1]"},
	})
	for _, circle := range [][]classify.Rule{
		{rule("x", "r0")},
		{rule("x", "r1"), rule("y", "r0")},
		{rule("x", "r1"), rule("y", "r2"), rule("z", "r1")},
	} {
		if _, err := classify.Compile(borderRules(circle)); err == nil || !strings.Contains(err.Error(), "hides itself") {
			t.Errorf("a circle of %d rules: error %v", len(circle), err)
		}
	}
}
