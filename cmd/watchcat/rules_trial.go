package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/cases"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// trial is a test of a rule, or a case, and what came of it; or a mistake for
// which there is no trying. One of Rule and Case is set, but for a mistake that
// is in no rule.
type trial struct {
	Rule   string `json:"rule,omitempty"`
	Case   string `json:"case,omitempty"`
	Origin string `json:"origin"` // "file:line:col" of the test, the .want file of the case
	Log    string `json:"log"`    // the text of the test's log, the path of the case's
	Passed bool   `json:"passed"`

	// Of a test.
	Files map[string]string `json:"files,omitempty"` // the texts of the other files, by name
	Want  string            `json:"want,omitempty"`  // the message; empty: none
	Got   []string          `json:"got,omitempty"`

	Differences []cases.Difference `json:"differences,omitempty"` // of a case
	Updated     bool               `json:"updated,omitzero"`      // its .want file was written
	Mistakes    []string           `json:"mistakes,omitempty"`    // why it could not be tried

	Missing []classify.Missing `json:"missing,omitempty"` // of the case: what could not be read

	explainer string // the command that tells why the case has another rule than it wants
	suite     string // the rule file, or the folder of cases
}

// ruleTrial returns the trial of a rule's test.
func ruleTrial(r patterns.TestResult) trial {
	file := r.Origin
	for range 2 { // the line and the column
		file = file[:max(strings.LastIndexByte(file, ':'), 0)]
	}
	return trial{
		Rule: r.Rule, Origin: r.Origin, Log: r.Log, Files: r.Files, Passed: r.Passed(),
		Want: r.Want, Got: r.Got, suite: file,
	}
}

// mistakeTrial returns a mistake in a rule file as a trial that failed.
func mistakeTrial(m strict.Mistake) trial {
	tr := trial{Rule: patterns.RuleOf(m), Origin: m.File, Mistakes: []string{m.Error()}, suite: m.File}
	if m.Line > 0 {
		tr.Origin = patterns.Place{File: m.File, Line: m.Line, Col: m.Col}.String()
	}
	return tr
}

// name returns what the trial is of.
func (t *trial) name() string { return cmp.Or(t.Rule, t.Case, "rules") }

// text returns what to print of a trial.
func (t *trial) text() string {
	var b strings.Builder
	verdict := "FAIL"
	if t.Passed {
		verdict = "PASS"
	}
	fmt.Fprintf(&b, "--- %s: %s (%s)", verdict, t.name(), t.Origin)
	if t.Updated {
		b.WriteString(" updated")
	}
	b.WriteByte('\n')
	if !t.Passed || t.Updated {
		b.WriteString(t.details())
	}
	return b.String()
}

// details returns the lines that say why a trial failed.
func (t *trial) details() string {
	var b strings.Builder
	for _, m := range t.Mistakes {
		detail(&b, "error", m)
	}
	if len(t.Mistakes) > 0 {
		return b.String()
	}
	detail(&b, "log", t.Log)
	for _, m := range t.Missing {
		detail(&b, "note", "could not be read: "+m.File+": "+m.Why)
	}
	for _, d := range t.Differences {
		if d.Want != "" {
			detail(&b, "want", d.Key+" = "+d.Want)
		}
		detail(&b, "got", d.Key+" = "+d.Got)
	}
	if t.explainer != "" && !t.Updated {
		detail(&b, "why", t.explainer)
	}
	if t.Case != "" {
		return b.String()
	}
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		detail(&b, "file", name+"\n"+t.Files[name])
	}
	detail(&b, "want", message(t.Want))
	if len(t.Got) == 0 {
		detail(&b, "got", message(""))
	}
	for _, got := range t.Got {
		detail(&b, "got", message(got))
	}
	return b.String()
}

// detail writes a text behind its label, each further line below the first.
func detail(b *strings.Builder, label, text string) {
	const indent = "    "
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			label = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%s%-5s %s", indent, label, line), " ") + "\n")
	}
}

// message returns what a rule says, "" being that it does not match.
func message(text string) string {
	if text == "" {
		return "no match"
	}
	return fmt.Sprintf("%q", text)
}
