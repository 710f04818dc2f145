package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// How long WriteMarkdown's text may be in bytes, and how much of that its lists
// may take: Gerrit takes comments of 16 KiB, GitHub of 64.
const (
	commentSize = 16000
	listSize    = 4000
)

// How long a text from outside may be in a comment.
const (
	cellWidth = 160 // in columns
	cellSize  = 400 // in bytes
)

// WriteMarkdown writes the report as a comment on Gerrit or GitHub: the
// numbers, the statistics of tags, and a table of the failures, the newest
// first. It is at most 16,000 bytes long; what does not fit in is counted.
// Texts from outside are escaped: they make no links, mentions or HTML.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var b bytes.Buffer
	r.markdownSummary(&b)
	tail := r.markdownTail()
	r.markdownJobs(&b, commentSize-len(tail))
	b.WriteString(tail)
	return flush(w, &b, "Markdown")
}

func (r *Report) markdownSummary(b *bytes.Buffer) {
	s := &r.Summary
	fmt.Fprintf(b, "**%s: %s.**", escaped(r.title()), s.headline())
	if days := s.days(); days != "" && s.Counts.Failures > 0 {
		fmt.Fprintf(b, " Failures: %s.", days)
	}
	if aside := s.asides(); aside != "" {
		fmt.Fprintf(b, " Besides: %s.", escaped(aside))
	}
	b.WriteString("\n")
	var rows []string
	for _, p := range s.parts() {
		rows = append(rows, fmt.Sprintf("| %s | %d | %s |\n", escaped(p.Label), p.Builds, escaped(percent(p.Builds, s.Counts.Failures))))
	}
	writeRows(b, "\n| Tag | Builds | Share |\n| --- | ---: | ---: |\n", rows, listSize, "tag")
}

// writeRows writes a heading and rows, of which it leaves out and counts those
// that would take it beyond most bytes. Without rows it writes nothing.
func writeRows(b *bytes.Buffer, heading string, rows []string, most int, what string) {
	if len(rows) == 0 {
		return
	}
	most -= len("\nand 1234567 more .\n") + len(what) + 1
	n, size := 0, len(heading)
	for n < len(rows) && size+len(rows[n]) <= most {
		size += len(rows[n])
		n++
	}
	if n > 0 {
		b.WriteString(heading + strings.Join(rows[:n], ""))
	}
	if more := len(rows) - n; more > 0 {
		fmt.Fprintf(b, "\nand %s.\n", plural(more, "more "+what))
	}
}

// markdownJobs writes rows until the text is as long as most.
func (r *Report) markdownJobs(b *bytes.Buffer, most int) {
	var rows []string
	for i := range r.Results {
		if x := &r.Results[i]; x.Outcome.Failed() {
			rows = append(rows, r.markdownRow(x))
		}
	}
	writeRows(b, "\n| When | Job | Change | Result | Reason |\n| --- | --- | --- | --- | --- |\n", rows, most-b.Len(), "failure")
}

func (r *Report) markdownRow(x *classify.Result) string {
	job := linked(jobName(&x.Job), cmp.Or(link(x.URL), link(x.LogURL)))
	if n := notes(x); len(n) > 0 {
		job += " (" + strings.Join(n, ", ") + ")"
	}
	why := "**" + escaped(label(x)) + "**: " + escaped(reason(x))
	if at := location(x); at != "" {
		why += " (" + escaped(cutLeft(at, cellWidth/2)) + ")"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n",
		r.clock(x.Time, minute), job, linked(patch(&x.Job), link(x.ChangeURL)), escaped(oneLine(x.Result)), why)
}

// markdownTail returns what stands below the jobs: what could not be read, and the zone.
func (r *Report) markdownTail() string {
	var b bytes.Buffer
	s := &r.Summary
	var notes []string
	for _, source := range s.Sources {
		if source.Error != "" || source.Capped {
			notes = append(notes, source.Name+": "+source.state())
		}
	}
	notes = append(notes, s.problems()...)
	for _, m := range s.Missing {
		notes = append(notes, fmt.Sprintf("%s: %s (%s)", m.File, m.Why, plural(m.Jobs, "job")))
	}
	for i, n := range notes {
		notes[i] = "- " + escaped(oneLine(n)) + "\n"
	}
	writeRows(&b, "\nNot read:\n\n", notes, listSize, "problem")
	fmt.Fprintf(&b, "\nTimes: %s.", escaped(s.Zone))
	if only := s.selected(); only != "" {
		fmt.Fprintf(&b, " Only: %s.", escaped(only))
	}
	if by := s.verdictBy(); by != "" {
		fmt.Fprintf(&b, " By watchcat, %s.", escaped(by))
	}
	return b.String() + "\n"
}

// title returns the heading of the report.
func (r *Report) title() string { return cmp.Or(oneLine(r.About.Title), "watchcat") }

// linked returns text as a link to an address that is safe, or as it is if there is none.
func linked(text, address string) string {
	if address == "" || text == "" || len(address) > 500 {
		return escaped(text)
	}
	address = strings.NewReplacer(`(`, "%28", `)`, "%29", `|`, "%7C", `\`, "%5C", `<`, "%3C", `>`, "%3E", "`", "%60").Replace(address)
	return fmt.Sprintf("[%s](%s)", escaped(text), address)
}

// escaped returns cleaned text, cut to what a cell may hold, so that nothing in it
// means anything to CommonMark, nor to GitHub's tables, mathematics, links and
// mentions.
func escaped(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
		`|`, `\|`, `~`, `\~`, `&`, `\&`, `$`, `\$`, `#`, `\#`, `!`, `\!`,
		`://`, `\://`, `www.`, `www\.`,
		"@", "@\u200b", // a mention needs its name right behind
	).Replace(cut(clip(s, cellSize), cellWidth))
}
