package classify

import (
	"cmp"
	"hash/fnv"
	"io"
	"maps"
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
	block *block // the lines that are its evidence; nil: it is shown
	shown []Evidence
	where whereabouts // in the steps of the file; once ranked, that of the leading finding of a rule that is no clue
}

// findings are what was found in the logs of a job, by rule. A rule that found
// nothing has no entry.
type findings map[*rule]*kept

// kept are the findings of a rule, one a message. Those of a rule with
// OccurrenceLast stand in the order in which they were seen last. The zero
// value, and nil, hold none.
type kept struct {
	list   []*finding
	pushed map[uint64]Count // by hash: messages that later ones pushed out, which may come again
}

// maxPushed is how many messages of a rule are remembered that later ones pushed out.
const maxPushed = 10_000

// add puts a finding among those of its rule: its count goes to one with the
// same message. Of more than limit the first are kept, or the last, as the rule
// asks for.
func (k *kept) add(f *finding, limit int) {
	same := k.index(f.Message)
	if f.rule.Occurrence == OccurrenceLast {
		k.addLast(f, same, limit)
		return
	}
	if same >= 0 {
		k.list[same].Count = plus(k.list[same].Count, f.Count)
	} else if len(k.list) < limit {
		k.list = append(k.list, f)
		return
	}
	f.block.close()
}

// addLast puts a finding behind those of its rule, of which one at same may have
// the same message.
func (k *kept) addLast(f *finding, same, limit int) {
	hash := hashMessage(f.Message)
	f.Count = plus(f.Count, k.pushed[hash])
	delete(k.pushed, hash)
	if same >= 0 {
		f.Count = plus(f.Count, k.list[same].Count)
	} else if len(k.list) >= limit {
		same = 0
		k.push(hashMessage(k.list[0].Message), k.list[0].Count)
	}
	if same >= 0 {
		k.list[same].block.close()
		k.list = slices.Delete(k.list, same, same+1)
	}
	k.list = append(k.list, f)
}

// push remembers how often a message was seen that is kept no longer.
func (k *kept) push(hash uint64, n Count) {
	if k.pushed == nil {
		k.pushed = map[uint64]Count{}
	}
	if _, known := k.pushed[hash]; known || len(k.pushed) < maxPushed {
		k.pushed[hash] = plus(k.pushed[hash], n)
	}
}

// hashMessage returns the same number for the same message.
func hashMessage(message string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, message) // which does not fail
	return h.Sum64()
}

// plus adds counts.
func plus(a, b Count) Count { return min(a+b, MoreThan100) }

// index returns the place of the finding with that message, -1 if there is none.
func (k *kept) index(message string) int {
	if k == nil {
		return -1
	}
	return slices.IndexFunc(k.list, func(f *finding) bool { return f.Message == message })
}

// add takes over what was found in a file.
func (all findings) add(s *scan) {
	steps := s.steps.outline()
	for _, t := range s.tracks {
		if t == nil || len(t.found.list) == 0 {
			continue
		}
		if all[t.rule] == nil {
			all[t.rule] = &kept{}
		}
		for _, f := range t.found.list {
			if t.until != nil && f.block != nil {
				f.EndLine = f.block.end
			}
			f.where = steps.at(f.Line)
			all[t.rule].add(f, maxMessages)
		}
		for _, hash := range slices.Sorted(maps.Keys(t.found.pushed)) {
			all[t.rule].push(hash, t.found.pushed[hash])
		}
	}
}

// ranked returns all findings, the primary reason first.
func (all findings) ranked() []*finding {
	var list []*finding
	for _, found := range all {
		where := leading(found.list).where
		for _, f := range found.list {
			if f.rule.Tier != TierClue {
				f.where = where
			}
			f.lead, f.HiddenBy, f.Tier = f.leader(found.list), all.hiding(f.rule), f.tier()
		}
		list = append(list, found.list...)
	}
	slices.SortFunc(list, rank)
	return list
}

// leading returns the finding of a rule that goes before its others, whose lines
// are the rule's evidence: where it stands decides on all of them, unless the
// rule is a clue.
func leading(found []*finding) *finding {
	return slices.MinFunc(found, func(a, b *finding) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.File, b.File), cmp.Compare(a.turn(), b.turn()))
	})
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
// consequence of another; the higher tier; what does not stand aside, in a step
// of which nothing says that it failed while another did; the higher priority;
// the file named first in the rule set; the earlier line; the rule that stands
// first. No two findings are equal in it.
func rank(a, b *finding) int {
	return cmp.Or(
		compareBool(a.HiddenBy != "", b.HiddenBy != ""),
		cmp.Compare(tierRank(a.Tier), tierRank(b.Tier)),
		compareBool(a.where == aside, b.where == aside),
		cmp.Compare(b.rule.Priority, a.rule.Priority),
		cmp.Compare(a.file, b.file),
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.lead, b.lead),
		cmp.Compare(a.rule.place, b.rule.place),
		cmp.Compare(a.turn(), b.turn()),
		cmp.Compare(a.Message, b.Message),
	)
}

// tier returns what a finding counts as: a clue is the cause in a step that
// failed, and a symptom elsewhere.
func (f *finding) tier() Tier {
	switch {
	case f.rule.Tier != TierClue:
		return f.rule.Tier
	case f.where == inFailed:
		return TierCause
	}
	return TierSymptom
}

// evidence returns the lines that a finding shows.
func (f *finding) evidence() []Evidence {
	runs := slices.Clone(f.shown)
	if f.block != nil {
		runs = f.block.evidence(f.File)
	}
	for i := range runs {
		runs[i].Rule = f.Rule
	}
	return runs
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
