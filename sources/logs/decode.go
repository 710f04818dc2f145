package logs

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

const (
	defaultMaxBytes = 2 << 30
	maxLayers       = 2
	sniffBytes      = 4 << 10
	trustedBytes    = 256 << 20 // of text, whatever the ratio: the same line over and over is still a log
	maxRatio        = 2000      // beyond; gzip's own is 1032
)

// DecodeOptions bound what Decode reads.
type DecodeOptions struct {
	MaxBytes int64 // before and after each step of decoding; zero: 2 GiB

	turn *turn // for large windows
}

// Decode returns the text of a log: up to two layers of compression are removed
// (gzip, zlib, zstd, xz and bzip2, as the first bytes tell and not the name),
// UTF-16 with a byte order mark becomes UTF-8 (what is invalid in it U+FFFD), and
// of an HTML page the text of its <pre> elements is left, each line at the number
// that it has in the page; a page that reports tests, as subunit2html writes it,
// passes unharmed. A page without such, an error that an object store sends
// as XML, and a tar or zip archive is an error, which wraps fs.ErrNotExist. Everything else passes
// unharmed.
//
// It reads ahead of what it returns. A reader that ends in another error than
// io.EOF was cut short: the data was (io.ErrUnexpectedEOF) or is damaged or
// followed by something else, or there was more than MaxBytes (ErrTooLarge), or
// more than 256 MiB and 2000 times what was read, as in a decompression bomb
// (ErrTooLarge too). xz and zstd that ask for a window of more than 64 MiB are an
// error.
func Decode(r io.Reader, o DecodeOptions) (io.Reader, error) {
	text, err := decompress(r, o)
	if err != nil {
		return nil, err
	}
	if isUTF16(text) {
		utf8 := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(text)
		text = buffered(&limitReader{r: utf8, limit: o.limit()})
	}
	start, _ := text.Peek(sniffBytes) // an error comes again when the rest is read
	switch {
	case isTestPage(start):
	case isHTML(start):
		return htmlText(text)
	case isXMLError(start):
		return nil, xmlError(start)
	case isZip(start), isTarHeader(start):
		return nil, notLog("an archive (its files are named archive//path)")
	}
	return text, nil
}

func (o DecodeOptions) limit() int64 { return cmp.Or(o.MaxBytes, defaultMaxBytes) }

// decompress removes up to two layers of compression.
func decompress(r io.Reader, o DecodeOptions) (*bufio.Reader, error) {
	raw := &limitReader{r: r, limit: o.limit()}
	text := buffered(raw)
	for range maxLayers {
		c := compressionOf(text)
		if c == nil {
			break
		}
		plain, err := c.open(text, o.turn)
		if err != nil {
			return nil, c.named(err)
		}
		text = buffered(&limitReader{r: &plainReader{plain, c}, limit: o.limit(), raw: raw})
	}
	return text, nil
}

// buffered lets the beginning of r be looked at. Larger reads pass it by, once that
// was read.
func buffered(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 16<<10) }

// isUTF16 looks for UTF-16's byte order mark. UTF-32's begins as the
// little-endian one does, and goes on with two zeros.
func isUTF16(r *bufio.Reader) bool {
	start, _ := r.Peek(4)
	return bytes.HasPrefix(start, []byte{0xfe, 0xff}) ||
		bytes.HasPrefix(start, []byte{0xff, 0xfe}) && !bytes.HasSuffix(start, []byte{0, 0})
}

// limitReader ends in an error when there is more than its limit, or far more
// than was read of the raw data that it is decoded from. An error, once said, is
// said again: bufio forgets those that it meets when it peeks.
type limitReader struct {
	r           io.Reader
	read, limit int64
	raw         *limitReader // nil: this is the raw data
	err         error
}

func (l *limitReader) Read(p []byte) (n int, err error) {
	if l.err == nil && l.isBomb() {
		l.err = fmt.Errorf("cut at %d MiB, %d times what it was decompressed from: %w", l.read>>20, l.read/max(l.raw.read, 1), ErrTooLarge)
	}
	if l.err != nil {
		return 0, l.err
	}
	if l.read < l.limit {
		n, l.err = l.r.Read(p[:min(int64(len(p)), l.limit-l.read)])
		l.read += int64(n)
		return n, l.err
	}
	var more [1]byte
	n, l.err = l.r.Read(more[:])
	if n > 0 {
		l.err = fmt.Errorf("cut at %s: %w", size(l.limit), ErrTooLarge)
	}
	return 0, l.err
}

// isBomb holds a log of some size to a ratio that gzip cannot reach, nor the
// other compressions with logs that change from line to line.
func (l *limitReader) isBomb() bool {
	return l.raw != nil && l.read >= trustedBytes && l.read/maxRatio > l.raw.read
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
