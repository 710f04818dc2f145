package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources/testreport"
)

const classifyHelp = `Say why the builds behind logs failed. Each log is taken as that of a failed job,
whatever its own last words are. A FILE or URL is one log, maybe compressed; "-"
is standard input; a folder (a URL that ends in "/") or an archive (zip, tar) is
one job with several files. With --each every file of a folder is a job of its own.

One log is printed with the lines that are its reason, several as a table;
--format json prints one object a log, in the order in which they were named.`

// classifyFlags are the flags of classify.
type classifyFlags struct {
	workFlags
	each bool
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
				return errors.New("which log? name a file, a URL, a folder, or - for standard input")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.classify(c.Context(), &f, args) },
	}
	f.workFlags.add(c)
	c.Flags().BoolVar(&f.each, "each", false, "take every file in a folder, and in the folders in it, as a job of its own")
	return c
}

// classify looks at logs and writes what was found.
func (a *app) classify(ctx context.Context, f *classifyFlags, args []string) error {
	w, err := a.newLogWork(ctx, f, args)
	if err != nil {
		return err
	}
	defer w.client.Close()
	if slices.Equal(w.targets, []target{{format: "json"}}) {
		a.status.quiet = a.status.quiet || isTerminal(a.stdout) // the line would mix with the results
		err = writeJSON(a.stdout, w.results(ctx))
	} else if results := slices.Collect(w.results(ctx)); ctx.Err() == nil {
		err = a.write(w.targets, resultsRenderer(results, w.about))
	}
	return cmp.Or(err, ctx.Err(), partial(w.missed))
}

// logWork is what classify is about to do.
type logWork struct {
	*setup
	app    *app
	jobs   []classify.Job
	logs   classify.Logs
	missed bool // something could not be read
}

// newLogWork finds out what there is to do, and whether all of it makes sense.
func (a *app) newLogWork(ctx context.Context, f *classifyFlags, args []string) (*logWork, error) {
	conf, err := a.config()
	if err != nil {
		return nil, err
	}
	if err := f.output.notInput(args); err != nil {
		return nil, err
	}
	s, err := a.setup(conf, &f.workFlags, access{typed: typedHosts(args), local: true})
	if err != nil {
		return nil, err
	}
	jobs, problems, err := inputs(ctx, args, f.each)
	if err != nil {
		return nil, err
	}
	for _, problem := range problems {
		s.about.Problems = append(s.about.Problems, problem.Error())
	}
	for _, problem := range s.about.Problems {
		a.notef("watchcat: %s", problem)
	}
	s.classifier.Fallback = allFiles
	stdin := &stdinLogs{Logs: s.logs, stdin: a.stdin, maxBytes: int64(conf.Logs.MaxSize)}
	return &logWork{setup: s, app: a, jobs: jobs, logs: testreport.Text(stdin), missed: len(s.about.Problems) > 0}, nil
}

// results yields what was found, in the order of the jobs, and tells on
// standard error what could not be read.
func (w *logWork) results(ctx context.Context) iter.Seq[classify.Result] {
	return func(yield func(classify.Result) bool) {
		w.app.status.set("reading logs", len(w.jobs))
		stop := w.app.status.show()
		defer stop()
		for r := range w.app.status.count(w.classifier.Run(ctx, w.logs, w.jobs)) {
			w.missed = w.missed || incomplete(r)
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

// resultsRenderer writes what classify found: as JSON one object a log and no
// summary, as text the whole verdict where there is one log only.
func resultsRenderer(results []classify.Result, about report.About) renderer {
	whole := reportRenderer(report.New(results, about), true)
	return func(w io.Writer, format string, o report.TableOptions) error {
		switch {
		case format == "json":
			return writeJSON(w, slices.Values(results))
		case format == "table" && len(results) == 1:
			return report.WriteVerdict(w, results[0], o)
		}
		return whole(w, format, o)
	}
}

// writeJSON writes each result as soon as it is there.
func writeJSON(w io.Writer, results iter.Seq[classify.Result]) error {
	for r := range results {
		if err := report.WriteResultJSON(w, r); err != nil {
			return err
		}
	}
	return nil
}

// incomplete reports whether something of a job could not be read.
func incomplete(r classify.Result) bool { return r.Partial || len(r.Missing) > 0 }
