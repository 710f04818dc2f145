package logs

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// maxDirectory bounds what is read to learn which members a zip archive has, and
// with it the memory for them.
const maxDirectory = 4 << 20

const zipEntryBytes = 46 // of an entry in the directory, without its name

// zipMethods names the methods of compression that archive/zip lacks (APPNOTE.TXT,
// 4.4.5).
var zipMethods = map[uint16]string{
	1: "shrink", 6: "implode", 9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz", 98: "PPMd", 99: "AES",
}

// zipMembers yields the members of a zip archive. Programs for Windows separate
// folders by backslashes, which is against the format.
func (a *archive) zipMembers(data *io.SectionReader) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		files, err := a.openZip(data)
		if err != nil {
			yield(member{}, err)
			return
		}
		for _, f := range files.File {
			name, ok := memberName(strings.ReplaceAll(f.Name, `\`, "/"))
			isFile := f.Mode().IsRegular() && !strings.HasSuffix(f.Name, `\`)
			if ok && isFile && !yield(member{name, func() (io.ReadCloser, error) { return openZipped(f) }}, nil) {
				return
			}
		}
	}
}

func (a *archive) openZip(data *io.SectionReader) (*zip.Reader, error) {
	directory := &directoryReader{ReaderAt: data, left: maxDirectory}
	files, err := zip.NewReader(directory, data.Size())
	directory.done = true
	if err != nil && a.cut != nil {
		return nil, fmt.Errorf("zip: %w", a.cut) // its directory is at its end
	}
	return files, err
}

func openZipped(f *zip.File) (io.ReadCloser, error) {
	if f.Flags&1 != 0 {
		return nil, errors.New("zip: the member is encrypted")
	}
	r, err := f.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		name := cmp.Or(zipMethods[f.Method], fmt.Sprintf("number %d", f.Method))
		return nil, fmt.Errorf("zip: the method of compression %s cannot be read: %w", name, errors.ErrUnsupported)
	}
	return r, err
}

// directoryReader ends when more than it has left is read, or the directory is
// to have more entries than that can hold: archive/zip reserves memory for as many
// as are promised.
type directoryReader struct {
	io.ReaderAt
	left int64
	done bool // what follows is read of members
}

func (d *directoryReader) ReadAt(p []byte, at int64) (int, error) {
	if d.done {
		return d.ReaderAt.ReadAt(p, at)
	}
	d.left -= int64(len(p))
	n, err := d.ReaderAt.ReadAt(p, at)
	if d.left < 0 || promised(p[:n]) > maxDirectory/zipEntryBytes {
		return 0, fmt.Errorf("zip: a directory of more than %s: %w", size(maxDirectory), ErrTooLarge)
	}
	return n, err
}

// promised returns the number of entries in a zip64 end of a directory, which
// archive/zip reads by itself, or 0 (APPNOTE.TXT, 4.3.14). Without zip64 there are
// at most 65,535.
func promised(record []byte) uint64 {
	if len(record) < 40 || !bytes.HasPrefix(record, []byte("PK\x06\x06")) {
		return 0
	}
	return binary.LittleEndian.Uint64(record[32:])
}
