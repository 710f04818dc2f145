package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// TableOptions says how to print on a terminal. The zero value is 80 columns
// without colour.
type TableOptions struct {
	Width int  // columns of the terminal; zero: 80; less than 20 counts as 20
	Color bool // paint with SGR sequences
	All   bool // WriteTable lists the jobs that did not fail, too
}

// room returns the columns there are.
func (o TableOptions) room() int { return max(20, cmp.Or(o.Width, 80)) }

// From this width on, all that is said of a job stands side by side.
const wide = 180

// WriteTable writes the report for a terminal: a row for each job that failed,
// then the reasons that they have in common, the statistics of tags, what could
// not be read, and the sources. No line is wider than o.Width.
func (r *Report) WriteTable(w io.Writer, o TableOptions) error {
	p := &printer{Report: r, room: o.room(), pen: pen(o.Color)}
	p.heading()
	p.jobs(o.All)
	p.reasons()
	p.tags()
	p.missing()
	p.sources()
	p.problems()
	p.footer()
	return flush(w, &p.Buffer, "a table")
}

// A printer writes the parts of a report for a terminal.
type printer struct {
	*Report
	bytes.Buffer
	room int
	pen  pen
}

// say writes a sentence, in as many lines as it takes.
func (p *printer) say(s style, format string, args ...any) {
	for _, l := range wrap(fmt.Sprintf(format, args...), p.room, 10) {
		p.WriteString(p.pen.paint(s, l) + "\n")
	}
}

// section begins a part of the report.
func (p *printer) section(format string, args ...any) {
	p.WriteByte('\n')
	p.say(bold, format, args...)
}

func (p *printer) heading() {
	p.say(bold, "%s", p.Summary.headline())
	if s := p.Summary.days(); s != "" && p.Summary.Counts.Failures > 0 {
		p.say("", "Failures: %s", s)
	}
	if s := p.Summary.asides(); s != "" {
		p.say("", "Besides: %s", s)
	}
	times := "Times: " + p.Summary.Zone
	if s := p.window(); s != "" {
		times += "; jobs " + s
	}
	p.say(faint, "%s", times)
	if s := p.Summary.selected(); s != "" {
		p.say(faint, "Only: %s", s)
	}
}

func (p *printer) jobs(all bool) {
	g := grid{room: p.room, pen: p.pen, columns: narrowColumns()}
	row := p.narrowRow
	if p.room >= wide {
		g.columns, row = wideColumns(), p.wideRow
	}
	for i := range p.Results {
		if r := &p.Results[i]; all || r.Outcome.Failed() {
			g.rows = append(g.rows, row(r))
		}
	}
	if len(g.rows) > 0 {
		p.WriteString("\n" + g.String())
	}
}

func wideColumns() []column {
	return []column{
		{title: "WHEN"},
		{title: "JOB", most: 60, least: 32, rank: 3},
		{title: "PROJECT", most: 30, least: 16, rank: 1},
		{title: "BRANCH", most: 24, least: 8, rank: 2},
		{title: "CHANGE", most: 12},
		{title: "LENGTH", most: 12},
		{title: "RESULT", most: 14, least: 7, rank: 5},
		{title: "NOTE", most: 19, least: 10, rank: 2},
		{title: "REASON", most: 50, least: 24, rank: 6, fills: true},
		{title: "WHERE", most: 36, least: 20, left: true},
	}
}

func (p *printer) wideRow(r *classify.Result) gridRow {
	return gridRow{cells: []cell{
		{p.clock(r.Time, minute), faint},
		{jobName(&r.Job), p.emphasis(r)},
		{oneLine(r.Project), ""},
		{oneLine(r.Branch), ""},
		{patch(&r.Job), ""},
		{length(&r.Job), ""},
		{oneLine(r.Result), resultStyle(r)},
		{strings.Join(notes(r), ", "), faint},
		{labelled(r), reasonStyle(r)},
		{location(r), faint},
	}}
}

func narrowColumns() []column {
	return []column{
		{title: "WHEN", drop: 3},
		{title: "JOB", least: 16, fills: true},
		{title: "LENGTH", most: 12, drop: 1},
		{title: "RESULT", most: 14, drop: 2},
	}
}

// narrowRow has the reason below the job, and below that where the job and its
// evidence are to be found.
func (p *printer) narrowRow(r *classify.Result) gridRow {
	cells := []cell{
		{p.clock(r.Time, "01-02 15:04"), faint},
		{jobName(&r.Job), p.emphasis(r)},
		{length(&r.Job), ""},
		{oneLine(r.Result), resultStyle(r)},
	}
	return gridRow{cells, func(room int) []string {
		var out []string
		if s := labelled(r); s != "" {
			out = append(out, p.pen.paint(reasonStyle(r), cut(s, room)))
		}
		if s := beside(origin(r), location(r), room); s != "" {
			out = append(out, p.pen.paint(faint, s))
		}
		return out
	}}
}

// labelled returns the reason behind its tag.
func labelled(r *classify.Result) string {
	if why := reason(r); why != "" {
		return label(r) + ": " + why
	}
	return ""
}

// origin returns what the job was run for.
func origin(r *classify.Result) string {
	out := strings.Join(strings.Fields(oneLine(r.Project)+" "+oneLine(r.Branch)+" "+patch(&r.Job)), " ")
	if n := notes(r); len(n) > 0 {
		out = strings.TrimPrefix(out+" ("+strings.Join(n, ", ")+")", " ")
	}
	return out
}

// beside puts a and b into one line: b, a path, is cut to no less than half of
// it, then a gives way.
func beside(a, b string, room int) string {
	if a == "" || b == "" {
		return cutLeft(a+b, room)
	}
	b = cutLeft(b, max(room/2, room-gap-width(a)))
	return cut(a, room-gap-width(b)) + strings.Repeat(" ", gap) + b
}

func (p *printer) emphasis(r *classify.Result) style {
	if r.Superseded {
		return faint
	}
	return bold
}

func resultStyle(r *classify.Result) style {
	switch {
	case r.Superseded:
		return faint
	case r.Outcome.Failed():
		return red
	case r.Outcome == classify.OutcomePassed:
		return green
	}
	return ""
}

func reasonStyle(r *classify.Result) style {
	switch {
	case r.Superseded:
		return faint
	case r.Outcome == classify.OutcomeMatched:
		return ""
	}
	return yellow
}

// most rows of a list in the summary; the rest is counted. All are in JSON and on the page.
const listed = 15

func (p *printer) reasons() {
	g := grid{room: p.room, pen: p.pen, columns: []column{
		{title: "BUILDS", right: true, drop: 2},
		{title: "TAG", most: 20, least: 12, rank: 2, drop: 3},
		{title: "REASON", most: 60, least: 10, rank: 3, fills: true},
		{title: "RULE", most: 36, least: 16, rank: 1, drop: 1},
	}}
	all := p.Summary.Reasons
	for _, r := range all[:min(len(all), listed)] {
		tag := cell{cmp.Or(oneLine(r.Tag), "no tag"), ""}
		if r.Outcome == classify.OutcomeSymptom {
			tag = cell{outcomeLabel(r.Outcome), yellow}
		}
		g.rows = append(g.rows, gridRow{cells: []cell{
			{fmt.Sprint(r.Builds), ""}, tag, {cmp.Or(oneLine(r.Reason), "a rule without a message"), ""}, {oneLine(r.Rule), faint},
		}})
	}
	p.list(&g, len(all), "reasons")
}

// list writes a grid as a section of its own, if it has rows, and how many of
// all it left out.
func (p *printer) list(g *grid, all int, title string) {
	if len(g.rows) == 0 {
		return
	}
	p.section("%s", strings.ToUpper(title[:1])+title[1:])
	p.WriteString(g.String())
	if more := all - len(g.rows); more > 0 {
		p.say(faint, "and %d more %s", more, title)
	}
}

func (p *printer) tags() {
	g := grid{room: p.room, pen: p.pen, columns: []column{
		{title: "TAG", most: 24, least: 6, rank: 2},
		{title: "BUILDS", right: true},
		{title: "SHARE", right: true, drop: 3},
		{title: "", drop: 2},
		{title: "MEANING", least: 8, rank: 1, drop: 1},
	}}
	failures := p.Summary.Counts.Failures
	for _, t := range p.Summary.parts() {
		s := yellow
		if t.Known {
			s = cyan
		}
		g.rows = append(g.rows, gridRow{cells: []cell{
			{t.Label, s}, {fmt.Sprint(t.Builds), ""}, {percent(t.Builds, failures), ""}, {drawn(t.Builds, failures), s}, {t.Meaning, faint},
		}})
	}
	p.list(&g, len(g.rows), "tags")
	if len(g.rows) > 0 {
		p.say(faint, "Shares are of %s, each counted once, by its first reason.", plural(failures, "failed build"))
	}
}

// drawn draws n of all in at most twenty columns.
func drawn(n, all int) string {
	const most = 20
	return strings.Repeat("█", max(1, (n*most+all/2)/all))
}

func (p *printer) missing() {
	g := grid{room: p.room, pen: p.pen, columns: []column{
		{title: "JOBS", right: true, drop: 1},
		{title: "FILE", most: 32, least: 8, rank: 2, left: true},
		{title: "WHY", least: 8, rank: 1},
	}}
	all := p.Summary.Missing
	for _, m := range all[:min(len(all), listed)] {
		g.rows = append(g.rows, gridRow{cells: []cell{
			{fmt.Sprint(m.Jobs), ""}, {cmp.Or(oneLine(m.File), "log"), ""}, {why(m.Why), yellow},
		}})
	}
	p.list(&g, len(all), "logs that could not be read")
}

func (p *printer) sources() {
	g := grid{room: p.room, pen: p.pen, untitle: true, columns: []column{
		{most: 30, least: 6, rank: 2},
		{least: 12, rank: 1},
	}}
	for _, s := range p.Summary.Sources {
		look := style("")
		switch {
		case s.Error != "":
			look = red
		case s.Capped, len(s.Problems) > 0:
			look = yellow
		}
		g.rows = append(g.rows, gridRow{cells: []cell{{cmp.Or(oneLine(s.Name), "(no name)"), ""}, {s.state(), look}}})
	}
	p.list(&g, len(g.rows), "sources")
}

func (p *printer) problems() {
	g := grid{room: p.room, pen: p.pen, untitle: true, columns: []column{{least: 1}}}
	all := p.Summary.problems()
	for _, s := range all[:min(len(all), listed)] {
		g.rows = append(g.rows, gridRow{cells: []cell{{s, yellow}}})
	}
	p.list(&g, len(all), "problems")
}

func (p *printer) footer() {
	if s := p.Summary.verdictBy(); s != "" {
		p.WriteByte('\n')
		p.say(faint, "%s", s)
	}
}
