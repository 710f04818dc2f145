package main

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

const rulesExplainHelp = `Say why a log gets the reason that it gets, and why no other. For each rule that
matches a line: where, whether it gave the reason, and if not, which rule went
before it and by what (tier, priority, hidden, order), or which line took the
match away.

With --rule the rule is gone through condition by condition, each with the line
that met or broke it; where its pattern matches no line, with the lines that
come nearest. The exit status is then 4 unless that rule gives the reason.

The log is one of those that "watchcat classify" takes. What the CI would tell of
the job, for rules that ask for it, is said with --job, --project, --branch,
--pipeline and --result.`

// explainFlags are the flags of rules explain.
type explainFlags struct {
	rules   rulesFlag
	format  answerFormat
	ids     []string
	offline bool
	job     classify.Job
}

func (a *app) rulesExplainCommand() *cobra.Command {
	var f explainFlags
	c := &cobra.Command{
		Use:     "explain LOG|FOLDER|URL|-",
		Short:   "Say why a log gets its reason, and why no other",
		Long:    rulesExplainHelp,
		Example: "  watchcat rules explain build.log\n  watchcat rules explain build.log --rule pip-no-distribution\n  watchcat rules explain logs/1234/ --rule disk-full --rules default --rules rules/",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.explainLog(c.Context(), &f, args[0]) },
	}
	f.rules.add(c)
	f.format.add(c)
	flags := c.Flags()
	flags.StringArrayVar(&f.ids, "rule", nil, "go through the rule with that `id`; repeatable")
	flags.BoolVar(&f.offline, "offline", false, "logs from the cache alone, without the network")
	flags.StringVar(&f.job.Name, "job", "", "take the log as one of the job of that `name`")
	flags.StringVar(&f.job.Project, "project", "", "of that `project`")
	flags.StringVar(&f.job.Branch, "branch", "", "of that `branch`")
	flags.StringVar(&f.job.Pipeline, "pipeline", "", "of that `pipeline`")
	flags.StringVar(&f.job.Result, "result", "", "of a job with that `result`, such as NODE_FAILURE")
	return c
}

// explainLog explains a log.
func (a *app) explainLog(ctx context.Context, f *explainFlags, log string) error {
	asJSON, err := f.format.asJSON()
	if err != nil {
		return err
	}
	work := workFlags{rules: f.rules, offline: f.offline}
	w, err := a.newLogWork(ctx, &classifyFlags{workFlags: work}, []string{log})
	if err != nil {
		return err
	}
	defer w.client.Close()
	if err := a.checkIDs(w.setup, f.ids); err != nil {
		return err
	}
	if len(w.jobs) != 1 {
		return usagef("%s stands for %s; name one", log, counted(len(w.jobs), "job"))
	}
	job := w.jobs[0]
	f.apply(&job)
	e := &explained{app: a, set: w.set, logs: w.logs, job: job, brief: len(f.ids) == 0}
	e.result, e.all = w.classifier.Explain(ctx, w.logs, job, f.ids...)
	if err := ctx.Err(); err != nil {
		return err
	}
	a.noteMissing(&e.result)
	if err := e.print(ctx, asJSON); err != nil {
		return fmt.Errorf("print the explanation: %w", err)
	}
	no := slices.ContainsFunc(e.all, func(x classify.Explanation) bool { return x.Standing != classify.StandingReason })
	return cmp.Or(gate(no && len(f.ids) > 0), partial(w.missed || incomplete(e.result)))
}

// apply sets what the flags say of a job.
func (f *explainFlags) apply(job *classify.Job) {
	job.Name = cmp.Or(f.job.Name, job.Name)
	job.Project, job.Branch, job.Pipeline, job.Result = f.job.Project, f.job.Branch, f.job.Pipeline, f.job.Result
}

// checkIDs refuses ids that no rule has, or a rule that is switched off or wrong.
func (a *app) checkIDs(s *setup, ids []string) error {
	all := a.listed(s.set)
	for _, id := range ids {
		r, err := findRule(id, all, s.wrong)
		switch {
		case err != nil:
			return fmt.Errorf("--rule: %w", err)
		case r.State[0] == stateOff:
			return usagef("--rule: %q is %s", id, strings.Join(r.changes(), "; "))
		}
	}
	return nil
}

// explained is what there is to say of a log.
type explained struct {
	*app
	set    *patterns.Set
	logs   classify.Logs
	job    classify.Job
	result classify.Result
	all    []classify.Explanation
	brief  bool // of all rules in short, not of some in full
}

// print prints all explanations.
func (e *explained) print(ctx context.Context, asJSON bool) error {
	if asJSON {
		return e.printJSON(ctx)
	}
	p := &explanation{explained: e, room: e.columns()}
	if e.brief {
		p.overview()
	} else {
		for i := range e.all {
			if i > 0 {
				p.WriteByte('\n')
			}
			p.rule(ctx, &e.all[i])
		}
	}
	_, err := e.stdout.Write(p.Bytes())
	return err
}

// printJSON prints one object a rule.
func (e *explained) printJSON(ctx context.Context) error {
	enc := encoder(e.stdout)
	for i := range e.all {
		x := &e.all[i]
		row := struct {
			V      int    `json:"v"`
			Log    string `json:"log"`
			Origin string `json:"origin"`
			*classify.Explanation
			Nearest []nearLine `json:"nearest,omitempty"` // lines most like what the pattern asks for, where it matches none
		}{1, e.job.File, e.set.Origin(x.Rule), x, e.nearest(ctx, x)}
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// ruleOf returns the rule of an explanation.
func (e *explained) ruleOf(x *classify.Explanation) classify.Rule {
	i := slices.IndexFunc(e.set.Rules, func(r classify.Rule) bool { return r.ID == x.Rule })
	return e.set.Rules[i]
}

// files returns some of the files that the job has, "" where they cannot be told.
func (e *explained) files(ctx context.Context) string {
	const most = 6
	lister, ok := e.logs.(classify.Lister)
	if !ok || !strings.HasSuffix(e.job.LogURL, "/") {
		return ""
	}
	names, err := lister.List(ctx, e.job, allFiles)
	if err != nil || len(names) == 0 {
		return ""
	}
	text := strings.Join(names[:min(len(names), most)], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// logName returns the log's name as the user typed it, less the folders before it.
func (e *explained) logName() string { return path.Base(strings.TrimSuffix(e.job.File, "/")) }
