package classify

import (
	"cmp"
	"slices"
)

// The limits of what is shown as the reason.
const (
	shownLines  = 30 // in all, and of a block, unless a rule asks for more by Context
	shownApart  = 30 // lines that may lie between one cause and the next
	shownBeside = 2  // of the reason that another rule gives elsewhere
	shownLittle = 3  // which is shown in any case if there are no more lines than these
)

// reason returns what is shown as the reason, of findings that are ranked, of
// which the first is a cause: that with its paragraph, or with what its rule asks
// for; the causes that follow it in its file with theirs, as a compiler's further
// errors or a test's further failures, each near the one before; and, for the case
// that all this is not the reason, the first lines of the next cause that another
// rule gives, if that has the same priority or little is shown.
func (l *look) reason(ranked []*finding) []Evidence {
	s := shown{l.paragraph(ranked[0])}
	causes := slices.DeleteFunc(slices.Clone(ranked), func(f *finding) bool {
		return f.Tier != TierCause || f.HiddenBy != "" || f.where == aside || f.shown != nil
	})
	for _, f := range below(causes, ranked[0]) {
		if f.Line-s.last() > shownApart {
			break
		}
		s.add(l.paragraph(f), shownLines)
	}
	little := shownLines-s.room() <= shownLittle
	other := slices.IndexFunc(causes, func(f *finding) bool {
		return f.rule != ranked[0].rule && !s.has(f.File, f.Line) && (little || f.rule.Priority >= ranked[0].rule.Priority)
	})
	if other >= 0 {
		s.add(l.paragraph(causes[other]), shownBeside)
	}
	return s.runs
}

// below returns the findings that stand below another one in its file, in the
// order of their lines.
func below(found []*finding, above *finding) []*finding {
	found = slices.DeleteFunc(slices.Clone(found), func(f *finding) bool {
		return f.File != above.File || f.Line <= above.Line
	})
	slices.SortStableFunc(found, func(a, b *finding) int { return cmp.Compare(a.Line, b.Line) })
	return found
}

// shown are runs of lines that are shown.
type shown struct{ runs []Evidence }

// showing returns these runs as shown.
func showing(runs []Evidence) *shown { return &shown{runs} }

// last returns the number of the last line; there is one.
func (s *shown) last() int { return s.runs[len(s.runs)-1].EndLine }

// has reports whether a line of a file is shown.
func (s *shown) has(file string, line int) bool {
	return slices.ContainsFunc(s.runs, func(e Evidence) bool {
		return e.File == file && e.Line <= line && line <= e.EndLine
	})
}

// room returns how many lines may be shown yet.
func (s *shown) room() int {
	room := shownLines
	for _, e := range s.runs {
		room -= len(e.Text)
	}
	return room
}

// add shows those of the lines that are not shown already: no more than limit.
func (s *shown) add(runs []Evidence, limit int) {
	limit = min(limit, s.room())
	for _, e := range runs {
		for i, text := range e.Text {
			if limit > 0 && !s.has(e.File, e.Line+i) {
				s.addLine(e.Rule, e.File, e.Line+i, text)
				limit--
			}
		}
	}
}

// addLine shows a line because of a rule.
func (s *shown) addLine(rule, file string, line int, text string) {
	n := len(s.runs)
	if s.runs = appendLine(s.runs, file, line, text); len(s.runs) > n {
		s.runs[n].Rule = rule
	}
}
