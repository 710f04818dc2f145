package logs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/sources"
)

// A cache keeps logs as their servers sent them, in a folder of its own:
//
//	CACHEDIR.TAG     it is a cache, and ours (bford.info/cachedir); its time is when
//	                 the cache was last tidied up
//	urls/ab/cdef…    what is known of a URL, by the SHA-256 of the URL: see entry
//	blobs/ab/cdef…   a log, by the SHA-256 of its bytes, which several URLs may share
//	tmp/             what is being written
//
// Everything is written in tmp and gets its name when it is whole, an entry
// after its log, so that several processes can share a cache and one that is
// killed leaves nothing that is believed. Nothing is forced to the disk: after
// a crash of the machine an entry without its checksum or a log of another
// length is not believed, and a log of another content ends in an error when it
// is read, and is forgotten.
//
// The time of an entry's file is when it was last used.
type cache struct {
	dir        string
	keepAbsent time.Duration // how long what is not final is believed
	offline    bool
	log        *slog.Logger
}

// usedEvery is how exactly the last use of an entry is known.
const usedEvery = time.Minute

// folder returns the cache's own folder in Options.CacheDir.
func folder(cacheDir string) string { return filepath.Join(cacheDir, "log-store") }

// openCache makes the folder, and tidies it up if that was not done of late.
func openCache(o Options) (*cache, error) {
	c := &cache{dir: folder(o.CacheDir), keepAbsent: o.KeepAbsent, offline: o.Offline, log: o.Log}
	if err := c.make(); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if !o.Offline {
		c.pruneNow(PruneOptions{MaxAge: o.MaxAge, MaxSize: o.MaxSize})
	}
	return c, nil
}

func (c *cache) make() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	if err := makePrivate(c.dir); err != nil || c.offline {
		return err
	}
	return c.claim()
}

// makePrivate takes a folder from the group and others, if they have it.
func makePrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(dir, 0o700)
}

func (c *cache) entryPath(url string) string {
	sum := sha256.Sum256([]byte(url))
	return c.path("urls", hex.EncodeToString(sum[:]))
}

func (c *cache) blobPath(sum string) string { return c.path("blobs", sum) }

// path returns where the file of a hash lies: in one of 256 folders.
func (c *cache) path(kind, sum string) string { return filepath.Join(c.dir, kind, sum[:2], sum[2:]) }

// known is what the cache holds of a URL. It is closed, or opened.
type known struct {
	entry
	cache *cache
	path  string
	used  time.Time
	blob  *os.File // nil: there is no log
}

// lookup returns what is known of a URL, believed or not, or nil.
func (c *cache) lookup(url string) *known {
	k := &known{cache: c, path: c.entryPath(url)}
	err := k.read()
	if err == nil && k.URL != shown(url) {
		err = errors.New("it is another URL's")
	}
	if err == nil && k.Code == http.StatusOK {
		err = k.openBlob()
	}
	switch {
	case err == nil:
		return k
	case !errors.Is(err, fs.ErrNotExist):
		c.trouble("read", fmt.Errorf("%s is no whole entry for %s: %w", k.path, redact(url), err))
	}
	return nil
}

func (k *known) read() (err error) {
	k.entry, k.used, err = readEntry(k.path)
	return err
}

func (k *known) openBlob() error {
	f, err := os.Open(k.cache.blobPath(k.Blob))
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != k.Size {
		err = fmt.Errorf("its log has %d bytes instead of %d", info.Size(), k.Size)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	k.blob = f
	return nil
}

// believed reports whether an entry still holds. Offline there is nothing
// better.
func (k *known) believed() bool {
	age := time.Since(k.Checked)
	return k.Final || k.cache.offline || age >= 0 && age <= k.cache.keepAbsent
}

// confirm notes that the server has nothing newer.
func (k *known) confirm(final bool) {
	k.Checked, k.Final, k.used = time.Now().UTC(), k.Final || final, time.Now()
	if err := k.cache.writeEntry(k.path, k.entry); err != nil {
		k.cache.trouble("write", err)
	}
}

// open returns the log, or that there is none.
func (k *known) open(ctx context.Context) (rawLog, error) {
	k.touch()
	if k.blob == nil {
		return nil, &sources.StatusError{Code: k.Code, URL: k.URL}
	}
	whole := &verified{r: contextReader{ctx, k.blob}, sum: sha256.New(), known: k}
	return storedLog{whole}, nil
}

// touch notes that the entry was used. Offline nothing is written: the cache may
// lie where nothing can be.
func (k *known) touch() {
	now := time.Now()
	if k.cache.offline || now.Sub(k.used).Abs() < usedEvery {
		return
	}
	if err := os.Chtimes(k.path, now, now); err != nil && !errors.Is(err, fs.ErrNotExist) {
		k.cache.trouble("write", err)
	}
}

func (k *known) close() {
	if k != nil && k.blob != nil {
		k.blob.Close()
	}
}

// forget removes an entry and its log, which are not what they should be.
func (k *known) forget() {
	for _, path := range []string{k.path, k.cache.blobPath(k.Blob)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			k.cache.trouble("tidy up", err)
		}
	}
}

// putAbsent remembers that there is no log.
func (c *cache) putAbsent(url string, code int) {
	e := entry{Version: entryVersion, URL: shown(url), Code: code, Checked: time.Now().UTC()}
	if err := c.writeEntry(c.entryPath(url), e); err != nil {
		c.trouble("write", err)
	}
}

// shown returns a URL as entries hold it: without its password, fit for JSON.
func shown(url string) string { return strings.ToValidUTF8(redact(url), "?") }

// trouble logs what costs no more than another download.
func (c *cache) trouble(what string, err error) {
	c.log.Warn("the cache of logs could not "+what, "dir", c.dir, "error", strings.TrimSpace(err.Error()))
}

// storedLog is a log in the cache.
type storedLog struct{ *verified }

func (l storedLog) Close() error     { return l.known.blob.Close() }
func (l storedLog) encoding() string { return l.known.Encoding }
func (storedLog) final()             {}

// refuse forgets what was fetched and is no log. What could not be read may be
// one.
func (l storedLog) refuse() {
	if l.err == nil || l.err == io.EOF {
		l.known.forget()
	}
}

func (l storedLog) section() *io.SectionReader {
	return io.NewSectionReader(l.known.blob, 0, l.known.Size)
}
