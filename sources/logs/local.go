package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// maxFiles bounds the listing of a folder.
const maxFiles = 10_000

// localPath returns the path that a file: URL names (RFC 8089).
func localPath(u *url.URL) (string, error) {
	if u.Host != "" && u.Host != "localhost" {
		return "", fmt.Errorf("open %s: a file: URL of another host; write file:///path", u.Redacted())
	}
	if !strings.HasPrefix(u.Path, "/") || strings.ContainsRune(u.Path, 0) {
		return "", fmt.Errorf("open %s: a file: URL without a full path; write file:///path", u.Redacted())
	}
	p := filepath.FromSlash(u.Path)
	if volume := strings.TrimPrefix(u.Path, "/"); filepath.VolumeName(filepath.FromSlash(volume)) != "" {
		p = filepath.FromSlash(volume)
	}
	return p, nil
}

// open opens a local log. Below a folder only regular files are opened, and
// none that a link names outside of it; a log by itself may be a pipe too.
func (p place) open(ctx context.Context) (rawLog, error) {
	open := p.openAlone
	if p.folder {
		open = p.openBelow
	}
	f, err := open()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", p, sources.WithoutPath(err))
	}
	return localLog{contextReader{ctx, f}, f}, nil
}

func (p place) openBelow() (*os.File, error) {
	root, err := os.OpenRoot(p.local)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.FromSlash(p.name)
	info, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return root.Open(name)
}

func (p place) openAlone() (*os.File, error) {
	info, err := os.Stat(p.local)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New(`a folder; end its URL in "/" to read the files in it`)
	}
	return os.Open(p.local)
}

// contextReader ends when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// localLog is an opened local file.
type localLog struct {
	contextReader
	f *os.File
}

func (l localLog) Close() error   { return l.f.Close() }
func (localLog) encoding() string { return "" }
func (localLog) refuse()          {}
func (localLog) final()           {}

func (l localLog) section() *io.SectionReader {
	info, err := l.f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return io.NewSectionReader(l.f, 0, info.Size())
}

// List returns the names of a job's files that the glob names, sorted. A job of
// one file has that file. In a local folder links are followed to files inside
// it only. A folder on a server is listed by Zuul's manifest in it, by the
// artifacts of a build of Jenkins, or by index pages, whatever it has; where it
// has none, or shows a page of its own, the error wraps errors.ErrUnsupported.
// What was found out is remembered for Options.KeepAbsent.
//
// A glob "archives//members" names members of archives, and is read in its two
// parts: an archive that is missing has none, and one that cannot be read costs its
// own only. So are the members of an archive that is a job's folder: see Open.
func (l *Logs) List(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	if _, isArchive := cutArchive(job.LogURL); isArchive || strings.Contains(glob, memberSep) {
		return l.listMembers(ctx, job, glob)
	}
	names, err := l.list(ctx, job, glob)
	return slices.DeleteFunc(names, func(name string) bool { return !classify.MatchFile(glob, name) }), err
}

func (l *Logs) list(ctx context.Context, job classify.Job, glob string) ([]string, error) {
	at, err := locate(job, "-")
	if err != nil {
		return nil, err
	}
	switch {
	case !at.folder:
		return []string{path.Base(at.path)}, nil
	case at.local == "":
		return l.listServer(ctx, job, glob)
	case l.o.NoLocal:
		return nil, fmt.Errorf("list %s: local files are refused here", at.local)
	}
	return listFolder(ctx, at.local)
}

func listFolder(ctx context.Context, dir string) ([]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, sources.WithoutPath(err))
	}
	defer root.Close()
	var names []string
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return err
		case err != nil: // a folder that cannot be read costs its own files only
			return nil
		case len(names) == maxFiles:
			return fs.SkipAll
		case isRegular(root, name, entry):
			names = append(names, path.Clean(name))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, sources.WithoutPath(err))
	}
	return names, nil
}

func isRegular(root *os.Root, name string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := root.Stat(filepath.FromSlash(name))
	return err == nil && info.Mode().IsRegular()
}
