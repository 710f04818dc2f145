package logs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// maxTempAge is how long a download that is under way can at most have been
// silent, and then some.
const maxTempAge = time.Hour

type cacheFile struct {
	path string
	info fs.FileInfo
}

// prune removes what is older than maxAge, then the oldest until no more than
// maxSize bytes are left, and what downloads that were killed left behind.
// Other processes may do the same at the same time.
func (c *cache) prune(maxAge time.Duration, maxSize int64) {
	files, err := c.files()
	if err != nil {
		c.trouble("tidy up", err)
	}
	slices.SortFunc(files, func(a, b cacheFile) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	var total int64
	for _, f := range files {
		total += f.info.Size()
	}
	now := time.Now()
	for _, f := range files {
		age := now.Sub(f.info.ModTime())
		temp := strings.HasPrefix(filepath.Base(f.path), tempPrefix)
		switch {
		case temp && age <= maxTempAge: // maybe under way
		case temp, age > maxAge, total > maxSize:
			total -= f.info.Size()
			if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				c.trouble("tidy up", err)
			}
		}
	}
}

func (c *cache) files() ([]cacheFile, error) {
	var files []cacheFile
	err := filepath.WalkDir(c.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			files = append(files, cacheFile{path, info})
		}
		return nil // a file that is gone is gone
	})
	return files, err
}
