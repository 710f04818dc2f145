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
	var probes []*probe
	for _, entry := range set {
		pattern, text := entry.Pat, ""
		if entry.Kind == "lit" {
			pattern, text = text, pattern
		}
		m, err := newMatcher(pattern, text)
		if err != nil {
			t.Fatal(err)
		}
		probes = append(probes, &probe{matcher: m})
	}
	f, matched := newFilter(probes), 0
	try := func(p piece) {
		maybe := f.candidates(nil, p.text)
		for _, r := range probes {
			if r.locate(p) == nil {
				continue
			}
			matched++
			if !slices.Contains(maybe, r) {
				t.Errorf("%q is left out for %q", r, p.text)
			}
		}
	}
	for _, r := range probes {
		try(piece{text: []byte("before " + string(r.literal) + r.String() + " after"), first: true, last: true})
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
	if matched < len(probes)/2 {
		t.Errorf("only %d matches for %d rules: this shows nothing", matched, len(probes))
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
		r, err := patternMatcher(pattern)
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
		if maybe := newFilter([]*probe{{matcher: r}}).candidates(nil, p.text); len(maybe) == 0 && r.locate(p) != nil {
			t.Errorf("%q matches %q and is left out", pattern, line)
		}
	})
}
