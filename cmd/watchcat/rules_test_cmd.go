package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

const rulesTestHelp = `Try each rule on the lines that it carries as tests, and print those that it
does not do right: the place, the line, what was wanted and what came. With -v
those that it does right are printed as well. A rule that does not load fails. Without arguments the rules are
those of --rules, else of the configuration, else the default ones.

--cases names a folder of whole logs, each with a file beside it that says what
the rule set is to make of it. NAME.want goes with NAME.log (or NAME.log.gz, or
a folder NAME with the logs of one job), and names what is to be checked:

    rule    = "pip-no-distribution"     # "": no rule
    reason  = "pip found no distribution for foo==9"
    line    = 120
    outcome = "matched"                 # or symptom, unmatched, no-logs
    job     = "tox-py311"               # what the CI tells of the job, for rules
                                        # that ask; also project, branch, pipeline,
                                        # result, detail

--update writes what came into these files, and makes those that are not there:
so today's verdicts are pinned, and the next change of a rule shows in a diff.`

// testFlags are the flags of rules test.
type testFlags struct {
	rules  rulesFlag
	format answerFormat
	run    string
	junit  string
	cases  []string
	update bool
}

func (a *app) rulesTestCommand() *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use:     "test [FILE|FOLDER]...",
		Short:   "Try the rules on their own tests, and on folders of logs",
		Long:    rulesTestHelp,
		Example: "  watchcat rules test rules/\n  watchcat rules test --run 'pip-*' -v\n  watchcat rules test --cases cases/ --junit report.xml\n  watchcat rules test --cases cases/ --update",
		RunE: func(c *cobra.Command, args []string) error {
			f.rules = append(f.rules, args...)
			return a.testRules(c.Context(), &f)
		},
	}
	f.rules.add(c)
	f.format.add(c)
	c.Flags().StringVar(&f.run, "run", "", "only the rules whose id, and the cases whose name, `glob` matches")
	c.Flags().StringVar(&f.junit, "junit", "", "write the results as JUnit XML to `file`, for Jenkins, GitLab and others")
	c.Flags().StringArrayVar(&f.cases, "cases", nil, "`folder` of logs and what is expected of each; repeatable")
	c.Flags().BoolVar(&f.update, "update", false, "write what came into the .want files of the cases")
	return c
}

// testRules runs the tests of the rules and the cases, and prints what they found.
func (a *app) testRules(ctx context.Context, f *testFlags) error {
	if f.update && len(f.cases) == 0 {
		return usagef("--update: which cases? name their folder with --cases")
	}
	asJSON, err := f.format.asJSON()
	if err != nil {
		return err
	}
	if f.junit != "" {
		if err := writableFile("--junit", f.junit); err != nil {
			return err
		}
	}
	set, wrong, err := a.ruleSet(f.rules)
	if err != nil {
		return err
	}
	begin := a.now()
	t := &testRun{app: a, flags: f, set: set, wrong: wrong}
	if err := t.all(ctx); err != nil {
		return err
	}
	t.summary.Seconds = a.now().Sub(begin).Seconds()
	if err := t.print(asJSON); err != nil {
		return fmt.Errorf("print the results: %w", err)
	}
	if f.junit != "" {
		if err := t.writeJUnit(); err != nil {
			return err
		}
	}
	return gate(t.summary.Failed > 0)
}

// testRun is one run of rules test.
type testRun struct {
	*app
	flags   *testFlags
	set     *patterns.Set
	wrong   strict.Mistakes // of the rules that are not in set
	trials  []trial
	summary testSummary
}

// testSummary counts what was tried.
type testSummary struct {
	Rules    int     `json:"rules"`
	Tests    int     `json:"tests"`
	Cases    int     `json:"cases"`
	Mistakes int     `json:"mistakes,omitzero"` // for which rules could not be tried
	Failed   int     `json:"failed"`            // of Tests and Cases, and all Mistakes
	Updated  int     `json:"updated,omitzero"`
	Seconds  float64 `json:"seconds"`
}

// all runs the tests and the cases that --run selects.
func (t *testRun) all(ctx context.Context) error {
	part := *t.set
	part.Tests = nil
	selected := map[string]bool{}
	for _, r := range t.set.Rules {
		selected[r.ID] = t.selects(r.ID)
		if selected[r.ID] {
			t.summary.Rules++
		}
	}
	for _, test := range t.set.Tests {
		if selected[test.Rule] {
			part.Tests = append(part.Tests, test)
		}
	}
	results, err := part.Test(ctx)
	if err != nil {
		return fmt.Errorf("test rules: %w", err)
	}
	for _, r := range results {
		t.trials = append(t.trials, ruleTrial(r))
	}
	t.summary.Tests = len(results)
	t.mistakes()
	if err := t.cases(ctx); err != nil {
		return err
	}
	if t.summary.Rules+t.summary.Cases+t.summary.Mistakes == 0 {
		return usagef("--run %q: no rule has such an id%s", t.flags.run, t.nearest())
	}
	for _, tr := range t.trials {
		if !tr.Passed {
			t.summary.Failed++
		}
	}
	return nil
}

// mistakes counts what is wrong with rules as tests that failed: a rule that
// does not load does what none of its tests wants. What is in no rule concerns
// all of them.
func (t *testRun) mistakes() {
	for _, m := range t.wrong {
		if id := patterns.RuleOf(m); id == "" || t.selects(id) {
			t.trials = append(t.trials, mistakeTrial(m))
			t.summary.Mistakes++
		}
	}
}

// selects reports whether --run selects a rule or case of that name.
func (t *testRun) selects(name string) bool {
	return t.flags.run == "" || classify.Glob(t.flags.run, name)
}

// nearest returns a hint at the id that --run most likely means.
func (t *testRun) nearest() string {
	if near := strict.Nearest(t.flags.run, ruleIDs(t.set)); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// ruleIDs returns the ids of the rules of a set.
func ruleIDs(set *patterns.Set) []string {
	var ids []string
	for _, r := range set.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// print prints the trials that failed, or all, and the summary.
func (t *testRun) print(asJSON bool) error {
	if asJSON {
		return t.printJSON()
	}
	for _, tr := range t.trials {
		if tr.Passed && !t.global.verbose && !tr.Updated {
			continue
		}
		if _, err := fmt.Fprint(t.stdout, printable(tr.text())); err != nil {
			return err
		}
	}
	t.noteUntested()
	_, err := fmt.Fprintln(t.stdout, t.summary.line())
	return err
}

// line returns the summary in one line.
func (s *testSummary) line() string {
	parts := []string{counted(s.Rules, "rule"), counted(s.Tests, "test")}
	if s.Cases > 0 {
		parts = append(parts, counted(s.Cases, "case"))
	}
	if s.Mistakes > 0 {
		parts = append(parts, counted(s.Mistakes, "mistake"))
	}
	line := strings.Join(parts, ", ")
	if s.Updated > 0 {
		line += fmt.Sprintf(": %d updated", s.Updated)
	}
	verdict := "ok    "
	if s.Failed > 0 {
		verdict = "FAIL  "
		line += fmt.Sprintf(": %d failed", s.Failed)
	}
	return fmt.Sprintf("%s%s (%.2fs)", verdict, line, s.Seconds)
}

// printJSON prints an object a trial, and one with the summary.
func (t *testRun) printJSON() error {
	enc := encoder(t.stdout)
	for _, tr := range t.trials {
		if err := enc.Encode(tr); err != nil {
			return err
		}
	}
	return enc.Encode(struct {
		V       int          `json:"v"`
		Summary *testSummary `json:"summary"`
	}{1, &t.summary})
}

// noteUntested tells which rules lack tests: how many, with -v each.
func (t *testRun) noteUntested() {
	lacking := slices.DeleteFunc(t.set.Untested(), func(u patterns.Untested) bool { return !t.selects(u.Rule) })
	if t.global.verbose {
		for _, u := range lacking {
			t.infof("%s: rule %q: has no test that it must %s", u.Origin, u.Rule, lacks(u))
		}
	} else if len(lacking) == 1 {
		t.infof("rule %q has no test that it must %s", lacking[0].Rule, lacks(lacking[0]))
	} else if len(lacking) > 1 {
		t.infof("%d rules lack a test that they must match, or one that they must not: watchcat rules list --state untested", len(lacking))
	}
}

// lacks says which tests a rule lacks.
func lacks(u patterns.Untested) string {
	var kinds []string
	if u.Positive {
		kinds = append(kinds, "match")
	}
	if u.Negative {
		kinds = append(kinds, "not match")
	}
	return strings.Join(kinds, ", nor one that it must ")
}

// complaints returns err as one line for each mistake.
func complaints(err error) []string {
	if wrong, ok := errors.AsType[strict.Mistakes](err); ok {
		var out []string
		for _, m := range wrong {
			out = append(out, m.Error())
		}
		return out
	}
	return []string{err.Error()}
}
