package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/testreport"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

// pipeline is the way from sources to a report: list, select, complete, select
// again, classify, sum up.
type pipeline struct {
	*setup
	sources []sources.Named
	pages   *zuul.Completer // resolves build pages, whoever named them
	filter  sources.Filter
	status  *status
	budget  time.Duration // that the run may take; zero: any
	local   []string      // the sources whose jobs may have their logs on this machine
	replay  bool          // the sources are saved listings, of complete jobs
	save    string        // file for the list of jobs; "": none
}

// outcome is what a run came to.
type outcome struct {
	report *report.Report
	why    string // if nothing was selected: which filter did it
	losses *losses
}

// run goes the way once. What could not be read is in the report; it fails only
// if ctx ends, or the list of jobs cannot be saved.
func (p *pipeline) run(ctx context.Context) (*outcome, error) {
	stop := p.status.show()
	defer stop()
	p.status.set(fmt.Sprintf("asking %d of the CI's servers", len(p.sources)), 0)
	limit := newBudget(p.budget)
	gathered, first, problems := p.list(ctx, limit)
	jobs := sources.Identify(first.Jobs)
	final := p.filter.Final(jobs)
	saveErr := p.saveJobs(gathered, jobs)
	logs := runLogs{Logs: p.logs, budget: limit, losses: &losses{}, local: p.local}
	results := p.classify(ctx, testreport.Text(logs), final.Jobs)
	if err := cmp.Or(ctx.Err(), saveErr); err != nil {
		return nil, err
	}
	about := p.about
	about.Sources = sourceStates(gathered.States)
	about.Problems = slices.Concat(about.Problems, problems, logs.losses.problems())
	about.Others = p.others(gathered.Jobs, jobs)
	about.Beyond = final.Beyond
	return &outcome{report.New(results, about), first.Then(final).Explain(), logs.losses}, nil
}

// list asks the sources, selects, and completes what was selected, within the
// budget.
func (p *pipeline) list(ctx context.Context, limit budget) (g sources.Gathered, first sources.Selection, problems []string) {
	ctx, cancel := limit.context(ctx)
	defer cancel()
	g = sources.Gather(ctx, p.sources...)
	for i := range g.States {
		g.States[i].Err = blame(ctx, g.States[i].Err)
	}
	first = p.filter.Select(g.Jobs)
	return g, first, p.complete(ctx, first.Jobs)
}

// others counts the jobs that the filter leaves out for nothing but that they
// did not fail: those of which the listing said so, and those of which it came
// out when they were completed. Beside a limit such counts would say nothing.
func (p *pipeline) others(listed, completed []classify.Job) (n report.Others) {
	all := p.filter
	if all.All || len(all.Status) > 0 || all.Limit > 0 {
		return n
	}
	all.All = true
	for _, j := range slices.Concat(all.Final(listed).Jobs, all.Final(completed).Jobs) {
		switch status := j.Status(); {
		case status == classify.Failed:
		case j.Superseded:
			n.Superseded++
		case status == classify.Passed:
			n.Passed++
		default:
			n.Skipped++
		}
	}
	return n
}

// completers is how many jobs are completed at the same time.
const completers = 8

// complete lets the sources fill in what only a job's own pages or logs tell,
// and returns what could not be read.
func (p *pipeline) complete(ctx context.Context, jobs []classify.Job) []string {
	if p.replay {
		return nil
	}
	errs := make([]error, len(jobs))
	p.status.set("completing the list of jobs", len(jobs))
	var g errgroup.Group
	g.SetLimit(completers)
	for i := range jobs {
		g.Go(func() error {
			errs[i] = blame(ctx, p.completeJob(ctx, &jobs[i]))
			if jobs[i].Result == "" {
				jobs[i].Result = "UNKNOWN" // and not counted as a failure: nobody said that it is one
			}
			p.status.add()
			return nil
		})
	}
	_ = g.Wait() // errs holds the errors
	return each(errs)
}

// each returns the text of each error, once. A host that may not be asked is
// one problem, however many jobs it has.
func each(errs []error) []string {
	var texts []string
	for _, err := range errs {
		if err == nil {
			continue
		}
		if refused, ok := errors.AsType[*sources.RefusedError](err); ok {
			err = refused
		}
		if text := err.Error(); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// completeJob asks Zuul what a build page stands for, and the sources that can
// complete jobs; each knows its own. Nobody is asked about a job that did not fail.
func (p *pipeline) completeJob(ctx context.Context, job *classify.Job) error {
	if job.Status() != classify.Failed {
		return nil
	}
	if err := p.pages.Complete(ctx, p.logs, job); err != nil {
		return err
	}
	for _, named := range p.sources {
		c, ok := named.Source.(sources.Completer)
		if !ok || ctx.Err() != nil {
			continue
		}
		if err := c.Complete(ctx, p.logs, job); err != nil {
			return fmt.Errorf("%s: %w", named.Name, err)
		}
	}
	return nil
}

// classify finds the reasons.
func (p *pipeline) classify(ctx context.Context, logs classify.Logs, jobs []classify.Job) []classify.Result {
	p.status.set("reading logs", len(jobs))
	return slices.Collect(p.status.count(p.classifier.Run(ctx, logs, jobs)))
}

// sourceStates says in the report's words what became of the sources.
func sourceStates(states []sources.State) []report.SourceState {
	out := make([]report.SourceState, len(states))
	for i, s := range states {
		out[i] = report.SourceState{Name: s.Name, Changes: s.Changes, What: s.What, Jobs: s.Jobs, Cap: s.Cap, Capped: s.Capped}
		if s.Err != nil {
			out[i].Error = s.Err.Error()
		}
		for _, problem := range s.Problems {
			out[i].Problems = append(out[i].Problems, problem.Error())
		}
	}
	return out
}
