package main

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/cases"
	"github.com/watchcat-ci/watchcat/report"
)

// cases runs the cases that --run selects.
func (t *testRun) cases(ctx context.Context) error {
	for _, dir := range t.flags.cases {
		found, err := cases.Find(dir)
		if err != nil {
			return usage(err)
		}
		var selected []cases.Case
		for _, c := range found {
			if t.selects(c.Name) {
				selected = append(selected, c)
			}
		}
		if err := t.casesIn(ctx, filepath.Clean(dir), selected); err != nil {
			return err
		}
	}
	return nil
}

// casesIn runs the cases of one folder, through the engine that "watchcat
// classify" uses and on the same jobs.
func (t *testRun) casesIn(ctx context.Context, dir string, found []cases.Case) error {
	results, err := t.classifyCases(ctx, found)
	if err != nil {
		return err
	}
	for i := range found {
		c := &found[i]
		tr := trial{Case: c.Name, Origin: c.File, Log: c.Log, suite: dir}
		if err := t.tryCase(c, results[c.Log], &tr); err != nil {
			return err
		}
		t.trials = append(t.trials, tr)
	}
	t.summary.Cases += len(found)
	return ctx.Err()
}

// classifyCases returns the results of the cases' logs, by their paths.
func (t *testRun) classifyCases(ctx context.Context, found []cases.Case) (map[string]*classify.Result, error) {
	byLog := map[string]*cases.Case{}
	var logs []string
	for i, c := range found {
		if c.Err == nil {
			logs = append(logs, c.Log)
			byLog[c.Log] = &found[i]
		}
	}
	results := map[string]*classify.Result{}
	if len(logs) == 0 {
		return results, nil
	}
	w, err := t.newLogWork(ctx, &classifyFlags{workFlags: workFlags{rules: t.flags.rules}}, logs)
	if err != nil {
		return nil, err
	}
	defer w.client.Close()
	for i := range w.jobs {
		byLog[w.jobs[i].File].Apply(&w.jobs[i])
	}
	for r := range w.classifier.Run(ctx, w.logs, w.jobs) {
		results[r.File] = &r
	}
	return results, nil
}

// tryCase fills in what came of a case; r is nil where its log could not be
// looked at. The error says that its .want file could not be written.
func (t *testRun) tryCase(c *cases.Case, r *classify.Result, tr *trial) error {
	tr.Mistakes = hindrance(c, r, t.flags.update)
	if len(tr.Mistakes) > 0 {
		return nil
	}
	tr.Missing = r.Missing
	tr.Differences = c.Check(r)
	tr.Passed = len(tr.Differences) == 0
	tr.explainer = t.explainer(c, tr)
	if !t.flags.update || tr.Passed {
		return nil
	}
	text := c.Update(r)
	err := report.ReplaceFile(c.File, func(w io.Writer) error { _, err := w.Write(text); return err })
	if err != nil {
		return err
	}
	tr.Passed, tr.Updated = true, true
	t.summary.Updated++
	return nil
}

// hindrance says why a case cannot be tried.
func hindrance(c *cases.Case, r *classify.Result, update bool) []string {
	switch {
	case c.Err != nil:
		return complaints(c.Err)
	case r == nil:
		return []string{c.Log + ": could not be looked at"}
	case c.Unwanted && !update:
		return []string{c.File + ": is not there; --update writes it"}
	}
	return nil
}

// explainer returns the command that tells why a case that failed has another
// rule than it wants.
func (t *testRun) explainer(c *cases.Case, tr *trial) string {
	i := slices.IndexFunc(tr.Differences, func(d cases.Difference) bool { return d.Key == "rule" })
	if tr.Passed || i < 0 {
		return ""
	}
	words := []string{"watchcat", "rules", "explain", c.Log}
	if c.Want.Rule != nil && *c.Want.Rule != "" {
		words = append(words, "--rule", *c.Want.Rule)
	}
	for _, spec := range t.flags.rules {
		words = append(words, "--rules", spec)
	}
	return strings.Join(words, " ")
}
