package report

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func writes(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// checkFolder compares the names and texts of a folder's files.
func checkFolder(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(text)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", dir, diff)
	}
}

func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "index.html")
	for _, text := range []string{"first", "second, and longer", "3rd"} {
		if err := ReplaceFile(path, writes(text)); err != nil {
			t.Fatal(err)
		}
		checkFolder(t, dir, map[string]string{"index.html": text})
	}
}

func TestReplaceFileMode(t *testing.T) {
	dir := t.TempDir()
	plain, old, created := filepath.Join(dir, "plain"), filepath.Join(dir, "old"), filepath.Join(dir, "new")
	f, err := os.Create(plain) // what the umask leaves
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	put(t, old, "old", 0o604)
	for _, path := range []string{old, created} {
		if err := ReplaceFile(path, writes("x")); err != nil {
			t.Fatal(err)
		}
	}
	mode := func(path string) fs.FileMode {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode()
	}
	if got := mode(old); got != 0o604 {
		t.Errorf("the mode of a replaced file became %v", got)
	}
	if got, want := mode(created), mode(plain); got != want {
		t.Errorf("the mode of a new file is %v, want %v", got, want)
	}
}

func TestReplaceFileThroughLinks(t *testing.T) {
	dir := t.TempDir()
	real := filepath.Join(dir, "real")
	links := filepath.Join(dir, "links")
	for _, d := range []string{real, links} {
		if err := os.Mkdir(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(real, "page"), "old", 0o600)
	for name, target := range map[string]string{"a": "b", "b": "../real/page", "dangling": "../real/later", "loop": "loop", "folder": "../real"} {
		if err := os.Symlink(target, filepath.Join(links, name)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	for _, name := range []string{"a", "dangling", "folder/third"} {
		if err := ReplaceFile(filepath.Join(links, name), writes("new")); err != nil {
			t.Errorf("through %s: %v", name, err)
		}
	}
	checkFolder(t, real, map[string]string{"page": "new", "later": "new", "third": "new"})
	if target, err := os.Readlink(filepath.Join(links, "a")); target != "b" {
		t.Errorf("the link itself was replaced: %q, %v", target, err)
	}
	if err := ReplaceFile(filepath.Join(links, "loop"), writes("new")); err == nil {
		t.Error("a link to itself is no error")
	}
}

func TestReplaceFileFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("the disk is on fire")
	tests := []struct {
		name  string
		write func(io.Writer) error
		want  error
	}{
		{"at once", func(io.Writer) error { return broken }, broken},
		{"half way", func(w io.Writer) error { return errors.Join(writes("half")(w), broken) }, broken},
		{"cancelled", func(w io.Writer) error { return errors.Join(writes("half")(w), ctx.Err()) }, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "page")
			if err := ReplaceFile(path, tt.write); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v", err)
			}
			checkFolder(t, dir, map[string]string{})
			put(t, path, "old", 0o600)
			if err := ReplaceFile(path, tt.write); !errors.Is(err, tt.want) {
				t.Errorf("got %v", err)
			}
			checkFolder(t, dir, map[string]string{"page": "old"})
		})
	}
}

func TestReplaceFilePanics(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "page")
	put(t, path, "old", 0o600)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		ReplaceFile(path, func(io.Writer) error { panic("no") })
	}()
	checkFolder(t, dir, map[string]string{"page": "old"})
}

func TestReplaceFileNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := ReplaceFile(dir, writes("x")); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("in place of a folder: %v", err)
	}
	if err := ReplaceFile(filepath.Join(dir, "none", "page"), writes("x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	if err := ReplaceFile(os.DevNull, writes("x")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v, %v", os.DevNull, info, err)
	}
}

// TestReplaceFileAtOnce reads while another writes: there is always a whole file.
func TestReplaceFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page")
	texts := [][]byte{bytes.Repeat([]byte("a"), 1<<18), bytes.Repeat([]byte("b"), 1<<17)}
	put(t, path, string(texts[0]), 0o600)
	done := make(chan error, 1)
	go func() {
		for i := range 12 {
			if err := ReplaceFile(path, writes(string(texts[i%2]))); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, texts[0]) && !bytes.Equal(got, texts[1]) {
			t.Errorf("read %d bytes, %v", len(got), err)
			<-done
			return
		}
	}
}
