package logs

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// tarMembers yields the members of a tar archive. It reads the archive from its
// start: a member in the middle costs what is before it.
func (a *archive) tarMembers() iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		files, err := a.openTar()
		for err == nil {
			var header *tar.Header
			header, err = files.Next()
			if err != nil || header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeGNUSparse {
				continue
			}
			name, ok := memberName(header.Name)
			open := func() (io.ReadCloser, error) { return io.NopCloser(files), nil }
			if ok && !yield(member{name, open}, nil) {
				return
			}
		}
		if err != io.EOF {
			yield(member{}, fmt.Errorf("tar: %w", err))
		}
	}
}

func (a *archive) openTar() (*tar.Reader, error) {
	var stored io.Reader = io.NewSectionReader(a.data, 0, a.data.Size())
	if a.cut != nil {
		stored = io.MultiReader(stored, errorReader{a.cut})
	}
	plain, err := decompress(stored, a.limits)
	if err != nil {
		return nil, err
	}
	start, err := plain.Peek(sniffBytes)
	switch {
	case isTar(start):
		return tar.NewReader(plain), nil
	case err != nil && err != io.EOF:
		return nil, err
	case isHTML(start):
		_, err := htmlText(plain)
		return nil, errors.Join(err, errNoArchive)
	case isXMLError(start):
		return nil, xmlError(start)
	}
	return nil, errNoArchive
}

// isTar reports whether a first header's checksum is right, or there is the end of
// an empty archive.
func isTar(start []byte) bool {
	if len(start) < tarHeaderBytes {
		return false
	}
	header := start[:tarHeaderBytes]
	if len(bytes.Trim(header, "\x00")) == 0 {
		return true
	}
	said, err := strconv.ParseInt(string(bytes.Trim(header[148:156], " \x00")), 8, 64)
	sum := int64(8 * ' ') // what the checksum's own field counts for
	for i, b := range header {
		if i < 148 || i >= 156 {
			sum += int64(b)
		}
	}
	return err == nil && said == sum
}

type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) { return 0, e.err }
