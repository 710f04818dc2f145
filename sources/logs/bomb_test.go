package logs_test

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/sources/logs"
)

// allocated returns the bytes that a call allocates, whatever is freed since.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// zeros is as many bytes as one asks for.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

// What decompresses to far more than a log would is cut long before MaxBytes, in
// little memory.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	const most = 257 << 20
	block := strings.Repeat("\x00", 1<<20)
	many := func(frame string) string { return strings.Repeat(frame, 2048) }
	for name, bomb := range map[string]string{
		"zstd":         many(inZstd(t, block)),
		"gzip in gzip": zip(t, strings.Repeat(zip(t, block), 2048)),
		"gzip in xz":   inXZ(t, many(zip(t, block))),
	} {
		t.Run(name, func(t *testing.T) {
			var n int64
			var err error
			used := allocated(func() {
				var r io.Reader
				if r, err = logs.Decode(strings.NewReader(bomb), logs.DecodeOptions{}); err == nil {
					n, err = io.Copy(io.Discard, r)
				}
			})
			if n > most || !errors.Is(err, logs.ErrTooLarge) || lacks(err, "times what it was decompressed from") {
				t.Errorf("%d MiB of %d bytes, %v", n>>20, len(bomb), err)
			}
			if used > 32<<20 {
				t.Errorf("%d MiB were allocated", used>>20)
			}
		})
	}
}
