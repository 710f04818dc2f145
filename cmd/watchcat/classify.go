package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

const classifyHelp = `Say why the builds behind logs failed. Each log is taken as that of a failed job,
whatever its own last words are. A FILE or URL is one log, maybe compressed; "-"
is standard input; a folder (a URL that ends in "/") is one job with several
files. With --each every file of a folder is a job of its own.

One log is printed with the lines that are its reason, several as a table;
--format json prints one object a log, in the order in which they were named.`

// classifyFlags are the flags of classify.
type classifyFlags struct {
	rules   rulesFlag
	output  outputFlags
	each    bool
	offline bool
}

func (a *app) classifyCommand() *cobra.Command {
	var f classifyFlags
	c := &cobra.Command{
		Use:     "classify FILE|URL|FOLDER|-...",
		Short:   "Say why the builds behind logs failed: no CI system needed",
		Long:    classifyHelp,
		Example: "  watchcat classify build.log\n  watchcat classify https://logs.example.org/1234/console.log.gz\n  make 2>&1 | watchcat classify -\n  watchcat classify --json --each logs/ > reasons.jsonl",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("which log? name a file, a URL, a folder, or - for standard input")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.classify(c.Context(), &f, args) },
	}
	f.rules.add(c)
	f.output.add(c)
	c.Flags().BoolVar(&f.each, "each", false, "take every file in a folder, and in the folders in it, as a job of its own")
	c.Flags().BoolVar(&f.offline, "offline", false, "answer from the cache, without the network")
	return c
}

// classify looks at logs and writes what was found.
func (a *app) classify(ctx context.Context, f *classifyFlags, args []string) error {
	w, err := a.newLogWork(f, args)
	if err != nil {
		return err
	}
	if len(w.targets) == 1 && w.targets[0] == (target{format: "json"}) {
		return a.streamJSON(w.results(ctx))
	}
	results := slices.Collect(w.results(ctx))
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := a.writeResults(results, w); err != nil {
		return err
	}
	return partial(slices.ContainsFunc(results, incomplete))
}

// logWork is what classify is about to do.
type logWork struct {
	jobs       []classify.Job
	logs       classify.Logs
	classifier *classify.Classifier
	targets    []target
	about      report.About
	app        *app
}

// newLogWork finds out what there is to do, and whether all of it makes sense.
func (a *app) newLogWork(f *classifyFlags, args []string) (*logWork, error) {
	conf, err := a.config()
	if err != nil {
		return nil, err
	}
	w := &logWork{app: a}
	if w.targets, err = f.output.targets(); err != nil {
		return nil, err
	}
	location, err := f.output.location(conf)
	if err != nil {
		return nil, err
	}
	set, classifier, err := a.rules(f.rules, conf)
	if err != nil {
		return nil, err
	}
	if w.jobs, err = jobsOf(args, f.each); err != nil {
		return nil, err
	}
	client, err := a.client(conf, typedHosts(args))
	if err != nil {
		return nil, err
	}
	opened, err := a.logs(conf, logs.Options{Client: client, Offline: f.offline})
	if err != nil {
		return nil, err
	}
	w.classifier = classifier
	w.logs = &stdinLogs{Logs: opened, stdin: a.stdin, maxBytes: int64(conf.Logs.MaxSize)}
	w.about = report.About{
		Now: a.now(), Location: location, Rules: classifier.Hash(), Engine: classify.Version,
		Tags: set.Tags, Title: conf.Report.Title,
	}
	return w, nil
}

// results yields what was found, in the order of the jobs, and tells on
// standard error what could not be read.
func (w *logWork) results(ctx context.Context) iter.Seq[classify.Result] {
	return func(yield func(classify.Result) bool) {
		w.app.status.set("reading logs", len(w.jobs))
		stop := w.app.status.show()
		defer stop()
		for r := range w.classifier.Run(ctx, w.logs, w.jobs) {
			w.app.status.add()
			w.app.noteMissing(&r)
			if isLocal(r.LogURL) {
				r.LogURL = "" // File says it as the user does
			}
			if !yield(r) {
				return
			}
		}
	}
}

// noteMissing tells on standard error which logs of a job could not be read.
func (a *app) noteMissing(r *classify.Result) {
	for _, m := range r.Missing {
		name := r.File
		if strings.HasSuffix(r.LogURL, "/") {
			name += ": " + m.File
		}
		a.notef("watchcat: %s: %s", name, m.Why)
	}
}

// streamJSON prints each result as soon as it is there.
func (a *app) streamJSON(results iter.Seq[classify.Result]) error {
	missed := false
	for r := range results {
		missed = missed || incomplete(r)
		if err := report.WriteResultJSON(a.stdout, r); err != nil {
			return err
		}
	}
	return partial(missed)
}

// incomplete reports whether something of a job could not be read.
func incomplete(r classify.Result) bool { return r.Partial || len(r.Missing) > 0 }

// writeResults writes what was found to all targets.
func (a *app) writeResults(results []classify.Result, w *logWork) error {
	return a.write(report.New(results, w.about), w.targets)
}
