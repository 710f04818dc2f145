package testreport

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// junit reads JUnit XML: that of Ant and Maven, and what others made of it
// (pytest, gtest, jest-junit, ctest, gotestsum and many more), and the XML of
// xunit.net and NUnit 3, which have the same structure under other names.
type junit struct {
	src    *xmlClip
	dec    *xml.Decoder
	start  int // line at which the token begins
	depth  int
	suites []suite // open ones, outermost first
	begun  int     // suites so far

	test    *record // the open one
	testAt  int     // its depth
	within  int     // depth of the open element whose text is told
	because bool    // it is a failure's, not an output's
	output  record  // what the test printed
}

type suite struct {
	name, file string
	depth, nth int
}

func newJUnit(r *bufio.Reader) *junit {
	j := &junit{src: newXMLClip(r)}
	j.dec = xml.NewDecoder(j.src)
	j.dec.Strict = false
	j.dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // src did it
	return j
}

func (j *junit) at() int { return j.src.line }

func (j *junit) next() (record, error) {
	for {
		j.start = j.src.line
		token, err := j.dec.RawToken()
		if err != nil {
			return j.ended(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if j.depth++; j.depth > maxDepth {
				return record{}, fmt.Errorf("line %d: more than %d elements in one another", j.start, maxDepth)
			}
			j.open(token)
		case xml.EndElement:
			j.depth--
			if rec, ok := j.close(); ok {
				return rec, nil
			}
		case xml.CharData:
			j.text(string(token))
		}
	}
}

// ended says why there are no more tokens. A test that failed before is told first.
func (j *junit) ended(err error) (record, error) {
	if j.test != nil && j.test.verdict == failed {
		return j.finish(), nil
	}
	switch {
	case j.src.cutShort() && j.depth <= 0 && errors.Is(err, io.EOF):
		return record{}, io.EOF
	case j.src.cutShort():
		return record{}, fmt.Errorf("line %d: the report is not complete: %w", j.src.line, io.ErrUnexpectedEOF)
	case j.src.err != nil:
		err = j.src.err
	}
	return record{}, fmt.Errorf("line %d: %w", j.src.line, err)
}

// open begins an element.
func (j *junit) open(e xml.StartElement) {
	switch name := e.Name.Local; {
	case j.within > 0:
	case j.test != nil:
		j.inTest(e)
	case name == "testsuite" || name == "test-suite":
		j.begun++
		j.suites = append(j.suites, suite{attr(e, "name"), attr(e, "file"), j.depth, j.begun})
	case name == "testcase" || name == "test-case" || name == "test":
		j.begin(e)
	}
}

// begin begins a test.
func (j *junit) begin(e xml.StartElement) {
	var s suite
	if n := len(j.suites); n > 0 {
		s = j.suites[n-1]
	}
	line, _ := strconv.Atoi(attr(e, "line"))
	j.testAt, j.output = j.depth, record{}
	j.test = &record{Test: Test{
		Name:       attr(e, "name"),
		Suite:      cmp.Or(attr(e, "classname"), attr(e, "class"), attr(e, "type"), s.name),
		File:       cmp.Or(attr(e, "file"), s.file),
		Line:       max(line, 0),
		Duration:   seconds(cmp.Or(attr(e, "time"), attr(e, "duration"))),
		ReportLine: j.start,
	}}
	if j.test.Name != "" {
		j.test.retry = retry{s.nth, j.test.File, j.test.Suite, j.test.Name}
	}
	switch strings.ToLower(cmp.Or(attr(e, "result"), attr(e, "status"))) {
	case "fail", "failed", "failure", "error":
		j.test.verdict = failed
	case "skip", "skipped", "suppressed", "notrun", "disabled", "inconclusive", "ignored":
		j.test.verdict = skipped
	}
}

// inTest begins an element of a test. What a rerun says is left out: rerunFailure
// stands beside a failure, flakyFailure in a test that passed at last.
func (j *junit) inTest(e xml.StartElement) {
	switch name := e.Name.Local; name {
	case "failure", "error":
		j.test.verdict = failed
		if len(j.test.parts) > 0 {
			j.test.tell(j.start, "\r")
		}
		j.test.Message = cmp.Or(j.test.Message, strings.TrimSpace(attr(e, "message")))
		if j.test.Message == "" {
			j.output.Message = cmp.Or(j.output.Message, attr(e, "type"))
		}
		j.within, j.because = j.depth, true
	case "skipped", "ignored":
		if j.test.verdict != failed {
			j.test.verdict = skipped
		}
	case "flakyFailure", "flakyError":
		if j.test.verdict == passed {
			j.test.verdict = flaky
		}
	case "system-out", "system-err", "output":
		j.within, j.because = j.depth, false
	}
}

// close ends an element, and with it perhaps a test.
func (j *junit) close() (record, bool) {
	if j.depth < j.within {
		j.within = 0
	}
	if j.test != nil && j.depth < j.testAt {
		return j.finish(), true
	}
	if n := len(j.suites); n > 0 && j.depth < j.suites[n-1].depth {
		j.suites = j.suites[:n-1]
	}
	return record{}, false
}

// finish ends a test. What it printed stands for a failure without words, as
// ctest writes it.
func (j *junit) finish() record {
	rec := *j.test
	j.test, j.within = nil, 0
	if rec.verdict == failed && strings.TrimSpace(rec.text()) == "" {
		rec.parts = j.output.parts
		if rec.message() == "" {
			rec.Message = j.output.Message
		}
	}
	return rec
}

func (j *junit) text(s string) {
	switch {
	case j.within == 0:
	case j.because:
		j.test.tell(j.start, s)
	default:
		j.output.tell(j.start, s)
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
