package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/eval"
	"github.com/watchcat-ci/watchcat/report"
)

const rulesEvalHelp = `Say how good the rules are, on logs of failed builds in which somebody marked the
reason. --labels names a file with a label a line:

    {"log": "logs/build-17.log.gz", "project": "frob", "lines": [[855, 860]]}

log is a path from the folder of that file, lines are numbers of the first and the
last line, from 1; rules for some projects are tried on those of "project". Each
log is of one class:

    right    a rule named the reason, and a line that it shows is labelled
    wrong    a rule named a reason, and none is
    found    no rule named a reason; a line of the excerpt is labelled
    missed   no rule named a reason; no line of the excerpt is labelled
    nothing  no line is shown

hit, f1, recall, precision, reason and right are means over projects of the means
over their logs, since the logs of one project are alike. --passing names folders
with logs of builds that passed: a reason that a rule names there is a "green hit".

Of each rule is told in how many labelled logs it FIRED, in how many of these it
was the FIRST reason, and how often that was RIGHT or WRONG. GREEN is in how many
logs of builds that passed it matched. PRECISION is RIGHT of FIRST, with Wilson's
interval of 95 %; it is wide where FIRST is small, and too narrow where the logs
are of one project. COST, with --timing, is how many milliseconds a megabyte of
log takes longer because of the rule, tried alone on the ends of these logs. It
leaves out the search for literals, which all rules share; what cannot be told
from nothing is "-". Symptoms, which count as no reason above, stand by
themselves.`

// evalFlags are the flags of rules eval.
type evalFlags struct {
	rules     rulesFlag
	format    answerFormat
	labels    string
	passing   []string
	save      string
	list      []string
	all       bool
	timing    bool
	failUnder []string
	failOn    []string
}

func (a *app) rulesEvalCommand() *cobra.Command {
	var f evalFlags
	c := &cobra.Command{
		Use:     "eval --labels FILE [--passing FOLDER]...",
		Short:   "Say how good the rules are, on labelled logs",
		Long:    rulesEvalHelp,
		Example: "  watchcat rules eval --labels corpus/failing.jsonl --passing corpus/passing\n  watchcat rules eval --labels failing.jsonl --rules default --rules rules/ --save today.jsonl\n  watchcat rules eval --labels failing.jsonl --list missed\n  watchcat rules eval --labels failing.jsonl --passing green/ --fail-under right=0.5 --fail-on green",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.evalRules(c.Context(), &f) },
	}
	f.rules.add(c)
	f.format.add(c)
	flags := c.Flags()
	flags.StringVar(&f.labels, "labels", "", "`file` of labels")
	flags.StringArrayVar(&f.passing, "passing", nil, "`folder` of logs of builds that passed; repeatable")
	flags.StringVar(&f.save, "save", "", "keep the verdicts in a `file` (.jsonl), for rules diff")
	flags.StringSliceVar(&f.list, "list", []string{"wrong"}, "list the logs of a `class`: right, wrong, found, missed, nothing; all, none")
	flags.BoolVar(&f.all, "all", false, "list the rules that never fired, too")
	flags.BoolVar(&f.timing, "timing", false, "measure what each rule costs, which takes a while")
	flags.StringArrayVar(&f.failUnder, "fail-under", nil, "exit with 4 if `score=number` is not reached, such as right=0.5; repeatable")
	flags.StringSliceVar(&f.failOn, "fail-on", nil, "exit with 4 if there is such a verdict: green, wrong")
	return c
}

// evalRules holds the rules to labelled logs and prints what came of it.
func (a *app) evalRules(ctx context.Context, f *evalFlags) error {
	r, err := a.newEvalRun(ctx, f)
	if err != nil {
		return err
	}
	defer r.failing.client.Close()
	if err := r.evaluate(ctx); err != nil {
		return err
	}
	if f.timing {
		if err := r.measure(ctx); err != nil {
			return err
		}
	}
	if err := r.print(); err != nil {
		return fmt.Errorf("print the evaluation: %w", err)
	}
	no := r.refusals()
	for _, why := range no {
		a.notef("watchcat: %s", why)
	}
	return cmp.Or(gate(len(no) > 0), partial(r.failing.missed || r.passing.missed))
}

// evalRun is one run of rules eval.
type evalRun struct {
	*app
	flags   *evalFlags
	asJSON  bool
	classes []eval.Class // whose logs are listed
	least   []limit
	labels  []eval.Label
	failing *logWork
	passing *logWork
	found   *eval.Evaluation
	costs   *eval.Costs // nil: not measured
}

// newEvalRun finds out what there is to do, and whether all of it makes sense.
func (a *app) newEvalRun(ctx context.Context, f *evalFlags) (*evalRun, error) {
	r := &evalRun{app: a, flags: f}
	if err := r.check(); err != nil {
		return nil, err
	}
	var paths []string
	if f.labels != "" {
		var err error
		if r.labels, paths, err = readLabels(f.labels); err != nil {
			return nil, err
		}
	}
	var err error
	if r.failing, err = a.newLogWork(ctx, &classifyFlags{workFlags: workFlags{rules: f.rules}}, paths); err != nil {
		return nil, err
	}
	r.failing.label(r.labels, paths)
	if r.passing, err = r.failing.each(ctx, f.passing); err != nil {
		r.failing.client.Close()
		return nil, err
	}
	return r, nil
}

// check looks for what is wrong with the flags.
func (r *evalRun) check() error {
	f := r.flags
	if f.labels == "" && len(f.passing) == 0 {
		return usagef("which logs? name a file of labels with --labels, or a folder of logs of builds that passed with --passing")
	}
	var err error
	if r.asJSON, err = f.format.asJSON(); err != nil {
		return err
	}
	if r.classes, err = classesOf(f.list); err != nil {
		return err
	}
	if r.least, err = limits(f.failUnder); err != nil {
		return err
	}
	if err := oneOf("--fail-on", f.failOn, "green", "wrong"); err != nil {
		return err
	}
	if f.labels == "" && (len(r.least) > 0 || slices.Contains(f.failOn, "wrong")) {
		return usagef("what is right cannot be told without --labels")
	}
	if slices.Contains(f.failOn, "green") && len(f.passing) == 0 {
		return usagef("--fail-on green: name the logs of builds that passed with --passing")
	}
	return checkSaved(f.save, f.labels)
}

// oneOf refuses values of a flag that it does not know.
func oneOf(flag string, values []string, known ...string) error {
	for _, v := range values {
		if !slices.Contains(known, v) {
			return usagef("%s %q: must be one of %s", flag, v, strings.Join(known, ", "))
		}
	}
	return nil
}

// checkSaved reports that verdicts cannot be kept in a file. The other one is
// read.
func checkSaved(path, other string) error {
	if path == "" {
		return nil
	}
	if !isSaved(path) {
		return usagef("--save %q: end the name in .jsonl, by which rules diff knows it", path)
	}
	to, err := os.Stat(path)
	if from, other := os.Stat(other); err == nil && other == nil && os.SameFile(from, to) {
		return usagef("--save %q would overwrite the labels", path)
	}
	return writableFile("--save", path)
}

// classesOf returns the classes that --list names.
func classesOf(names []string) ([]eval.Class, error) {
	var classes []eval.Class
	known := []string{"all", "none"}
	for _, c := range eval.Classes() {
		if slices.Contains(names, string(c)) || slices.Contains(names, "all") {
			classes = append(classes, c)
		}
		known = append(known, string(c))
	}
	return classes, oneOf("--list", names, known...)
}

// limit is what a score must reach.
type limit struct {
	score string
	least float64
}

// limits reads the values of --fail-under.
func limits(texts []string) ([]limit, error) {
	var all []limit
	for _, text := range texts {
		name, number, _ := strings.Cut(text, "=")
		least, err := strconv.ParseFloat(number, 64)
		if _, known := scoreOf(&eval.Scores{}, name); !known || err != nil || !(least >= 0 && least <= 1) {
			return nil, usagef("--fail-under %q: write a score and a number from 0 to 1, such as right=0.5; scores are hit, f1, recall, precision, reason, right", text)
		}
		all = append(all, limit{name, least})
	}
	return all, nil
}

// scoreOf returns the score of that name.
func scoreOf(s *eval.Scores, name string) (score float64, known bool) {
	switch name {
	case "hit":
		return s.Hit, true
	case "f1":
		return s.F1, true
	case "recall":
		return s.Recall, true
	case "precision":
		return s.Precision, true
	case "reason":
		return s.Reason, true
	case "right":
		return s.Right, true
	}
	return 0, false
}

// rounding is by how much a mean may be off for the way in which it is computed.
const rounding = 1e-9

// refusals says which gates say no, and why.
func (r *evalRun) refusals() []string {
	var no []string
	for _, l := range r.least {
		if got, _ := scoreOf(&r.found.Summary.Scores, l.score); got < l.least-rounding {
			no = append(no, fmt.Sprintf("%s is %.4f, which is under %g", l.score, got, l.least))
		}
	}
	if n := r.found.Summary.Classes[eval.Wrong]; n > 0 && slices.Contains(r.flags.failOn, "wrong") {
		no = append(no, counted(n, "log")+" with a reason in the wrong place")
	}
	if n := r.found.Summary.Green; n > 0 && slices.Contains(r.flags.failOn, "green") {
		no = append(no, counted(n, "green hit"))
	}
	return no
}

// readLabels reads a file of labels, and returns with them where their logs are.
func readLabels(file string) (labels []eval.Label, paths []string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, nil, usagef("read labels: %w", err)
	}
	defer in.Close() //nolint:errcheck // nothing was written
	if labels, err = eval.ReadLabels(file, in); err != nil {
		return nil, nil, usage(err)
	}
	if len(labels) == 0 {
		return nil, nil, usagef("%s holds no label", file)
	}
	for _, l := range labels {
		path := filepath.FromSlash(l.Log)
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		paths = append(paths, path)
	}
	return labels, paths, nil
}

// label notes with the jobs what the labels of their logs, at the paths, tell of them.
func (w *logWork) label(labels []eval.Label, paths []string) {
	projects := map[string]string{}
	for i, l := range labels {
		projects[paths[i]] = l.Project
	}
	for i, job := range w.jobs {
		w.jobs[i].Project = projects[job.File]
	}
}

// each returns the same work on other logs: those that are named, and every file
// in folders that are.
func (w *logWork) each(ctx context.Context, args []string) (*logWork, error) {
	other := *w
	var problems []error
	var err error
	other.jobs, problems, err = inputs(ctx, args, true)
	for _, problem := range problems {
		w.app.notef("watchcat: %s", problem)
	}
	other.missed = len(problems) > 0
	return &other, err
}

// evaluate looks at all logs, and keeps the verdicts if that is asked for.
func (r *evalRun) evaluate(ctx context.Context) error {
	run := func(out io.Writer) error {
		var failed error
		keep := func(w *logWork) iter.Seq[classify.Result] {
			return func(yield func(classify.Result) bool) {
				for result := range w.results(ctx) {
					failed = cmp.Or(failed, report.WriteResultJSON(out, result))
					if !yield(result) {
						return
					}
				}
			}
		}
		r.found = eval.Evaluate(r.labels, r.failing.set.Rules, keep(r.failing), keep(r.passing))
		return cmp.Or(ctx.Err(), failed)
	}
	if r.flags.save == "" {
		return run(io.Discard)
	}
	if err := report.ReplaceFile(r.flags.save, run); err != nil {
		return err
	}
	r.infof("watchcat: wrote %s", r.flags.save)
	return nil
}

// The sample that the costs of rules are measured on.
const (
	sampleSize = 512 << 10
	sampleLogs = 64
)

// measure measures what the rules cost.
func (r *evalRun) measure(ctx context.Context) error {
	w := r.failing
	if len(w.jobs) == 0 {
		w = r.passing
	}
	r.status.set("measuring what rules cost", 0)
	stop := r.status.show()
	defer stop()
	sample := w.sample(ctx)
	costs, err := eval.Timing{Sample: sample, Now: cpuTime}.Measure(ctx, r.failing.set.Rules)
	if err != nil {
		return err
	}
	r.costs = costs
	r.found.SetCosts(costs)
	return nil
}

// sample returns the ends of some of the logs, from first to last. One that
// cannot be read has been told of, and is left out.
func (w *logWork) sample(ctx context.Context) []byte {
	step := max(1, len(w.jobs)/sampleLogs)
	size := sampleSize / max(1, (len(w.jobs)+step-1)/step)
	var sample []byte
	for i := 0; i < len(w.jobs) && ctx.Err() == nil; i += step {
		if log, err := w.logs.Open(ctx, w.jobs[i], filepath.Base(w.jobs[i].File)); err == nil {
			sample = append(sample, tail(log, size)...)
			_ = log.Close() // nothing was written
		}
	}
	return sample
}

// tail returns the last lines of a log, at most size bytes of them, as far as it
// can be read.
func tail(log io.Reader, size int) []byte {
	var kept []byte
	buffer := make([]byte, 64<<10)
	for {
		n, err := log.Read(buffer)
		kept = append(kept, buffer[:n]...)
		if over := len(kept) - size; over > 0 {
			kept = append(kept[:0], kept[over:]...)
		}
		if err != nil {
			return append(kept, '\n')
		}
	}
}
