package testreport

import (
	"errors"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// The limits of what shows a failure.
const (
	shownFailures = 30 // of a report, with their lines
	shownHead     = 4  // lines of a failure: its first,
	shownTail     = 6  // and its last
)

// reportLog is an opened report.
type reportLog struct {
	textLog
	format Format
	counts *tally
}

var _ classify.TestReport = (*reportLog)(nil)

// Tests returns what was read until now.
func (l *reportLog) Tests() (tests, tasks classify.Tests) {
	all := classify.Tests{Total: l.counts.total, Failed: l.counts.failed, Skipped: l.counts.skipped, Flaky: l.counts.flaky}
	for _, f := range l.counts.failures {
		all.Failures = append(all.Failures, classify.FailedTest{
			Name: f.Name, Suite: f.Suite, Message: f.Message, File: f.File, Line: f.Line, ReportLine: f.ReportLine,
		})
	}
	if l.format == JobOutput {
		return tests, all
	}
	return all, tasks
}

// Evidence returns the lines that show the first failures.
func (l *reportLog) Evidence() []classify.Evidence {
	var runs []classify.Evidence
	for _, f := range l.counts.failures {
		for i, line := range f.lines {
			last := len(runs) - 1
			if i > 0 && line.number == runs[last].EndLine+1 {
				runs[last].EndLine = line.number
				runs[last].Text = append(runs[last].Text, line.text)
				continue
			}
			runs = append(runs, classify.Evidence{Line: line.number, EndLine: line.number, Text: []string{line.text}})
		}
	}
	return runs
}

// reportLine is a line of a report as it is shown.
type reportLine struct {
	number int
	text   string
}

// room returns where the lines of the failure that was added last go, nil if
// it was not kept or enough others have lines.
func (t *tally) room(kept bool) *[]reportLine {
	if n := len(t.failures); kept && n <= shownFailures {
		return &t.failures[n-1].lines
	}
	return nil
}

// showLine adds a line to those of a failure. Of more than are shown the middle is
// left out.
func showLine(lines []reportLine, number int, text string) []reportLine {
	text = strings.TrimRight(oneLine("|"+text, maxDetail), " \t")[1:] // and not what it is indented by
	if text == "" {
		return lines
	}
	if len(lines) == shownHead+shownTail {
		lines = append(lines[:shownHead], lines[shownHead+1:]...)
	}
	return append(lines, reportLine{number, text})
}

// lineReport is a report that passes as it is, and is read line by line on the way.
type lineReport struct {
	io.Reader
	format lineFormat
	split  lineSplitter
	counts tally
	err    error // at the end
}

// Read reads the report.
func (r *lineReport) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.Reader.Read(p)
	r.split.each(p[:n], r.take)
	if err != nil {
		r.end(err)
	}
	return n, r.err
}

// take takes a line.
func (r *lineReport) take(n int, line []byte) {
	if n == 1 {
		line = trimMark(line)
	}
	r.add(r.format.take(n, line))
}

// end takes the last line.
func (r *lineReport) end(err error) {
	r.split.rest(r.take)
	last, incomplete := r.format.finish()
	r.add(last)
	if r.err = err; errors.Is(err, io.EOF) {
		r.err = incomplete
	}
}

// add counts tests, and keeps the lines that show those that failed.
func (r *lineReport) add(tests []record) {
	for _, rec := range tests {
		lines := r.counts.room(r.counts.add(rec, record.head))
		if lines == nil {
			continue
		}
		*lines = showLine(nil, rec.ReportLine, says(rec.head()))
		for _, p := range rec.parts {
			number := p.line
			for texts := range strings.Lines(p.text) {
				for text := range strings.FieldsFuncSeq(texts, isBreak) {
					*lines = showLine(*lines, number, text)
				}
				number++
			}
		}
	}
}
