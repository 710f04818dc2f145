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
