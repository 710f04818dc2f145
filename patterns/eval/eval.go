// Package eval measures what rules are worth: it holds the results of watchcat
// to the labels of logs in which a person marked the reason, counts for each
// rule how often it was right, and tells which verdicts two rule sets, or two
// saved runs, have apart. It reads no files: it is handed results and labels.
package eval

import (
	"iter"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// Class says what the verdict on a labelled log is worth.
type Class string

// The classes. A reason is named where the outcome is classify.OutcomeMatched.
const (
	Right   Class = "right"   // a reason is named, and a line shown for it is labelled
	Wrong   Class = "wrong"   // a reason is named, and no line shown for it is labelled
	Found   Class = "found"   // no reason is named, but a line of those shown is labelled
	Missed  Class = "missed"  // no reason is named, and no line of those shown is labelled
	Nothing Class = "nothing" // no line is shown, nor is a reason named
)

// Classes returns all classes in the order in which reports list them.
func Classes() []Class { return []Class{Right, Wrong, Found, Missed, Nothing} }

// Log is a labelled log and what was made of it.
type Log struct {
	Log       string           `json:"log"` // as the label names it
	File      string           `json:"file,omitempty"`
	Project   string           `json:"project,omitempty"`
	Class     Class            `json:"class"`
	Outcome   classify.Outcome `json:"outcome,omitempty"` // empty: there is no result
	Partial   bool             `json:"partial,omitzero"`
	Rule      string           `json:"rule,omitempty"`
	Tag       string           `json:"tag,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Line      int              `json:"line,omitzero"` // that the rule matched
	Shown     []Range          `json:"shown"`
	Label     []Range          `json:"label"`
	Recall    float64          `json:"recall"`    // share of the labelled lines that are shown
	Precision float64          `json:"precision"` // share of the shown lines that are labelled
	F1        float64          `json:"f1"`        // the harmonic mean of both, 0 if they are
}

// Green is a log of a build that passed, in which a rule names a reason.
type Green struct {
	File   string `json:"file"`
	Rule   string `json:"rule"`
	Tag    string `json:"tag"`
	Reason string `json:"reason"`
	In     string `json:"in"` // the file of the job
	Line   int    `json:"line"`
	Text   string `json:"text"`
}

// Evaluation is what rules are worth on labelled logs and on those of builds
// that passed.
type Evaluation struct {
	Summary Summary
	Logs    []Log   // in the order of the labels
	Greens  []Green // in the order of the results
	Rules   []Rule  // all of the set, and others that matched; causes first, and of these the most wrong
}

// Summary is an Evaluation in numbers.
type Summary struct {
	Scores
	Classes map[Class]int `json:"classes"` // labelled logs
	Partial int           `json:"partial"` // labelled logs that could not be read, or not to their end
	Passing int           `json:"passing"` // logs of builds that passed
	Green   int           `json:"green"`   // of these, those in which a rule names a reason
}

// Evaluate holds the results on labelled logs to their labels. A result belongs
// to the label whose path has the same last three parts as its File; one that
// belongs to none is passed over, and a label without a result counts as a log
// of which nothing is shown. Passing are the results on logs of builds that
// passed. Either may be nil. The rules are those that gave the results.
func Evaluate(labels []Label, rules []classify.Rule, failing, passing iter.Seq[classify.Result]) *Evaluation {
	t := newTally(rules)
	e := &Evaluation{Logs: make([]Log, len(labels))}
	paths := make([]string, len(labels))
	for i, l := range labels {
		e.Logs[i] = judge(l, &classify.Result{})
		paths[i] = l.Log
	}
	known := newNames(paths)
	for r := range each(failing) {
		if i := known.find(r.File); i >= 0 {
			e.Logs[i] = judge(labels[i], &r)
			t.add(labels[i], &r)
		}
	}
	for r := range each(passing) {
		e.Summary.Passing++
		t.addPassing(&r)
		if r.Outcome == classify.OutcomeMatched {
			e.Greens = append(e.Greens, greenOf(&r))
		}
	}
	e.Rules = t.rows()
	e.sum()
	return e
}

// each is a sequence that may be nil.
func each(results iter.Seq[classify.Result]) iter.Seq[classify.Result] {
	if results == nil {
		return func(func(classify.Result) bool) {}
	}
	return results
}

// judge holds a result to a label.
func judge(label Label, r *classify.Result) Log {
	l := Log{
		Log: label.Log, File: r.File, Project: label.Project, Outcome: r.Outcome, Partial: r.Partial,
		Rule: r.Rule, Tag: r.Tag, Reason: r.Reason, Line: line(r), Shown: shown(r.Evidence), Label: label.Lines,
	}
	both := common(l.Shown, l.Label)
	if both > 0 {
		l.Recall = float64(both) / float64(count(l.Label))
		l.Precision = float64(both) / float64(count(l.Shown))
		l.F1 = 2 * l.Recall * l.Precision / (l.Recall + l.Precision)
	}
	switch named := r.Outcome == classify.OutcomeMatched; {
	case named && both > 0:
		l.Class = Right
	case named:
		l.Class = Wrong
	case both > 0:
		l.Class = Found
	case len(l.Shown) > 0:
		l.Class = Missed
	default:
		l.Class = Nothing
	}
	return l
}

// line returns the line of the reason that a result names, else the first that it
// shows; 0 for none.
func line(r *classify.Result) int {
	switch {
	case len(r.Matches) > 0:
		return r.Matches[0].Line
	case len(r.Evidence) > 0:
		return r.Evidence[0].Line
	}
	return 0
}

// greenOf tells of a reason that is named for a build that passed.
func greenOf(r *classify.Result) Green {
	g := Green{File: r.File, Rule: r.Rule, Tag: r.Tag, Reason: r.Reason, Line: line(r)}
	if len(r.Matches) > 0 {
		g.In, g.Text = r.Matches[0].File, r.Matches[0].Text
	}
	return g
}

// sum sums up what is known of the logs.
func (e *Evaluation) sum() {
	e.Summary.Scores = score(e.Logs)
	e.Summary.Green = len(e.Greens)
	e.Summary.Classes = map[Class]int{}
	for _, l := range e.Logs {
		e.Summary.Classes[l.Class]++
		if l.Partial || l.Outcome == "" {
			e.Summary.Partial++
		}
	}
}

// Scores say how good results are. All but Logs, Projects and Shown are means
// over projects of the means over their logs, since the logs of one project are
// alike.
type Scores struct {
	Logs      int     `json:"logs"`
	Projects  int     `json:"projects"`
	Hit       float64 `json:"hit"` // a line shown is labelled
	F1        float64 `json:"f1"`  // of the lines shown
	Recall    float64 `json:"recall"`
	Precision float64 `json:"precision"`
	Reason    float64 `json:"reason"` // a rule of tier cause named a reason
	Right     float64 `json:"right"`  // it did, and its lines hit the label
	Shown     float64 `json:"shown"`  // the median number of lines shown
}

// score computes the scores of logs.
func score(logs []Log) Scores {
	var projects []string // in the order of their first logs
	of := map[string][]Log{}
	var lengths []int
	for _, l := range logs {
		if of[l.Project] == nil {
			projects = append(projects, l.Project)
		}
		of[l.Project] = append(of[l.Project], l)
		lengths = append(lengths, count(l.Shown))
	}
	mean := func(value func(Log) float64) float64 {
		total := 0.0
		for _, p := range projects {
			sum := 0.0
			for _, l := range of[p] {
				sum += value(l)
			}
			total += sum / float64(len(of[p]))
		}
		return total / float64(max(1, len(projects)))
	}
	share := func(is func(Log) bool) float64 {
		return mean(func(l Log) float64 {
			if is(l) {
				return 1
			}
			return 0
		})
	}
	return Scores{
		Logs: len(logs), Projects: len(projects), Shown: median(lengths),
		Hit:       share(func(l Log) bool { return l.F1 > 0 }),
		F1:        mean(func(l Log) float64 { return l.F1 }),
		Recall:    mean(func(l Log) float64 { return l.Recall }),
		Precision: mean(func(l Log) float64 { return l.Precision }),
		Reason:    share(func(l Log) bool { return l.Class == Right || l.Class == Wrong }),
		Right:     share(func(l Log) bool { return l.Class == Right }),
	}
}

// median returns the middle of numbers, or the mean of the two in the middle; 0
// of none.
func median(numbers []int) float64 {
	if len(numbers) == 0 {
		return 0
	}
	slices.Sort(numbers)
	half := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return float64(numbers[half])
	}
	return (float64(numbers[half-1]) + float64(numbers[half])) / 2
}
