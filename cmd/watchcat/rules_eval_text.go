package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/eval"
)

// print prints the evaluation: what is wrong, the rules, and the scores.
func (r *evalRun) print() error {
	if r.asJSON {
		return r.printJSON()
	}
	var b strings.Builder
	for _, class := range r.classes {
		r.writeLogs(&b, class)
	}
	r.writeGreens(&b)
	r.writeRules(&b)
	r.writeSummary(&b)
	_, err := io.WriteString(r.stdout, printable(b.String()))
	return err
}

// printJSON prints one object a line: {"log": …}, {"green": …}, {"rule": …}, and
// at the end {"summary": …}.
func (r *evalRun) printJSON() error {
	var rows []any
	for _, l := range r.found.Logs {
		rows = append(rows, map[string]eval.Log{"log": l})
	}
	for _, g := range r.found.Greens {
		rows = append(rows, map[string]eval.Green{"green": g})
	}
	for _, rule := range r.found.Rules {
		rows = append(rows, map[string]eval.Rule{"rule": rule})
	}
	type summary struct {
		eval.Summary
		Rules  string `json:"rules"`
		Engine string `json:"engine"`
	}
	s := summary{r.found.Summary, r.failing.classifier.Hash(), classify.Version}
	return r.printRows(append(rows, map[string]summary{"summary": s}))
}

// printRows prints one JSON object a line.
func (a *app) printRows(rows []any) error {
	var b bytes.Buffer
	enc := encoder(&b)
	for _, row := range rows {
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	_, err := io.WriteString(a.stdout, printable(b.String()))
	return err
}

// oneLine returns text as one line of so many columns at most.
func oneLine(s string, width int) string {
	return text.Snip(printable(strings.Join(strings.Fields(s), " ")), width, "…")
}

// classTitles say what the classes are.
var classTitles = map[eval.Class]string{
	eval.Right:   "a reason is named, in the right place",
	eval.Wrong:   "a reason is named, in the wrong place",
	eval.Found:   "an excerpt only, the right lines in it",
	eval.Missed:  "an excerpt only, without the right lines",
	eval.Nothing: "no line is shown",
}

// writeLogs writes the logs of a class.
func (r *evalRun) writeLogs(b *strings.Builder, class eval.Class) {
	logs := slices.DeleteFunc(slices.Clone(r.found.Logs), func(l eval.Log) bool { return l.Class != class })
	if len(logs) == 0 {
		return
	}
	fmt.Fprintf(b, "%s (%s): %s\n", strings.ToUpper(string(class)), counted(len(logs), "log"), classTitles[class])
	for _, l := range logs {
		fmt.Fprintf(b, "%s\n", placed(firstOf(l.File, l.Log), l.Line))
		fmt.Fprintf(b, "    label %s, shown %s\n", listed(l.Label), listed(l.Shown))
		if l.Rule != "" {
			fmt.Fprintf(b, "    %s\n", oneLine(l.Rule+" ("+l.Tag+"): "+l.Reason, r.width()-4))
		}
	}
	b.WriteByte('\n')
}

// firstOf returns the first of two texts that is not empty.
func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// placed returns "file:line", or the file where no line is known.
func placed(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// listed returns lines as "3, 12-15"; of many the first.
func listed(ranges []eval.Range) string {
	const most = 5
	var words []string
	for i, r := range ranges {
		if i == most {
			words = append(words, "…")
			break
		}
		words = append(words, r.String())
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// writeGreens writes the reasons that are named for builds that passed.
func (r *evalRun) writeGreens(b *strings.Builder) {
	if len(r.found.Greens) == 0 {
		return
	}
	fmt.Fprintf(b, "GREEN (%s): the build passed, and a reason is named\n", counted(len(r.found.Greens), "log"))
	for _, g := range r.found.Greens {
		fmt.Fprintf(b, "%s\n    %s\n    %s\n", placed(g.File, g.Line),
			oneLine(g.Rule+" ("+g.Tag+"): "+g.Reason, r.width()-4), oneLine(g.Text, r.width()-4))
	}
	b.WriteByte('\n')
}

// writeRules writes what the rules did, causes and symptoms in a table each.
func (r *evalRun) writeRules(b *strings.Builder) {
	rules := r.found.Rules
	if !r.flags.all {
		rules = slices.DeleteFunc(slices.Clone(rules), func(x eval.Rule) bool {
			return x.Fired+x.GreenFired == 0 && (x.Cost == nil || *x.Cost == 0)
		})
	}
	width := 0
	for _, x := range rules {
		width = max(width, len(x.Rule))
	}
	for i, x := range rules {
		if i == 0 || rules[i-1].Tier != x.Tier {
			titles := fmt.Sprintf("%-*s  FIRED FIRST RIGHT WRONG GREEN  PRECISION  %6s", width, strings.ToUpper(string(x.Tier)), r.costTitle())
			fmt.Fprintln(b, strings.TrimRight(titles, " "))
		}
		row := fmt.Sprintf("%-*s  %5s %5s %5s %5s %5s  %-10s %6s", width, x.Rule, number(x.Fired), number(x.Primary),
			number(x.Right), number(x.Wrong), number(x.GreenFired), precisionOf(x.Precision), r.cost(x.Cost))
		fmt.Fprintln(b, strings.TrimRight(row, " "))
		if i+1 == len(rules) || rules[i+1].Tier != x.Tier {
			b.WriteByte('\n')
		}
	}
}

// number returns a number, "." for 0, which leaves the others easier to see.
func number(n int) string {
	if n == 0 {
		return "."
	}
	return fmt.Sprint(n)
}

// precisionOf returns "67% 39-86".
func precisionOf(s *eval.Share) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("%3.0f%% %.0f-%.0f", 100*s.Value, 100*s.Low, 100*s.High)
}

func (r *evalRun) costTitle() string {
	if r.costs == nil {
		return ""
	}
	return "COST"
}

// cost returns what a rule costs in milliseconds, "-" for what cannot be told
// from nothing.
func (r *evalRun) cost(d *time.Duration) string {
	switch {
	case d == nil:
		return ""
	case *d == 0:
		return "-"
	}
	return fmt.Sprintf("%.1f", d.Seconds()*1000)
}

// writeSummary writes the scores.
func (r *evalRun) writeSummary(b *strings.Builder) {
	s := r.found.Summary
	if s.Logs > 0 {
		for _, class := range eval.Classes() {
			n := s.Classes[class]
			fmt.Fprintf(b, "%-8s %6d  %3.0f%%  %s\n", class, n, 100*float64(n)/float64(s.Logs), classTitles[class])
		}
	}
	if s.Passing > 0 {
		fmt.Fprintf(b, "%-8s %6d  %3.0f%%  of %s that passed, for which a reason is named\n",
			"green", s.Green, 100*float64(s.Green)/float64(s.Passing), counted(s.Passing, "build"))
	}
	b.WriteByte('\n')
	if s.Logs > 0 {
		fmt.Fprintf(b, "%s of %s; means over projects:\n", counted(s.Logs, "log"), counted(s.Projects, "project"))
		fmt.Fprintf(b, "hit %.3f  f1 %.3f (recall %.3f, precision %.3f)  reason %.3f  right %.3f\n",
			s.Hit, s.F1, s.Recall, s.Precision, s.Reason, s.Right)
		fmt.Fprintf(b, "lines shown in a log: %g (median)\n", s.Shown)
	}
	if s.Partial > 0 {
		fmt.Fprintf(b, "of these could not be read, or not to their end: %d\n", s.Partial)
	}
	if r.costs != nil {
		fmt.Fprintf(b, "the engine alone: %.1f ms for a megabyte; two measurements differ by up to %.1f\n",
			r.costs.Engine.Seconds()*1000, r.costs.Noise.Seconds()*1000)
	}
	idle := 0
	for _, x := range r.found.Rules {
		if x.Fired+x.GreenFired == 0 {
			idle++
		}
	}
	fmt.Fprintf(b, "%s, of which %d never fired; set %.19s, engine %s\n",
		counted(len(r.found.Rules), "rule"), idle, r.failing.classifier.Hash(), classify.Version)
}
