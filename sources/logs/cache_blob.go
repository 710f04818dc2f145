package logs

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// temp opens a file that is yet to get its name.
func (c *cache) temp() (*os.File, error) {
	dir := filepath.Join(c.dir, "tmp")
	f, err := os.CreateTemp(dir, "*")
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(dir, "*")
}

// publish closes a file of temp and gives it its name.
func publish(f *os.File, path string) error {
	err := f.Close()
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err == nil {
			err = os.Rename(f.Name(), path)
		}
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// discard closes a file of temp and removes it.
func discard(f *os.File) error { return errors.Join(f.Close(), os.Remove(f.Name())) }

// blobWriter writes a log into the cache.
type blobWriter struct {
	cache *cache
	f     *os.File
	sum   hash.Hash
	size  int64
}

func (c *cache) newBlob() (*blobWriter, error) {
	f, err := c.temp()
	return &blobWriter{cache: c, f: f, sum: sha256.New()}, err
}

func (w *blobWriter) write(p []byte) error {
	w.sum.Write(p)
	w.size += int64(len(p))
	_, err := w.f.Write(p)
	return err
}

// commit gives the log its name, and then writes the entry that leads to it. A
// log that is there already is replaced: that one may be broken, and this one is
// new to a process that is tidying up.
func (w *blobWriter) commit(path string, e entry) error {
	e.Blob, e.Size = hex.EncodeToString(w.sum.Sum(nil)), w.size
	if err := publish(w.f, w.cache.blobPath(e.Blob)); err != nil {
		return err
	}
	return w.cache.writeEntry(path, e)
}

func (w *blobWriter) discard() {
	if err := discard(w.f); err != nil {
		w.cache.trouble("tidy up", err)
	}
}

// keep returns the download, which is written to the cache while it is read
// and stays there if it was read to its end.
func (c *cache) keep(url string, download *download, final bool) rawLog {
	k := &kept{download: download, path: c.entryPath(url), entry: newEntry(url, download.header, final)}
	var err error
	if k.w, err = c.newBlob(); err != nil {
		c.trouble("write", err)
		k.w = nil
	}
	return k
}

// kept is a download on its way into the cache.
type kept struct {
	download *download
	w        *blobWriter // nil: it is not to be remembered
	path     string
	entry    entry
	whole    bool
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.download.Read(p)
	if k.w != nil && n > 0 {
		if writeErr := k.w.write(p[:n]); writeErr != nil {
			k.w.cache.trouble("write", writeErr)
			k.refuse()
		}
	}
	k.whole = k.whole || err == io.EOF
	return n, err
}

// buffers are for what is only copied.
var buffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

// readAll reads a download for what Read does with it alone.
func (k *kept) readAll() error {
	buf := buffers.Get().(*[256 << 10]byte)
	defer buffers.Put(buf)
	for k.w != nil {
		if _, err := k.Read(buf[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
	return fmt.Errorf("fetch %s: the cache could not be written", k.entry.URL)
}

func (k *kept) refuse() {
	if k.w != nil {
		k.w.discard()
		k.w = nil
	}
}

func (k *kept) final()                     { k.entry.Final = true }
func (k *kept) encoding() string           { return k.entry.Encoding }
func (k *kept) section() *io.SectionReader { return nil }

func (k *kept) Close() error {
	if !k.whole {
		k.refuse()
	}
	if k.w != nil {
		if err := k.w.commit(k.path, k.entry); err != nil {
			k.w.cache.trouble("write", err)
		}
		k.w = nil
	}
	return k.download.Close()
}

// verified holds a log in the cache to its hash. Only what is read from its
// start to its end can be held to it.
type verified struct {
	r     io.Reader
	sum   hash.Hash
	known *known
	err   error
}

func (v *verified) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n, err := v.r.Read(p)
	v.sum.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(v.sum.Sum(nil)) != v.known.Blob {
		v.known.forget()
		err = fmt.Errorf("the cache held another log for %s, as after a crash of the machine; it is forgotten: run it again", v.known.URL)
	}
	v.err = err
	return n, err
}
