package sources

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FileURL returns the file: URL of a local path (RFC 8089), made absolute; that
// of a folder ends in "/", as the LogURL of a job with several files does. The
// path need not exist. Whatever bytes it is made of, they are the Path of the
// parsed URL.
func FileURL(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("where is %s: %w", path, err)
	}
	p := filepath.ToSlash(abs)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/…
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() && !strings.HasSuffix(p, "/") {
		p += "/"
	}
	return (&url.URL{Scheme: "file", Path: p}).String(), nil
}

// ArchiveEnd ends the LogURL of a job whose folder is an archive:
// "file:///home/me/logs.zip//".
const ArchiveEnd = "//"

// IsArchive reports whether a file is, by its name, an archive whose members
// are logs: a zip, or a tar that may be compressed.
func IsArchive(name string) bool {
	name = strings.ToLower(name)
	packed := func(ending string) bool {
		return strings.HasSuffix(name, ".tar"+ending) || ending != "" && strings.HasSuffix(name, ".t"+ending[1:])
	}
	return strings.HasSuffix(name, ".zip") ||
		slices.ContainsFunc([]string{"", ".gz", ".xz", ".bz2", ".zst"}, packed)
}

// WithoutPath returns why something could not be done to a local file, without
// the name of the file and of the call: the caller says what it did to what.
func WithoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}
