// Package lint finds in rule files what loads but is not what its author means:
// rules that can never match or always do, that another one hides, patterns that
// are plain text by mistake, tests that are missing. Each finding has a place, a
// code, and what to do about it; some are mended by Fix.
//
// All checks stand in one table (Checks), work on one scan of the rules, and
// prefer to say nothing over a false alarm: where a check proves something, it
// does so for every line there can be, with an automaton, and where it only has
// evidence, it shows the line.
//
// A comment silences one place, from the end of its line or from the line above:
//
//	pattern = '^\S+: Error'   # lint: allow W014 only read for small logs
package lint

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// Severity says how bad a finding is.
type Severity string

// The severities. A code begins with the first letter of its own.
const (
	Error   Severity = "error"   // the rule does not do what it says
	Warning Severity = "warning" // the rule most likely does not do what its author means
	Info    Severity = "info"    // nothing is wrong, but it could be simpler or will be wrong one day
)

// Finding is one thing that was found in a rule file.
type Finding struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule,omitempty"` // id of the rule; empty: it is about none
	File     string   `json:"file"`
	Line     int      `json:"line,omitzero"` // from 1; 0: the file as a whole
	Col      int      `json:"col,omitzero"`  // from 1, in characters
	What     string   `json:"what"`
	Remedy   string   `json:"remedy"`
	Fixable  bool     `json:"fixable"`           // Fix mends it
	Example  string   `json:"example,omitempty"` // a line of a log that shows it

	fix *fix
}

// Place returns where the finding is.
func (f Finding) Place() patterns.Place {
	return patterns.Place{File: f.File, Line: f.Line, Col: f.Col}
}

// Options are what the rules are held against.
type Options struct {
	Now  time.Time // for rules that expire; zero: that is not looked at
	Jobs []string  // the names of all jobs; empty: they are not known
}

// Check is a kind of finding.
type Check struct {
	Code     string
	Severity Severity
	Doc      string // what it finds, in a few words
}

// Run returns what is found in rules that were loaded, in the order of places.
// Mistakes are what Load said was wrong; they become findings like all others.
func Run(set *patterns.Set, mistakes error, o Options) []Finding {
	p := newPass(set, o)
	p.mistakes(mistakes)
	for _, find := range finders {
		find(p)
	}
	found := p.allowed()
	slices.SortStableFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(p.order(a.File), p.order(b.File)), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Col, b.Col), cmp.Compare(a.Code, b.Code), cmp.Compare(a.What, b.What))
	})
	return slices.CompactFunc(found, func(a, b Finding) bool {
		return a.Code == b.Code && a.Place() == b.Place() && a.What == b.What
	})
}

// mistakes takes in what was wrong when the rules were loaded.
func (p *pass) mistakes(err error) {
	list, ok := errors.AsType[strict.Mistakes](err)
	if !ok && err != nil {
		p.found = append(p.found, finding("E001", "", patterns.Place{}, err.Error(), ""))
	}
	for _, m := range list {
		code := "E001"
		switch {
		case lacking(m.What):
			code = "E002"
		case strings.Contains(m.What, "can never match"):
			code = "E004"
		}
		place := patterns.Place{File: m.File, Line: m.Line, Col: m.Col}
		id := patterns.RuleOf(m)
		what := m.What
		if id == "" && m.Where != "" {
			what = m.Where + ": " + what
		}
		p.found = append(p.found, finding(code, id, place, what, m.Remedy))
	}
}

// finding makes a finding, with the severity of its code.
func finding(code, rule string, place patterns.Place, what, remedy string) Finding {
	return Finding{
		Code: code, Severity: severity(code), Rule: rule, What: what, Remedy: remedy,
		File: place.File, Line: place.Line, Col: place.Col,
	}
}

// severity returns the severity of a code.
func severity(code string) Severity {
	switch code[0] {
	case 'E':
		return Error
	case 'W':
		return Warning
	}
	return Info
}
