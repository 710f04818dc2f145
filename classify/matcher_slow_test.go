//go:build unix

package classify_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestSlowest searches, for as long as SLOWEST in the environment says ("5m"),
// for the rules and the log on which the engine takes the most time for a byte:
// for few rules of any kind, and for those that ship. It tells what it found
// beside what is known to be slow, and that longer logs of a kind take no more.
func TestSlowest(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("SLOWEST"))
	if err != nil {
		t.Skip("SLOWEST says for how long to search; it is not set")
	}
	for _, c := range knownSlow() {
		t.Run("known", func(t *testing.T) { c.report(t) })
	}
	for _, tt := range []struct {
		name  string
		rules []classify.Rule // nil: any
	}{{name: "any rule"}, {"the default packs", defaultRules(t)}, {"1000 rules", benchRules(t, "rules.1000")}} {
		t.Run(tt.name, func(t *testing.T) {
			s := slowSearch{fixed: tt.rules, until: time.Now().Add(long / 3)}
			s.run()
			t.Logf("the slowest of %d, and the same in one line:", s.tried)
			s.slowest.report(t)
			in := s.slowest.oneLine()
			in.report(t)
		})
	}
}

// knownSlow returns cases that ask for much on each of many short lines.
func knownSlow() []slowCase {
	around := classify.Context{Before: classify.MaxBlock, After: classify.MaxBlock}
	never := []classify.Unless{{Literal: "never", Within: classify.MaxWindow}}
	var cases []slowCase
	for _, r := range []classify.Rule{
		{Pattern: `\w`},
		{Pattern: `(\w)`, Message: "{1}"},
		{Pattern: `\w`, Next: "never"},
		{Pattern: `\w`, Unless: []classify.Unless{{Pattern: "[ac]", Within: classify.MaxWindow}}},
		{Pattern: `\w`, Unless: never},
		{Pattern: `\w`, Occurrence: classify.OccurrenceLast, Context: around},
		{Pattern: `\w`, Occurrence: classify.OccurrenceLast, Until: "never", Unless: never},
	} {
		cases = append(cases, slowCase{rules: onLog([]classify.Rule{r}), unit: "a\nb\n"})
	}
	return cases
}

// A slowCase is rules and the text of which a log is made, again and again.
type slowCase struct {
	rules []classify.Rule
	unit  string
	cost  float64 // nanoseconds a byte
}

// slowSize is how long the logs are that are compared: some blocks.
const slowSize = 1 << 20

// log returns a log of a size.
func (c *slowCase) log(size int) string {
	return strings.Repeat(c.unit, size/len(c.unit)+1)[:size]
}

// measure returns how many nanoseconds of a processor the engine takes for a byte
// of a log, in the quickest of several runs.
func (c *slowCase) measure(log string, runs int) float64 {
	engine, err := classify.Compile(c.rules)
	if err != nil {
		return 0
	}
	engine.NoExcerpt = true
	least := math.Inf(1)
	for range runs {
		start := processorTime()
		engine.Log(context.Background(), "x", strings.NewReader(log))
		least = min(least, float64((processorTime()-start).Nanoseconds())/float64(len(log)))
	}
	return least
}

// processorTime returns how much of the processors' time the test has used. It
// does not grow with what else the machine does, as time does.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// report tells of a case, at several lengths.
func (c *slowCase) report(t *testing.T) {
	t.Helper()
	for _, r := range c.rules[:min(len(c.rules), 12)] {
		text, _ := json.Marshal(r)
		t.Logf("%s", text)
	}
	t.Logf("%d rules, on %q", len(c.rules), c.unit)
	var costs []float64
	for _, size := range []int{slowSize / 8, slowSize / 2, 2 * slowSize} {
		costs = append(costs, c.measure(c.log(size), 3))
	}
	t.Logf("%.1f ns a byte of 128 KiB, %.1f of 512 KiB, %.1f of 2 MiB", costs[0], costs[1], costs[2])
	if costs[2] > 2*costs[0] {
		t.Error("that is not linear")
	}
}

// oneLine returns the case with all in one line.
func (c slowCase) oneLine() slowCase {
	c.unit = strings.NewReplacer("\n", " ", "\r", " ").Replace(c.unit)
	return c
}

// A slowSearch climbs: it changes a case, and goes on from the slower one.
type slowSearch struct {
	fixed   []classify.Rule // nil: rules are searched for too
	until   time.Time
	tried   int
	slowest slowCase
}

// run searches until the time is over.
func (s *slowSearch) run() {
	const patience = 60 // changes without success before it begins anew
	for time.Now().Before(s.until) {
		here := s.begin()
		for failed := 0; failed < patience && time.Now().Before(s.until); failed++ {
			if next := s.change(here); next.cost > here.cost*1.02 && next.measure(next.log(slowSize), 3) > here.cost {
				here, failed = next, 0
			}
		}
		if again := here.measure(here.log(slowSize), 5); again > s.slowest.cost {
			s.slowest = here
			s.slowest.cost = again
		}
	}
}

// dice returns others each time.
func (s *slowSearch) dice() *dice {
	s.tried++
	return random(uint64(s.tried))
}

// begin makes a case to begin with.
func (s *slowSearch) begin() slowCase {
	d := s.dice()
	c := slowCase{rules: s.fixed}
	for len(c.rules) < 3 {
		c.rules = append(c.rules, d.slowRule())
	}
	c.unit = d.slowText(makersOf(c.rules))
	return s.measured(c)
}

// change changes a case in one place.
func (s *slowSearch) change(c slowCase) slowCase {
	d := s.dice()
	makers := makersOf(c.rules)
	switch kind := d.roll(6); {
	case kind == 0 && s.fixed == nil:
		c.rules = slices.Clone(c.rules)
		c.rules[d.roll(len(c.rules))] = d.slowRule()
	case kind == 1 && s.fixed == nil && len(c.rules) < 8:
		c.rules = append(slices.Clone(c.rules), d.slowRule())
	case kind == 2:
		from, to := d.within(c.unit), d.within(c.unit)
		if from, to = min(from, to), max(from, to); to-from < len(c.unit) {
			c.unit = c.unit[:from] + c.unit[to:]
		}
	case kind == 3:
		from, to, at := d.within(c.unit), d.within(c.unit), d.within(c.unit)
		c.unit = c.unit[:at] + c.unit[min(from, to):max(from, to)] + c.unit[at:]
	case kind == 4:
		at := d.within(c.unit)
		c.unit = c.unit[:at] + d.edited(makers[d.place(len(makers))](d)) + c.unit[at:]
	default:
		at := d.within(c.unit)
		c.unit = c.unit[:at] + pick(d, []string{"\n", "\r", " ", "a", "\x1b[1m", "e", "\xff", "\x1b", "é"}) + c.unit[at:]
	}
	c.unit = c.unit[:min(len(c.unit), 4096)]
	return s.measured(c)
}

// measured returns a case with its cost.
func (s *slowSearch) measured(c slowCase) slowCase {
	if c.unit == "" {
		c.unit = "\n"
	}
	c.rules = onLog(c.rules)
	c.cost = c.measure(c.log(slowSize/8), 2)
	return c
}

// place returns a number below n, which may be large.
func (d *dice) place(n int) int { return (d.roll(256)<<8 | d.roll(256)) % n }

// within returns a place in a text.
func (d *dice) within(s string) int { return d.place(len(s) + 1) }

// slowRule makes a rule that asks for much.
func (d *dice) slowRule() classify.Rule {
	r := d.matcherRule()
	if d.chance(3) {
		r.Unless = append(r.Unless, classify.Unless{Within: pick(d, []classify.Within{classify.MaxWindow, classify.WithinNext, 50}), Pattern: d.anyPattern()})
	}
	switch d.roll(4) {
	case 1:
		r.Context = classify.Context{Before: classify.MaxBlock, After: classify.MaxBlock}
	case 2:
		r.Until = d.anyPattern()
	}
	return r
}

// slowText makes a text of what rules look for.
func (d *dice) slowText(makers []maker) string {
	s := ""
	for range 1 + d.roll(8) {
		s += d.edited(makers[d.place(len(makers))](d)) + pick(d, []string{"\n", "", " ", "\n"})
	}
	return s
}
