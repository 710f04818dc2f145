package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ErrNoText says that a log holds nothing to read.
var ErrNoText = errors.New("no text")

// ErrEmpty says that a log is empty.
var ErrEmpty = fmt.Errorf("the file is empty: %w", ErrNoText)

// headSize is how many bytes at the beginning tell whether a file is text.
const headSize = 4096

// checkHead looks at the beginning of a log, and says how many bytes of it to
// pass over: a byte order mark. The error is how reading it ended; one that is
// not io.EOF and came before anything could be read is returned.
func checkHead(head []byte, err error) (skip int, noText error) {
	switch {
	case len(head) == 0 && err == io.EOF:
		return 0, ErrEmpty
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return 0, fmt.Errorf("the file is in UTF-16, convert it to UTF-8: %w", ErrNoText)
	case packed(head) != "":
		return 0, fmt.Errorf("the file is %s: %w", packed(head), ErrNoText)
	case isBinary(head):
		return 0, fmt.Errorf("the file is binary: %w", ErrNoText)
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return len("\xef\xbb\xbf"), nil
	}
	return 0, nil
}

// formats are the compressed files and archives that are told by their first
// bytes, each with what to do.
var formats = map[string]string{
	"\x1f\x8b": "gzip, unpack it", "\xfd7zXZ\x00": "xz, unpack it", "BZh": "bzip2, unpack it",
	"\x28\xb5\x2f\xfd": "zstd, unpack it", "PK\x03\x04": "a zip archive, name its members as ARCHIVE//MEMBER",
}

// packed returns the format of a file that begins with head, and what to do; ""
// for plain text.
func packed(head []byte) string {
	for magic, format := range formats {
		if bytes.HasPrefix(head, []byte(magic)) {
			return format
		}
	}
	return ""
}

// isBinary reports whether more than a twentieth of a file's beginning, and not
// just a few, are control characters that text does not have. NUL does not
// count: a crash leaves runs of these in a log.
func isBinary(head []byte) bool {
	controls, all := 0, 0
	for _, c := range head {
		if c == 0 {
			continue
		}
		all++
		if c < 0x20 && (c < '\a' || c > '\r') && c != 0x1b || c == 0x7f {
			controls++
		}
	}
	return controls > 8 && controls*20 > all
}
