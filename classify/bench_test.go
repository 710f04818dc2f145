package classify_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// BenchmarkLog reads a log of ordinary lines with sets of rules of several
// sizes, of which none matches; each has a literal.
func BenchmarkLog(b *testing.B) {
	log := noise(200_000)
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprint(n, "-rules"), func(b *testing.B) {
			var rules []classify.Rule
			for i := range n {
				rules = append(rules, classify.Rule{ID: fmt.Sprint(i), Files: []string{"x"}, Message: "m",
					Pattern: fmt.Sprintf(`tool%d: (?:error|fatal) (\d+): (\S+) not found`, i)})
			}
			c, err := classify.Compile(rules)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				c.Log(b.Context(), "x", strings.NewReader(log))
			}
		})
	}
}

// BenchmarkWholeFile compares rule sets of which a tenth has conditions on the
// whole file with the same sets without, in pairs: "ratio" is how many times as
// long a set with them takes, and should be 1.2 at most.
func BenchmarkWholeFile(b *testing.B) {
	b.Run("made", func(b *testing.B) {
		comparePairs(b, madeRules(450), nil, []string{madeLog(100_000, 450)})
	})
	b.Run("default", func(b *testing.B) {
		set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
		if err != nil {
			b.Fatal(err)
		}
		comparePairs(b, set.Rules, set.Files["console"], corpus(b))
	})
}

// BenchmarkCompile compiles the rules of the default packs, and a thousand of
// the shared data.
func BenchmarkCompile(b *testing.B) {
	b.Run("default", func(b *testing.B) {
		set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
		if err != nil {
			b.Fatal(err)
		}
		benchmarkCompile(b, set.Rules)
	})
	b.Run("1000-rules", func(b *testing.B) { benchmarkCompile(b, benchRules(b, "rules.1000")) })
}

func benchmarkCompile(b *testing.B, rules []classify.Rule) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := classify.Compile(rules); err != nil {
			b.Fatal(err)
		}
	}
}

// madeRules returns rules as people write them, each with a literal.
func madeRules(n int) []classify.Rule {
	forms := []string{
		`tool%d: (?:error|fatal) (\d+): (\S+) not found`,
		`^E%d: .* could not be (?:fetched|opened): (.+)$`,
		`(?i)unit-%d\.service: failed with result '([a-z-]+)'`,
		`\bmodule_%d\.(\w+)Error: (.*)`,
	}
	var rules []classify.Rule
	for i := range n {
		rules = append(rules, classify.Rule{
			ID: fmt.Sprint(i), Files: []string{"x"}, Message: "{0}", Tag: "t", Pattern: fmt.Sprintf(forms[i%len(forms)], i),
		})
	}
	return rules
}

// madeLog returns a log in which every hundredth line is one that a made rule
// matches.
func madeLog(lines, rules int) string {
	forms := []string{
		"tool%d: error 3: knob.h not found\n", "E%d: mirror could not be opened: timed out\n",
		"unit-%d.service: Failed with result 'exit-code'\n", "module_%d.KnobError: too loose\n",
	}
	var b strings.Builder
	n := 0
	for line := range strings.Lines(noise(lines)) {
		b.WriteString(line)
		if n++; n%100 == 0 {
			rule := n / 100 % rules
			fmt.Fprintf(&b, forms[rule%len(forms)], rule)
		}
	}
	return b.String()
}

// corpus returns real logs, about 16 MB of them.
func corpus(b *testing.B) []string {
	files, _ := filepath.Glob("../../shared/corpus/*/*.gz")
	more, _ := filepath.Glob("../../shared/corpus/*/*/*.gz")
	files = append(files, more...)
	if len(files) == 0 {
		b.Skip("no shared data beside the project")
	}
	var logs []string
	for i := 0; i < len(files); i += 8 {
		in, err := os.Open(files[i])
		if err != nil {
			b.Fatal(err)
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			b.Fatal(err)
		}
		text, err := io.ReadAll(z)
		if err != nil {
			b.Fatal(err)
		}
		if err := in.Close(); err != nil {
			b.Fatal(err)
		}
		logs = append(logs, string(text))
	}
	return logs
}

// withConditions returns rules of which every tenth asks for something in the
// whole of its file: that the pattern of its neighbour does not occur there, or
// does. The CI's result is no file of which that could be asked.
func withConditions(rules []classify.Rule) []classify.Rule {
	rules = slices.Clone(rules)
	for i := 0; i < len(rules); i += 10 {
		if slices.Contains(rules[i].Files, classify.ResultFile) {
			continue
		}
		other := rules[(i+1)%len(rules)]
		asked := classify.Condition{Pattern: other.Pattern, Literal: other.Literal}
		switch i / 10 % 3 {
		case 0:
			rules[i].Unless = []classify.Unless{{Pattern: other.Pattern, Literal: other.Literal, Within: classify.WithinFile}}
		case 1:
			rules[i].All = []classify.Condition{asked}
		case 2:
			rules[i].None = []classify.Condition{asked}
		}
	}
	return rules
}

// comparePairs measures rules with and without conditions on logs, in turns, so
// that a machine that is busy for a while is so for both.
func comparePairs(b *testing.B, rules []classify.Rule, console, logs []string) {
	var engines [2]*classify.Classifier // without, with
	for i, set := range [][]classify.Rule{rules, withConditions(rules)} {
		var err error
		if engines[i], err = classify.Compile(set); err != nil {
			b.Fatal(err)
		}
		engines[i].Console = console
	}
	size := 0
	for _, log := range logs {
		size += len(log)
	}
	b.SetBytes(int64(2 * size))
	var times [2][]time.Duration
	for turn := 0; b.Loop(); turn++ {
		for _, i := range []int{turn % 2, 1 - turn%2} {
			start := time.Now()
			for _, log := range logs {
				engines[i].Log(b.Context(), "x", strings.NewReader(log))
			}
			times[i] = append(times[i], time.Since(start))
		}
	}
	without, with := middle(times[0]), middle(times[1])
	b.ReportMetric(without.Seconds()*1000, "without-ms")
	b.ReportMetric(with.Seconds()*1000, "with-ms")
	b.ReportMetric(float64(with)/float64(without), "ratio")
}

// middle returns the median of times.
func middle(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkExcerpt reads logs that no rule explains, twice: for the rules, of
// which there are none, and for the excerpt.
func BenchmarkExcerpt(b *testing.B) {
	c, err := classify.Compile(nil)
	if err != nil {
		b.Fatal(err)
	}
	read := func(b *testing.B, logs []string) {
		size := 0
		for _, log := range logs {
			size += len(log)
		}
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			for _, log := range logs {
				c.Log(b.Context(), "x", strings.NewReader(log))
			}
		}
	}
	b.Run("real", func(b *testing.B) { read(b, corpus(b)) })
	b.Run("made", func(b *testing.B) { read(b, []string{noise(100_000)}) })
	b.Run("errors", func(b *testing.B) { read(b, []string{strings.Repeat("knob.c:3:1: error: no such knob\n", 100_000)}) })
}
