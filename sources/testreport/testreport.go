// Package testreport reads the failed tests from the reports that test runners
// write beside their logs: JUnit XML and its dialects, the JSON of "go test
// -json", TAP, subunit v2 and the page made of it, and the tasks in the job-output.json of Zuul.
//
// Text makes the reports of jobs readable to the engine, which names the failed
// tests as the reason of a failure, and whose rules match on them as on lines of a
// log; Read reads one report. Reports come from strangers: all is read in bounded
// memory, whatever they hold.
package testreport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

// Format is how a report is written.
type Format string

// The formats.
const (
	JUnit      Format = "junit"        // XML of JUnit's kind, and that of xunit.net and NUnit 3
	Test2JSON  Format = "test2json"    // "go test -json": go doc cmd/test2json
	TAP        Format = "tap"          // Test Anything Protocol 12 to 14: testanything.org
	Subunit    Format = "subunit"      // subunit v2: github.com/testing-cabal/subunit
	HTMLReport Format = "subunit2html" // the page of subunit2html: testr_results.html
	JobOutput  Format = "job-output"   // Zuul's job-output.json: the tasks of Ansible, not tests
)

// ErrFormat is in the error for what is no test report.
var ErrFormat = errors.New("not a test report of a known format")

// The limits of what is kept. Counts are exact beyond them.
const (
	MaxFailures = 1000     // failed tests of a report
	maxName     = 1 << 10  // bytes of a name
	maxMessage  = 4 << 10  // bytes of a message
	maxDetail   = 8 << 10  // bytes of a detail, of its beginning and of its end
	maxRun      = 64 << 10 // bytes that are read of one text: an attribute, an output
	maxParts    = 256 << 10
	maxDepth    = 500
	sniffBytes  = 4 << 10
)

// Report is what a report says. The zero value is one without tests.
type Report struct {
	Format  Format
	Total   int // tests, in any state; of JobOutput tasks, each counted once a host
	Failed  int
	Skipped int
	Flaky   int // failed first and passed when tried again; not in Failed

	Failures []Test // in the report's order, at most MaxFailures
}

// Test is a failed test. Its texts come from strangers; they are valid UTF-8
// without control characters other than line breaks in Detail, and bounded.
type Test struct {
	Name     string // "": what failed is the suite itself
	Suite    string // class, package or play that the test belongs to; may be empty
	File     string // source, as the report has it; mostly empty
	Line     int    // in File, from 1; 0: unknown
	Message  string // one line; may be empty
	Detail   string // traceback, output; lines end in LF; the middle of a long one is left out
	Duration time.Duration

	ReportLine int // line of the report, from 1; 0: it has no lines
}

// ID returns what names a test among others: "suite::name".
func (t Test) ID() string {
	switch {
	case t.Suite == "":
		return t.Name
	case t.Name == "":
		return t.Suite
	}
	return t.Suite + "::" + t.Name
}

// Read reads a report to its end, in whatever format its first bytes show. The
// error wraps ErrFormat for what is none, and io.ErrUnexpectedEOF for one
// that was cut short. Beside an error stands what was read until then.
func Read(r io.Reader) (Report, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	format, err := sniff(in)
	if err != nil {
		return Report{}, err
	}
	var all tally
	p := newParser(format, in)
	for {
		rec, err := p.next()
		if err == io.EOF {
			return all.report(format), nil
		} else if err != nil {
			return all.report(format), fmt.Errorf("read %s report: %w", format, err)
		}
		all.add(rec, record.clean)
	}
}

// parser reads the records of a report, one by one, to io.EOF.
type parser interface {
	next() (record, error)
	at() int // line of the report that was read last, from 1; 0: it has no lines
}

// verdict is what became of a test.
type verdict int

const (
	passed verdict = iota
	failed
	skipped
	flaky
)

// record is a test as a parser reads it: bounded, but not yet clean.
type record struct {
	Test
	verdict verdict
	retry   retry
	parts   []part // of the detail
	size    int    // of the parts, in bytes
}

// retry names a test within its report: what has the same name is the same test,
// tried again. The zero value: nothing has.
type retry struct {
	nth               int // suite of the report, from 1, in which only a test is tried again
	file, suite, name string
}

// part is text that begins at a line of the report. Its LFs are those of the
// report; a CR is a line break that the report writes in another way.
type part struct {
	line int
	text string
}

// tell adds text to a record's detail, up to a bound.
func (r *record) tell(line int, text string) {
	if text = text[:min(len(text), maxParts-r.size)]; text != "" {
		r.parts = append(r.parts, part{line, text})
		r.size += len(text)
	}
}

// newParser returns the parser of a format.
func newParser(format Format, in *bufio.Reader) parser {
	switch format {
	case JUnit:
		return newJUnit(in)
	case Test2JSON, TAP:
		return &byLine{in: lineReader{r: in}, format: newLineFormat(format)}
	case Subunit:
		return newSubunit(in)
	case HTMLReport:
		return newHTMLReport(in)
	}
	return newJobOutput(in)
}

// newLineFormat returns a format that is read line by line, nil for another one.
func newLineFormat(format Format) lineFormat {
	switch format {
	case Test2JSON:
		return newTest2JSON()
	case TAP:
		return &tap{}
	}
	return nil
}

// What reports begin with, after blanks.
var (
	xmlStart    = regexp.MustCompile(`^(?:\s+|<\?(?s:.*?)\?>|<!--(?s:.*?)-->|<![^<>\[]*(?:\[[^\]]*\]\s*)?>)*<(?:testsuites?|assembl(?:y|ies)|test-run)[\s/>]`)
	goStart     = regexp.MustCompile(`^\{[^\n]*"Action":"(?:start|run|pause|cont|pass|bench|fail|output|skip|attr|artifacts|build-output|build-fail)"[,}]`)
	outputStart = regexp.MustCompile(`^\[\s*\{\s*"(?:branch|index|phase|playbook|plays|stats|trusted)"\s*:`)
	tapStart    = regexp.MustCompile(`^(?:TAP version 1[2-9]\r?\n|(?:#[^\n]*\n|\r?\n)*1\.\.\d+[^\n]*\n(?:#[^\n]*\n|\s*\n)*(?:not )?ok\b|(?:not )?ok 1\b[^\n]*\n(?s:.*)^1\.\.\d+)`)
)

// sniff tells a report's format by its beginning, and passes over a byte order mark.
func sniff(in *bufio.Reader) (Format, error) {
	start, err := in.Peek(sniffBytes)
	if rest, ok := bytes.CutPrefix(start, []byte("\ufeff")); ok {
		in.Discard(len(start) - len(rest))
		start = rest
	}
	if format := formatOf(start); format != "" {
		return format, nil
	}
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read test report: %w", err)
	}
	return "", ErrFormat
}

// isPage reports whether a text begins as a page of tests does.
func isPage(start []byte) bool { return htmlStart.Match(start) }

// formatOf tells a report's format by its beginning; "": it is none.
func formatOf(start []byte) Format {
	if len(start) > 2 && start[0] == signature && start[1]>>4 == 2 {
		return Subunit
	}
	switch start := bytes.TrimLeft(start, " \t\r\n"); {
	case xmlStart.Match(start):
		return JUnit
	case isPage(start):
		return HTMLReport
	case goStart.Match(start):
		return Test2JSON
	case outputStart.Match(start):
		return JobOutput
	case tapStart.Match(start):
		return TAP
	}
	return ""
}
