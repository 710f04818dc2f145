package classify

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestFilterLosesNothing asks, for real rules and real logs, every rule that
// the filter leaves out.
func TestFilterLosesNothing(t *testing.T) {
	const shared = "../../shared"
	text, err := os.ReadFile(filepath.Join(shared, "bench/rules.300.json"))
	if err != nil {
		t.Skip("no shared data beside the project: ", err)
	}
	var set []struct{ Kind, Pat string }
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	var rules []*rule
	for _, entry := range set {
		rule := Rule{ID: "r", Files: []string{"x"}, Pattern: entry.Pat, Message: "m"}
		if entry.Kind == "lit" {
			rule.Pattern, rule.Literal = "", entry.Pat
		}
		r, err := compileRule(rule)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	f, matched := newFilter(rules), 0
	try := func(p piece) {
		maybe := f.candidates(nil, p.text)
		for _, r := range rules {
			if r.locate(p) == nil {
				continue
			}
			matched++
			if !slices.Contains(maybe, r) {
				t.Errorf("%q is left out for %q", r.Pattern+r.Literal, p.text)
			}
		}
	}
	for _, r := range rules {
		try(piece{text: []byte("before " + r.Literal + r.Pattern + " after"), first: true, last: true})
	}
	logs, _ := filepath.Glob(filepath.Join(shared, "corpus/passing/*.gz"))
	for i := 0; i < len(logs); i += 10 {
		n := 0
		eachLine(t, logs[i], func(p piece) {
			if n++; n <= 800 {
				try(p)
			}
		})
	}
	if matched < len(rules)/2 {
		t.Errorf("only %d matches for %d rules: this shows nothing", matched, len(rules))
	}
}

// eachLine visits the cleaned lines of a gzipped log.
func eachLine(t *testing.T, log string, visit func(piece)) {
	t.Helper()
	file, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := readPieces(z, visit); err != nil {
		t.Fatal(err)
	}
}

// FuzzFilter looks for a line that a rule matches and the filter does not let through.
func FuzzFilter(f *testing.F) {
	f.Add(`(?i)error: (a|b)c`, "ERROR: bc")
	f.Add(`abc|abd`, "xabd")
	f.Fuzz(func(t *testing.T, pattern, line string) {
		r, err := compileRule(Rule{ID: "r", Files: []string{"x"}, Pattern: pattern, Message: "m"})
		if err != nil {
			return
		}
		for _, p := range []piece{{first: true}, {last: true}, {}} {
			p.text = []byte(line)
			if r.locate(p) != nil && r.re.FindIndex(p.text) == nil {
				t.Errorf("%q matches %q only as a piece", pattern, line)
			}
		}
		p := piece{text: []byte(line), first: true, last: true}
		if maybe := newFilter([]*rule{r}).candidates(nil, p.text); len(maybe) == 0 && r.locate(p) != nil {
			t.Errorf("%q matches %q and is left out", pattern, line)
		}
	})
}
