package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestBordersOfConditions is about all and none, in files that are there, are
// not, cannot be read, or are cut.
func TestBordersOfConditions(t *testing.T) {
	in := func(literal string, files ...string) []classify.Condition {
		return []classify.Condition{{Files: files, Literal: literal}}
	}
	all := func(c []classify.Condition) []classify.Rule { return []classify.Rule{{Literal: "err", All: c}} }
	none := func(c []classify.Condition) []classify.Rule {
		return []classify.Rule{{Literal: "err", None: c}}
	}
	const match, nothing = "r0 m a:1 [1-1]", "; unmatched"
	borders := []border{
		{"all of a candidate after one that is absent", all(in("x", "gone", "b")), files("a", "err", "b", "x"), match},
		{"all of a candidate after a broken one, seen", all(in("x", "bad", "b")), files("a", "err", "b", "x", "bad", "500"), match},
		{"all of a candidate after a broken one, not seen", all(in("x", "bad", "b")), files("a", "err", "b", "-", "bad", "500"), nothing + "; missing bad"},
		{"none of a candidate after a broken one, not seen", none(in("x", "bad", "b")), files("a", "err", "b", "-", "bad", "500"), nothing + "; missing bad"},
		{"only the first candidate that is there", all(in("x", "b", "c")), files("a", "err", "b", "-", "c", "x"), nothing},
		{"any file of a glob", all(in("x", "l/*")), files("a", "err", "l/1", "-", "l/2", "x"), match},
		{"any file of a glob beside a broken one", all(in("x", "l/*")), files("a", "err", "l/1", "500", "l/2", "x"), match},
		{"no file of a glob", none(in("x", "l/*")), files("a", "err", "l/1", "-", "l/2", "-"), match},
		{"no file of a glob that is known", none(in("x", "l/*")), files("a", "err", "l/1", "500", "l/2", "-"), nothing + "; missing l/1"},
		{"a glob that names nothing", none(in("x", "l/*")), files("a", "err"), match},
		{"the file of the match", all(in("x")), files("a", "err\nx", "b", "-"), match},
		{"the file of the match, after it or before", none(in("x")), files("a", "x\nerr", "b", "-"), nothing},
		{"the file of the match, seen before its cut", all(in("x")), files("a", "err\nx✂"), match + "; missing a"},
		{"the file of the match, not seen before its cut", none(in("x")), files("a", "err\n-✂"), nothing + "; missing a"},
		{"each file of a glob by itself", []classify.Rule{{Files: []string{"l/*"}, Literal: "err", All: in("x")}}, files("l/1", "err", "l/2", "ok\nerr\nx"), "r0 m l/2:2 [2-2]"},
		{"what decides is known, what does not is not", []classify.Rule{{Literal: "err", All: in("x", "b"), None: in("y", "bad")}}, files("a", "err", "b", "-", "bad", "500"), nothing},
		{"what could decide is not known", []classify.Rule{{Literal: "err", All: in("x", "b"), None: in("y", "bad")}}, files("a", "err", "b", "x", "bad", "500"), nothing + "; missing bad"},
		{"nobody waits for a broken file", all(in("x", "bad")), files("a", "ok", "bad", "500"), nothing},
	}
	for _, kind := range []struct {
		name, text            string
		all, none, exist, not string // where the condition is met if "x" is in b
	}{
		{"there", "-\nx\n", match, nothing, match, nothing},
		{"there without it", "-\n", nothing, match, match, nothing},
		{"absent", "", nothing, match, nothing, match},
		{"broken", "500", nothing + "; missing b", nothing + "; missing b", nothing + "; missing b", nothing + "; missing b"},
		{"cut after it", "-\nx\n✂", match, nothing, match, nothing},
		{"cut before it", "-\n✂", nothing + "; missing b", nothing + "; missing b", match, nothing},
	} {
		w := files("a", "err", "b", kind.text)
		if kind.text == "" {
			w = files("a", "err")
		}
		borders = append(borders,
			border{"all of a file " + kind.name, all(in("x", "b")), w, kind.all}, border{"none of a file " + kind.name, none(in("x", "b")), w, kind.none},
			border{"a file that must exist: " + kind.name, all(in("", "b")), w, kind.exist}, border{"a file that must not: " + kind.name, none(in("", "b")), w, kind.not})
	}
	holdBorders(t, borders)
}

// TestBordersOfTheResult is about rules on the CI's own words.
func TestBordersOfTheResult(t *testing.T) {
	on := func(r classify.Rule) []classify.Rule {
		r.Files, r.Literal = []string{classify.ResultFile}, "NODE"
		return []classify.Rule{r}
	}
	node := func(w world) world {
		w.Job.Result, w.Job.Detail, w.Console = "NODE_FAILURE", "request 3", "a"
		return w
	}
	in := func(literal string, files ...string) []classify.Condition {
		return []classify.Condition{{Files: files, Literal: literal}}
	}
	const match, dead = "r0 m @result:1 [1-1]", "; no-logs; missing a"
	holdBorders(t, []border{
		{"without a log", on(classify.Rule{}), node(files()), match + "; missing a"},
		{"an absent file beside the main log", on(classify.Rule{None: in("x", "gone")}), node(files("a", "ok")), match},
		{"an absent file beside a log that a condition names", on(classify.Rule{None: append(in("x", "gone"), in("y", "b")...)}), node(files("b", "ok")), match + "; missing a"},
		{"an absent file and no log at all", on(classify.Rule{None: in("x", "gone")}), node(files()), dead + " gone"},
		{"a log that holds it", on(classify.Rule{All: in("x", "a")}), node(files("a", "x")), match},
		{"a log that does not", on(classify.Rule{All: in("x", "a")}), node(files("a", "-")), "; unmatched"},
		{"a broken log", on(classify.Rule{None: in("x", "a")}), node(files("a", "500")), dead},
		{"its own line", on(classify.Rule{All: in("request"), None: in("again")}), node(files("a", "ok")), match},
		{"its own line by name", on(classify.Rule{All: in("request", classify.ResultFile)}), node(files("a", "ok")), match},
		{"its own line, not", on(classify.Rule{None: in("request")}), node(files()), dead},
		{"unless on its own line", on(classify.Rule{Unless: []classify.Unless{unless("request", classify.WithinLine)}}), node(files("a", "ok")), "; unmatched"},
		{"a rule on a log asks for the result", []classify.Rule{{Literal: "err", All: in("NODE", classify.ResultFile)}}, node(files("a", "err")), "r0 m a:1 [1-1]"},
		{"a rule on a log asks for another result", []classify.Rule{{Literal: "err", All: in("TIMED", classify.ResultFile)}}, node(files("a", "err")), "; unmatched"},
	})
}

// TestBordersOfPieces is about lines over MaxLine, which are looked at in
// pieces: what the fields that look at lines make of them.
func TestBordersOfPieces(t *testing.T) {
	fill := strings.Repeat("x ", classify.MaxLine) // two pieces and more
	far := func(text string) string { return fill + text + fill }
	rule := func(u ...classify.Unless) classify.Rule {
		return classify.Rule{Literal: "err", Unless: u}
	}
	until := classify.Rule{Literal: "err", Until: "end"}
	for _, tt := range []struct {
		name string
		rule classify.Rule
		log  string
		want string // lines "1", "1-2", or "" for no match
	}{
		{"next after a match in the first piece", classify.Rule{Literal: "err", Next: "^next$"}, "err " + fill + "\nnext", "1"},
		{"next after a match in a later piece", classify.Rule{Literal: "err", Next: "^next$"}, far(" err ") + "\nnext", "1"},
		{"the next piece is not next", classify.Rule{Literal: "err", Next: "next"}, "err " + far(" next ") + "\nok", ""},
		{"next in a later piece", classify.Rule{Literal: "err", Next: "next"}, "err\n" + far(" next "), "1"},
		{"next at the end of the next line", classify.Rule{Literal: "err", Next: "next$"}, "err\n" + fill + "next", "1"},
		{"an exclude in the piece", classify.Rule{Literal: "err", Exclude: []string{"no"}}, far(" err no "), ""},
		{"an exclude in another piece", classify.Rule{Literal: "err", Exclude: []string{"no"}}, "err " + fill + fill + " no", "1"},
		{"unless in the piece", rule(unless("no", classify.WithinLine)), far(" no err "), ""},
		{"unless in another piece", rule(unless("no", classify.WithinLine)), "err " + fill + fill + " no", "1"},
		{"unless in a later piece of the next line", rule(unless("no", classify.WithinNext)), "err\n" + far(" no "), ""},
		{"another piece is not next", rule(unless("no", classify.WithinNext)), "err " + far(" no ") + "\nok", "1"},
		{"a window holds all pieces of its lines, before", rule(unless("no", 1)), "no " + fill + "\nerr", ""},
		{"a window holds all pieces of its lines, after", rule(unless("no", 1)), "err\n" + far(" no "), ""},
		{"a window holds all pieces of the line, before", rule(unless("no", 1)), "no " + far(" err "), ""},
		{"a window holds all pieces of the line, after", rule(unless("no", 1)), "err " + far(" no "), ""},
		{"a window counts lines", rule(unless("no", 1)), "no\n" + fill + "\nerr", "3"},
		{"the file holds all pieces", rule(unless("no", classify.WithinFile)), "err\n" + far(" no "), ""},
		{"until in a later piece of a later line", until, "err\nok\n" + far(" end ") + "\nok", "1-3"},
		{"until is not met in a later piece of the line", until, "err " + far(" end ") + "\nok\nend\nok", "1-3"},
		{"a block counts lines", until, "err\n" + strings.Repeat(fill+"\n", 3) + "end\n", "1-5"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := compile(t, tt.rule).Log(t.Context(), "x", strings.NewReader(tt.log))
			got := ""
			for _, m := range r.Matches {
				got += fmt.Sprint(m.Line)
				if m.EndLine != m.Line {
					got += fmt.Sprint("-", m.EndLine)
				}
			}
			if got != tt.want {
				t.Errorf("lines %q, want %q", got, tt.want)
			}
		})
	}
}

// A rule counts once a line, though its pieces overlap and several may match.
func TestPiecesCountOnce(t *testing.T) {
	c := compile(t, classify.Rule{Literal: "<err>"}, classify.Rule{Literal: "<err>", Next: "ok"}, classify.Rule{Literal: "<err>", Occurrence: classify.OccurrenceLast})
	line := strings.Repeat("x ", classify.MaxLine)
	logs := []string{line + "<err>" + line + "<err>" + line}
	for at := classify.MaxLine - 2*classify.Overlap; at < classify.MaxLine+classify.Overlap; at += 512 {
		logs = append(logs, line[:at]+"<err>"+line[at:])
	}
	for i, log := range logs {
		matches := c.Log(t.Context(), "x", strings.NewReader(log+"\nok\n")).Matches
		if len(matches) != 3 {
			t.Fatalf("log %d: %d matches", i, len(matches))
		}
		for _, m := range matches {
			if m.Count != 1 {
				t.Errorf("log %d: %s counts %s", i, m.Rule, m.Count)
			}
		}
	}
}
