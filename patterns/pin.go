package patterns

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// pinMark stands between a spec and what it is pinned to.
const pinMark = "@sha256:"

// SplitPin splits a spec into what names the files and the hash that it is
// pinned to; pinned says whether it is.
func SplitPin(spec string) (name, hash string, pinned bool) {
	return strings.Cut(spec, pinMark)
}

// Pin returns a spec pinned to what it names now, whatever it was pinned to. The
// error is of type strict.Mistakes.
func Pin(spec string, o Options) (string, error) {
	l := newLoader()
	name, _, _ := SplitPin(spec)
	found, texts := l.expand(name, o.Dir), map[source][]byte{}
	for _, s := range found.files {
		l.read(s, texts)
	}
	return name + pinMark + found.hash(texts), l.mistakes.Err()
}

// keepsTo reports whether what a spec names is what it is pinned to.
func (l *loader) keepsTo(pin, name string, f found, texts map[source][]byte) bool {
	got := f.hash(texts)
	switch {
	case got == "": // which has been told of
		return false
	case !isHash(pin):
		l.fail(name, fmt.Sprintf("%q is no sha256", pin), fmt.Sprintf("64 hexadecimal digits follow %s; now they would be %s", pinMark, got))
		return false
	case got != strings.ToLower(pin):
		l.fail(name, "its sha256 is "+got+", not the one it is pinned to", "see what has changed, and pin it to that")
		return false
	}
	return true
}

// hash returns what to pin a spec to, as Load tells; "" if a file could not be
// read, or there is none.
func (f found) hash(texts map[source][]byte) string {
	var list strings.Builder
	for _, s := range f.files {
		text := texts[s.key()]
		if text == nil {
			return ""
		}
		if !f.several {
			return fmt.Sprintf("%x", sha256.Sum256(text))
		}
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(text), filepath.Base(s.name))
	}
	if list.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(list.String())))
}

// isHash reports whether a pin looks like a SHA-256.
func isHash(pin string) bool {
	hash, err := hex.DecodeString(pin)
	return err == nil && len(hash) == sha256.Size
}
