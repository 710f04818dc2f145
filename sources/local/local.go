// Package local makes jobs of files and folders of this machine, and of lists of
// jobs that were saved.
package local

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// Source lists files and folders as jobs. It implements sources.Source.
//
// A file is a job whose name is the file's and whose only log it is. A folder
// is one job, whose logs are the files in it; with Each, every file below the
// folder is a job of its own, named by its path within. An archive (see
// sources.IsArchive) is one job as a folder is. A job's File is the
// path as it was typed, its LogURL a file: URL, and its Time that of
// the last change.
type Source struct {
	// Paths are files and folders. One that is not there may be a glob (see
	// filepath.Match), and then stands for all that it names, sorted.
	Paths []string
	Each  bool

	// Result is that of all jobs; zero: it is not known. A log says why a job
	// failed, not that it did: who lists logs of failures says so here.
	Result string
}

// Jobs lists the jobs in the order of Paths, those of one folder sorted by
// path. A path that is not there, or a folder that cannot be read, is a problem
// that costs only itself.
func (s *Source) Jobs(ctx context.Context) (sources.Listing, error) {
	var l sources.Listing
	for _, p := range s.Paths {
		for _, path := range expand(p) {
			if err := ctx.Err(); err != nil {
				return l, fmt.Errorf("list %s: %w", path, err)
			}
			jobs, problems := s.jobs(ctx, path)
			l.Changes++
			l.Jobs = append(l.Jobs, jobs...)
			l.Problems = append(l.Problems, problems...)
		}
	}
	for i := range l.Jobs {
		l.Jobs[i].Result = s.Result
	}
	return l, nil
}

// expand returns what a path names: itself if it is there, or if it is a glob
// that names nothing.
func expand(path string) []string {
	if _, err := os.Lstat(path); err == nil {
		return []string{path}
	}
	if names, err := filepath.Glob(path); err == nil && len(names) > 0 {
		return names
	}
	return []string{path}
}

// jobs returns the jobs of one path.
func (s *Source) jobs(ctx context.Context, path string) ([]classify.Job, []error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, []error{fmt.Errorf("read %s: %w", path, sources.WithoutPath(err))}
	case info.IsDir() && s.Each:
		return each(ctx, path)
	}
	j, err := job(path, info)
	if err != nil {
		return nil, []error{err}
	}
	return []classify.Job{j}, nil
}

// job makes a job of one file or folder.
func job(path string, info fs.FileInfo) (classify.Job, error) {
	u, err := sources.FileURL(path)
	if err != nil {
		return classify.Job{}, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return classify.Job{}, fmt.Errorf("where is %s: %w", path, err)
	}
	if !info.IsDir() && sources.IsArchive(abs) {
		u += sources.ArchiveEnd
	}
	return classify.Job{File: path, Name: filepath.Base(abs), Time: info.ModTime(), LogURL: u}, nil
}

// each makes a job of every file below a folder. Hidden files and folders are
// passed over, and so is what is no file: a pipe would never end. Of symbolic
// links those to files within the folder are followed.
func each(ctx context.Context, folder string) ([]classify.Job, []error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, []error{fmt.Errorf("read %s: %w", folder, sources.WithoutPath(err))}
	}
	defer root.Close() //nolint:errcheck // nothing was written
	t := tree{ctx: ctx, root: root, typed: strings.TrimRight(folder, "/") + "/"}
	if err := filepath.WalkDir(t.typed, t.visit); err != nil {
		t.problems = append(t.problems, fmt.Errorf("read %s: %w", folder, sources.WithoutPath(err)))
	}
	if len(t.jobs) == 0 && len(t.problems) == 0 {
		t.problems = append(t.problems, fmt.Errorf("read %s: there is no file in this folder", folder))
	}
	slices.SortFunc(t.jobs, func(a, b classify.Job) int { return strings.Compare(a.Name, b.Name) })
	return t.jobs, t.problems
}

// tree is a folder whose files are made jobs.
type tree struct {
	ctx      context.Context // of the walk
	root     *os.Root
	typed    string // the folder as it was typed, with "/" at the end
	jobs     []classify.Job
	problems []error
}

// visit is called for every file and folder; see fs.WalkDirFunc.
func (t *tree) visit(p string, d fs.DirEntry, err error) error {
	rel, relErr := filepath.Rel(t.typed, p)
	switch hidden := strings.HasPrefix(filepath.Base(rel), "."); {
	case t.ctx.Err() != nil:
		return t.ctx.Err()
	case relErr != nil:
		return relErr
	case err != nil:
		t.problems = append(t.problems, fmt.Errorf("read %s: %w", p, sources.WithoutPath(err)))
		return nil
	case rel == ".":
		return nil
	case hidden && d.IsDir():
		return filepath.SkipDir
	case hidden || d.IsDir():
		return nil
	}
	return t.file(rel)
}

// file makes a job of a file, if it is one.
func (t *tree) file(rel string) error {
	info, err := t.root.Stat(rel)
	if err != nil || !info.Mode().IsRegular() {
		return nil // a pipe, or a link out of the folder or to nothing
	}
	j, err := job(t.typed+rel, info)
	if err != nil {
		return err
	}
	j.Name = filepath.ToSlash(rel)
	t.jobs = append(t.jobs, j)
	return nil
}
