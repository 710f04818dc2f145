package logs

import (
	"archive/tar"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
)

// tarMembers yields the members of a tar archive. What is in them is skipped where
// the data can be read at any place.
func (a *archive) tarMembers(data *io.SectionReader) iter.Seq2[member, error] {
	return func(yield func(member, error) bool) {
		files := tar.NewReader(data)
		if a.cut != nil {
			files = tar.NewReader(a.withCut(data))
		}
		header, err := files.Next()
		for ; err == nil; header, err = files.Next() {
			name, ok := memberName(header.Name)
			isFile := header.Typeflag == tar.TypeReg || header.Typeflag == tar.TypeGNUSparse
			open := func() (io.ReadCloser, error) { return io.NopCloser(files), nil }
			if ok && isFile && !yield(member{name, open}, nil) {
				return
			}
		}
		if err != io.EOF {
			yield(member{}, fmt.Errorf("tar: %w", err))
		}
	}
}

// withCut reads data to the error that it was cut by, if there is one.
func (a *archive) withCut(data io.Reader) io.Reader {
	if a.cut == nil {
		return data
	}
	return io.MultiReader(data, errorReader{a.cut})
}

// unpackTar returns the plain data of a tar archive, and whether it is compressed.
// The error says what else it is.
func (a *archive) unpackTar(data io.Reader, limits DecodeOptions) (plain *bufio.Reader, isPacked bool, err error) {
	stored := buffered(a.withCut(data))
	isPacked = compressionOf(stored) != nil
	if plain, err = decompress(stored, limits); err != nil {
		return nil, false, err
	}
	start, err := plain.Peek(sniffBytes)
	switch {
	case isTar(start):
		return plain, isPacked, nil
	case err != nil && err != io.EOF:
		return nil, false, err
	case isHTML(start):
		_, err := htmlText(plain)
		return nil, false, errors.Join(err, errNoArchive)
	case isXMLError(start):
		return nil, false, xmlError(start)
	}
	return nil, false, errNoArchive
}

// isTar reports whether there is a first header, or the end of an empty archive.
func isTar(start []byte) bool {
	return len(start) >= tarHeaderBytes && (isTarHeader(start) || len(bytes.Trim(start[:tarHeaderBytes], "\x00")) == 0)
}

// isTarHeader reports whether a header's checksum is right, which is in octal and
// counts its own field as blanks. Text that looks so there is not.
func isTarHeader(start []byte) bool {
	if len(start) < tarHeaderBytes {
		return false
	}
	said, err := strconv.ParseInt(string(bytes.Trim(start[148:156], " \x00")), 8, 64)
	sum := int64(8 * ' ')
	for i, b := range start[:tarHeaderBytes] {
		if i < 148 || i >= 156 {
			sum += int64(b)
		}
	}
	return err == nil && said == sum
}

type errorReader struct{ err error }

func (e errorReader) Read([]byte) (int, error) { return 0, e.err }
