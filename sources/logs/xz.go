package logs

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"slices"

	"github.com/ulikunitz/xz/lzma"
)

// xzReader reads the xz file format, version 1.2.1
// (https://tukaani.org/xz/xz-file-format.txt): streams, of blocks, of LZMA2. The
// reader of package xz is not used, because it takes a dictionary of up to 4 GiB
// where a block asks for one.
type xzReader struct {
	src    *bufio.Reader
	flags  [2]byte // of the stream
	blocks uint64  // of the stream, so far
	data   countingReader
	block  *lzma.Reader2 // nil: between blocks
	sum    hash.Hash
	turn   *turn
}

const (
	xzMagic       = "\xfd7zXZ\x00"
	xzFooterMagic = "YZ"
	xzHeaderBytes = 12 // of a stream, and of its footer
	lzma2Filter   = 0x21
)

var errXZDamaged = errors.New("damaged")

// openXZ reads a first header, and asks for the memory of a first block.
func openXZ(r *bufio.Reader, t *turn) (io.Reader, error) {
	x := &xzReader{src: r, data: countingReader{r: r}, turn: t}
	if err := x.startStream(); err != nil {
		return nil, err
	}
	return x, nil
}

func (x *xzReader) Read(p []byte) (int, error) {
	for {
		if x.block == nil {
			if err := x.next(); err != nil {
				return 0, err
			}
		}
		n, err := x.block.Read(p)
		x.sum.Write(p[:n])
		if err == io.EOF {
			err = x.endBlock()
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// next goes on to the next block, of this stream or a following one.
func (x *xzReader) next() error {
	for {
		size, err := x.src.ReadByte()
		if err != nil {
			return unexpectedEOF(err)
		}
		if size != 0 {
			return x.startBlock(size)
		}
		if err := x.endStream(); err != nil {
			return unexpectedEOF(err)
		}
		if err := x.startStream(); err != nil {
			return err
		}
	}
}

// startStream reads the header of a stream, and the padding before it. At the end
// of the file it returns io.EOF.
func (x *xzReader) startStream() error {
	ahead, err := x.src.Peek(4)
	for string(ahead) == "\x00\x00\x00\x00" {
		x.src.Discard(len(ahead)) // cannot fail: it is there
		ahead, err = x.src.Peek(4)
	}
	if len(ahead) == 0 {
		return err
	}
	var header [xzHeaderBytes]byte
	if _, err := io.ReadFull(x.src, header[:]); err != nil {
		return unexpectedEOF(err)
	}
	x.flags, x.blocks = [2]byte(header[6:8]), 0
	if string(header[:6]) != xzMagic || binary.LittleEndian.Uint32(header[8:]) != crc32.ChecksumIEEE(x.flags[:]) {
		return fmt.Errorf("header: %w", errXZDamaged)
	}
	return nil
}

// startBlock reads the header of a block, whose first byte tells its size.
func (x *xzReader) startBlock(size byte) error {
	header := make([]byte, (int(size)+1)*4)
	header[0] = size
	if _, err := io.ReadFull(x.src, header[1:]); err != nil {
		return unexpectedEOF(err)
	}
	header, sum := header[:len(header)-4], header[len(header)-4:]
	if binary.LittleEndian.Uint32(sum) != crc32.ChecksumIEEE(header) {
		return fmt.Errorf("header of a block: %w", errXZDamaged)
	}
	window, err := blockWindow(header)
	if err != nil {
		return err
	}
	if x.sum, err = newXZCheck(x.flags[1]); err != nil {
		return err
	}
	ahead, _ := x.src.Peek(x.src.Size()) // an error comes again when it is read
	if text, ok := shortText(ahead); ok {
		window = max(min(window, text), lzma.MinDictCap)
	}
	if err := x.turn.grant(uint64(window)); err != nil {
		return err
	}
	x.blocks++
	x.data.read = 0
	x.block, err = lzma.Reader2Config{DictCap: window}.NewReader2(&x.data)
	return err
}

// blockWindow returns how much of the text a block wants remembered: no more than
// there is of it, where its header tells.
func blockWindow(header []byte) (int, error) {
	fields := bytes.NewReader(header[2:])
	number := func() uint64 {
		n, err := binary.ReadUvarint(fields)
		if err != nil {
			fields.Reset(nil) // so that the filter is none
		}
		return n
	}
	flags, text := header[1], uint64(1<<63)
	if flags&0x40 != 0 {
		number() // the compressed size
	}
	if flags&0x80 != 0 {
		text = number()
	}
	filter, properties := number(), number()
	dict, _ := fields.ReadByte()
	if flags&0x3f != 0 || filter != lzma2Filter || properties != 1 {
		return 0, fmt.Errorf("filters other than LZMA2 cannot be read: %w", errors.ErrUnsupported)
	}
	window, err := lzma.DecodeDictCap(dict)
	if err != nil {
		return 0, err
	}
	window = int64(min(uint64(window), text))
	if window > maxWindow {
		return 0, fmt.Errorf("it asks for a window of %d MiB; at most %d MiB are given", window>>20, maxWindow>>20)
	}
	return int(max(window, lzma.MinDictCap)), nil
}

// shortText returns how much text there is in a block of LZMA2, of which all is
// ahead: many short blocks may each ask for a large window. Its chunks begin with
// their sizes (https://en.wikipedia.org/wiki/LZMA2#LZMA2_format).
func shortText(ahead []byte) (text int, ok bool) {
	for len(ahead) > 0 && ahead[0] != 0 {
		if len(ahead) < 6 {
			return 0, false
		}
		kind, size := ahead[0], int(binary.BigEndian.Uint16(ahead[1:]))+1
		chunk := 3 + size // not compressed
		if kind >= 0x80 {
			size += int(kind&0x1f) << 16
			chunk = 5 + int(binary.BigEndian.Uint16(ahead[3:])) + 1
		}
		if kind >= 0xc0 {
			chunk++ // with properties
		}
		text += size
		ahead = ahead[min(chunk, len(ahead)):]
	}
	return text, len(ahead) > 0
}

// newXZCheck returns the checksum of a stream's blocks. Its Sum is not in xz's
// order, which is little-endian, if it is a CRC.
func newXZCheck(kind byte) (hash.Hash, error) {
	switch kind {
	case 0:
		return noCheck{crc32.NewIEEE()}, nil
	case 1:
		return crc32.NewIEEE(), nil
	case 4:
		return crc64.New(crc64.MakeTable(crc64.ECMA)), nil
	case 10:
		return sha256.New(), nil
	}
	return nil, fmt.Errorf("checksums of kind %d cannot be read: %w", kind, errors.ErrUnsupported)
}

// noCheck is the checksum of a stream without.
type noCheck struct{ hash.Hash }

func (noCheck) Write(p []byte) (int, error) { return len(p), nil }
func (noCheck) Sum(b []byte) []byte         { return b }

// endBlock reads the padding and checksum behind a block's data.
func (x *xzReader) endBlock() error {
	want := x.sum.Sum(nil)
	if len(want) <= 8 {
		slices.Reverse(want)
	}
	x.block = nil
	padding := int(-x.data.read & 3)
	got := make([]byte, padding+len(want))
	if _, err := io.ReadFull(x.src, got); err != nil {
		return unexpectedEOF(err)
	}
	if !bytes.Equal(got[padding:], want) {
		return fmt.Errorf("checksum: %w", errXZDamaged)
	}
	return nil
}

// endStream reads the index, behind its first byte, and the footer. What the index
// says of the blocks is not needed.
func (x *xzReader) endStream() error {
	index := &countingReader{r: x.src, read: 1}
	records, err := binary.ReadUvarint(index)
	if err != nil {
		return err
	}
	if records != x.blocks {
		return fmt.Errorf("index: %w", errXZDamaged)
	}
	for range 2 * records {
		if _, err := binary.ReadUvarint(index); err != nil {
			return err
		}
	}
	padding := int(-index.read & 3)
	end := make([]byte, padding+crc32.Size+xzHeaderBytes)
	if _, err := io.ReadFull(x.src, end); err != nil {
		return err
	}
	footer := end[padding+crc32.Size:]
	if string(footer[10:]) != xzFooterMagic || !bytes.Equal(footer[8:10], x.flags[:]) {
		return fmt.Errorf("footer: %w", errXZDamaged)
	}
	return nil
}

// countingReader counts what is read.
type countingReader struct {
	r    *bufio.Reader
	read int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.read += int64(n)
	return n, err
}

func (c *countingReader) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.read++
	}
	return b, err
}

func unexpectedEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
