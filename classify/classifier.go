package classify

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"net/url"
	"path"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Classifier finds known patterns of failure. Compile makes one; the zero value
// knows no rule and gives excerpts only. Its fields are set before its first
// use; after that several goroutines may use it at once.
type Classifier struct {
	// Console names the candidates of a job's main log. It is read for the
	// excerpt even if no rule asks for it, and a log given by itself is tried
	// by the rules that name one of these files or the log's own name. Empty:
	// a log given by itself is tried by all rules, and the excerpt of a job
	// comes from the first log that is read.
	Console []string

	// Fallback is a glob for the main log of a job that has none of the Console
	// files: all that it names are tried by the rules on these. "**" names all
	// files of the job. Empty: none. It needs a Lister, and is passed over where
	// a job's files cannot be listed.
	Fallback string

	// Reports are globs for the test reports of a job. What they name is read for
	// its failed tests, though no rule asks for it, if Logs opens it as a
	// TestReport; what is none is passed over. Empty: no more than the logs that
	// rules ask for, and a log given by itself. It needs a Lister.
	Reports []string

	// Workers is how many jobs are looked at at the same time. Zero: 8.
	Workers int

	// NoExcerpt leaves out the excerpt, the rest of the paragraph of the match that
	// names the reason, other causes beside it, and the step: a Result has the lines
	// that the rule asks for only, and no log is looked at a second time.
	NoExcerpt bool

	ordered []*rule
	files   []*fileRules // those that rules name first, in their order
	hash    string
	plans   plans
}

// Hash names the rule set: "sha256:" and the hash of its rules in their order.
func (c *Classifier) Hash() string { return c.hash }

// Run looks at jobs, several at a time, and yields one Result for each in the
// order of jobs. A failed job's logs are opened through logs, read once and
// closed: twice where rules name one among other files, of which it turns out to
// be the first that is there, and where no rule gives the reason and the excerpt
// is to come from a log of more than 8 MiB, or from one of several. Those of jobs
// that passed, were skipped or have not ended are not opened.
// When ctx ends, Run stops early, without results for the jobs not finished;
// breaking off the loop stops the work too. No goroutine outlives the loop.
func (c *Classifier) Run(ctx context.Context, logs Logs, jobs []Job) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var workers errgroup.Group
		defer func() { cancel(); workers.Wait() }()

		results := make([]chan Result, len(jobs))
		for i := range results {
			results[i] = make(chan Result, 1)
		}
		workers.Go(func() error { c.work(ctx, logs, jobs, results); return nil })
		for _, result := range results {
			if r, ok := <-result; ok && !yield(r) {
				return
			}
		}
	}
}

// work fills in results; the channel of a job that was not finished is closed.
func (c *Classifier) work(ctx context.Context, logs Logs, jobs []Job, results []chan Result) {
	var workers errgroup.Group
	workers.SetLimit(c.workers())
	for i, job := range jobs {
		workers.Go(func() error {
			defer close(results[i])
			if ctx.Err() != nil {
				return nil
			}
			if r := c.job(ctx, logs, job); ctx.Err() == nil {
				results[i] <- r
			}
			return nil
		})
	}
	workers.Wait()
}

// workers returns how many jobs are looked at at the same time.
func (c *Classifier) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return 8
}

// job looks at one job.
func (c *Classifier) job(ctx context.Context, logs Logs, job Job) Result {
	switch job.Status() {
	case Passed:
		return c.verdict(job, OutcomePassed)
	case Skipped, Unending:
		return c.verdict(job, OutcomeSkipped)
	}
	l := c.newLook(logs, job)
	defer l.forget()
	return l.readLogs(ctx).result(ctx)
}

// verdict returns a result without findings.
func (c *Classifier) verdict(job Job, outcome Outcome) Result {
	return Result{Job: job, Outcome: outcome, Rules: c.hash, Engine: Version}
}

// Log looks at a single log, as that of a failed job: the log's own words on how
// it ended decide nothing. The name is Result.File; its last element is the file
// of matches and evidence, and is compared with the files that rules name. An
// error of r other than io.EOF makes the result partial. The excerpt of a log of
// more than 8 MiB comes from its end. Log stops reading when ctx ends.
func (c *Classifier) Log(ctx context.Context, name string, r io.Reader) Result {
	base := path.Base(name)
	job := Job{File: name, Name: base, LogURL: (&url.URL{Path: base}).String()}
	l := c.newLook(&singleLog{Reader: r}, job)
	defer l.forget()
	result := l.readLogs(ctx).result(ctx)
	result.LogURL = ""
	return result
}

// singleLog is the Logs of a job that has one log.
type singleLog struct {
	io.Reader
	read bool
}

// Open returns the log, whatever file is asked for: once.
func (l *singleLog) Open(context.Context, Job, string) (io.ReadCloser, error) {
	if l.read {
		return nil, errors.ErrUnsupported
	}
	l.read = true
	return io.NopCloser(l), nil
}

// single reports whether a job has one log and no folder, and the log's name.
func single(job Job) (name string, ok bool) {
	if job.LogURL == "" || job.LogURL[len(job.LogURL)-1] == '/' {
		return "", false
	}
	if u, err := url.Parse(job.LogURL); err == nil {
		return path.Base(cmp.Or(u.Path, u.Host)), true
	}
	return path.Base(job.LogURL), true
}

// applies reports whether a single log of that name counts as one of files.
func (c *Classifier) applies(files []string, name string) bool {
	for _, file := range files {
		if file == ResultFile {
			return false
		}
		if ok, _ := path.Match(path.Base(file), name); ok || slices.Contains(c.Console, file) {
			return true
		}
	}
	return len(c.Console) == 0
}
