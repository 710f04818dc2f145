package testreport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

const maxFiles = 1000 // reports of a job

// DefaultGlobs returns the globs that name test reports by the habits of test
// runners and CI systems.
func DefaultGlobs() []string {
	return []string{
		"**/TEST-*.xml", "**/junit*.xml", "**/*junit.xml", "**/*test-results*.xml", "**/*test_results*.xml",
		"**/test-results/**/*.xml", "**/test_results/*.xml", "**/test-reports/*.xml", "**/testResults.xml",
		"**/xunit*.xml", "**/nosetests.xml", "**/pytest*.xml",
		"**/*.subunit", "**/*.subunit.gz", "**/*.tap", "**/test2json*.json", "**/go-test*.json",
		"job-output.json", "job-output.json.gz",
	}
}

// Found is what the reports of a job say.
type Found struct {
	Tests    Report   // of all reports of tests
	Tasks    Report   // of Zuul's job-output.json
	Files    []string // that were reports, in order
	Problems []string // reports that could not be read, or not to their end
}

// Find reads the test reports of a job: its files that a glob names, where their
// content is that of a report. A report that cannot be read costs itself only.
// The error is that of listing, when no glob could be listed; it wraps
// errors.ErrUnsupported where logs cannot list, and is ctx's when that is done.
func Find(ctx context.Context, logs classify.Logs, job classify.Job, globs []string) (Found, error) {
	var found Found
	files, err := found.list(ctx, logs, job, globs)
	if err != nil {
		return found, err
	}
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		found.read(ctx, logs, job, file)
	}
	return found, nil
}

// list returns the files that the globs name, each once.
func (f *Found) list(ctx context.Context, logs classify.Logs, job classify.Job, globs []string) ([]string, error) {
	lister, ok := logs.(classify.Lister)
	if !ok {
		return nil, fmt.Errorf("find test reports of job %q: its files cannot be listed: %w", job.Name, errors.ErrUnsupported)
	}
	var files []string
	var errs []error
	for _, glob := range globs {
		names, err := lister.List(ctx, job, glob)
		files = append(files, names...)
		if err != nil {
			errs = append(errs, fmt.Errorf("find test reports %s of job %q: %w", glob, job.Name, err))
		}
	}
	slices.Sort(files)
	files = slices.Compact(files)
	if len(errs) > 0 && len(files) == 0 {
		return nil, errs[0]
	}
	for _, err := range errs {
		f.Problems = append(f.Problems, err.Error())
	}
	if len(files) > maxFiles {
		f.Problems = append(f.Problems, fmt.Sprintf("%d test reports were not read: the limit is %d a job", len(files)-maxFiles, maxFiles))
		files = files[:maxFiles]
	}
	return files, nil
}

// read adds a report. What is none is passed over: a glob is a guess.
func (f *Found) read(ctx context.Context, logs classify.Logs, job classify.Job, file string) {
	r, err := logs.Open(ctx, job, file)
	if errors.Is(err, fs.ErrNotExist) {
		return
	} else if err != nil {
		f.Problems = append(f.Problems, fmt.Sprintf("%s: %v", file, err))
		return
	}
	report, err := Read(r)
	if errClose := r.Close(); err == nil {
		err = errClose
	}
	if errors.Is(err, ErrFormat) {
		return
	} else if err != nil {
		f.Problems = append(f.Problems, fmt.Sprintf("%s: %v", file, err))
	}
	f.Files = append(f.Files, file)
	for i := range report.Failures {
		report.Failures[i].Report = file
	}
	if report.Format == JobOutput {
		f.Tasks.sum(report)
	} else {
		f.Tests.sum(report)
	}
}

// sum adds another report.
func (r *Report) sum(other Report) {
	switch {
	case r.Total == 0 && r.Format == "":
		r.Format = other.Format
	case r.Format != other.Format:
		r.Format = ""
	}
	r.Total += other.Total
	r.Failed += other.Failed
	r.Skipped += other.Skipped
	r.Flaky += other.Flaky
	r.Failures = append(r.Failures, other.Failures[:min(len(other.Failures), MaxFailures-len(r.Failures))]...)
}
