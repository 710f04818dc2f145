package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/report"
)

// The elements of JUnit XML that Jenkins, GitLab and others read.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"` // seconds
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    string        `xml:"line,attr,omitempty"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the trials to the file of --junit: a suite for each rule
// file and each folder of cases.
func (t *testRun) writeJUnit() error {
	all := junit(t.trials)
	all.Time = fmt.Sprintf("%.3f", t.summary.Seconds)
	return report.ReplaceFile(t.flags.junit, all.write)
}

// write writes the suites as XML.
func (s junitSuites) write(w io.Writer) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junit returns trials as suites, in the order in which their files come first.
func junit(trials []trial) junitSuites {
	all := junitSuites{Name: "watchcat rules test"}
	numbers := map[string]int{} // of the tests of a rule
	for _, tr := range trials {
		i := slices.IndexFunc(all.Suites, func(s junitSuite) bool { return s.Name == tr.suite })
		if i < 0 {
			i = len(all.Suites)
			all.Suites = append(all.Suites, junitSuite{Name: tr.suite})
		}
		numbers[tr.Rule]++
		all.Suites[i].add(tr, numbers[tr.Rule])
	}
	for _, s := range all.Suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
	}
	return all
}

// add adds a trial; of a rule's test, number is which of its tests it is: lines
// move, and a test is to keep its name.
func (s *junitSuite) add(tr trial, number int) {
	c := junitCase{Name: tr.name(), Class: strings.TrimSuffix(s.Name, ".toml"), File: tr.Origin}
	if tr.Case == "" {
		c.Name = fmt.Sprintf("%s/%d", tr.name(), number)
		c.File = s.Name
		if place, ok := strings.CutPrefix(tr.Origin, s.Name+":"); ok {
			c.Line, _, _ = strings.Cut(place, ":")
		}
	}
	s.Tests++
	switch {
	case tr.Passed:
	case len(tr.Mistakes) > 0:
		s.Errors++
		c.Error = &junitProblem{printable(tr.why()), printable(tr.text())}
	default:
		s.Failures++
		c.Failure = &junitProblem{printable(tr.why()), printable(tr.text())}
	}
	s.Cases = append(s.Cases, c)
}

// why says in one line why a trial failed.
func (t *trial) why() string {
	switch {
	case len(t.Mistakes) > 0:
		return t.Mistakes[0]
	case len(t.Differences) > 0:
		d := t.Differences[0]
		return fmt.Sprintf("want %s = %s, got %s", d.Key, d.Want, d.Got)
	case len(t.Got) == 0:
		return "want " + message(t.Want) + ", got " + message("")
	}
	return "want " + message(t.Want) + ", got " + message(t.Got[0])
}
