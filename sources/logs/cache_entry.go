package logs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// entry is what is known of a URL. Its file holds it as a line of JSON, and in a
// second line the SHA-256 of the first.
type entry struct {
	Version  int       `json:"watchcat"`
	URL      string    `json:"url"`     // without its password
	Code     int       `json:"code"`    // 200; 404 or 410: there is no log
	Checked  time.Time `json:"checked"` // when the server said so last
	Final    bool      `json:"final,omitempty"`
	ETag     string    `json:"etag,omitempty"`
	Modified string    `json:"last_modified,omitempty"`
	Encoding string    `json:"content_encoding,omitempty"` // of what is stored
	Size     int64     `json:"size,omitempty"`             // likewise
	Blob     string    `json:"sha256,omitempty"`           // likewise
	Reached  int64     `json:"x_text_size,omitempty"`      // of a Jenkins' console; see Logs.progress
}

const (
	entryVersion = 2
	maxEntry     = 64 << 10
	maxValidator = 1 << 10
)

func newEntry(url string, header http.Header, final bool) entry {
	reached, _ := byteCount(header.Get(textSize)) // 0 where there is none
	return entry{
		Version:  entryVersion,
		URL:      shown(url),
		Code:     http.StatusOK,
		Checked:  time.Now().UTC(),
		Final:    final,
		ETag:     validator(header, "Etag"),
		Modified: validator(header, "Last-Modified"),
		Encoding: header.Get("Content-Encoding"),
		Reached:  reached,
	}
}

// validator returns what can be sent back to the server, to ask whether
// something changed, or "".
func validator(header http.Header, name string) string {
	value := header.Get(name)
	for _, b := range []byte(value) {
		if b < ' ' || b > '~' {
			return ""
		}
	}
	if len(value) > maxValidator {
		return ""
	}
	return value
}

// unlessSame returns the header that asks for a log only if it is not the one
// that is known.
func (k *known) unlessSame() http.Header {
	header := http.Header{}
	if k == nil || k.blob == nil {
		return header
	}
	if k.ETag != "" {
		header.Set("If-None-Match", k.ETag)
	}
	if k.Modified != "" {
		header.Set("If-Modified-Since", k.Modified)
	}
	return header
}

// readEntry returns an entry, if it is whole, and when it was last used.
func readEntry(path string) (e entry, used time.Time, err error) {
	f, err := os.Open(path)
	if err != nil {
		return e, used, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return e, used, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxEntry))
	if err != nil {
		return e, used, err
	}
	e, err = parseEntry(text)
	return e, info.ModTime(), err
}

func parseEntry(text []byte) (entry, error) {
	var e entry
	line, sum, _ := bytes.Cut(text, []byte("\n"))
	if !bytes.Equal(sum, checksum(line)) {
		return e, errors.New("it is cut or changed")
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, err
	}
	if e.Version != entryVersion {
		return e, fmt.Errorf("it is of version %d, not %d", e.Version, entryVersion)
	}
	if sum, err := hex.DecodeString(e.Blob); err != nil || e.Code == http.StatusOK && len(sum) != sha256.Size {
		return e, errors.New("it names no log")
	}
	return e, nil
}

func (e entry) text() ([]byte, error) {
	line, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	text := append(append(line, '\n'), checksum(line)...)
	if len(text) > maxEntry {
		return nil, errors.New("the URL is too long")
	}
	return text, nil
}

// checksum returns the second line of an entry.
func checksum(line []byte) []byte {
	sum := sha256.Sum256(line)
	return append(hex.AppendEncode(nil, sum[:]), '\n')
}

func (c *cache) writeEntry(path string, e entry) error {
	text, err := e.text()
	if err != nil {
		return err
	}
	f, err := c.temp()
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, discard(f))
	}
	return publish(f, path)
}
