package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns/eval"
)

const rulesDiffHelp = `Say which verdicts two rule sets, or two saved runs, have apart. OLD and NEW are
each one of

    default, a rule file, a folder or a glob of them, with or without @sha256:…;
    several of these joined by commas
    a saved run (.jsonl): what rules eval --save wrote, or classify --json, or
    watchcat run --json

Rule sets are tried on the logs of --on, in which every file in a folder is a job
of its own, or else on those of --labels, and on those of --passing.

A verdict is lost where a rule named a reason and none does now; gained, where it
is the other way round; and changed where there is another rule, tag or message,
or it shows other lines. A symptom is less than a reason and more than nothing.
What no rule explained and none explains is the same. With --labels (see rules
eval) or --passing each change is for the better or the worse: a reason in the
right place is better than none, and none better than one in the wrong place, or
for a build that passed.`

// diffFlags are the flags of rules diff.
type diffFlags struct {
	format  answerFormat
	on      []string
	labels  string
	passing []string
	failOn  []string
}

func (a *app) rulesDiffCommand() *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:     "diff OLD NEW [--on FOLDER]...",
		Short:   "Say which verdicts two rule sets, or two saved runs, have apart",
		Long:    rulesDiffHelp,
		Example: "  watchcat rules diff old.toml rules/new.toml --on logs/\n  watchcat rules diff default default,rules/ --labels failing.jsonl --passing green/\n  watchcat rules diff yesterday.jsonl today.jsonl --fail-on lost,changed",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return errors.New("name two rule sets or saved runs: the old and the new")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.diffRules(c.Context(), &f, args) },
	}
	f.format.add(c)
	flags := c.Flags()
	flags.StringArrayVar(&f.on, "on", nil, "`folder` of logs, or a log; repeatable")
	flags.StringVar(&f.labels, "labels", "", "`file` of labels, which tell what is for the better")
	flags.StringArrayVar(&f.passing, "passing", nil, "`folder` of logs of builds that passed; repeatable")
	flags.StringSliceVar(&f.failOn, "fail-on", nil, "exit with 4 if a verdict is `so`: lost, changed, gained, worse")
	return c
}

// diffRules compares two rule sets or runs and prints what they have apart.
func (a *app) diffRules(ctx context.Context, f *diffFlags, args []string) error {
	d := &diffRun{app: a, flags: f}
	if err := d.check(args); err != nil {
		return err
	}
	for i, spec := range args {
		var err error
		if d.sides[i], err = d.side(ctx, spec); err != nil {
			return err
		}
	}
	truth, err := d.truth(ctx)
	if err != nil {
		return err
	}
	d.diff = eval.Compare(d.sides[0].Run, d.sides[1].Run, truth)
	if err := d.print(); err != nil {
		return fmt.Errorf("print the differences: %w", err)
	}
	no := d.refusals()
	if len(no) > 0 {
		a.notef("watchcat: --fail-on: %s", strings.Join(no, ", "))
	}
	return cmp.Or(gate(len(no) > 0), partial(d.missed))
}

// diffRun is one run of rules diff.
type diffRun struct {
	*app
	flags  *diffFlags
	asJSON bool
	labels []eval.Label
	paths  []string // of the logs of the labels
	sides  [2]side  // the old one, the new one
	diff   *eval.Diff
	missed bool // something could not be read
}

// side is one of the two that are compared.
type side struct {
	*eval.Run
	spec string
}

// check looks for what is wrong with the command line.
func (d *diffRun) check(args []string) (err error) {
	f := d.flags
	if d.asJSON, err = f.format.asJSON(); err != nil {
		return err
	}
	if err := oneOf("--fail-on", f.failOn, "lost", "changed", "gained", "worse"); err != nil {
		return err
	}
	if slices.Contains(f.failOn, "worse") && f.labels == "" && len(f.passing) == 0 {
		return usagef("--fail-on worse: what is worse cannot be told without --labels or --passing")
	}
	if f.labels != "" {
		if d.labels, d.paths, err = readLabels(f.labels); err != nil {
			return err
		}
	}
	saved := isSaved(args[0]) && isSaved(args[1])
	switch {
	case saved && len(f.on) > 0:
		return usagef("--on: two saved runs are compared as they are")
	case !saved && len(f.on)+len(f.passing) == 0 && f.labels == "":
		return usagef("which logs? name a folder of them with --on, or a file of labels with --labels")
	}
	return nil
}

// isSaved reports whether a name is that of a saved run.
func isSaved(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".jsonl" || extension == ".json"
}

// side reads a saved run, or tries a rule set.
func (d *diffRun) side(ctx context.Context, spec string) (side, error) {
	if isSaved(spec) {
		run, err := d.read(spec)
		return side{run, spec}, err
	}
	run, err := d.try(ctx, spec)
	return side{run, spec}, err
}

// read reads a saved run. A line that is no result costs that line only, unless
// there is no other.
func (d *diffRun) read(file string) (*eval.Run, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, usagef("read a saved run: %w", err)
	}
	defer in.Close() //nolint:errcheck // nothing was written
	run, err := eval.ReadRun(file, in)
	switch {
	case err != nil && len(run.Verdicts) == 0:
		return nil, usage(err)
	case err != nil:
		d.notef("%v", err)
		d.missed = true
	}
	return run, nil
}

// try tries a rule set on the logs.
func (d *diffRun) try(ctx context.Context, spec string) (*eval.Run, error) {
	rules := rulesFlag{spec}
	if _, err := os.Stat(spec); err != nil {
		rules = strings.Split(spec, ",")
	}
	logs := d.paths
	if len(d.flags.on) > 0 {
		logs = nil
	}
	w, err := d.newLogWork(ctx, &classifyFlags{workFlags: workFlags{rules: rules}}, logs)
	if err != nil {
		return nil, err
	}
	defer w.client.Close()
	more, err := w.each(ctx, slices.Concat(d.flags.on, d.flags.passing))
	if err != nil {
		return nil, err
	}
	w.missed = w.missed || more.missed
	w.jobs = append(w.jobs, more.jobs...)
	w.label(d.labels, d.paths)
	run := eval.Collect(w.results(ctx))
	d.missed = d.missed || w.missed
	return run, ctx.Err()
}

// truth returns what is known of the logs, nil for nothing.
func (d *diffRun) truth(ctx context.Context) (*eval.Truth, error) {
	if d.flags.labels == "" && len(d.flags.passing) == 0 {
		return nil, nil
	}
	jobs, problems, err := inputs(ctx, d.flags.passing, true)
	d.missed = d.missed || len(problems) > 0
	var passing []string
	for _, job := range jobs {
		passing = append(passing, job.File)
	}
	return eval.NewTruth(d.labels, passing), err
}

// refusals says which gates say no, and why.
func (d *diffRun) refusals() []string {
	var no []string
	for _, what := range d.flags.failOn {
		if n := d.diff.Counts[eval.Kind(what)] + d.diff.Effects[eval.Effect(what)]; n > 0 {
			no = append(no, fmt.Sprintf("%d %s", n, what))
		}
	}
	return no
}
