package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

const (
	keepOpen = 10 * time.Second // since the last use
	maxIdle  = 16               // archives that nobody uses
)

// shelf has archives ready, unpacked, for as long as they are used and a little
// longer: who reads one member of an archive soon reads the next. As long it
// remembers of an archive that it cannot be opened, and why.
type shelf struct {
	limits func(context.Context) DecodeOptions
	dir    string // for what must be unpacked; "": the system's

	mu   sync.Mutex
	kept map[string]*shelved
}

// shelved is an archive on a shelf.
type shelved struct {
	turn    chan struct{} // held by the one who opens it
	archive *archive      // nil: not opened yet, or not to be opened
	err     error         // why it cannot be opened
	users   int
	since   time.Time // of the last use, or of the error
}

func newShelf(limits func(context.Context) DecodeOptions, dir string) *shelf {
	return &shelf{limits: limits, dir: dir, kept: map[string]*shelved{}}
}

// lent is an archive from a shelf, to be closed once.
type lent struct {
	*archive
	back func()
}

func (l *lent) Close() error {
	l.back()
	return nil
}

// fileSet is what has files: the folder of a job, or an archive.
type fileSet interface {
	// key tells an archive that is such a file from all other archives.
	key(name string) string
	// open returns a file as it is stored. The error wraps fs.ErrNotExist where
	// it is not there.
	open(ctx context.Context, name string) (io.ReadCloser, error)
	// list returns the names of the files that a glob names, sorted. Beside an
	// error there may be some.
	list(ctx context.Context, glob string) ([]string, error)
}

// openIn returns a file of a set, or for "archive//member" a member of an archive
// in it.
func (s *shelf) openIn(ctx context.Context, in fileSet, file string) (io.ReadCloser, error) {
	name, member, inArchive := strings.Cut(file, memberSep)
	if !inArchive {
		return in.open(ctx, name)
	}
	a, err := s.takeIn(ctx, in, name)
	if err != nil {
		return nil, err
	}
	r, err := s.openIn(ctx, a, member)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &memberReader{r, a}, nil
}

// memberReader reads a member, and gives its archive back in the end.
type memberReader struct {
	io.ReadCloser
	archive io.Closer
}

func (m *memberReader) Close() error { return errors.Join(m.ReadCloser.Close(), m.archive.Close()) }

// listIn returns the files of a set that a glob names, or for "glob//glob" the
// members of archives in it. An archive that cannot be read costs its own members
// only; one that is not there has none, nor has a file that a glob names and that
// is no archive.
func (s *shelf) listIn(ctx context.Context, in fileSet, glob string) ([]string, error) {
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
		members, listErr := s.listMembers(ctx, in, archive, rest)
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

func (s *shelf) listMembers(ctx context.Context, in fileSet, archive, glob string) ([]string, error) {
	a, err := s.takeIn(ctx, in, archive)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	return s.listIn(ctx, a, glob)
}

func (s *shelf) takeIn(ctx context.Context, in fileSet, name string) (*lent, error) {
	return s.take(ctx, in.key(name), func() (io.ReadCloser, error) { return in.open(ctx, name) })
}

// take lends an archive, which is opened if it is not kept.
func (s *shelf) take(ctx context.Context, key string, open func() (io.ReadCloser, error)) (*lent, error) {
	k := s.find(key)
	select {
	case k.turn <- struct{}{}:
	case <-ctx.Done():
		s.giveBack(key, k)
		return nil, ctx.Err()
	}
	err := k.err
	if k.archive == nil && err == nil {
		k.archive, err = s.open(ctx, key, open)
	}
	if err != nil && ctx.Err() == nil { // else it is this caller's, and the next may try
		k.err = err
	}
	<-k.turn
	if err != nil {
		s.giveBack(key, k)
		return nil, err
	}
	return &lent{k.archive, sync.OnceFunc(func() { s.giveBack(key, k) })}, nil
}

// find returns what is kept of an archive, for one more user.
func (s *shelf) find(key string) *shelved {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[key]
	if k == nil {
		k = &shelved{turn: make(chan struct{}, 1)}
		s.kept[key] = k
	}
	k.users++
	return k
}

// giveBack takes note that a user has left. An archive without users is closed
// after a while, or when too many others are. Who asks again for one that cannot
// be opened does not prolong that.
func (s *shelf) giveBack(key string, k *shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k.users--; k.users > 0 {
		return
	}
	if k.archive == nil && k.err == nil {
		delete(s.kept, key)
		return
	}
	if k.err == nil || k.since.IsZero() {
		k.since = time.Now()
	}
	time.AfterFunc(keepOpen, s.tidy)
	s.makeRoom()
}

// tidy closes what was not used for a while.
func (s *shelf) tidy() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, k := range s.kept {
		if k.users == 0 && time.Since(k.since) >= keepOpen {
			s.drop(key)
		}
	}
}

// makeRoom closes the archive that was unused for longest, if there are too many.
func (s *shelf) makeRoom() {
	idle, oldest := 0, ""
	for key, k := range s.kept {
		if k.users > 0 {
			continue
		}
		if idle == 0 || k.since.Before(s.kept[oldest].since) {
			oldest = key
		}
		idle++
	}
	if idle > maxIdle {
		s.drop(oldest)
	}
}

func (s *shelf) drop(key string) {
	if a := s.kept[key].archive; a != nil {
		a.closer.Close() // it was only read: nothing is lost
	}
	delete(s.kept, key)
}

// open opens an archive. What it was stored in is closed at once if that can be
// read but once, and so was read whole.
func (s *shelf) open(ctx context.Context, key string, open func() (io.ReadCloser, error)) (*archive, error) {
	stored, err := open()
	if err != nil {
		return nil, err
	}
	a := &archive{id: key, closer: stored}
	raw, isRaw := stored.(rawLog)
	if isRaw {
		a.data = raw.section()
	}
	isSpooled := a.data == nil
	if isSpooled {
		if err := s.spool(ctx, a, stored); err != nil {
			return nil, errors.Join(err, stored.Close())
		}
	}
	limits := s.limits(ctx)
	defer limits.turn.end()
	packed, err := a.look(ctx, limits)
	if isRaw && isPage(err) {
		raw.refuse()
	}
	if isSpooled {
		err = errors.Join(err, stored.Close())
	}
	if err == nil && packed != nil {
		err = s.unpack(ctx, a, packed)
	}
	if err != nil {
		return nil, errors.Join(err, a.closer.Close())
	}
	return a, nil
}

// unpack replaces the data of a tar archive by what was packed.
func (s *shelf) unpack(ctx context.Context, a *archive, packed io.Reader) error {
	stored := a.closer
	err := s.spool(ctx, a, packed)
	if err != nil {
		return err
	}
	return stored.Close()
}

// spool reads all there is, within the limits, into a file that is the archive's
// data. It has no name, where an open file can lose it.
func (s *shelf) spool(ctx context.Context, a *archive, r io.Reader) error {
	f, err := os.CreateTemp(s.dir, "archive-*")
	if err != nil {
		return err
	}
	t := tempFile{f}
	os.Remove(f.Name()) // else Close removes it
	src := &limitReader{r: r, limit: s.limits(ctx).limit()}
	n, err := io.Copy(f, src)
	if err != nil && (src.err == nil || ctx.Err() != nil) { // it could not be written, or is not wanted any more
		return errors.Join(err, t.Close())
	}
	a.data, a.cut, a.closer = io.NewSectionReader(f, 0, n), err, t
	return nil
}

// tempFile is gone when it is closed.
type tempFile struct{ f *os.File }

func (t tempFile) Close() error {
	err := t.f.Close()
	if removeErr := os.Remove(t.f.Name()); !errors.Is(removeErr, fs.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}
