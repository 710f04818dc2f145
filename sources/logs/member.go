package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// jobFolder is the folder of a job, whose files are opened as they are stored.
type jobFolder struct {
	l   *Logs
	job classify.Job
}

// key implements fileSet.
func (f jobFolder) key(name string) string {
	at, _ := locate(f.job, name) // what has no place cannot be opened either
	return at.key()
}

// key tells what is at a place from what is at others, or was there before.
func (p place) key() string {
	if p.local == "" {
		return p.url
	}
	file := filepath.Join(p.local, filepath.FromSlash(p.name))
	info, err := os.Stat(file)
	if err != nil {
		return file
	}
	return fmt.Sprintf("%s %d %d", file, info.ModTime().UnixNano(), info.Size())
}

// open implements fileSet.
func (f jobFolder) open(ctx context.Context, name string) (io.ReadCloser, error) {
	at, err := locate(f.job, name)
	if err != nil {
		return nil, err
	}
	return f.l.openRaw(ctx, at, beliefIn(f.job))
}

// list implements fileSet.
func (f jobFolder) list(ctx context.Context, glob string) ([]string, error) {
	return f.l.List(ctx, f.job, glob)
}

// openMember opens a log in an archive of a job's.
func (l *Logs) openMember(ctx context.Context, job classify.Job, at place) (io.ReadCloser, error) {
	a, err := l.openArchive(ctx, job, at)
	if err != nil {
		return nil, err
	}
	r, err := l.shelf.openIn(ctx, a, at.member)
	if err != nil {
		a.Close()
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	r = &memberReader{r, a}
	text, err := l.decode(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, errors.Join(err, r.Close()))
	}
	return text, nil
}

// openArchive opens the archive that is at a place. One that is the job's folder
// takes all of its logs with it.
func (l *Logs) openArchive(ctx context.Context, job classify.Job, at place) (*lent, error) {
	a, err := l.shelf.take(ctx, at.key(), func() (io.ReadCloser, error) { return l.openRaw(ctx, at, beliefIn(job)) })
	if err != nil && !at.folder {
		at.member = ""
		return nil, &lostArchive{fmt.Errorf("open %s: %w", at, err)}
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", at, err)
	}
	return a, nil
}

// lostArchive says why none of a job's logs can be had: the archive that they are
// in cannot be opened.
type lostArchive struct{ error }

func (e *lostArchive) Unwrap() []error { return []error{e.error, classify.ErrUnreachable} }

// listMembers lists the members of the archives that the first part of a glob
// names, or of the archive that is the job's folder.
func (l *Logs) listMembers(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	at, err := locate(job, "-")
	depth := strings.Count(glob, memberSep)
	if at.member != "" {
		depth++
	}
	switch {
	case err != nil:
		return nil, err
	case depth > maxArchives:
		return nil, fmt.Errorf("list %q: %w", glob, errTooDeep)
	case at.folder:
		return l.shelf.listIn(ctx, jobFolder{l, job}, glob)
	case at.member == "": // a job of one file has no other
		return nil, nil
	}
	a, err := l.openArchive(ctx, job, at)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	names, err := l.shelf.listIn(ctx, a, glob)
	if err != nil {
		err = fmt.Errorf("list %s: %w", redact(job.LogURL), err)
	}
	return names, err
}
