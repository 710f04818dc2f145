package eval

import (
	"fmt"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// Kind says how a verdict changed.
type Kind string

// The kinds. A symptom is less than a reason and more than nothing.
const (
	Lost    Kind = "lost"    // there was a reason, now there is none; or a symptom, and now neither
	Changed Kind = "changed" // another rule, tag, message, line or block of evidence
	Gained  Kind = "gained"  // there is a reason, and there was none; or a symptom, and there was neither
)

// Kinds returns all kinds in the order in which reports list them.
func Kinds() []Kind { return []Kind{Lost, Changed, Gained} }

// Effect says whether a change is for the better, by the labels.
type Effect string

// The effects. A wrong reason is worse than none; a reason for a build that
// passed is wrong. The zero value means that there is no label to tell.
const (
	Better  Effect = "better"
	Worse   Effect = "worse"
	Neither Effect = "neither"
)

// Change is a job of which two runs have different verdicts.
type Change struct {
	Kind   Kind    `json:"kind"`
	Log    string  `json:"log"` // or what else to call the job
	ID     string  `json:"id,omitempty"`
	Job    string  `json:"job,omitempty"`
	Old    Verdict `json:"old"`
	New    Verdict `json:"new"`
	Effect Effect  `json:"effect,omitempty"`
}

// Diff is what two runs have apart.
type Diff struct {
	Changes []Change     // by Kinds, those of one kind in the order of the new run
	OnlyOld []string     // the names of the jobs that only one run has
	OnlyNew []string     //
	Counts  map[Kind]int // of Changes
	Effects map[Effect]int
	Same    int
}

// String returns the summary: "gained 12, lost 1, changed 3, same 379".
func (d *Diff) String() string {
	return fmt.Sprintf("gained %d, lost %d, changed %d, same %d", d.Counts[Gained], d.Counts[Lost], d.Counts[Changed], d.Same)
}

// Truth says what is known of logs. The zero value knows nothing.
type Truth struct {
	labels  []Label
	named   *names
	passing *names
}

// NewTruth takes labels, and the paths of logs of builds that passed.
func NewTruth(labels []Label, passing []string) *Truth {
	paths := make([]string, len(labels))
	for i, l := range labels {
		paths[i] = l.Log
	}
	return &Truth{labels: labels, named: newNames(paths), passing: newNames(passing)}
}

// Compare tells what became of the verdicts of a run in another. Jobs are the
// same that have the same ID, else the same File, else the same LogURL; what is
// left is paired by the last three parts of File, where that is one job of each.
func Compare(old, now *Run, truth *Truth) *Diff {
	d := &Diff{Counts: map[Kind]int{}, Effects: map[Effect]int{}}
	partner, onlyOld := pair(old.Verdicts, now.Verdicts)
	for i := range now.Verdicts {
		after := &now.Verdicts[i]
		before := partner[i]
		if before == nil {
			d.OnlyNew = append(d.OnlyNew, after.Name())
			continue
		}
		kind := compare(before, after)
		if kind == "" {
			d.Same++
			continue
		}
		c := Change{kind, after.Name(), after.ID, after.Job, *before, *after, truth.effect(before, after)}
		d.Changes = append(d.Changes, c)
		d.Counts[kind]++
		if c.Effect != "" {
			d.Effects[c.Effect]++
		}
	}
	for _, v := range onlyOld {
		d.OnlyOld = append(d.OnlyOld, v.Name())
	}
	slices.SortStableFunc(d.Changes, func(a, b Change) int {
		return slices.Index(Kinds(), a.Kind) - slices.Index(Kinds(), b.Kind)
	})
	return d
}

// compare says how a verdict changed, "" if it did not.
func compare(old, now *Verdict) Kind {
	before, after := rank(old), rank(now)
	switch {
	case after < before:
		return Lost
	case after > before:
		return Gained
	case after == 0:
		return "" // of an excerpt no rule decides
	case old.Rule != now.Rule || old.Tag != now.Tag || old.Reason != now.Reason || old.In != now.In ||
		old.Line != now.Line || !slices.Equal(old.Shown, now.Shown):
		return Changed
	}
	return ""
}

// rank says how much a verdict tells of the reason.
func rank(v *Verdict) int {
	switch {
	case v.Outcome == classify.OutcomeMatched:
		return 2
	case v.Rule != "":
		return 1
	}
	return 0
}

// effect says whether a change is for the better.
func (t *Truth) effect(old, now *Verdict) Effect {
	if t == nil || t.named == nil {
		return ""
	}
	before, known := t.worth(old)
	after, _ := t.worth(now)
	switch {
	case !known:
		return ""
	case after > before:
		return Better
	case after < before:
		return Worse
	}
	return Neither
}

// worth says what a verdict is worth: a reason that is right more than none, and
// none more than one that is wrong.
func (t *Truth) worth(v *Verdict) (worth int, known bool) {
	label := t.named.find(v.File)
	named := v.Outcome == classify.OutcomeMatched
	switch {
	case label >= 0 && named && common(v.Shown, t.labels[label].Lines) > 0:
		return 1, true
	case label < 0 && t.passing.find(v.File) < 0:
		return 0, false
	case named:
		return -1, true
	}
	return 0, true
}

// pair finds for each of the new verdicts the old one of the same job, nil where
// there is none, and returns the old ones that are left.
func pair(old, now []Verdict) (partner []*Verdict, left []*Verdict) {
	partner = make([]*Verdict, len(now))
	taken := make([]bool, len(old))
	match := func(keys func([]Verdict) []string) {
		at := map[string]int{}
		for i, key := range keys(old) {
			if !taken[i] && key != "" {
				at[key] = i
			}
		}
		for i, key := range keys(now) {
			if j, ok := at[key]; ok && partner[i] == nil {
				partner[i], taken[j] = &old[j], true
			}
		}
	}
	match(exactKeys)
	match(tailKeys)
	for i := range old {
		if !taken[i] {
			left = append(left, &old[i])
		}
	}
	return partner, left
}

// exactKeys returns what tells jobs apart. Where several have one key, they are
// numbered.
func exactKeys(verdicts []Verdict) []string {
	keys := make([]string, len(verdicts))
	seen := map[string]int{}
	for i, v := range verdicts {
		switch {
		case v.ID != "":
			keys[i] = "id " + v.ID
		case v.File != "":
			keys[i] = "file " + v.File
		default:
			keys[i] = "log " + v.LogURL + " " + v.Job
		}
		seen[keys[i]]++
		keys[i] += fmt.Sprint(" ", seen[keys[i]])
	}
	return keys
}

// tailKeys returns the last parts of the names of logs, "" for one that several
// have.
func tailKeys(verdicts []Verdict) []string {
	keys := make([]string, len(verdicts))
	seen := map[string]int{}
	for i, v := range verdicts {
		if v.File != "" {
			keys[i] = tailOf(v.File, tailParts)
			seen[keys[i]]++
		}
	}
	for i, key := range keys {
		if seen[key] > 1 {
			keys[i] = ""
		}
	}
	return keys
}
