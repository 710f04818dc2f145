package logs

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	pruneEvery = time.Hour // by itself

	// maxTempAge is how long a download that is under way can at most have been
	// silent, and then some. As long may a log lack the entry that leads to it.
	maxTempAge = time.Hour

	defaultMaxAge  = 30 * 24 * time.Hour
	defaultMaxSize = 10 << 30
	maxEntries     = 100_000
)

// PruneOptions say what may stay in a cache.
type PruneOptions struct {
	MaxAge  time.Duration // since it was last used; zero: 30 days
	MaxSize int64         // of all in bytes: what was not used for longest goes first; zero: 10 GiB
}

// Pruned is what was removed from a cache.
type Pruned struct {
	Entries int   // URLs that are no longer known
	Bytes   int64 // on the disk
}

// PruneCache removes from the cache of Options.CacheDir what was not used for
// long, what is too much (100,000 entries are always enough), and what downloads
// that were killed left behind. Others may use the cache at the same time. What
// cannot be removed is in the error, and the rest is. A folder that holds another
// program's files where the cache would be is an error; none at all is not.
func PruneCache(dir string, o PruneOptions) (Pruned, error) {
	c, err := existing(dir)
	if c == nil {
		return Pruned{}, err
	}
	return c.prune(o)
}

// pruneNow is prune, unless that was done of late.
func (c *cache) pruneNow(o PruneOptions) {
	tag := filepath.Join(c.dir, tagName)
	now := time.Now()
	if info, err := os.Stat(tag); err == nil && now.Sub(info.ModTime()).Abs() < pruneEvery {
		return
	}
	err := os.Chtimes(tag, now, now)
	if err == nil {
		_, err = c.prune(o)
	}
	if err != nil {
		c.trouble("tidy up", err)
	}
}

func (c *cache) prune(o PruneOptions) (Pruned, error) {
	o.MaxAge, o.MaxSize = cmp.Or(o.MaxAge, defaultMaxAge), cmp.Or(o.MaxSize, defaultMaxSize)
	inv, err := c.inventory()
	p := pruning{inventory: inv, now: time.Now(), errs: []error{err}}
	p.others()
	p.leastUsed(o)
	return p.done, errors.Join(p.errs...)
}

// pruning is a tidying up under way.
type pruning struct {
	*inventory
	now  time.Time
	done Pruned
	errs []error
}

// others removes what no entry leads to, unless it is new.
func (p *pruning) others() {
	for _, blob := range p.blobs {
		if blob.users == 0 && p.now.Sub(blob.time) > maxTempAge {
			p.remove(blob.file)
		}
	}
	for _, f := range p.temps {
		if p.now.Sub(f.time) > maxTempAge {
			p.remove(f)
		}
	}
}

// leastUsed removes entries, and the logs that only they lead to, until what is
// left is neither too old nor too much.
func (p *pruning) leastUsed(o PruneOptions) {
	slices.SortFunc(p.entries, func(a, b usedEntry) int { return a.time.Compare(b.time) })
	for i, e := range p.entries {
		left := len(p.entries) - i
		if !e.broken && p.now.Sub(e.time) <= o.MaxAge && p.bytes <= o.MaxSize && left <= maxEntries {
			continue
		}
		p.done.Entries++
		p.remove(e.file)
		if blob := p.blobs[e.blob]; blob != nil {
			if blob.users--; blob.users == 0 {
				p.remove(blob.file)
			}
		}
	}
}

// remove removes a file. What others removed before is as well.
func (p *pruning) remove(f file) {
	switch err := os.Remove(f.path); {
	case err == nil:
		p.done.Bytes += f.size
	case !errors.Is(err, fs.ErrNotExist):
		p.errs = append(p.errs, err)
		return
	}
	p.bytes -= f.size
}

// inventory is what a cache holds.
type inventory struct {
	entries []usedEntry
	blobs   map[string]*usedBlob // by hash
	temps   []file
	bytes   int64 // of all
}

type file struct {
	path string
	size int64
	time time.Time // when it was last used, or written
}

type usedEntry struct {
	file
	code   int
	blob   string // "": none
	broken bool
}

type usedBlob struct {
	file
	users int
}

// inventory lists what a cache holds. What is gone when it is looked at is left
// out; what cannot be looked at is in the error, and the rest is listed.
func (c *cache) inventory() (*inventory, error) {
	inv := &inventory{blobs: map[string]*usedBlob{}}
	err := errors.Join(
		walk(filepath.Join(c.dir, "blobs"), inv.addBlob),
		walk(filepath.Join(c.dir, "urls"), inv.addEntry),
		walk(filepath.Join(c.dir, "tmp"), func(f file) { inv.temps = append(inv.temps, f) }),
	)
	for _, blob := range inv.blobs {
		inv.bytes += blob.size
	}
	for _, e := range inv.entries {
		inv.bytes += e.size
	}
	for _, f := range inv.temps {
		inv.bytes += f.size
	}
	return inv, err
}

func (inv *inventory) addBlob(f file) {
	sum := filepath.Base(filepath.Dir(f.path)) + filepath.Base(f.path)
	inv.blobs[sum] = &usedBlob{file: f}
}

func (inv *inventory) addEntry(f file) {
	known, _, err := readEntry(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	e := usedEntry{file: f, code: known.Code, blob: known.Blob, broken: err != nil}
	blob := inv.blobs[e.blob]
	if blob != nil {
		blob.users++
	}
	if e.blob != "" && (blob == nil || blob.size != known.Size) {
		e.broken = true
	}
	inv.entries = append(inv.entries, e)
}

// walk calls visit for each file below a folder.
func walk(dir string, visit func(file)) error {
	var errs []error
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		if err != nil || !entry.Type().IsRegular() {
			return nil
		}
		if info, err := entry.Info(); err == nil { // else it is gone
			visit(file{path, info.Size(), info.ModTime()})
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}
