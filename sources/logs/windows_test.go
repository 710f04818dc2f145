package logs_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// largeZstd asks for a window of 64 MiB.
const largeZstd = "\x28\xb5\x2f\xfd\x00\x80\x09\x00\x00x"

// Logs that take much memory are read by turns, and small ones beside them. Who
// does not want to wait any longer need not.
func TestLargeWindowsTakeTurns(t *testing.T) {
	url, _ := tree(t, map[string]string{
		"large.xz": xzCRC64, "later.xz": xzCRC32 + xzCRC64, "small.xz": xzCRC32, "large.zst": largeZstd,
		"a.tar": tarball(t, entry{"large.xz", xzCRC64}), "a.tar.xz": xzCRC64,
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
	for file, want := range map[string]string{"large.xz": twoLines, "later.xz": twoLines + twoLines, "large.zst": "x", "a.tar//large.xz": twoLines} {
		for range 3 {
			if got, err := read(t, l, url, file); got != want || err != nil {
				t.Errorf("%s: %q, %v", file, got, err)
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
	large := counted(1000)
	dir := map[string]string{"a.xz": inXZ(t, xzCRC64), "b.xz": xzCRC64, "c.tar": tarball(t, entry{"a", xzCRC64}), "d.xz": inZstd(t, large)}
	url, _ := tree(t, dir)
	l := newLogs(t, logs.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for file, want := range map[string]string{"a.xz": twoLines, "b.xz": twoLines, "c.tar//a": twoLines, "d.xz": large} {
				if got, err := read(t, l, url, file); got != want || err != nil {
					t.Errorf("%s: %d bytes, %v", file, len(got), err)
				}
			}
		})
	}
	wg.Wait()
}
