package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

const (
	memberSep      = "//" // between an archive's name and a member's
	maxArchives    = 2    // of which one is in the other
	maxMembers     = 10_000
	maxMemberName  = 1 << 10
	zipMagic       = "PK\x03\x04"
	emptyZipMagic  = "PK\x05\x06"
	tarHeaderBytes = 512
)

// errNoArchive is in the error for a file of another kind.
var errNoArchive = errors.New("neither a zip nor a tar archive")

var errTooDeep = fmt.Errorf("an archive in an archive in an archive cannot be read: %w", errors.ErrUnsupported)

// fileSet is what has files: the folder of a job, or an archive.
type fileSet interface {
	// open returns a file as it is stored. The error wraps fs.ErrNotExist where
	// it is not there.
	open(ctx context.Context, name string) (io.ReadCloser, error)
	// list returns the names of the files that a glob names, sorted. Beside an
	// error there may be some.
	list(ctx context.Context, glob string) ([]string, error)
}

// openIn returns a file of a folder, or for "archive//member" a member of an
// archive in it.
func openIn(ctx context.Context, in fileSet, file string, o DecodeOptions) (io.ReadCloser, error) {
	name, member, inArchive := strings.Cut(file, memberSep)
	if !inArchive {
		return in.open(ctx, name)
	}
	a, err := openArchiveIn(ctx, in, name, o)
	if err != nil {
		return nil, err
	}
	r, err := openIn(ctx, a, member, o)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &memberReader{r, a}, nil
}

// listIn returns the files of a folder that a glob names, or for "glob//glob" the
// members of archives in it. An archive that cannot be read costs its own members
// only; one that is not there has none, nor has a file that a glob names and that
// is no archive.
func listIn(ctx context.Context, in fileSet, glob string, o DecodeOptions) ([]string, error) {
	head, rest, inArchive := strings.Cut(glob, memberSep)
	if !inArchive {
		return in.list(ctx, glob)
	}
	archives, err := []string{head}, error(nil)
	if classify.IsGlob(head) {
		archives, err = in.list(ctx, head)
	}
	var names []string
	for _, archive := range archives {
		members, listErr := listArchiveIn(ctx, in, archive, rest, o)
		for _, member := range members {
			names = append(names, archive+memberSep+member)
		}
		isPassedOver := classify.IsGlob(head) && errors.Is(listErr, errNoArchive)
		if listErr != nil && !isPassedOver && !isAbsent(listErr) {
			err = errors.Join(err, fmt.Errorf("%s: %w", archive, listErr))
		}
	}
	return names, err
}

// isAbsent reports whether a file is known not to be there.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrOffline)
}

func listArchiveIn(ctx context.Context, in fileSet, name, glob string, o DecodeOptions) ([]string, error) {
	a, err := openArchiveIn(ctx, in, name, o)
	if err != nil {
		return nil, err
	}
	names, err := listIn(ctx, a, glob, o)
	return names, errors.Join(err, a.Close())
}

func openArchiveIn(ctx context.Context, in fileSet, name string, o DecodeOptions) (*archive, error) {
	r, err := in.open(ctx, name)
	if err != nil {
		return nil, err
	}
	return openArchive(ctx, r, o)
}

// memberReader reads a member, and closes its archive with it.
type memberReader struct {
	io.ReadCloser
	archive io.Closer
}

func (m *memberReader) Close() error { return errors.Join(m.ReadCloser.Close(), m.archive.Close()) }

// archive is an opened tar archive, in any of the compressions or none, or a zip
// archive. Regular files alone are its members: no links, no devices. Of several
// of one name it has the first.
type archive struct {
	data   *io.SectionReader
	cut    error // why the data ends early
	limits DecodeOptions
	closer io.Closer
}

// openArchive opens an archive, and closes what it was stored in: at once if that
// can be read but once, else with the archive.
func openArchive(ctx context.Context, stored io.ReadCloser, o DecodeOptions) (*archive, error) {
	raw, isRaw := stored.(rawLog)
	a := &archive{limits: o, closer: stored}
	if isRaw {
		a.data = raw.section()
	}
	isSpooled := a.data == nil
	if isSpooled {
		s, err := spool(ctx, stored, o)
		if err != nil {
			return nil, errors.Join(err, stored.Close())
		}
		a.data, a.cut, a.closer = io.NewSectionReader(s, 0, s.size), s.cut, s
	}
	a.data = io.NewSectionReader(contextReaderAt{ctx, a.data}, 0, a.data.Size())
	err := a.check()
	if isRaw && isPage(err) {
		raw.refuse()
	}
	if isSpooled {
		err = errors.Join(err, stored.Close())
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func isPage(err error) bool {
	_, ok := errors.AsType[notLog](err)
	return ok
}

// check reports why this is no archive.
func (a *archive) check() error {
	if a.isZip() {
		return nil
	}
	_, err := a.openTar()
	return err
}

func (a *archive) isZip() bool {
	start := make([]byte, len(zipMagic))
	n, _ := a.data.ReadAt(start, 0)
	magic := string(start[:n])
	return magic == zipMagic || magic == emptyZipMagic
}

func (a *archive) Close() error { return a.closer.Close() }

// open implements fileSet.
func (a *archive) open(_ context.Context, name string) (io.ReadCloser, error) {
	for m, err := range a.members() {
		if err != nil {
			return nil, err
		}
		if m.name == name {
			return m.open()
		}
	}
	return nil, fmt.Errorf("the archive has no such member: %w", fs.ErrNotExist)
}

// list implements fileSet.
func (a *archive) list(_ context.Context, glob string) ([]string, error) {
	names := map[string]bool{}
	var failed error
	for m, err := range a.members() {
		if err == nil && len(names) == maxMembers {
			err = fmt.Errorf("only its first %d members are listed: %w", maxMembers, ErrTooLarge)
		}
		if err != nil {
			failed = err
			break
		}
		if classify.MatchFile(glob, m.name) {
			names[m.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), failed
}

// member is a file of an archive.
type member struct {
	name string
	open func() (io.ReadCloser, error) // until the next member is asked for
}

// members yields the members in the order of the archive. An error is the last.
func (a *archive) members() iter.Seq2[member, error] {
	if a.isZip() {
		return a.zipMembers()
	}
	return a.tarMembers()
}

// memberName returns the name of a member as that of a file below a folder. It is
// false for names that lead out of it.
func memberName(name string) (string, bool) {
	if len(name) > maxMemberName {
		return "", false
	}
	name = path.Clean(strings.TrimLeft(name, "/"))
	return name, name != "." && name != ".." && !strings.HasPrefix(name, "../")
}

// spooled is data in a file without a name, where the system can have such.
type spooled struct {
	*os.File
	size int64
	cut  error // why there is no more
}

// spool reads all there is, within the limits.
func spool(ctx context.Context, r io.Reader, o DecodeOptions) (*spooled, error) {
	f, err := os.CreateTemp("", "watchcat-*")
	if err != nil {
		return nil, err
	}
	s := &spooled{File: f}
	os.Remove(f.Name()) // where an open file must keep its name, Close removes it
	src := &limitReader{r: r, limit: o.limit()}
	s.size, err = io.Copy(f, src)
	if err != nil && (src.err == nil || ctx.Err() != nil) { // it could not be written, or is not wanted any more
		return nil, errors.Join(err, s.Close())
	}
	s.cut = err
	return s, nil
}

func (s *spooled) Close() error {
	err := s.File.Close()
	if removeErr := os.Remove(s.Name()); !errors.Is(removeErr, fs.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

// contextReaderAt ends when its context does.
type contextReaderAt struct {
	ctx context.Context
	r   io.ReaderAt
}

func (c contextReaderAt) ReadAt(p []byte, at int64) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.ReadAt(p, at)
}
