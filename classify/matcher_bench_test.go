package classify_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// BenchmarkMatcher reads kinds of text with sets of rules, without the excerpt.
// A line that does not match allocates nothing: "allocs/line" is 0 but for real
// text, some lines of which match.
func BenchmarkMatcher(b *testing.B) {
	ordinary := []byte(noise(100_000))
	texts := []struct {
		name string
		text func(b *testing.B) []byte
	}{
		{"ordinary", func(*testing.B) []byte { return ordinary }},
		{"real", realText},
		{"near", func(*testing.B) []byte { return nearMisses(100_000, 300) }},
		{"coloured", func(*testing.B) []byte {
			return bytes.ReplaceAll(ordinary, []byte("object"), []byte("\x1b[1mobject\x1b[0m"))
		}},
		{"line", func(*testing.B) []byte { return bytes.ReplaceAll(ordinary, []byte("\n"), []byte(" ")) }},
	}
	for _, set := range []string{"made", "default", "rules.10", "rules.100", "rules.300", "rules.1000", "rules.300s", "nolit.5"} {
		for _, t := range texts {
			b.Run("rules="+set+"/text="+t.name, func(b *testing.B) { benchmarkText(b, benchClassifier(b, set), t.text(b)) })
		}
	}
}

// BenchmarkTiny reads a log of three lines.
func BenchmarkTiny(b *testing.B) {
	for _, set := range []string{"made", "default"} {
		b.Run("rules="+set, func(b *testing.B) { benchmarkText(b, benchClassifier(b, set), []byte(noise(3))) })
	}
}

// benchmarkText reads a text, again and again.
func benchmarkText(b *testing.B, c *classify.Classifier, text []byte) {
	c.Log(b.Context(), "x", bytes.NewReader(text)) // makes what later looks share
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	start, n := mallocs(), 0
	for b.Loop() {
		c.Log(b.Context(), "x", bytes.NewReader(text))
		n++
	}
	lines := max(bytes.Count(text, []byte("\n")), 1)
	b.ReportMetric(float64(mallocs()-start)/float64(n*lines), "allocs/line")
}

// mallocs returns how many objects were allocated so far.
func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// benchClassifier compiles 300 made rules, the default packs with all that they
// ask, or a set of ../shared/bench.
func benchClassifier(b *testing.B, name string) *classify.Classifier {
	var rules []classify.Rule
	var console []string
	switch name {
	case "made":
		rules = madeRules(300)
	case "default":
		set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
		if err != nil {
			b.Fatal(err)
		}
		rules, console = set.Rules, set.Files["console"]
	default:
		rules = benchRules(b, name)
	}
	c, err := classify.Compile(rules)
	if err != nil {
		b.Fatal(err)
	}
	c.Console, c.NoExcerpt = console, true
	return c
}

// realText returns some real logs, one after the other.
func realText(b *testing.B) []byte { return []byte(strings.Join(corpus(b), "")) }

// nearMisses returns so many lines, at each of which some of so many made rules
// look, and none matches.
func nearMisses(lines, rules int) []byte {
	forms := []string{
		"  tool%d: fatal 3: knob.h is there\n", "E%d: mirror could not be found out: timed out\n",
		"unit-%d.service: Failed with result '5'\n", "module_%d.Knob is no Error: too loose\n",
	}
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, forms[i%len(forms)], i%rules)
	}
	return b.Bytes()
}
