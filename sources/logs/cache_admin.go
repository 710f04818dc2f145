package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const tagName = "CACHEDIR.TAG"

// tagText begins as the specification wants it, for the programs that make
// backups; the rest says that the cache is ours.
//
// Source: https://bford.info/cachedir/
const tagText = `Signature: 8a477f597d28d172789f06886806bc55
# This folder is watchcat's cache of logs. It can be emptied: watchcat cache clear
# What this file is for: https://bford.info/cachedir/
`

func (c *cache) isOurs() bool {
	text, err := os.ReadFile(filepath.Join(c.dir, tagName))
	return err == nil && bytes.Equal(text, []byte(tagText))
}

// claim marks a new folder as ours. One in which there is something else is not.
func (c *cache) claim() error {
	if c.isOurs() {
		return nil
	}
	files, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	foreign := slices.ContainsFunc(files, func(f fs.DirEntry) bool { return f.Name() != tagName })
	if foreign && !c.isOurs() { // which another process may have made it meanwhile
		return fmt.Errorf("%s holds files that are not watchcat's; move them, or name another folder", c.dir)
	}
	f, err := os.OpenFile(filepath.Join(c.dir, tagName), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(tagText)
	return errors.Join(err, f.Close())
}

// existing returns the cache of Options.CacheDir, or nil if there is none. A
// folder in its place that is not ours is an error.
func existing(cacheDir string) (*cache, error) {
	c := &cache{dir: folder(cacheDir)}
	_, err := os.Stat(c.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cache: %w", err)
	case !c.isOurs():
		return nil, fmt.Errorf("cache: %s is no cache of watchcat's: its file %s is missing or another program's", c.dir, tagName)
	}
	return c, nil
}

// Info says what is in a cache.
type Info struct {
	Dir     string    // the cache's own folder
	Entries int       // URLs of which something is known
	Absent  int       // of these, those where no log was
	Blobs   int       // logs; several URLs may have the same
	Bytes   int64     // of all files
	Oldest  time.Time // when the entry was last used that was not for longest; zero: there is none
	Newest  time.Time // when an entry was last used
}

// CacheInfo looks at the cache of Options.CacheDir. That none is there is no
// error. What cannot be looked at is in the error, and Info has the rest.
func CacheInfo(dir string) (Info, error) {
	info := Info{Dir: folder(dir)}
	c, err := existing(dir)
	if c == nil {
		return info, err
	}
	inv, err := c.inventory()
	info.Entries, info.Blobs, info.Bytes = len(inv.entries), len(inv.blobs), inv.bytes
	for _, e := range inv.entries {
		if e.code != http.StatusOK {
			info.Absent++
		}
		if info.Oldest.IsZero() || e.time.Before(info.Oldest) {
			info.Oldest = e.time
		}
		if e.time.After(info.Newest) {
			info.Newest = e.time
		}
	}
	return info, err
}

// ClearCache empties the cache of Options.CacheDir, and no other folder: what is
// not watchcat's is an error. That none is there is no error. Other processes may
// use the cache at the same time; they download again.
func ClearCache(dir string) error {
	c, err := existing(dir)
	if c == nil {
		return err
	}
	var errs []error
	for _, name := range []string{"urls", "blobs", "tmp"} {
		errs = append(errs, os.RemoveAll(filepath.Join(c.dir, name)))
	}
	return errors.Join(errs...)
}
