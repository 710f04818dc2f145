package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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

// archive is an opened tar archive, in any of the compressions or none, or a zip
// archive. Regular files alone are its members: no links, no devices. Of several
// of one name it has the first.
type archive struct {
	id     string
	data   *io.SectionReader // of a tar archive, unpacked
	cut    error             // why the data ends early
	closer io.Closer
}

// key implements fileSet.
func (a *archive) key(name string) string { return a.id + memberSep + name }

func isPage(err error) bool {
	_, ok := errors.AsType[notLog](err)
	return ok
}

// look returns the plain data of a tar archive that is compressed. The error says
// what else than an archive this is, or why no member of it can be had.
func (a *archive) look(ctx context.Context, limits DecodeOptions) (io.Reader, error) {
	if a.isZip() {
		_, err := a.openZip(a.section(ctx))
		return nil, err
	}
	plain, isPacked, err := a.unpackTar(a.section(ctx), limits)
	if err != nil || !isPacked {
		return nil, err
	}
	return plain, nil
}

// section returns all of the data, until a context ends.
func (a *archive) section(ctx context.Context) *io.SectionReader {
	return io.NewSectionReader(contextReaderAt{ctx, a.data}, 0, a.data.Size())
}

func (a *archive) isZip() bool {
	start := make([]byte, len(zipMagic))
	n, _ := a.data.ReadAt(start, 0)
	return isZip(start[:n])
}

func isZip(start []byte) bool {
	return bytes.HasPrefix(start, []byte(zipMagic)) || bytes.HasPrefix(start, []byte(emptyZipMagic))
}

// open implements fileSet.
func (a *archive) open(ctx context.Context, name string) (io.ReadCloser, error) {
	for m, err := range a.members(ctx) {
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
func (a *archive) list(ctx context.Context, glob string) ([]string, error) {
	names := map[string]bool{}
	var failed error
	for m, err := range a.members(ctx) {
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
func (a *archive) members(ctx context.Context) iter.Seq2[member, error] {
	if a.isZip() {
		return a.zipMembers(a.section(ctx))
	}
	return a.tarMembers(a.section(ctx))
}

// memberName returns the name of a member as that of a file below a folder, fit to
// be shown. It is false for names that lead out of it.
func memberName(name string) (string, bool) {
	if len(name) > maxMemberName {
		return "", false
	}
	name = path.Clean(strings.TrimLeft(name, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r // what is no UTF-8 comes as U+FFFD
	}, name)
	return name, name != "." && name != ".." && !strings.HasPrefix(name, "../")
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
