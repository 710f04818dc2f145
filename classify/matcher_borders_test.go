package classify_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// onLog gives rules what all need: r0, r1, …, on the file "x".
func onLog(rules []classify.Rule) []classify.Rule {
	for i := range rules {
		r := &rules[i]
		r.ID, r.Files = fmt.Sprint("r", i), []string{"x"}
		if r.Message == "" {
			r.Message = "m"
		}
	}
	return rules
}

// TestMatcherBlocks puts lines that rules look for at each place around those
// where an engine may cut a log that it reads in blocks.
func TestMatcherBlocks(t *testing.T) {
	const special = "2026-11-20 10:11:12.123 | begin%[1]d of\r\n\x1b[31mer\x1b[0mror%[1]d\x1b[m: text\r50%%\rdone%[1]d\n\nend%[1]d\n"
	rules := onLog([]classify.Rule{
		{Pattern: `^begin(\d) of$`, Message: "{1}"},
		{Literal: "error"},
		{Pattern: `error(\d): text$`, Message: "{1}"},
		{Pattern: `done\d\b`, Message: "{0}", Occurrence: classify.OccurrenceLast},
		{Pattern: `^end(\d)$`, Message: "{1}"},
		{Pattern: `^begin(\d)`, Message: "{1}", Next: `^error\d: `},
		{Pattern: `^end\d`, Message: "{0}", Unless: []classify.Unless{{Literal: "done", Within: 2}}},
		{Pattern: `^end\d`, Message: "{0}", Unless: []classify.Unless{{Literal: "begin", Within: 2}}},
		{Pattern: `^$`},
		{Pattern: `^\w+\d (?:of|in)$`, Message: "{0}"},
	})
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	oracle := newOracle(rules)
	length := len(fmt.Sprintf(special, 0))
	step := 1
	if raced {
		step = 53
	}
	for shift := 0; shift <= length+40; shift += step {
		log := withSpecials(special, shift-length-2)
		want := oracle.tell(log)
		for _, sizes := range [][]int{{1 << 30}, {4096}} {
			got := sightings(c, rules, &chunkReader{text: log, sizes: sizes})
			if diff := compareSightings(want, got); diff != "" {
				t.Fatalf("%d bytes beside the border, reads of %d: oracle (-), engine (+): %s", shift-length-2, sizes, diff)
			}
		}
	}
}

// withSpecials returns a log of long lines in which a special text, with its
// number, stands so many bytes beside each power of two from 64 KiB to 1 MiB.
func withSpecials(special string, beside int) string {
	var b strings.Builder
	for i := range 5 {
		to := 64<<10<<i + beside
		for b.Len()+4000 < to {
			b.WriteString(strings.Repeat("no interest, ", 230) + "\n")
		}
		b.WriteString(strings.Repeat("x", to-b.Len()-1) + "\n")
		fmt.Fprintf(&b, special, i)
	}
	return b.String()
}

// TestReferenceBlocks holds the engine to the reference on logs that are read in
// two blocks: what evidence and conditions look at lies on both sides.
func TestReferenceBlocks(t *testing.T) {
	cases, matched := 150, 0
	if raced {
		cases = 5
	}
	filler := strings.Repeat("foo ", 60) + "foo\n"
	for seed := range uint64(cases) {
		d := random(seed)
		rules, w := d.rules(), d.world()
		for _, name := range slices.Sorted(maps.Keys(w.Files)) {
			file := w.Files[name]
			before := 256<<10 - 1 - d.roll(min(len(file.Text), 255)+1)
			file.Text = strings.Repeat(filler, before/len(filler)) + strings.Repeat("-", before%len(filler)) + "\n" + file.Text
			w.Files[name] = file
		}
		if _, matches := held(t, rules, w); matches > 0 {
			matched++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if matched < cases*2/5 {
		t.Errorf("only %d of %d rule sets matched", matched, cases)
	}
}

// needles are rules on "needle0", "needle1", … and on lines with these.
func needles(n int) []classify.Rule {
	var rules []classify.Rule
	for i := range n {
		needle := fmt.Sprint("needle", i)
		rules = append(rules,
			classify.Rule{Literal: needle},
			classify.Rule{Pattern: `^` + needle}, classify.Rule{Pattern: needle + `$`},
			classify.Rule{Pattern: `\B` + needle}, classify.Rule{Pattern: needle + `\B`},
		)
	}
	return append(rules,
		classify.Rule{Literal: "before", Next: "needle1"},
		classify.Rule{Literal: "before", Unless: []classify.Unless{{Literal: "needle2", Within: 1}}},
		classify.Rule{Literal: "after", Unless: []classify.Unless{{Pattern: "needle[0]", Within: 2}}},
		classify.Rule{Pattern: `(?i)NEED(?:LE)1`}, classify.Rule{Pattern: `[^a-z]needle2.`},
		classify.Rule{Literal: "after", All: []classify.Condition{{Pattern: "needle(?:1|9)"}}, None: []classify.Condition{{Pattern: "needle2$"}}},
		classify.Rule{Pattern: "needle2", Next: "^after"},
	)
}

// TestMatcherOverlong puts short texts at each place around the borders of the
// pieces in which a line over MaxLine is looked at: whatever a rule finds in the
// line as a whole, it finds.
func TestMatcherOverlong(t *testing.T) {
	const n, step = 3, classify.MaxLine - classify.Overlap
	plain := needles(n)
	bounded := append(needles(n), classify.Rule{Pattern: `\bneedle0\b`}, classify.Rule{Pattern: `needle1\b`}, classify.Rule{Pattern: `needle2\b`})
	whole := append(slices.Clone(bounded), classify.Rule{Pattern: `\bne(?:e|ed|edl|edle)?\b`}, classify.Rule{Pattern: `\b(?:eedle|edle|dle|le|e)\d`})
	for _, tt := range []struct {
		name, filler string
		rules        []classify.Rule // whole where no word may be cut
	}{
		{"blanks", " ", whole}, {"words", "no interest, ", whole}, {"runes", "é", bounded}, {"no UTF-8", "\xa9", bounded}, {"colours", "\x1b[1m-", whole},
		{"one word", "x", plain}, {"progress", "10%\r" + strings.Repeat("=", 20_000), whole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			places := []int{0, 1}
			for _, beside := range []int{-8, -7, -6, -1, 0, 1} {
				places = append(places, step+beside, classify.MaxLine+beside)
			}
			if raced {
				places = places[3:4]
			}
			for i, place := range places {
				prefix := strings.Repeat("2026-11-20T10:11:12.1234567Z ", i/2%2)
				compareOverlong(t, onLog(tt.rules), "before\n"+prefix+filledLine(tt.filler, place, n)+"\nafter\n")
				if t.Failed() {
					t.Fatalf("needles at %d", place)
				}
			}
		})
	}
}

// filledLine returns a line of filler with needles in it, longer than what an
// engine may read at once: one at a place, the others three, four, … times
// MaxLine-Overlap bytes behind it.
func filledLine(filler string, place, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			place += classify.MaxLine - classify.Overlap
		}
		if i == 1 {
			place += 2 * (classify.MaxLine - classify.Overlap)
		}
		b.WriteString(strings.Repeat(filler, (place-b.Len())/len(filler)))
		b.WriteString(filler[:place-b.Len()])
		fmt.Fprint(&b, "needle", i)
	}
	return b.String()
}

// compareOverlong compares, on a log with overlong lines, which rules match,
// where and how often.
func compareOverlong(t *testing.T, rules []classify.Rule, log string) {
	t.Helper()
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	want := newOracle(rules).tell(log)
	got := sightings(c, rules, &chunkReader{text: log, sizes: []int{1 << 30}})
	for _, all := range [][]sighting{want, got} {
		for i := range all {
			all[i].Text = ""
		}
	}
	if diff := compareSightings(want, got); diff != "" {
		t.Errorf("oracle (-), engine (+): %s", diff)
	}
}

// TestMatcherOverlap puts texts as long as the overlap at places around the
// borders of pieces, and elsewhere.
func TestMatcherOverlap(t *testing.T) {
	const length, step = classify.Overlap, classify.MaxLine - classify.Overlap
	long := "long" + strings.Repeat("-+", length/2-4) + "text"
	rules := onLog([]classify.Rule{
		{Literal: long}, {Pattern: `long[-+]{1000}[-+]{1000}[-+]{1000}[-+]{1000}[-+]{88}text`},
		{Pattern: `(?s)long.+text`}, {Pattern: `[l]ong[^ ]*tex[t]`},
	})
	var places []int
	for _, border := range []int{step - length, step, classify.MaxLine - length, classify.MaxLine, 2*step - length, 2 * step, step + classify.MaxLine - length} {
		places = append(places, border-1, border, border+1)
	}
	for i := range 20 {
		places = append(places, 3*step/20*i)
	}
	if raced {
		places = []int{step - 1, classify.MaxLine - length}
	}
	for _, place := range places {
		for _, filler := range []string{" ", "é", ", and"} {
			var b strings.Builder
			for b.Len() < place {
				b.WriteString(filler)
			}
			line := b.String()[:place] + long + strings.Repeat(filler, 70_000)
			compareOverlong(t, rules, line+"\n")
			if t.Failed() {
				t.Fatalf("%q, then at %d a text of %d bytes", filler, place, length)
			}
		}
	}
}
