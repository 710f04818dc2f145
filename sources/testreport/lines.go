package testreport

import (
	"bufio"
	"bytes"
	"io"
)

const maxLine = 1 << 20 // bytes of a line that are kept

// lineReader reads lines of any length in bounded memory.
type lineReader struct {
	r    *bufio.Reader
	line int // number of the last line, from 1
	buf  []byte
}

// next returns the next line without its end, valid until the next call; the
// last line may lack its LF.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for read := false; ; read = true {
		chunk, err := l.r.ReadSlice('\n')
		l.buf = append(l.buf, chunk[:min(len(chunk), maxLine-len(l.buf))]...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == nil, err == io.EOF && (read || len(chunk) > 0):
			l.line++
			return bytes.TrimRight(l.buf, "\r\n"), nil
		}
		return nil, err
	}
}

// lineFormat is a format whose reports are read line by line.
type lineFormat interface {
	// take takes a line, without its end and from 1 on by its number, and returns
	// the tests that are complete now.
	take(n int, line []byte) []record

	// finish returns the tests that the end completes, and io.EOF or why the report is
	// not complete.
	finish() ([]record, error)
}

// byLine reads a report line by line.
type byLine struct {
	in     lineReader
	format lineFormat
	queue  []record
	err    error // why reading ended
}

func (b *byLine) at() int { return b.in.line }

func (b *byLine) next() (record, error) {
	for len(b.queue) == 0 {
		if b.err != nil {
			return record{}, b.err
		}
		line, err := b.in.next()
		switch {
		case err == nil:
			b.queue = b.format.take(b.in.line, line)
		case err == io.EOF:
			b.queue, b.err = b.format.finish()
		default:
			b.err = err
		}
	}
	rec := b.queue[0]
	b.queue = b.queue[1:]
	return rec, nil
}

// lineSplitter parts what it is given into lines, in bounded memory.
type lineSplitter struct {
	line int // number of the last line, from 1
	part []byte
}

// each calls f with each line that text completes, without its end.
func (l *lineSplitter) each(text []byte, f func(n int, line []byte)) {
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		if !ended || len(l.part) > 0 {
			l.part = append(l.part, line[:min(len(line), maxLine-len(l.part))]...)
			line = l.part
		}
		if ended {
			l.line++
			f(l.line, bytes.TrimRight(line, "\r"))
			l.part = l.part[:0]
		}
		text = rest
	}
}

// rest calls f with the last line, if it has no end.
func (l *lineSplitter) rest(f func(n int, line []byte)) {
	if len(l.part) > 0 {
		l.each([]byte("\n"), f)
	}
}
