package logs

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds what a decoder of xz or zstd remembers of the text, and with
// it the memory that an opened log takes. It is what "xz -9" asks for.
const maxWindow = 64 << 20

// compression is one that logs are stored in.
type compression struct {
	name string
	is   func(start *bufio.Reader) bool // by its first bytes, which it leaves
	open func(*bufio.Reader, *turn) (io.Reader, error)
}

var compressions = []compression{
	{"gzip", startsWith("\x1f\x8b\x08"), openGzip}, // RFC 1952: the magic, and the only method
	{"zlib", isZlib, openZlib},
	{"zstd", isZstd, openZstd},
	{"xz", startsWith(xzMagic), openXZ},
	{"bzip2", isBzip2, func(r *bufio.Reader, _ *turn) (io.Reader, error) { return bzip2.NewReader(r), nil }},
}

// compressionOf returns the compression of what follows, or nil.
func compressionOf(r *bufio.Reader) *compression {
	for i, c := range compressions {
		if c.is(r) {
			return &compressions[i]
		}
	}
	return nil
}

// named says in an error which compression it is of.
func (c *compression) named(err error) error {
	if err == io.EOF || strings.HasPrefix(err.Error(), c.name) {
		return err
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

// plainReader reads what was compressed.
type plainReader struct {
	io.Reader
	c *compression
}

func (p *plainReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err != nil {
		err = p.c.named(err)
	}
	return n, err
}

func startsWith(magic string) func(*bufio.Reader) bool {
	return func(r *bufio.Reader) bool {
		start, _ := r.Peek(len(magic))
		return string(start) == magic
	}
}

// gzipReader reads members one by one. Zeros behind the last are left out, as
// gzip itself does: they come from tapes and block devices.
type gzipReader struct {
	src    *bufio.Reader
	member *gzip.Reader
}

func openGzip(r *bufio.Reader, _ *turn) (io.Reader, error) {
	member, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	member.Multistream(false)
	return &gzipReader{r, member}, nil
}

func (g *gzipReader) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if err != io.EOF || n > 0 {
			return n, ignoreEOF(err)
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next goes on to the next member.
func (g *gzipReader) next() error {
	for {
		ahead, err := g.src.Peek(1)
		if err != nil {
			return err
		}
		if ahead[0] != 0 {
			break
		}
		if _, err := g.src.Discard(1); err != nil {
			return err
		}
	}
	if err := g.member.Reset(g.src); err != nil {
		return err
	}
	g.member.Multistream(false)
	return nil
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// isZlib looks for zlib's header (RFC 1950). Text may begin so too ("x^2"), so
// what follows is tried.
func isZlib(r *bufio.Reader) bool {
	head, _ := r.Peek(2)
	if len(head) < 2 || head[0] != 0x78 || (int(head[0])<<8+int(head[1]))%31 != 0 || head[1]&0x20 != 0 {
		return false
	}
	start, _ := r.Peek(sniffBytes)
	trial, err := zlib.NewReader(bytes.NewReader(start))
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, trial)
	isCut := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zlib.ErrChecksum)
	return err == nil || isCut && bytes.ContainsFunc(start[2:], isControl)
}

// zlibReader reads to the end of the file, where one stream should end.
type zlibReader struct {
	src *bufio.Reader
	io.Reader
}

func openZlib(r *bufio.Reader, _ *turn) (io.Reader, error) {
	stream, err := zlib.NewReader(r)
	return &zlibReader{r, stream}, err
}

func (z *zlibReader) Read(p []byte) (int, error) {
	n, err := z.Reader.Read(p)
	if err != io.EOF {
		return n, err
	}
	if _, err = z.src.Peek(1); err == nil {
		err = errors.New("more behind the end")
	}
	return n, err
}

// isControl reports whether a character does not occur in text.
func isControl(r rune) bool {
	return r < ' ' && !strings.ContainsRune("\a\b\t\n\v\f\r\x1b", r)
}

// isZstd looks for zstd's magic number (RFC 8878), or that of a frame to skip,
// with which pzstd begins.
func isZstd(r *bufio.Reader) bool {
	start, _ := r.Peek(4)
	return string(start) == "\x28\xb5\x2f\xfd" ||
		len(start) == 4 && start[0]&0xf0 == 0x50 && string(start[1:]) == "\x2a\x4d\x18"
}

// openZstd opens a decoder that starts no goroutine and so need not be closed.
// Later frames may ask for a window as large as the first's, and for a small one.
func openZstd(r *bufio.Reader, t *turn) (io.Reader, error) {
	window := min(max(zstdWindow(r), smallWindow), maxWindow)
	if err := t.grant(window); err != nil {
		return nil, err
	}
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(window))
}

// zstdWindow returns the window that the first frame asks for which is not to be
// skipped, or 0.
func zstdWindow(r *bufio.Reader) uint64 {
	start, _ := r.Peek(sniffBytes)
	var frame zstd.Header
	for frame.Decode(start) == nil {
		switch {
		case !frame.Skippable && frame.SingleSegment:
			return frame.FrameContentSize
		case !frame.Skippable:
			return frame.WindowSize
		case uint64(len(start)) < uint64(frame.HeaderSize)+uint64(frame.SkippableSize):
			return 0
		}
		start = start[frame.HeaderSize+int(frame.SkippableSize):]
	}
	return 0
}

// isBzip2 looks for bzip2's magic, its block size, and the magic of a block or of
// the end.
func isBzip2(r *bufio.Reader) bool {
	start, _ := r.Peek(10)
	if len(start) < 10 || string(start[:3]) != "BZh" || start[3] < '1' || start[3] > '9' {
		return false
	}
	return string(start[4:]) == "\x31\x41\x59\x26\x53\x59" || string(start[4:]) == "\x17\x72\x45\x38\x50\x90"
}
