package logs

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
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

// A cache keeps logs as they were downloaded, one file each, named by the hash
// of the URL:
//
//	{"watchcat":1,"url":"…","code":200,"time":"…","final":true}   a line that says what it is
//	…                                the log; nothing for a 404
//	eight bytes, big-endian: the length of the log
//	the bytes of entryEnd
//
// A file is written under another name and renamed when it is whole, so that
// several processes can share a cache. What lacks its end, or is of another
// URL, is not believed; what is not final, because the log may yet appear or
// grow, is believed for a short time only.
type cache struct {
	dir        string
	keepAbsent time.Duration // how long what is not final is believed
	offline    bool
	log        *slog.Logger
}

const (
	entryVersion = 1
	entryEnd     = "\nwatchcat whole\n"
	tailBytes    = 8 + len(entryEnd)
	maxHeader    = 64 << 10
	tempPrefix   = "tmp-"
)

type entryHeader struct {
	Version int       `json:"watchcat"`
	URL     string    `json:"url"`
	Code    int       `json:"code"`
	Time    time.Time `json:"time"`
	Final   bool      `json:"final"` // it will not change any more
}

// openCache makes the folder and tidies it up. The logs lie in a folder of
// their own, whose mode is ours to set.
func openCache(o Options) (*cache, error) {
	c := &cache{dir: filepath.Join(o.CacheDir, "logs"), keepAbsent: o.KeepAbsent, offline: o.Offline, log: o.Log}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if err := makePrivate(c.dir); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if !o.Offline {
		c.prune(o.MaxAge, o.MaxSize)
	}
	return c, nil
}

// makePrivate takes a folder from the group and others, if they have it.
func makePrivate(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(dir, 0o700)
}

// shown returns a URL as entries hold it: without its password, fit for JSON.
func shown(url string) string { return strings.ToValidUTF8(redact(url), "?") }

func (c *cache) path(url string) string {
	sum := sha256.Sum256([]byte(url))
	name := hex.EncodeToString(sum[:])
	return filepath.Join(c.dir, name[:2], name[2:])
}

// open returns what is known of a URL: its log, or that it is absent, or nil
// and no error if nothing is known.
func (c *cache) open(ctx context.Context, url string) (rawLog, error) {
	f, err := os.Open(c.path(url))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		c.trouble("open", err)
		return nil, nil
	}
	header, body, err := readEntry(f)
	if err == nil && header.URL != shown(url) {
		err = errors.New("it is another URL's")
	}
	if err != nil {
		c.trouble("read", fmt.Errorf("%s is no whole entry for %s: %w", f.Name(), redact(url), err))
	}
	if err != nil || !c.believes(header) {
		f.Close()
		return nil, nil
	}
	if header.Code == http.StatusOK {
		return opened(ctx, body, f), nil
	}
	f.Close()
	return nil, &sources.StatusError{Code: header.Code, URL: header.URL}
}

// believes reports whether an entry still holds. Offline there is nothing
// better.
func (c *cache) believes(header entryHeader) bool {
	age := time.Since(header.Time)
	return header.Final || c.offline || age >= 0 && age <= c.keepAbsent
}

// readEntry returns the parts of an entry, if it is whole.
func readEntry(f *os.File) (entryHeader, *io.SectionReader, error) {
	var header entryHeader
	line, err := bufio.NewReaderSize(io.LimitReader(f, maxHeader), maxHeader).ReadSlice('\n')
	if err != nil {
		return header, nil, err
	}
	if err := json.Unmarshal(line, &header); err != nil || header.Version != entryVersion {
		return header, nil, errors.Join(errors.New("another format"), err)
	}
	info, err := f.Stat()
	if err != nil {
		return header, nil, err
	}
	length := info.Size() - int64(len(line)+tailBytes)
	tail := make([]byte, tailBytes)
	if _, err := f.ReadAt(tail, max(info.Size()-int64(tailBytes), 0)); err != nil {
		return header, nil, err
	}
	if length < 0 || !bytes.Equal(tail, entryTail(length)) {
		return header, nil, errors.New("its end is missing")
	}
	return header, io.NewSectionReader(f, int64(len(line)), length), nil
}

func entryTail(length int64) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(length)), entryEnd...)
}

// putAbsent remembers that there is no log.
func (c *cache) putAbsent(url string, code int) {
	w, err := c.create(url, entryHeader{Code: code})
	if err == nil {
		err = w.commit()
	}
	if err != nil {
		c.trouble("write", err)
	}
}

// keep returns the download, which is written to the cache while it is read
// and stays there if it was read to its end.
func (c *cache) keep(url string, download rawLog, final bool) rawLog {
	w, err := c.create(url, entryHeader{Code: http.StatusOK, Final: final})
	if err != nil {
		c.trouble("write", err)
		return download
	}
	return &kept{download: download, w: w}
}

// kept is a download on its way into the cache.
type kept struct {
	download rawLog
	w        *entryWriter // nil: it is not to be remembered
	whole    bool
}

func (k *kept) Read(p []byte) (int, error) {
	n, err := k.download.Read(p)
	if k.w != nil {
		if writeErr := k.w.write(p[:n]); writeErr != nil {
			k.w.cache.trouble("write", writeErr)
			k.refuse()
		}
	}
	k.whole = k.whole || err == io.EOF
	return n, err
}

func (k *kept) refuse() {
	if k.w != nil {
		k.w.discard()
		k.w = nil
	}
}

func (k *kept) final() {
	if k.w != nil {
		k.w.final = true
	}
}

func (k *kept) Close() error {
	if !k.whole {
		k.refuse()
	}
	if k.w != nil {
		if err := k.w.commit(); err != nil {
			k.w.cache.trouble("write", err)
		}
		k.w = nil
	}
	return k.download.Close()
}

// entryWriter writes an entry under another name.
type entryWriter struct {
	cache  *cache
	f      *os.File
	path   string
	header entryHeader
	length int64 // of the log
	final  bool  // though the header says otherwise
}

func (c *cache) create(url string, what entryHeader) (*entryWriter, error) {
	what.Version, what.URL, what.Time = entryVersion, shown(url), time.Now().UTC()
	header, err := what.line()
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(c.dir, tempPrefix+"*")
	if err != nil {
		return nil, err
	}
	w := &entryWriter{cache: c, f: f, path: c.path(url), header: what}
	if _, err := f.Write(header); err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

// line returns the header's line, which is as long whether the entry is final
// or not.
func (h entryHeader) line() ([]byte, error) {
	line, err := json.Marshal(h)
	if h.Final {
		line = append(line, ' ') // "true" is shorter than "false"
	}
	if len(line) >= maxHeader {
		return nil, errors.New("the URL is too long")
	}
	return append(line, '\n'), err
}

func (w *entryWriter) write(p []byte) error {
	n, err := w.f.Write(p)
	w.length += int64(n)
	return err
}

// commit ends the entry and gives it its name.
func (w *entryWriter) commit() error {
	_, err := w.f.Write(entryTail(w.length))
	err = errors.Join(err, w.finish(), w.f.Close())
	if err == nil {
		err = os.MkdirAll(filepath.Dir(w.path), 0o700)
	}
	if err == nil {
		err = os.Rename(w.f.Name(), w.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(w.f.Name()))
	}
	return nil
}

// finish makes the entry final if that was learned after its header was written.
func (w *entryWriter) finish() error {
	if !w.final || w.header.Final {
		return nil
	}
	w.header.Final = true
	line, err := w.header.line()
	if err == nil {
		_, err = w.f.WriteAt(line, 0)
	}
	return err
}

func (w *entryWriter) discard() {
	if err := errors.Join(w.f.Close(), os.Remove(w.f.Name())); err != nil {
		w.cache.trouble("tidy up", err)
	}
}

// trouble logs what costs no more than another download.
func (c *cache) trouble(what string, err error) {
	c.log.Warn("the cache of logs could not "+what, "dir", c.dir, "error", strings.TrimSpace(err.Error()))
}
