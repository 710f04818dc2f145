package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// commentSize is how long WriteMarkdown's text may be in bytes: Gerrit takes
// comments of 16 KiB, GitHub of 64.
const commentSize = 16000

// cellSize is how long a text from outside may be in a table, in columns.
const cellSize = 160

// WriteMarkdown writes the report as a comment on Gerrit or GitHub: the
// numbers, the statistics of tags, and a table of the failures, the newest
// first. It is at most 16,000 bytes long; failures that do not fit in are
// counted. Texts from outside are escaped: they make no links, mentions or HTML.
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
	if s.Counts.Failures > 0 {
		fmt.Fprintf(b, " Failures: %s.", s.days())
	}
	if aside := s.asides(); aside != "" {
		fmt.Fprintf(b, " Besides: %s.", aside)
	}
	b.WriteString("\n")
	parts := s.parts()
	if len(parts) == 0 {
		return
	}
	b.WriteString("\n| Tag | Builds | Share |\n| --- | ---: | ---: |\n")
	for _, p := range parts[:min(len(parts), listed)] {
		fmt.Fprintf(b, "| %s | %d | %s |\n", escaped(p.Label), p.Builds, escaped(percent(p.Builds, s.Counts.Failures)))
	}
	if more := len(parts) - listed; more > 0 {
		fmt.Fprintf(b, "\nand %s.\n", plural(more, "more tag"))
	}
}

// markdownJobs writes rows until the text is as long as most.
func (r *Report) markdownJobs(b *bytes.Buffer, most int) {
	written, failed := 0, 0
	for i := range r.Results {
		x := &r.Results[i]
		if !x.Outcome.Failed() {
			continue
		}
		failed++
		row := r.markdownRow(x)
		if failed == 1 {
			row = "\n| When | Job | Change | Result | Reason |\n| --- | --- | --- | --- | --- |\n" + row
		}
		if written == failed-1 && b.Len()+len(row)+len("\nand 1234567 more failures.\n") <= most {
			b.WriteString(row)
			written++
		}
	}
	if more := failed - written; more > 0 {
		fmt.Fprintf(b, "\nand %s.\n", plural(more, "more failure"))
	}
}

func (r *Report) markdownRow(x *classify.Result) string {
	job := linked(jobName(&x.Job), cmp.Or(link(x.URL), link(x.LogURL)))
	if n := notes(x); len(n) > 0 {
		job += " (" + strings.Join(n, ", ") + ")"
	}
	why := "**" + escaped(label(x)) + "**: " + escaped(reason(x))
	if at := location(x); at != "" {
		why += " (" + escaped(cutLeft(at, cellSize/2)) + ")"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n",
		r.clock(x.Time, minute), job, linked(patch(&x.Job), link(x.ChangeURL)), escaped(oneLine(x.Result)), why)
}

// markdownTail returns what stands below the jobs: what could not be read, and the zone.
func (r *Report) markdownTail() string {
	var b strings.Builder
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
	if len(notes) > 0 {
		b.WriteString("\nNot read:\n\n")
	}
	for _, n := range notes[:min(len(notes), listed)] {
		fmt.Fprintf(&b, "- %s\n", escaped(oneLine(n)))
	}
	if more := len(notes) - listed; more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	fmt.Fprintf(&b, "\nTimes: %s.", escaped(s.Zone))
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

// escaped returns cleaned text, cut to the size of a cell, so that nothing in it
// means anything to CommonMark, nor to GitHub's tables, mathematics, links and
// mentions.
func escaped(s string) string {
	return strings.NewReplacer(
		`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`,
		`|`, `\|`, `~`, `\~`, `&`, `\&`, `$`, `\$`, `#`, `\#`, `!`, `\!`,
		`://`, `\://`, `www.`, `www\.`,
		"@", "@\u200b", // a mention needs its name right behind
	).Replace(cut(s, cellSize))
}
