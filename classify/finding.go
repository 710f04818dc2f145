package classify

import (
	"cmp"
	"slices"
)

// maxMessages is how many different messages of one rule are kept for a job.
const maxMessages = 20

// A finding is a match with what ranks it among the others.
type finding struct {
	Match
	rule  *rule
	file  int    // how early the file was read: files are read as rules name them
	index int    // of the cleaned line
	lead  int    // line by which the rule is ranked among others, in that file
	block *block // the lines that are its evidence
}

// findings are what was found in the logs of a job, by rule. Those of a rule
// with OccurrenceLast stand in the order in which they were seen last.
type findings map[*rule][]*finding

// keep puts a finding among those of its rule: its count goes to one with the
// same message. Of more than limit the first are kept, or the last, as the rule
// asks for.
func keep(found []*finding, f *finding, limit int) []*finding {
	same := indexMessage(found, f.Message)
	if same >= 0 {
		f.Count = min(found[same].Count+f.Count, MoreThan100)
	}
	switch {
	case f.rule.Occurrence == OccurrenceFirst && same >= 0:
		found[same].Count = f.Count
		f.block.close()
		return found
	case f.rule.Occurrence == OccurrenceFirst && len(found) >= limit:
		f.block.close()
		return found
	case same < 0 && len(found) >= limit:
		same = 0
	}
	if same >= 0 {
		found[same].block.close()
		found = slices.Delete(found, same, same+1)
	}
	return append(found, f)
}

// indexMessage returns the place of the finding with that message, -1 if there is none.
func indexMessage(found []*finding, message string) int {
	return slices.IndexFunc(found, func(f *finding) bool { return f.Message == message })
}

// add takes over what was found in a file.
func (all findings) add(s *scan) {
	for _, t := range s.tracks {
		for _, f := range t.found {
			if t.until != nil && f.block != nil {
				f.EndLine = f.block.lines[len(f.block.lines)-1].line
			}
			all[t.rule] = keep(all[t.rule], f, maxMessages)
		}
	}
}

// ranked returns all findings, the primary reason first.
func (all findings) ranked() []*finding {
	var list []*finding
	for _, found := range all {
		for _, f := range found {
			f.lead, f.HiddenBy = f.leader(found), all.hiding(f.rule)
		}
		list = append(list, found...)
	}
	slices.SortFunc(list, rank)
	return list
}

// leader returns the line by which a finding is ranked among those of other
// rules: its own, or that of the last match of its rule in the file.
func (f *finding) leader(found []*finding) int {
	lead := f.Line
	if f.rule.Occurrence == OccurrenceLast {
		for _, other := range found {
			if other.file == f.file {
				lead = max(lead, other.Line)
			}
		}
	}
	return lead
}

// hiding returns the id of the first rule that matched and hides another, ""
// if there is none.
func (all findings) hiding(hidden *rule) string {
	var first *rule
	for r := range all {
		if slices.Contains(r.hides, hidden) && (first == nil || r.place < first.place) {
			first = r
		}
	}
	if first == nil {
		return ""
	}
	return first.ID
}

// rank orders findings so that the primary reason comes first: what is no
// consequence of another, the higher tier, the higher priority, the file named
// first in the rule set, the earlier line, the rule that stands first. No two
// findings are equal in it.
func rank(a, b *finding) int {
	return cmp.Or(
		compareBool(a.HiddenBy != "", b.HiddenBy != ""),
		cmp.Compare(tierRank(a.Tier), tierRank(b.Tier)),
		cmp.Compare(b.rule.Priority, a.rule.Priority),
		cmp.Compare(a.file, b.file),
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.lead, b.lead),
		cmp.Compare(a.rule.place, b.rule.place),
		cmp.Compare(a.turn(), b.turn()),
		cmp.Compare(a.Message, b.Message),
	)
}

// turn orders the findings of one rule in a file: in the order of their lines,
// or the last one first.
func (f *finding) turn() int {
	if f.rule.Occurrence == OccurrenceLast {
		return -f.index
	}
	return f.index
}

// tierRank puts causes before symptoms.
func tierRank(t Tier) int {
	if t == TierCause {
		return 0
	}
	return 1
}
