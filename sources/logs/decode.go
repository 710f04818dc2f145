package logs

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/unicode"
)

const (
	defaultMaxBytes = 2 << 30
	maxLayers       = 2
	sniffBytes      = 4 << 10
)

// DecodeOptions bound what Decode reads.
type DecodeOptions struct {
	MaxBytes int64 // before and after each step of decoding; zero: 2 GiB
}

// Decode returns the text of a log: up to two layers of gzip are removed, as
// the first bytes tell and not the name, UTF-16 with a byte order mark becomes
// UTF-8 (what is invalid in it U+FFFD), and of an HTML page the text of its
// <pre> elements is left, each line at the number that it has in the page. An
// HTML page without such is an error, which wraps fs.ErrNotExist. Everything
// else passes unharmed.
//
// It reads ahead of what it returns. A reader that ends in another error than
// io.EOF was cut short: the data was (io.ErrUnexpectedEOF), or there was more
// than MaxBytes (ErrTooLarge).
func Decode(r io.Reader, o DecodeOptions) (io.Reader, error) {
	limit := cmp.Or(o.MaxBytes, defaultMaxBytes)
	text := bounded(r, limit)
	for range maxLayers {
		if !isGzip(text) {
			break
		}
		unzipped, err := gzip.NewReader(text)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		text = bounded(&gzipReader{unzipped}, limit)
	}
	if isUTF16(text) {
		text = bounded(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(text), limit)
	}
	start, _ := text.Peek(sniffBytes) // an error comes again when the rest is read
	if !isHTML(start) {
		return text, nil
	}
	return htmlText(text)
}

// bounded returns a buffered reader of at most limit bytes.
func bounded(r io.Reader, limit int64) *bufio.Reader {
	return bufio.NewReaderSize(&limitReader{r: r, left: limit, limit: limit}, 64<<10)
}

// isGzip looks for gzip's magic bytes and its only method (RFC 1952).
func isGzip(r *bufio.Reader) bool {
	magic, _ := r.Peek(3)
	return bytes.Equal(magic, []byte{0x1f, 0x8b, 8})
}

// isUTF16 looks for UTF-16's byte order mark. UTF-32's begins as the
// little-endian one does, and goes on with two zeros.
func isUTF16(r *bufio.Reader) bool {
	start, _ := r.Peek(4)
	return bytes.HasPrefix(start, []byte{0xfe, 0xff}) ||
		bytes.HasPrefix(start, []byte{0xff, 0xfe}) && !bytes.HasSuffix(start, []byte{0, 0})
}

// gzipReader says in its errors what it is.
type gzipReader struct{ r *gzip.Reader }

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("gzip: %w", err)
	}
	return n, err
}

// limitReader ends in an error when there is more than its limit. An error,
// once said, is said again: bufio forgets those that it meets when it peeks.
type limitReader struct {
	r           io.Reader
	left, limit int64
	err         error
}

func (l *limitReader) Read(p []byte) (n int, err error) {
	if l.err != nil {
		return 0, l.err
	}
	if l.left > 0 {
		n, l.err = l.r.Read(p[:min(int64(len(p)), l.left)])
		l.left -= int64(n)
		return n, l.err
	}
	var more [1]byte
	n, l.err = l.r.Read(more[:])
	if n > 0 {
		l.err = fmt.Errorf("cut at %s: %w", size(l.limit), ErrTooLarge)
	}
	return 0, l.err
}

// size returns a number of bytes as people write it.
func size(n int64) string {
	for _, unit := range []string{"bytes", "KiB", "MiB", "GiB"} {
		if n < 1<<10 || n%(1<<10) != 0 || unit == "GiB" {
			return fmt.Sprintf("%d %s", n, unit)
		}
		n >>= 10
	}
	return ""
}
