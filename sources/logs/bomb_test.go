package logs_test

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
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

// A zip archive that promises more members than its directory can hold gets no
// memory for them.
func TestPromisedMembers(t *testing.T) {
	const fileSize, count = 2 << 30, 70_000_000
	le := binary.LittleEndian
	end := le.AppendUint64([]byte("PK\x06\x06"), 44)
	end = append(end, make([]byte, 12)...)
	end = le.AppendUint64(end, count) // on this disk
	end = le.AppendUint64(end, count)
	end = le.AppendUint64(end, 0) // size of the directory
	end = le.AppendUint64(end, 4) // where it is
	end = append(end, "PK\x06\x07\x00\x00\x00\x00"...)
	end = le.AppendUint64(end, fileSize)
	end = le.AppendUint32(end, 1)
	end = append(end, "PK\x05\x06\x00\x00\x00\x00"+strings.Repeat("\xff", 12)+"\x00\x00"...)

	path := filepath.Join(t.TempDir(), "a.zip")
	writeFile(t, path, "PK\x03\x04")
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(end, fileSize); err != nil {
		t.Fatal(err)
	}
	l := newLogs(t, logs.Options{})
	used := allocated(func() {
		if _, err := l.List(t.Context(), classify.Job{LogURL: "file://" + filepath.ToSlash(path) + "//"}, "**"); lacks(err, "zip: a directory of more than 4 MiB") {
			t.Errorf("error %v", err)
		}
	})
	if used > 16<<20 {
		t.Errorf("%d MiB were allocated", used>>20)
	}
}
