package logs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ulikunitz/xz"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// largeZstd asks for a window of 64 MiB.
const largeZstd = "\x28\xb5\x2f\xfd\x00\x80\x09\x00\x00x"

// largeXZ returns a log for which "xz -9" wants a window of 64 MiB, and its text.
func largeXZ(t *testing.T) (packedText, text string) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var lines, b strings.Builder
	for range 10_000 {
		fmt.Fprintf(&lines, "%016x\n", random.Uint64())
	}
	w, err := xz.WriterConfig{DictCap: 64 << 20}.NewWriter(&b)
	if err == nil {
		_, err = io.WriteString(w, lines.String())
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), lines.String()
}

// Short blocks take no more memory than their text, whatever they ask for.
func TestManyShortBlocks(t *testing.T) {
	block := xzCRC64[12 : len(xzCRC64)-20] // without the stream's header, index and footer
	used := allocated(func() {
		got, err := decode(strings.NewReader(xzCRC64[:12]+strings.Repeat(block, 1000)), logs.DecodeOptions{})
		if got != strings.Repeat(twoLines, 1000) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	})
	if used > 64<<20 {
		t.Errorf("%d MiB were allocated", used>>20)
	}
}

// Logs that take much memory are read by turns, and small ones beside them. Who
// does not want to wait any longer need not.
func TestLargeWindowsTakeTurns(t *testing.T) {
	large, text := largeXZ(t)
	url, _ := tree(t, map[string]string{
		"large.xz": large, "later.xz": xzCRC32 + large, "small.xz": xzCRC64, "large.zst": largeZstd,
		"a.tar": tarball(t, entry{"large.xz", large}), "a.tar.xz": large,
	})
	l := newLogs(t, logs.Options{})
	job := classify.Job{LogURL: url, Source: "x", Result: "FAILURE"}
	var held []io.ReadCloser
	for range 2 {
		r, err := l.Open(t.Context(), job, "large.xz")
		if err != nil {
			t.Fatal(err)
		}
		io.ReadAll(r)
		held = append(held, r)
	}
	for _, file := range []string{"large.xz", "later.xz", "large.zst", "a.tar//large.xz", "a.tar.xz//x"} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		r, err := l.Open(ctx, job, file)
		if err == nil {
			_, err = io.ReadAll(r)
			r.Close()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: error %v", file, err)
		}
		cancel()
	}
	if got, err := read(t, l, url, "small.xz"); got != twoLines || err != nil {
		t.Errorf("a small log beside: %q, %v", got, err)
	}
	for _, r := range held {
		r.Close()
	}
	for file, want := range map[string]string{"large.xz": text, "later.xz": twoLines + text, "large.zst": "x", "a.tar//large.xz": text} {
		for range 3 {
			if got, err := read(t, l, url, file); got != want || err != nil {
				t.Errorf("%s: %d bytes, %v", file, len(got), err)
			}
		}
	}
	for range 3 {
		if _, err := read(t, l, url, "a.tar.xz//x"); lacks(err, "neither a zip nor a tar archive") {
			t.Errorf("no archive: %v", err)
		}
	}
}

// Many at once, of two layers each, come to an end.
func TestManyLargeWindows(t *testing.T) {
	large, text := largeXZ(t)
	url, _ := tree(t, map[string]string{"a.xz": inXZ(t, large), "b.xz": large, "c.tar": tarball(t, entry{"a", large}), "d.zst": largeZstd})
	l := newLogs(t, logs.Options{})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			for file, want := range map[string]string{"a.xz": text, "b.xz": text, "c.tar//a": text, "d.zst": "x"} {
				if got, err := read(t, l, url, file); got != want || err != nil {
					t.Errorf("%s: %d bytes, %v", file, len(got), err)
				}
			}
		})
	}
	wg.Wait()
}
