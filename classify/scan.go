package classify

import (
	"cmp"
	"io"
	"slices"
)

// maxMessages is how many different messages of one rule are kept for a job.
const maxMessages = 20

// A finding is a match with what ranks it among the others.
type finding struct {
	Match
	rule *rule
	file int   // how early the file was read: files are read as rules name them
	in   *scan // that counted it last
	last int   // index of the cleaned line, in that scan
}

// findings are what was found in the logs of a job, by rule.
type findings map[*rule][]*finding

// ranked returns all findings, the primary reason first.
func (all findings) ranked() []*finding {
	var list []*finding
	for _, found := range all {
		list = append(list, found...)
	}
	slices.SortFunc(list, rank)
	return list
}

// A scan tries rules on the lines of one file and keeps what they find.
type scan struct {
	name    string
	order   int // how many files of the job were read before
	rules   []*rule
	found   findings // of all files of the job
	excerpt *excerpt // nil if none is wanted

	filter *filter
	maybe  []*rule // those that the filter lets through for the current line
}

// read reads a log to its end. It returns r's error if that is not io.EOF.
func (s *scan) read(r io.Reader) error {
	s.filter = newFilter(s.rules)
	return readPieces(r, s.try)
}

// try tries on a piece every rule that may match it.
func (s *scan) try(p piece) {
	s.maybe = s.filter.candidates(s.maybe[:0], p.text)
	for _, r := range s.maybe {
		if loc := r.find(p); loc != nil {
			s.keep(r, p, loc)
		}
	}
	if s.excerpt != nil {
		s.excerpt.add(p)
	}
}

// keep counts a match, and keeps it if its message is new. A rule counts once a
// cleaned line, though pieces of it overlap.
func (s *scan) keep(r *rule, p piece, loc []int) {
	found := s.found[r]
	if slices.ContainsFunc(found, func(f *finding) bool { return f.in == s && f.last == p.index }) {
		return
	}
	message := lineText([]byte(r.message.render(p.text, loc)), 0, 0)
	for _, f := range found {
		if f.Message == message {
			f.Count = min(f.Count+1, MoreThan100)
			f.in, f.last = s, p.index
			return
		}
	}
	if len(found) >= maxMessages {
		return
	}
	s.found[r] = append(found, &finding{
		Match: Match{
			Rule: r.ID, Tag: r.Tag, Tier: r.Tier, Message: message, Captures: r.captures(p.text, loc),
			File: s.name, Line: p.line, EndLine: p.line, Text: lineText(p.text, loc[0], loc[1]), Count: 1,
		},
		rule: r, file: s.order, in: s, last: p.index,
	})
}

// rank orders findings so that the primary reason comes first: the higher tier,
// the higher priority, the file named first in the rule set, the earlier line,
// the rule that stands first. No two findings are equal in it.
func rank(a, b *finding) int {
	return cmp.Or(
		cmp.Compare(tierRank(a.Tier), tierRank(b.Tier)),
		cmp.Compare(b.rule.Priority, a.rule.Priority),
		cmp.Compare(a.file, b.file),
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.rule.place, b.rule.place),
		cmp.Compare(a.Message, b.Message),
	)
}

// tierRank puts causes before symptoms.
func tierRank(t Tier) int {
	if t == TierCause {
		return 0
	}
	return 1
}
