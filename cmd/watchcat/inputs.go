package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// jobsOf returns the jobs behind the arguments of classify. With each, every
// file of a folder is a job.
func jobsOf(args []string, each bool) ([]classify.Job, error) {
	var jobs []classify.Job
	for i, arg := range args {
		if arg == "-" && slices.Contains(args[:i], "-") {
			return nil, usagef("standard input (-) can be named once only")
		}
		names, err := expand(arg, each)
		if err != nil {
			return nil, usage(err)
		}
		for _, name := range names {
			job, err := jobOf(name)
			if err != nil {
				return nil, usage(err)
			}
			jobs = append(jobs, job)
		}
	}
	return jobs, nil
}

// expand returns the names of the files in a folder, of anything else its own.
func expand(arg string, each bool) ([]string, error) {
	if info, err := os.Stat(arg); !each || err != nil || !info.IsDir() {
		return []string{arg}, nil
	}
	files, err := filesBelow(arg)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", arg, err)
	}
	return files, nil
}

// jobOf returns the job behind one argument. That there is such a file is found
// out when it is opened.
func jobOf(arg string) (classify.Job, error) {
	if arg == "-" {
		return classify.Job{File: arg, LogURL: stdinURL}, nil
	}
	if strings.Contains(arg, "://") {
		u, err := url.Parse(arg)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return classify.Job{}, fmt.Errorf("%q is no http or https URL, nor a file", arg)
		}
		return classify.Job{File: arg, Name: baseName(arg), LogURL: arg}, nil
	}
	logURL, err := logs.FileURL(arg)
	if err != nil {
		return classify.Job{}, err
	}
	return classify.Job{File: arg, Name: baseName(logURL), LogURL: logURL}, nil
}

// baseName returns the last name in a URL's path, else its host.
func baseName(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	if base := path.Base(u.Path); base != "/" && base != "." {
		return base
	}
	return u.Host
}

// filesBelow returns the regular files of a folder and those in it, sorted.
func filesBelow(folder string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("no file in it")
	}
	return files, err
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
