package classify

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A weight is how much a line looks like the reason, by what makes it look so.
type weight struct {
	words  float64 // what it says
	exit   float64 // a failed exit below it
	alike  float64 // that many lines are like it: not above 0
	aside  float64 // that its step did not fail: not above 0
	beside float64 // lines beside it that look so too
}

// own returns what a line weighs by itself.
func (w weight) own() float64 { return w.words + w.exit + w.alike + w.aside }

// all returns what a line weighs among its neighbours.
func (w weight) all() float64 { return w.own() + w.beside }

// String names what the weight is made of, the least left out.
func (w weight) String() string {
	var parts []string
	for _, p := range []struct {
		what  string
		worth float64
	}{
		{"what it says", w.words}, {"a failed exit below it", w.exit}, {"many lines are like it", w.alike},
		{"its step did not fail", w.aside}, {"lines beside it", w.beside},
	} {
		if math.Abs(p.worth) >= 0.05 {
			parts = append(parts, fmt.Sprintf("%s %+.1f", p.what, p.worth))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "it is one of the last lines, and none looks like the reason")
}

// weigh returns the weight of a line by itself.
func (e *excerpt) weigh(l *excerptLine) weight {
	w := weight{words: l.score, exit: 3 * l.exit}
	if n := e.shapes[l.shape]; n > 3 && l.shape != 0 {
		w.alike = -math.Log2(float64(n) / 3)
	}
	if e.steps.at(l.line) == aside {
		w.aside = -1
	}
	return w
}

// weights returns the weights of the kept lines, each with a share of its neighbours'.
func (e *excerpt) weights() []weight {
	all := make([]weight, len(e.kept))
	for i := range e.kept {
		all[i] = e.weigh(&e.kept[i])
	}
	for i, l := range e.kept {
		for j := max(0, i-3); j <= min(len(all)-1, i+3); j++ {
			if d := e.kept[j].index - l.index; j != i && -3 <= d && d <= 3 {
				all[i].beside += 0.06 * max(0, all[j].own())
			}
		}
	}
	return all
}

// totals returns what lines weigh among their neighbours.
func totals(all []weight) []float64 {
	totals := make([]float64, len(all))
	for i, w := range all {
		totals[i] = w.all()
	}
	return totals
}

// best returns the weight of the most telling line.
func (e *excerpt) best() float64 {
	if len(e.kept) == 0 {
		return 0
	}
	return slices.Max(totals(e.weights()))
}

// evidence returns the runs of lines that look most like the reason, in the
// order of the log, without the lines in shown, and the line that looks so most
// of all. If no line says anything, these are the last ones.
func (e *excerpt) evidence(file string, shown []Evidence) (runs []Evidence, hint string) {
	e.keepRecent(excerptBefore)
	all := e.weights()
	weights := totals(all)
	chosen := make([]bool, len(e.kept))
	left := max(excerptRun, min(excerptLines, showing(shown).room()))
	top := -1
	for _, i := range byWeight(weights) {
		if left <= 0 || weights[i] <= 0 || top >= 0 && weights[i] < 0.5*weights[top] {
			break
		}
		if chosen[i] || blank(e.kept[i].text) {
			continue
		}
		if top < 0 {
			top = i
		}
		left -= e.choose(chosen, weights, i, min(left, excerptRun))
	}
	if top < 0 {
		top = e.chooseLast(chosen)
	}
	if top >= 0 {
		hint = lineText(e.kept[top].text, 0, 0)
	}
	return e.runs(file, chosen, all, shown), hint
}

// chooseLast marks the last lines, and returns the index of the last that is
// not blank, -1 if there is none.
func (e *excerpt) chooseLast(chosen []bool) int {
	last := -1
	for i := max(0, len(chosen)-excerptRun); i < len(chosen); i++ {
		if !blank(e.kept[i].text) {
			chosen[i], last = true, i
		}
	}
	return last
}

// byWeight returns the indexes of weights, the greatest first, equal ones in order.
func byWeight(weights []float64) []int {
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	return order
}

// choose marks a run of at most n lines around line i, and returns how many it marked.
func (e *excerpt) choose(chosen []bool, weights []float64, i, n int) int {
	chosen[i] = true
	marked := 1
	for _, step := range []int{1, -1} {
		for j := i + step; j >= 0 && j < len(chosen) && marked < n; j += step {
			if chosen[j] || e.kept[j].index != e.kept[j-step].index+step || blank(e.kept[j].text) {
				break
			}
			if weights[j] < 0.35*weights[i] && !(step > 0 && deeper(e.kept[j].text, e.kept[i].text)) {
				break
			}
			chosen[j] = true
			marked++
		}
	}
	return marked
}

// deeper reports whether a line is indented more than another.
func deeper(line, than []byte) bool { return blanks(line) > blanks(than) }

// blank reports whether a line shows nothing.
func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// runs returns the chosen lines as evidence, each run with what made the likeliest
// of its lines look like the reason.
func (e *excerpt) runs(file string, chosen []bool, weights []weight, shown []Evidence) []Evidence {
	var runs []Evidence
	heaviest := -1 // of the last run
	for i, l := range e.kept {
		if !chosen[i] || showing(shown).has(file, l.line) {
			continue
		}
		n := len(runs)
		runs = appendLine(runs, file, l.line, lineText(l.text, 0, 0))
		if len(runs) > n || weights[i].all() > weights[heaviest].all() {
			heaviest = i
			runs[len(runs)-1].Why = fmt.Sprintf("line %d: %s", l.line, weights[i])
		}
	}
	return runs
}
