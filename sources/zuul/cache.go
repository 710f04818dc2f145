package zuul

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Bounds of what is kept on disk.
const (
	keepFor  = 30 * 24 * time.Hour
	maxEntry = 256 << 10
)

// cache keeps answers in a folder, a file each, named by a hash of its URL. It
// only saves requests: what cannot be kept is asked for again, so no error is
// told. Several processes may use one folder.
type cache struct {
	dir   string // "": nothing is kept
	prune sync.Once
}

// file returns where an answer is kept.
func (c *cache) file(url string) string {
	return filepath.Join(c.dir, fmt.Sprintf("build-%x.json", sha256.Sum256([]byte(url))))
}

// get returns an answer, nil if it is not there.
func (c *cache) get(url string) []byte {
	if c.dir == "" {
		return nil
	}
	c.prune.Do(c.dropOld)
	info, err := os.Stat(c.file(url))
	if err != nil || info.Size() > maxEntry {
		return nil
	}
	data, err := os.ReadFile(c.file(url))
	if err != nil {
		return nil
	}
	return data
}

// put keeps an answer. It appears as a whole: a file of another name is renamed.
func (c *cache) put(url string, data []byte) {
	if c.dir == "" || len(data) > maxEntry || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(c.dir, "build-*.new")
	if err != nil {
		return
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it was renamed, or is in nobody's way for long
	_, err = f.Write(data)
	if closeErr := f.Close(); err != nil || closeErr != nil {
		return
	}
	_ = os.Rename(f.Name(), c.file(url))
}

// ClearCache removes what is kept in a folder that was Options.CacheDir, and
// nothing else that is there. That there is none is no error.
func ClearCache(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "build-*"))
	errs := []error{err}
	for _, file := range files {
		errs = append(errs, os.Remove(file))
	}
	return errors.Join(errs...)
}

// dropOld removes what was kept for long enough, also what a killed process left.
func (c *cache) dropOld() {
	files, _ := filepath.Glob(filepath.Join(c.dir, "build-*"))
	for _, file := range files {
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > keepFor {
			_ = os.Remove(file)
		}
	}
}
