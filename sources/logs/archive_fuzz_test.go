package logs

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// memoryLog is a log that can be read at any place.
type memoryLog struct{ *io.SectionReader }

func (memoryLog) Close() error                 { return nil }
func (memoryLog) refuse()                      {}
func (memoryLog) final()                       {}
func (memoryLog) encoding() string             { return "" }
func (l memoryLog) section() *io.SectionReader { return l.SectionReader }

// FuzzArchive looks for panics, for names that lead out of an archive, and for
// members that are listed but cannot be found.
func FuzzArchive(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add([]byte(seed))
	}
	shelf := newShelf(func(context.Context) DecodeOptions { return DecodeOptions{MaxBytes: 1 << 20} }, f.TempDir())
	f.Fuzz(func(t *testing.T, data []byte) {
		stored := memoryLog{io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data)))}
		a, err := shelf.open(t.Context(), "", func() (io.ReadCloser, error) { return stored, nil })
		if err != nil {
			return
		}
		defer a.closer.Close()
		names, _ := a.list(t.Context(), "**")
		for _, name := range names[:min(len(names), 20)] {
			if !fs.ValidPath(name) {
				t.Errorf("name %q", name)
			}
			r, err := a.open(t.Context(), name)
			if err != nil {
				if strings.Contains(err.Error(), "no such member") {
					t.Errorf("%q is listed only: %v", name, err)
				}
				continue
			}
			io.Copy(io.Discard, r)
			r.Close()
		}
	})
}

// seeds returns archives with a member of each kind.
func seeds(f *testing.F) []string {
	var ball, packed, zipped bytes.Buffer
	g := gzip.NewWriter(&packed)
	w := tar.NewWriter(io.MultiWriter(&ball, g))
	z := zip.NewWriter(&zipped)
	for _, name := range []string{"./a", "b/c", "../d", strings.Repeat("long/", 50) + "é"} {
		w.WriteHeader(&tar.Header{Name: name, Size: 4, PAXRecords: map[string]string{"comment": "x"}})
		io.WriteString(w, "text")
		r, err := z.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		io.WriteString(r, "text")
	}
	w.Close()
	g.Close()
	z.Close()
	return []string{ball.String(), ball.String()[:3000], packed.String(), zipped.String(), zipped.String()[:100], emptyZipMagic, strings.Repeat("\x00", 512)}
}
