package classify_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// This file and reference_files_test.go are the rule language once more, as
// plainly as it can be said: every file is read whole, every rule's regular
// expression is tried on every line, nothing is streamed and nothing is bounded.
// The engine is held to what it says; it shares no code with the engine.

// A verdict is what the reference says of a job, as far as rules decide it.
type verdict struct {
	Outcome  classify.Outcome
	Rule     string
	Reason   string
	Evidence []classify.Evidence // the primary match's lines
	Matches  []shown
	Missing  []string // files, sorted
}

// A shown is what the reference says of a match.
type shown struct {
	Rule, Message, File, Text string
	Line, EndLine             int
	Count                     classify.Count
	HiddenBy                  string
}

// A hit is a line on which a rule matched, all its conditions met.
type hit struct {
	file, line int // index into evaluator.order, index into its lines
	message    string
}

// A finding is a match of a rule, and what it is ranked by.
type finding struct {
	shown
	rule    int // its place in the set
	at      hit
	where   byte // whether its step failed, see evaluator.where
	symptom bool // it counts as one
	lead    int  // the line that it is ranked by among those of other rules in the file
}

// evaluate gives the reference's verdict, and what it was reached with.
func evaluate(rules []classify.Rule, w world) (v verdict, e *evaluator) {
	e = newEvaluator(rules, w)
	var found []finding
	for i, r := range rules {
		if !restricted(r, w.Job) {
			found = append(found, e.findings(i, e.hits(r))...)
		}
	}
	hide(rules, found)
	slices.SortStableFunc(found, func(a, b finding) int { return rank(rules, a, b) })
	for _, f := range found {
		v.Matches = append(v.Matches, f.shown)
	}
	v.Outcome = classify.OutcomeUnmatched
	if len(found) > 0 {
		first := found[0]
		v.Rule, v.Reason, v.Evidence = first.Rule, first.Message, e.evidence(rules[first.rule], first.at)
		v.Outcome = classify.OutcomeSymptom
		if !first.symptom {
			v.Outcome = classify.OutcomeMatched
		}
	}
	if v.Outcome != classify.OutcomeMatched && e.silent() {
		v.Outcome = classify.OutcomeNoLogs
	}
	v.Missing = e.missing(true)
	return v, e
}

// hits returns where a rule matches, in the order in which files are read.
func (e *evaluator) hits(r classify.Rule) []hit {
	var hits []hit
	for _, name := range e.filesOf(r) {
		var here []hit
		for i := range e.lines(name) {
			if message, ok := e.matches(r, name, i); ok {
				here = append(here, hit{slices.Index(e.order, name), i, message})
			}
		}
		if e.conditions(r, name, len(here) > 0) {
			hits = append(hits, here...)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.file, b.file) })
	return hits
}

// matches reports whether a rule matches on a line, conditions on files apart.
func (e *evaluator) matches(r classify.Rule, name string, i int) (message string, ok bool) {
	lines := e.lines(name)
	text := lines[i].text
	re := expression(r.Pattern, r.Literal)
	groups := re.FindStringSubmatch(text)
	if groups == nil || slices.ContainsFunc(r.Exclude, func(x string) bool { return strings.Contains(text, x) }) {
		return "", false
	}
	if r.Next != "" && (i+1 >= len(lines) || !expression(r.Next, "").MatchString(lines[i+1].text)) {
		return "", false
	}
	for _, u := range r.Unless {
		if e.unless(u, name, i) != no {
			return "", false
		}
	}
	return render(r.Message, re, groups), true
}

// unless says whether what takes a match away occurs near a line.
func (e *evaluator) unless(u classify.Unless, name string, i int) truth {
	lines := e.lines(name)
	from, to := i, i
	switch u.Within {
	case classify.WithinLine:
	case classify.WithinNext:
		from, to = i+1, i+1
	case classify.WithinFile:
		from, to = 0, len(lines)
	default:
		from, to = max(0, i-int(u.Within)), i+int(u.Within)
	}
	for k := from; k <= to && k < len(lines); k++ {
		if expression(u.Pattern, u.Literal).MatchString(lines[k].text) {
			return yes
		}
	}
	if e.Files[name].Cut && (to >= len(lines) || !lines[to].whole) {
		return unknown
	}
	return no
}

// findings makes matches of a rule's hits: one for each message, at most 20.
func (e *evaluator) findings(rule int, hits []hit) []finding {
	r := e.rules[rule]
	last := r.Occurrence == classify.OccurrenceLast
	if last {
		slices.Reverse(hits)
	}
	var all []finding
	for _, h := range hits {
		at := slices.IndexFunc(all, func(f finding) bool { return f.Message == h.message })
		if at < 0 {
			at = len(all)
			all = append(all, finding{shown: e.show(r, h), rule: rule, at: h})
		}
		all[at].Count = min(all[at].Count+1, classify.MoreThan100)
	}
	all = all[:min(len(all), 20)]
	if len(all) == 0 {
		return nil
	}
	first := slices.MinFunc(all, func(a, b finding) int {
		order := cmp.Compare(a.at.line, b.at.line)
		if last {
			order = -order
		}
		return cmp.Or(cmp.Compare(a.at.file, b.at.file), order)
	})
	for i, f := range all {
		all[i].where = e.where(first.File, first.Line)
		if r.Tier == classify.TierClue {
			all[i].where = e.where(f.File, f.Line)
		}
		all[i].symptom = r.Tier == classify.TierSymptom || r.Tier == classify.TierClue && all[i].where != 'f'
		all[i].lead = f.Line
		for _, other := range all {
			if last && other.File == f.File {
				all[i].lead = max(all[i].lead, other.Line)
			}
		}
	}
	return all
}

func (e *evaluator) show(r classify.Rule, h hit) shown {
	name := e.order[h.file]
	lines := e.lines(name)
	return shown{Rule: r.ID, Message: h.message, File: name, Text: displayed(lines[h.line]),
		Line: lines[h.line].no, EndLine: lines[e.blockEnd(r, name, h.line)].no}
}

// blockEnd returns the last line of the block of evidence that until asks for.
func (e *evaluator) blockEnd(r classify.Rule, name string, i int) int {
	if r.Until == "" {
		return i
	}
	lines := e.lines(name)
	end := i
	for k := i + 1; k < len(lines) && k < i+classify.MaxBlock; k++ {
		end = k
		if expression(r.Until, "").MatchString(lines[k].text) {
			break
		}
	}
	return end
}

// evidence returns a match's line, and the block or the context around it: as
// runs of lines of the file, a new one where a carriage return parts a line.
func (e *evaluator) evidence(r classify.Rule, h hit) []classify.Evidence {
	name := e.order[h.file]
	lines := e.lines(name)
	from := max(0, h.line-r.Context.Before)
	to := min(len(lines)-1, e.blockEnd(r, name, h.line)+r.Context.After)
	if r.Until != "" {
		to = min(to, h.line+29) // of a block thirty lines are shown
	}
	var runs []classify.Evidence
	for k, l := range lines[from : to+1] {
		if k == 0 || l.no == lines[from+k-1].no {
			runs = append(runs, classify.Evidence{File: name, Line: l.no, Rule: r.ID})
		}
		run := &runs[len(runs)-1]
		run.EndLine, run.Text = l.no, append(run.Text, displayed(l))
	}
	return runs
}

// displayed returns a line as it is shown: blanks at its end are not.
func displayed(l refLine) string { return strings.TrimRight(l.text, " ") }

// hide marks the matches that another matched rule names as its consequences.
func hide(rules []classify.Rule, found []finding) {
	for _, by := range rules {
		if !slices.ContainsFunc(found, func(f finding) bool { return f.Rule == by.ID }) {
			continue
		}
		for i := range found {
			if found[i].HiddenBy == "" && slices.Contains(by.Hides, found[i].Rule) {
				found[i].HiddenBy = by.ID
			}
		}
	}
}

// rank orders matches, the reason first.
func rank(rules []classify.Rule, a, b finding) int {
	flag := func(yes bool) int {
		if yes {
			return 1
		}
		return 0
	}
	ra, rb := rules[a.rule], rules[b.rule]
	order := cmp.Or(
		flag(a.HiddenBy != "")-flag(b.HiddenBy != ""),
		flag(a.symptom)-flag(b.symptom),
		flag(a.where == 'a')-flag(b.where == 'a'))
	if order != 0 {
		return order
	}
	order = cmp.Or(
		cmp.Compare(rb.Priority, ra.Priority),
		cmp.Compare(a.at.file, b.at.file),
		cmp.Compare(a.lead, b.lead),
		cmp.Compare(a.rule, b.rule),
		cmp.Compare(a.at.line, b.at.line))
	if a.rule == b.rule && a.at.file == b.at.file && ra.Occurrence == classify.OccurrenceLast {
		return -order
	}
	return order
}

// render fills a message in: "{0}", "{1}", "{name}", blanks in a row as one.
func render(message string, re *regexp.Regexp, groups []string) string {
	text := regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc(message, func(ref string) string {
		name := strings.Trim(ref, "{}")
		if i := re.SubexpIndex(name); i >= 0 {
			return strings.TrimSpace(groups[i])
		}
		return strings.TrimSpace(groups[int(name[0]-'0')])
	})
	return strings.Join(strings.Fields(text), " ")
}

// expressions holds what was compiled: patterns come from a small vocabulary.
var expressions = map[string]*regexp.Regexp{}

// expression returns the regular expression of a pattern or of a literal.
func expression(pattern, literal string) *regexp.Regexp {
	if pattern == "" {
		pattern = regexp.QuoteMeta(literal)
	}
	if expressions[pattern] == nil {
		expressions[pattern] = regexp.MustCompile(pattern)
	}
	return expressions[pattern]
}

// restricted reports whether a job is none of those that a rule is for.
func restricted(r classify.Rule, job classify.Job) bool {
	return !allowed(r.Jobs, job.Name) || !allowed(r.Projects, job.Project) ||
		!allowed(r.Branches, job.Branch) || !allowed(r.Pipelines, job.Pipeline)
}

func allowed(globs []string, name string) bool {
	var wanted, unwanted []string
	for _, g := range globs {
		if strings.HasPrefix(g, "!") {
			unwanted = append(unwanted, g[1:])
		} else {
			wanted = append(wanted, g)
		}
	}
	matches := func(glob string) bool {
		pattern := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(glob))
		return expression("(?s)^(?:"+pattern+")$", "").MatchString(name)
	}
	return !slices.ContainsFunc(unwanted, matches) && (len(wanted) == 0 || slices.ContainsFunc(wanted, matches))
}
