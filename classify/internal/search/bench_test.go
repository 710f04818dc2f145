package search

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp/syntax"
	"strconv"
	"testing"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

const (
	shared = "../../../../shared"
	chunk  = 256 << 10
)

// rules returns the literals of a rule file of the matcher study.
func rules(tb testing.TB, name string) []Literal {
	text, err := os.ReadFile(filepath.Join(shared, "bench/rules."+name+".json"))
	if err != nil {
		tb.Skip("no shared data beside the project: ", err)
	}
	var rules []struct {
		ID        int32
		Kind, Pat string
	}
	if err := json.Unmarshal(text, &rules); err != nil {
		tb.Fatal(err)
	}
	var literals []Literal
	for _, r := range rules {
		if r.Kind == "lit" {
			literals = append(literals, Literal{Text: r.Pat, ID: r.ID})
			continue
		}
		tree, err := syntax.Parse(r.Pat, syntax.Perl)
		if err != nil {
			tb.Fatal(err)
		}
		if sets := literal.Required(tree, 3); sets != nil {
			for _, l := range sets[0] {
				literals = append(literals, Literal{Text: l.Text, Fold: l.Fold, ID: r.ID})
			}
		}
	}
	return literals
}

// logs returns about size bytes of real logs.
func logs(tb testing.TB, size int) []byte {
	files, _ := filepath.Glob(filepath.Join(shared, "corpus/*/*.gz"))
	more, _ := filepath.Glob(filepath.Join(shared, "corpus/*/*/*.gz"))
	var all bytes.Buffer
	for _, name := range append(files, more...) {
		f, err := os.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		z, err := gzip.NewReader(f)
		if err != nil {
			tb.Fatal(name, err)
		}
		if _, err := io.CopyN(&all, z, 400_000); err != nil && err != io.EOF {
			tb.Fatal(name, err)
		}
		f.Close()
		if all.Len() >= size {
			return all.Bytes()[:size]
		}
	}
	tb.Skip("no shared data beside the project")
	return nil
}

// find looks through the text in blocks.
func find(s *Set, text []byte, size int, hits []Hit) []Hit {
	hits = hits[:0]
	for from := 0; from < len(text); from += size {
		hits = s.Find(text[from:min(from+size, len(text))], hits)
	}
	return hits
}

func BenchmarkFind(b *testing.B) {
	text := logs(b, 32<<20)
	for _, name := range []string{"10", "100", "300", "1000", "300s"} {
		literals := rules(b, name)
		b.Run(name, func(b *testing.B) { benchmark(b, New(literals), text, chunk) })
		b.Run(name+"-plain", func(b *testing.B) { benchmark(b, newSet(literals, false), text, chunk) })
	}
	s := New(rules(b, "300"))
	b.Run("tiny", func(b *testing.B) { benchmark(b, s, text[:1<<20], 20) })
	b.Run("small", func(b *testing.B) { benchmark(b, s, text[:1<<20], 2000) })
}

// BenchmarkWorst looks through texts that are made to stop every cursor.
func BenchmarkWorst(b *testing.B) {
	words := rules(b, "300")
	var near []byte // of every literal all but the first byte
	for len(near) < 4<<20 {
		for _, l := range words {
			near = append(append(near, '\n'), l.Text[1:]...)
		}
	}
	b.Run("near", func(b *testing.B) { benchmark(b, New(words), near, chunk) })
	var alike []Literal
	for i := range 1000 {
		alike = append(alike, Literal{Text: strconv.Itoa(1000+i) + " of the same ends", ID: int32(i)})
	}
	b.Run("alike", func(b *testing.B) { benchmark(b, New(alike), bytes.Repeat([]byte(" of the same ends"), 1<<16), chunk) })
	b.Run("zeros", func(b *testing.B) {
		benchmark(b, New([]Literal{{Text: "\x00\x00\x00\x00\x00\x00\x00\x01"}}), make([]byte, 4<<20), chunk)
	})
	b.Run("one letter", func(b *testing.B) {
		benchmark(b, New([]Literal{{Text: "a"}}), bytes.Repeat([]byte("a"), 1<<20), chunk)
	})
}

func benchmark(b *testing.B, s *Set, text []byte, size int) {
	hits := find(s, text, size, nil)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		hits = find(s, text, size, hits)
	}
	b.ReportMetric(float64(len(hits)), "hits")
}

func BenchmarkNew(b *testing.B) {
	literals := rules(b, "1000")
	for b.Loop() {
		New(literals)
	}
}
