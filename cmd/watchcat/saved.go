package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/local"
)

// savedPrefix begins a --source that is a saved list of jobs.
const savedPrefix = "file:"

// savedSources parts what --source names into saved lists and the globs that
// name configured sources.
func savedSources(words []string) (saved []sources.Named, globs []string) {
	for _, word := range words {
		if path, ok := strings.CutPrefix(word, savedPrefix); ok {
			saved = append(saved, sources.Named{Name: word, Source: local.Saved{Path: path}})
		} else {
			globs = append(globs, word)
		}
	}
	return saved, globs
}

// present returns the time that a run takes for the present. One that only
// replays saved lists takes the time of the latest: what was of the day then
// is so again.
func present(now time.Time, saved []sources.Named, globs []string) (time.Time, error) {
	var latest time.Time
	for _, named := range saved {
		if named.Name == savedPrefix {
			return now, fmt.Errorf("--source %s names no file; write --source %sFILE", savedPrefix, savedPrefix)
		}
		at, err := named.Source.(local.Saved).Time()
		if err != nil {
			return now, err
		}
		if at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() || len(globs) > 0 {
		return now, nil
	}
	return latest, nil
}

// checkSave reports, before anything is asked, that a list of jobs cannot be
// saved where it is wanted.
func checkSave(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("--save-jobs %s: that is a folder", path)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("--save-jobs %s: %w", path, err)
	}
	return nil
}

// saveJobs writes the list of jobs, if that is asked for: all that were listed,
// and what was found out to complete those that were selected.
func (p *pipeline) saveJobs(gathered sources.Gathered, completed []classify.Job) error {
	if p.save == "" {
		return nil
	}
	jobs := slices.Concat(completed, gathered.Jobs)
	l := sources.Listing{Jobs: sources.Identify(jobs)}
	for _, state := range gathered.States {
		l.Changes += state.Changes
		l.Cap += state.Cap
		l.Capped = l.Capped || state.Capped
		l.Problems = append(l.Problems, state.Problems...)
		if state.Err != nil {
			l.Problems = append(l.Problems, fmt.Errorf("%s: %w", state.Name, state.Err))
		}
	}
	return report.ReplaceFile(p.save, func(w io.Writer) error { return local.Save(w, p.about.Now, l) })
}
