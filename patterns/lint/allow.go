package lint

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/patterns"
)

// allowForm is what a comment looks like that silences findings.
var allowForm = regexp.MustCompile(`^#+\s*lint:\s*allow\b[\s:]*(.*)$`)

// allowance is a comment that silences findings of one code in one place.
type allowance struct {
	comment
	file string
	code string
	used bool
}

// allowed returns the findings that no comment silences, and what is wrong with
// the comments that silence.
func (p *pass) allowed() []Finding {
	var allowances []*allowance
	for _, s := range p.set.Sources {
		for _, c := range p.sources[s.Name].comments {
			allowances = append(allowances, p.allowance(s.Name, c)...)
		}
	}
	left := slices.DeleteFunc(p.found, func(f Finding) bool { return silenced(f, allowances) })
	for _, a := range allowances {
		if !a.used {
			left = append(left, finding("W027", "", a.place(), "this comment silences nothing: there is no "+a.code+" here",
				"take it away, or put it at the end of the line that the finding names or above that line"))
		}
	}
	return left
}

func (a *allowance) place() patterns.Place {
	return patterns.Place{File: a.file, Line: a.line, Col: a.col}
}

// silenced reports whether a comment silences a finding, and notes that it does.
func silenced(f Finding, allowances []*allowance) bool {
	any := false
	for _, a := range allowances {
		if a.file == f.File && a.code == f.Code && slices.Contains(a.lines, f.Line) {
			a.used, any = true, true
		}
	}
	return any
}

// allowance reads a comment: the codes it allows, and whether it says why.
func (p *pass) allowance(file string, c comment) []*allowance {
	form := allowForm.FindStringSubmatch(c.text)
	if form == nil {
		return nil
	}
	var list []*allowance
	words := strings.Fields(form[1])
	for len(words) > 0 && isCode(strings.Trim(words[0], ",:")) {
		list = append(list, &allowance{comment: c, file: file, code: strings.Trim(words[0], ",:")})
		words = words[1:]
	}
	place := patterns.Place{File: file, Line: c.line, Col: c.col}
	switch {
	case len(list) == 0:
		p.found = append(p.found, finding("W026", "", place, "this comment names no code that it allows", "write # lint: allow W012 and why"))
	case len(words) == 0:
		p.found = append(p.found, finding("W026", "", place, fmt.Sprintf("this comment does not say why %s is right here", list[0].code),
			"write the reason after the code"))
	}
	return list
}

// isCode reports whether a word is the code of a check.
func isCode(word string) bool {
	return slices.ContainsFunc(Checks, func(c Check) bool { return c.Code == word })
}
