package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/local"
)

// inputs returns the jobs behind the arguments of classify, in their order, and
// what of a folder could not be listed. With each, every file of a folder is a
// job.
func inputs(ctx context.Context, args []string, each bool) (jobs []classify.Job, problems []error, err error) {
	for i, arg := range args {
		if arg == "-" && slices.Contains(args[:i], "-") {
			return nil, nil, usagef("standard input (-) can be named once only")
		}
		more, troubles, err := input(ctx, arg, each)
		if err != nil {
			return nil, nil, err
		}
		jobs, problems = append(jobs, more...), append(problems, troubles...)
	}
	return jobs, problems, nil
}

// input returns the jobs behind one argument.
func input(ctx context.Context, arg string, each bool) (jobs []classify.Job, problems []error, err error) {
	_, missing := os.Stat(arg)
	switch {
	case arg == "-":
		return []classify.Job{{File: arg, LogURL: stdinURL}}, nil, nil
	case strings.Contains(arg, "://"):
		job, err := urlJob(arg)
		return []classify.Job{job}, nil, usage(err)
	case missing != nil: // opening it will say so, at its place among the others
		logURL, err := sources.FileURL(arg)
		return []classify.Job{{File: arg, Name: filepath.Base(arg), LogURL: logURL}}, nil, err
	}
	source := local.Source{Paths: []string{arg}, Each: each}
	listing, err := source.Jobs(ctx)
	for i := range listing.Jobs {
		listing.Jobs[i].Time = time.Time{} // that of the file is not that of the build
	}
	return listing.Jobs, listing.Problems, err
}

// urlJob returns the job of a log, or a folder of logs, on a server.
func urlJob(rawURL string) (classify.Job, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return classify.Job{}, fmt.Errorf("%q is neither a file nor an http or https URL", rawURL)
	}
	name := path.Base(u.Path)
	if name == "/" || name == "." {
		name = u.Host
	}
	job := classify.Job{File: rawURL, Name: name, LogURL: rawURL}
	if sources.IsArchive(u.Path) && u.RawQuery == "" {
		job.LogURL, _, _ = strings.Cut(rawURL, "#")
		job.LogURL += sources.ArchiveEnd
	}
	return job, nil
}

// isLocal reports whether a log is on this machine.
func isLocal(logURL string) bool {
	return strings.HasPrefix(logURL, "file:") || logURL == stdinURL
}

// typedHosts returns the hosts of the URLs among the arguments: the user typed
// them, so they may be asked.
func typedHosts(args []string) []string {
	var hosts []string
	for _, arg := range args {
		if u, err := url.Parse(arg); err == nil && u.Host != "" {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}
