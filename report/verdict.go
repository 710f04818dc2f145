package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// WriteVerdict writes all that is known of one result for a terminal: the
// reason, the rule that names it, the lines that show it with their numbers,
// the failed tests, the other matches, and what was missing. No line is wider than o.Width; what
// is longer goes on in the next.
func WriteVerdict(w io.Writer, result classify.Result, o TableOptions) error {
	v := &verdict{printer{room: o.room(), pen: pen(o.Color)}, &result}
	v.heading()
	v.evidence()
	v.failures()
	v.others()
	v.missing()
	return flush(w, &v.Buffer, "a verdict")
}

// A verdict writes the parts of one result.
type verdict struct {
	printer
	result *classify.Result
}

// verdictRows is how many lines of the terminal one line of a log may take.
const verdictRows = 4

// margin is what the parts below the heading are indented by.
const margin = 2

func (v *verdict) heading() {
	r := v.result
	v.say(v.emphasis(r), "%s", jobName(&r.Job))
	about := strings.Join(strings.Fields(strings.Join([]string{oneLine(r.Result), origin(r), length(&r.Job)}, " ")), " ")
	if about != "" {
		v.say(faint, "%s", about)
	}
	v.body(reasonHue(r), v.reason())
	if by := v.by(); by != "" {
		v.body(faint, by)
	}
	if step := logLine(r.Step); step != "" {
		v.body(faint, "in the step: "+step)
	}
}

// reason returns the first thing to read.
func (v *verdict) reason() string {
	r := v.result
	switch {
	case explained(r):
		return label(r) + ": " + reason(r)
	case r.Outcome == classify.OutcomePassed:
		return "passed; its logs were not looked at"
	case r.Outcome == classify.OutcomeSkipped:
		return strings.TrimSuffix("skipped: "+oneLine(r.Detail), ": ")
	case len(r.Evidence) > 0:
		return label(r) + ": no rule matched; the lines that look most like the reason are"
	}
	return label(r) + ": " + cmp.Or(reason(r), "nothing is known of it")
}

// by returns which rule gave the reason, and how sure it is.
func (v *verdict) by() string {
	r := v.result
	switch r.Rule {
	case classify.TestsRule:
		return "by its test reports"
	case classify.TasksRule:
		return "by its report of tasks, which seldom say why they failed"
	}
	if rule := oneLine(r.Rule); explained(r) && rule != "" {
		by := "by rule " + rule
		if r.Outcome == classify.OutcomeSymptom {
			by += ", which only says that something failed"
		}
		if bug := knownBug(r); bug != "" {
			by += ", see " + bug
		}
		return by
	}
	return ""
}

// body writes a text below the heading.
func (v *verdict) body(s style, text string) {
	for _, l := range wrap(text, v.room-margin, verdictRows) {
		fmt.Fprintf(v, "%*s%s\n", margin, "", v.pen.paint(s, l))
	}
}

func (v *verdict) evidence() {
	for i, e := range v.result.Evidence {
		switch {
		case i == 0:
			v.WriteByte('\n')
			v.evidenceOf(e)
		case !continues(e, v.result.Evidence[i-1]):
			v.WriteByte('\n')
			if before := v.result.Evidence[i-1]; e.File != before.File || e.Rule != before.Rule {
				v.evidenceOf(e)
			}
		}
		digits := len(fmt.Sprint(max(e.EndLine, e.Line+len(e.Text)-1)))
		for i, text := range e.Text {
			v.numbered(e.Line+i, digits, logLine(text))
		}
	}
}

// evidenceOf writes where lines stand, and which rule they are shown for if that is
// not the reason's.
func (v *verdict) evidenceOf(e classify.Evidence) {
	by := byOther(e, v.result)
	v.body(cyan, cutLeft(cmp.Or(oneLine(e.File), "log"), v.room-margin-len(by))+by)
}

// byOther names the rule that lines are shown for, "" if it is the reason's or they
// are an excerpt.
func byOther(e classify.Evidence, r *classify.Result) string {
	if e.Rule == "" || e.Rule == r.Rule {
		return ""
	}
	return ", by rule " + oneLine(e.Rule)
}

// continues reports whether a run of lines begins on the line on which the one
// before it ends: a carriage return parts them.
func continues(e, before classify.Evidence) bool {
	return e.File == before.File && e.Line == before.EndLine
}

// numbered writes a line of a log behind its number; a line without one (of a
// job's result) stands alone.
func (v *verdict) numbered(number, digits int, text string) {
	lead := margin + digits + gap
	if number < 1 || lead > v.room/2 {
		v.body("", text)
		return
	}
	for i, l := range wrap(text, v.room-lead, verdictRows) {
		n := ""
		if i == 0 {
			n = fmt.Sprint(number)
		}
		head := v.pen.paint(faint, fmt.Sprintf("%*s", margin+digits, n))
		v.WriteString(strings.TrimRight(head+strings.Repeat(" ", gap)+l, " ") + "\n")
	}
}

func (v *verdict) others() {
	others := v.result.Matches
	if explained(v.result) {
		others = others[min(1, len(others)):]
	}
	g := grid{room: v.room - margin, pen: v.pen, untitle: true, columns: []column{
		{most: 20, least: 6, rank: 2},
		{most: 60, least: 8, rank: 3},
		{right: true, drop: 3},
		{most: 40, least: 12, rank: 1, left: true, drop: 2},
		{most: 30, least: 12, drop: 1},
	}}
	for _, m := range others[:min(len(others), listed)] {
		tag, hue := oneLine(m.Tag), style("")
		if m.Tier == classify.TierSymptom {
			tag, hue = "symptom", yellow
		}
		times := ""
		if m.Count > 1 {
			times = m.Count.String() + " times"
		}
		g.rows = append(g.rows, gridRow{cells: []cell{
			{tag, hue}, {says(m), ""}, {times, ""}, {place(m.File, m.Line), faint}, {oneLine(m.Rule), faint},
		}})
	}
	v.listBelow(&g, len(others), "other matches")
}

func (v *verdict) missing() {
	g := grid{room: v.room - margin, pen: v.pen, untitle: true, columns: []column{
		{most: 60, least: 6, rank: 1, left: true},
		{least: 6, rank: 2},
	}}
	all := v.result.Missing
	for _, m := range all[:min(len(all), listed)] {
		g.rows = append(g.rows, gridRow{cells: []cell{{cmp.Or(oneLine(m.File), "log"), ""}, {why(m.Why), yellow}}})
	}
	v.listBelow(&g, len(all), "logs that could not be read")
}

// listBelow is list, indented.
func (v *verdict) listBelow(g *grid, all int, title string) {
	inner := verdict{printer{room: v.room - margin, pen: v.pen}, v.result}
	inner.list(g, all, title)
	v.WriteString(indent(inner.String(), margin))
}

func reasonHue(r *classify.Result) style {
	switch {
	case r.Outcome == classify.OutcomeMatched:
		return red
	case r.Outcome.Failed():
		return yellow
	}
	return green
}
