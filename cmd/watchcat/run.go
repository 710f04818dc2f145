package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

const runHelp = `List the jobs of the configured sources, read the logs of those that failed, and
report the reasons. Without a filter: the failures of the last 24 hours. In a
GLOB "*" stands for any text and "?" for one character; repeat a filter to look
for one of several.

` + configHelp

// runFlags are the flags of run.
type runFlags struct {
	workFlags
	cap      int
	deadline time.Duration
	saveJobs string

	filter       sources.Filter // but its dates
	dates        []string
	since, until string

	words []string // the filters as they were typed, but those of time
}

// filterWords returns the flags that filter jobs, as they were typed.
func filterWords(flags *pflag.FlagSet) []string {
	filters := []string{"limit", "job", "exclude", "project", "branch", "pipeline", "status", "source", "periodic", "min-length", "max-length"}
	var words []string
	flags.Visit(func(f *pflag.Flag) {
		if !slices.Contains(filters, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			words = append(words, strings.TrimSuffix("--"+f.Name+" "+v, " true"))
		}
	})
	return words
}

func (a *app) runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:     "run",
		Short:   "List the jobs of the day and report why those failed that did (the default)",
		Long:    runHelp,
		Example: "  watchcat run --days 2 --job '*-centos-9-*'\n  watchcat run -o index.html -o jobs.csv\n  watchcat run --date 11-20 --project 'example/*' --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f.words = filterWords(c.Flags())
			return a.run(c.Context(), &f)
		},
	}
	f.add(c)
	return c
}

func (f *runFlags) add(c *cobra.Command) {
	f.workFlags.add(c)
	s := c.Flags()
	s.Var(countFlag{n: &f.filter.Days}, "days", "jobs of the last `N` times 24 hours (default 1)")
	s.StringArrayVar(&f.dates, "date", nil, "jobs of this day: `MM-DD` or YYYY-MM-DD; repeatable")
	s.StringVar(&f.since, "since", "", "jobs reported since this `time`: a day, \"2026-11-20 10:30\", or so long ago: 36h, 2d")
	s.StringVar(&f.until, "until", "", "jobs reported before this `time`")
	s.Var(countFlag{n: &f.filter.Limit}, "limit", "at most `N` jobs, the latest")
	s.StringArrayVar(&f.filter.Job, "job", nil, "jobs whose name matches `GLOB`")
	s.StringArrayVar(&f.filter.Exclude, "exclude", nil, "but not those whose name matches `GLOB`")
	s.StringArrayVar(&f.filter.Project, "project", nil, "jobs of projects that match `GLOB`")
	s.StringArrayVar(&f.filter.Branch, "branch", nil, "jobs of branches that match `GLOB`")
	s.StringArrayVar(&f.filter.Pipeline, "pipeline", nil, "jobs of pipelines that match `GLOB`")
	s.StringArrayVar(&f.filter.Status, "status", nil, "jobs whose result matches `GLOB`, such as TIMED_OUT")
	s.StringArrayVar(&f.filter.Source, "source", nil, "jobs of sources whose name matches `GLOB`, no other source is asked;\nor file:FILE, a list that --save-jobs wrote")
	s.BoolVar(&f.filter.All, "all", false, "jobs that passed or were skipped, too")
	s.BoolVar(&f.filter.Periodic, "periodic", false, "only periodic jobs")
	s.DurationVar(&f.filter.MinLength, "min-length", 0, "jobs that ran for this `time` or longer, such as 30m")
	s.DurationVar(&f.filter.MaxLength, "max-length", 0, "jobs that ran for this `time` or shorter")
	s.DurationVar(&f.deadline, "deadline", 0, "what was not reached in this `time`, such as 10m, is left out and reported as such")
	s.StringVar(&f.saveJobs, "save-jobs", "", "write the list of jobs to `FILE`, for --source file:FILE")
	s.Var(countFlag{n: &f.cap, most: maxCap}, "cap", fmt.Sprintf("ask each Gerrit for at most `N` changes (at most %d)", maxCap))
}

// resolve returns the filter that the flags ask for.
func (f *runFlags) resolve(now time.Time) (sources.Filter, error) {
	filter := f.filter
	filter.Now, filter.Location = now, now.Location()
	var errs []error
	for _, text := range f.dates {
		date, err := sources.ParseDate(text)
		filter.Dates, errs = append(filter.Dates, date), append(errs, prefixed("--date", err))
	}
	moment := func(flag, text string, into *time.Time) {
		if text != "" {
			var err error
			*into, err = sources.ParseTime(text, now)
			errs = append(errs, prefixed(flag, err))
		}
	}
	moment("--since", f.since, &filter.Since)
	moment("--until", f.until, &filter.Until)
	if f.deadline < 0 {
		errs = append(errs, fmt.Errorf("--deadline %v: want a length of time such as 10m", f.deadline))
	}
	if err := errors.Join(errs...); err != nil {
		return filter, usage(err)
	}
	return filter, usage(filter.Check())
}

func prefixed(flag string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", flag, err)
}

// run lists, classifies and reports.
func (a *app) run(ctx context.Context, f *runFlags) error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	if saved, _ := savedSources(f.filter.Source); conf.path == "" && len(saved) == 0 {
		return usagef("there is no configuration yet. To begin with:\n%s", firstSteps)
	}
	p, err := a.pipeline(conf, f)
	if err != nil {
		return err
	}
	defer p.client.Close()
	o, err := p.run(ctx)
	if err != nil {
		return err
	}
	if o.why != "" {
		a.infof("watchcat: %s", o.why)
	}
	if err := a.write(p.targets, reportRenderer(o.report, f.filter.All)); err != nil {
		return err
	}
	return partial(a.noteProblems(o))
}

// pipeline sets up what the configuration and the flags ask for. An error is
// the user's to correct; nothing was fetched before it.
func (a *app) pipeline(conf *config, f *runFlags) (*pipeline, error) {
	s, err := a.setup(conf, &f.workFlags, access{local: len(conf.Local) > 0})
	if err != nil {
		return nil, err
	}
	if err := checkSave(f.saveJobs); err != nil {
		return nil, usage(err)
	}
	saved, globs := savedSources(f.filter.Source)
	if s.about.Now, err = present(s.about.Now, saved, globs); err != nil {
		return nil, usage(err)
	}
	filter, err := f.resolve(s.about.Now.In(s.about.Location))
	if err != nil {
		return nil, err
	}
	s.about.Since, s.about.Until = filter.Window()
	named, err := a.namedSources(conf, f, s)
	if err != nil {
		return nil, err
	}
	filter.Source = nil // no other source is asked, and what was saved keeps the name of its own
	s.about.Filters = f.words
	s.classifier.Fallback = allFiles
	return &pipeline{
		setup: s, sources: named, filter: filter, status: a.status,
		pages:  zuul.New(zuul.Options{Client: s.client, CacheDir: pagesDir(s.cacheDir)}),
		budget: f.deadline, local: conf.localSources(), replay: len(saved) == len(named), save: f.saveJobs,
	}, nil
}

// namedSources returns the sources that are asked: the saved lists that were
// named, and the configured ones, unless only saved lists were named.
func (a *app) namedSources(conf *config, f *runFlags, s *setup) ([]sources.Named, error) {
	saved, globs := savedSources(f.filter.Source)
	if len(saved) > 0 && len(globs) == 0 {
		return saved, nil
	}
	named, err := conf.sources(sourceOptions{client: s.client, console: s.classifier.Console, cap: f.cap, since: s.about.Since})
	if err != nil {
		return nil, err
	}
	named, err = selectSources(named, globs)
	return append(saved, named...), err
}

// selectSources returns the sources that are asked for by name.
func selectSources(named []sources.Named, globs []string) ([]sources.Named, error) {
	if len(named) == 0 {
		return nil, usagef("the configuration names no source; add a [[gerrit]], [[zuul]], [[jenkins]], [[periodic]] or [[local]]")
	}
	if len(globs) == 0 {
		return named, nil
	}
	asked := slices.DeleteFunc(slices.Clone(named), func(n sources.Named) bool { return !classify.GlobAny(globs, n.Name) })
	if len(asked) == 0 {
		var names []string
		for _, n := range named {
			names = append(names, n.Name)
		}
		return nil, usagef("--source %s: there is no such source; there are: %s", strings.Join(globs, " "), strings.Join(names, ", "))
	}
	return asked, nil
}

// maxNotes is how many missing logs are told of one by one.
const maxNotes = 20

// noteProblems tells on standard error what could not be read, and whether
// there was anything. The report says the same.
func (a *app) noteProblems(o *outcome) bool {
	r := o.report
	problems := slices.Clone(r.About.Problems)
	for _, s := range r.About.Sources {
		if s.Error != "" {
			problems = append(problems, s.Name+": "+s.Error)
		}
		for _, problem := range s.Problems {
			problems = append(problems, s.Name+": "+problem)
		}
	}
	for _, result := range r.Results {
		for _, m := range result.Missing {
			if o.losses.told(m.Why) {
				continue
			}
			problems = append(problems, fmt.Sprintf("%s: %s: %s", cmp.Or(result.Name, result.ID), m.File, m.Why))
		}
	}
	for _, problem := range problems[:min(len(problems), maxNotes)] {
		a.notef("watchcat: %s", problem)
	}
	if n := len(problems) - maxNotes; n > 0 {
		a.notef("watchcat: %d more could not be read; --format json lists all", n)
	}
	return len(problems) > 0
}
