package testreport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// Text returns logs in which a test report is a text of its failed tests, so that
// rules match on them as on a log: each is a line
//
//	FAILED suite::name: message
//
// and then its detail, and the last line says "3 of 1204 tests failed" (of
// JobOutput, "tasks"), with ", 5 skipped" and ", 2 flaky" where there are such. A
// report is known by its first bytes, whatever its name; every other file
// passes as it is, and so do Test2JSON and TAP: a console may hold these beside
// much else, and their lines can be matched as they are.
//
// Each text stands on the line of the report on which it is told: lines of no
// interest are empty, and what the report has on one line is parted by carriage
// returns, which makes several lines of one number to the engine. A subunit
// stream has no lines: there they are counted as they come. A report
// that is damaged or cut short ends in that error after what was read.
//
// A report of any format is opened as a classify.TestReport, so that the engine
// knows which tests failed. Beside the logs of its rules a Classifier reads the
// reports that its field Reports names:
//
//	c.Reports = testreport.DefaultGlobs()
//	results := c.Run(ctx, testreport.Text(logs), jobs)
//
// Files are listed as inner lists them; where it cannot, that is
// errors.ErrUnsupported.
func Text(inner classify.Logs) classify.Logs { return textLogs{inner} }

type textLogs struct{ classify.Logs }

var _ classify.Lister = textLogs{}

// List lists files, where the logs can.
func (l textLogs) List(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	lister, ok := l.Logs.(classify.Lister)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return lister.List(ctx, job, glob)
}

// Open opens a file, and reads the failed tests of a report.
func (l textLogs) Open(ctx context.Context, job classify.Job, file string) (io.ReadCloser, error) {
	inner, err := l.Logs.Open(ctx, job, file)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(inner, 2*sniffBytes)
	start, _ := in.Peek(sniffBytes) // an error comes again when the rest is read
	mark := len(start) - len(trimMark(start))
	format := formatOf(start[mark:])
	switch format {
	case "":
		return textLog{in, inner}, nil
	case Test2JSON, TAP:
		lines := &lineReport{Reader: in, format: newLineFormat(format)}
		return &reportLog{textLog{lines, inner}, format, &lines.counts}, nil
	}
	in.Discard(mark)
	text := &textReader{parser: newParser(format, in), line: 1, format: format}
	return &reportLog{textLog{text, inner}, format, &text.counts}, nil
}

func trimMark(start []byte) []byte {
	rest, _ := strings.CutPrefix(string(start), "\ufeff")
	return start[len(start)-len(rest):]
}

// textLog is an opened log.
type textLog struct {
	io.Reader
	inner io.ReadCloser
}

func (l textLog) Close() error { return l.inner.Close() }

// Ended passes on what a reader of the log learned of its job.
func (l textLog) Ended() {
	if e, ok := l.inner.(sources.Ender); ok {
		e.Ended()
	}
}

// textReader writes the failed tests of a report.
type textReader struct {
	parser parser
	format Format
	counts tally

	line  int           // that is written
	begun bool          // something stands on it
	lines *[]reportLine // of the failure that is being written; nil: it does not keep them
	text  []chunk
	err   error
}

// chunk is text to be handed on, after so many line breaks.
type chunk struct {
	breaks int
	text   string
}

// Read hands on the text of the tests, one by one.
func (t *textReader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(t.text) == 0 {
			if t.err != nil {
				break
			}
			if n > 0 {
				return n, nil
			}
			t.more()
			continue
		}
		n += t.text[0].read(p[n:])
		if t.text[0].breaks == 0 && t.text[0].text == "" {
			t.text = t.text[1:]
		}
	}
	if n > 0 || len(p) == 0 {
		return n, nil
	}
	return 0, t.err
}

// read moves what fits into p.
func (c *chunk) read(p []byte) (n int) {
	for n < len(p) && c.breaks > 0 {
		p[n] = '\n'
		n++
		c.breaks--
	}
	m := copy(p[n:], c.text)
	c.text = c.text[m:]
	return n + m
}

// more reads on to the next failed test, or to the end.
func (t *textReader) more() {
	for {
		rec, err := t.parser.next()
		if err != nil {
			t.end(err)
			return
		}
		kept := t.counts.add(rec, record.head)
		if rec.verdict == failed {
			t.lines = t.counts.room(kept)
			t.write(rec)
			return
		}
	}
}

// end writes the last line.
func (t *textReader) end(err error) {
	if t.err = err; err != io.EOF {
		t.err = fmt.Errorf("read %s report: %w", t.format, err)
	}
	what := "tests"
	if t.format == JobOutput {
		what = "tasks"
	}
	sum := fmt.Sprintf("%d of %d %s failed", t.counts.failed, t.counts.total, what)
	if t.counts.skipped > 0 {
		sum += fmt.Sprintf(", %d skipped", t.counts.skipped)
	}
	if t.counts.flaky > 0 {
		sum += fmt.Sprintf(", %d flaky", t.counts.flaky)
	}
	t.lines = nil
	t.at(t.parser.at(), sum)
	t.text = append(t.text, chunk{text: "\n"})
}

// write writes a failed test. The rest of a message of several lines follows
// unless the detail has it.
func (t *textReader) write(rec record) {
	test := rec.head()
	t.at(rec.ReportLine, says(test))
	message := strings.TrimSpace(rec.Message)
	if at := strings.IndexFunc(message, isBreak); at >= 0 && !strings.Contains(lines(rec.text()), lines(message[at:])) {
		t.sameLine(message[at:])
	}
	for _, p := range rec.parts {
		t.part(p)
	}
}

// says tells of a failed test in one line.
func says(t Test) string { return "FAILED " + strings.TrimSuffix(t.ID()+": "+t.Message, ": ") }

// part writes a text, whose line breaks are those of the report.
func (t *textReader) part(p part) {
	line := p.line
	for text := range strings.Lines(p.text) {
		if text = strings.TrimRight(text, "\n"); strings.Trim(text, " \t\r") != "" {
			t.at(line, text)
		}
		if line > 0 {
			line++
		}
	}
}

// at writes text at a line of the report, or at the next where there are none. What
// was told before stands on the present line.
func (t *textReader) at(line int, text string) {
	switch breaks := line - t.line; {
	case line == 0 && t.begun:
		t.line++
		t.text = append(t.text, chunk{breaks: 1, text: text})
	case breaks > 0:
		t.line = line
		t.text = append(t.text, chunk{breaks: breaks, text: text})
	case t.begun:
		t.text = append(t.text, chunk{text: "\r" + text})
	default:
		t.text = append(t.text, chunk{text: text})
	}
	t.begun = true
	t.show(text)
}

// show keeps what was written on the present line as evidence.
func (t *textReader) show(text string) {
	if t.lines != nil {
		*t.lines = showLine(*t.lines, t.line, text)
	}
}

// sameLine writes lines that the report has on the present one.
func (t *textReader) sameLine(text string) {
	for line := range strings.FieldsFuncSeq(text, isBreak) {
		t.text = append(t.text, chunk{text: "\r" + line})
		t.show(line)
	}
}
