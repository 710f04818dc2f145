package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

const rulesShowHelp = `Print rules as they are written, each below the place where it stands, with what
overrides made of it, the texts that logs are searched for before the rule is
tried, and which rules it hides or is hidden by in a job where both match.`

func (a *app) rulesShowCommand() *cobra.Command {
	var rules rulesFlag
	var format answerFormat
	c := &cobra.Command{
		Use:     "show ID...",
		Short:   "Print rules: as written, as overrides left them, what they hide",
		Long:    rulesShowHelp,
		Example: "  watchcat rules show pip-no-distribution\n  watchcat rules show --rules default --rules rules/ disk-full",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, ids []string) error {
			asJSON, err := format.asJSON()
			if err != nil {
				return err
			}
			return a.showRules(rules, ids, asJSON)
		},
	}
	rules.add(c)
	format.add(c)
	return c
}

// showRules prints the rules with these ids.
func (a *app) showRules(rules rulesFlag, ids []string, asJSON bool) error {
	set, wrong, err := a.ruleSet(rules)
	if err != nil {
		return err
	}
	incomplete := a.noteMistakes(wrong)
	all := a.listed(set)
	var shown []shownRule
	for _, id := range ids {
		r, err := findRule(id, all, wrong)
		if err != nil {
			return err
		}
		shown = append(shown, newShownRule(set, r))
	}
	return cmp.Or(a.printShown(shown, asJSON), incomplete)
}

// printShown prints rules.
func (a *app) printShown(shown []shownRule, asJSON bool) error {
	enc := encoder(a.stdout)
	for i, r := range shown {
		var err error
		if asJSON {
			err = enc.Encode(r)
		} else {
			_, err = fmt.Fprint(a.stdout, strings.Repeat("\n", min(i, 1))+printable(r.text()))
		}
		if err != nil {
			return fmt.Errorf("print the rules: %w", err)
		}
	}
	return nil
}

// mostIDs is how many ids a hint names.
const mostIDs = 5

// nearIDs returns a hint at the ids that one which no rule has may stand for:
// the nearest, and those that hold it or most of its words.
func nearIDs(id string, all []listedRule) string {
	var known []string
	shared := map[string]int{}
	words := strings.Split(id, "-")
	for _, r := range all {
		known = append(known, r.ID)
		for _, word := range strings.Split(r.ID, "-") {
			if slices.Contains(words, word) {
				shared[r.ID]++
			}
		}
	}
	nearest := strict.Nearest(id, known)
	near := slices.DeleteFunc(known, func(k string) bool {
		return k != nearest && !strings.Contains(k, id) && 2*shared[k] < len(words)
	})
	rank := func(id string) int {
		if id == nearest {
			return len(words) + 1
		}
		return shared[id]
	}
	slices.SortStableFunc(near, func(a, b string) int {
		return cmp.Compare(rank(b), rank(a))
	})
	if len(near) == 0 {
		return "; watchcat rules list tells which there are"
	}
	return "; did you mean " + quotedList(near[:min(len(near), mostIDs)]) + "?"
}

// shownRule is all that show tells of a rule.
type shownRule struct {
	listedRule
	Written   string      `json:"written"`             // its table in its file
	Effective string      `json:"effective,omitempty"` // what overrides made of it
	Tests     []shownTest `json:"tests,omitempty"`
	Literals  []string    `json:"literals,omitempty"` // that lines are searched for; none: it is tried on every line
	HiddenBy  []string    `json:"hidden_by,omitempty"`
}

// shownTest is a test that a rule carries.
type shownTest struct {
	Origin   string            `json:"origin"`
	Log      string            `json:"log"`
	Want     string            `json:"want"` // empty: no match
	Files    map[string]string `json:"files,omitempty"`
	Job      string            `json:"job,omitempty"`
	Project  string            `json:"project,omitempty"`
	Branch   string            `json:"branch,omitempty"`
	Pipeline string            `json:"pipeline,omitempty"`
}

// newShownRule returns what there is to tell of a rule.
func newShownRule(set *patterns.Set, r *listedRule) shownRule {
	s := shownRule{listedRule: *r, Written: written(set, set.Place(r.ID)), Literals: classify.Literals(r.Rule)}
	var tests []patterns.Test
	for _, t := range set.Tests {
		if t.Rule == r.ID {
			tests = append(tests, t)
			s.Tests = append(s.Tests, shownTest{t.Origin, t.Log, t.Want, t.Files, t.Job, t.Project, t.Branch, t.Pipeline})
		}
	}
	if slices.Contains(r.State, stateChanged) {
		s.Effective = effective(set, r, tests)
	}
	for _, other := range set.Rules {
		if slices.Contains(other.Hides, r.ID) {
			s.HiddenBy = append(s.HiddenBy, other.ID)
		}
	}
	return s
}

// effective returns the rule file text of a rule as overrides left it.
func effective(set *patterns.Set, r *listedRule, tests []patterns.Test) string {
	rule := r.Rule
	rule.Files = []string{r.file}
	rule.All, rule.None = asWritten(set, rule.All), asWritten(set, rule.None)
	return string(patterns.Format(patterns.Document{Entries: []patterns.Entry{{Rule: rule, Tests: tests}}}))
}

// asWritten returns conditions with the names of their files as rule files have
// them: the logical name instead of what stands behind it.
func asWritten(set *patterns.Set, conditions []classify.Condition) []classify.Condition {
	conditions = slices.Clone(conditions)
	for i, c := range conditions {
		for name, files := range set.Files {
			if len(c.Files) > 0 && slices.Equal(c.Files, files) && (len(conditions[i].Files) > 1 || name < conditions[i].Files[0]) {
				conditions[i].Files = []string{name}
			}
		}
	}
	return conditions
}

// written returns the text of the rule that stands at a place: its table, the
// tables in it, and the comment above.
func written(set *patterns.Set, at patterns.Place) string {
	i := slices.IndexFunc(set.Sources, func(s patterns.Source) bool { return s.Name == at.File })
	if i < 0 {
		return ""
	}
	lines := strings.Split(string(set.Sources[i].Text), "\n")
	begin, end := at.Line-1, len(lines)
	for _, line := range tables(set.Sources[i].Text) {
		if line > at.Line {
			end = line - 1
			break
		}
	}
	comment := func(i int) bool { return strings.HasPrefix(strings.TrimSpace(lines[i]), "#") }
	for begin > 0 && comment(begin-1) {
		begin--
	}
	for end > at.Line && (comment(end-1) || strings.TrimSpace(lines[end-1]) == "") {
		end--
	}
	return strings.Join(lines[begin:end], "\n") + "\n"
}

// tables returns the lines on which the tables of a rule file begin that are
// not part of another: [tags], [[rule]], but not [[rule.test]].
func tables(text []byte) []int {
	var lines []int
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			continue
		}
		key := e.Key()
		if key.Next(); key.IsLast() {
			lines = append(lines, 1+strings.Count(string(text[:key.Node().Raw.Offset]), "\n"))
		}
	}
	return lines
}

// text returns all of it as a rule file, in which what is not the rule is comment.
func (r *shownRule) text() string {
	var b strings.Builder
	note := func(format string, args ...any) { fmt.Fprintf(&b, "# "+format+"\n", args...) }
	note("%s", r.Origin)
	b.WriteString(r.Written)
	for _, c := range r.Changes {
		note("%s", c)
	}
	if r.Effective != "" {
		note("as it is now:")
		b.WriteString(r.Effective)
	}
	for _, state := range r.State {
		switch state {
		case stateExpired, stateExpiring:
			note("%s: %s", state, r.Expires)
		case stateUntested:
			note("it lacks a test that it must match, or one that it must not")
		}
	}
	if len(r.Literals) == 0 {
		note("searched for: no text that each match must hold; it is tried on every line")
	} else {
		note("searched for, in any case: %s", quotedList(r.Literals))
	}
	if len(r.Hides) > 0 {
		note("hides: %s", strings.Join(r.Hides, ", "))
	}
	if len(r.HiddenBy) > 0 {
		note("hidden by: %s", strings.Join(r.HiddenBy, ", "))
	}
	return b.String()
}

// quotedList returns texts in quotes, behind one another.
func quotedList(texts []string) string {
	var quoted []string
	for _, text := range texts {
		quoted = append(quoted, strconv.Quote(text))
	}
	return strings.Join(quoted, ", ")
}
