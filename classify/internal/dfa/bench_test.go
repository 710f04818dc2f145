package dfa

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const shared = "../../../../shared"

// BenchmarkLog asks expressions without a literal of every line of real logs.
func BenchmarkLog(b *testing.B) {
	lines, size := logLines(b)
	for _, n := range []int{1, 5, 20} {
		s := New(parse(b, withoutLiteral(b, n)...)...)
		b.Run(fmt.Sprint("Match/", n), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				for _, line := range lines {
					s.Match(line)
				}
			}
		})
		b.Run(fmt.Sprint("Matches/", n), func(b *testing.B) {
			b.SetBytes(size)
			found := make([]int, 0, n)
			for b.Loop() {
				for _, line := range lines {
					s.Matches(line, found)
				}
			}
		})
	}
}

// withoutLiteral returns the n expressions of the shared file.
func withoutLiteral(b *testing.B, n int) []string {
	text, err := os.ReadFile(filepath.Join(shared, fmt.Sprintf("bench/nolit.%d.json", n)))
	if err != nil {
		b.Skip("no shared data beside the project: ", err)
	}
	var rules []struct{ Pat string }
	if err := json.Unmarshal(text, &rules); err != nil {
		b.Fatal(err)
	}
	var expressions []string
	for _, r := range rules {
		expressions = append(expressions, r.Pat)
	}
	return expressions
}

// logLines returns the lines of some shared logs, and how many bytes they are.
func logLines(b *testing.B) (lines [][]byte, size int64) {
	files, _ := filepath.Glob(filepath.Join(shared, "corpus/*/*/*.gz"))
	if len(files) == 0 {
		b.Skip("no shared data beside the project")
	}
	for i := 0; i < len(files); i += 4 {
		text := unzip(b, files[i])
		size += int64(len(text))
		lines = append(lines, bytes.Split(text, []byte("\n"))...)
	}
	return lines, size
}

func unzip(b *testing.B, name string) []byte {
	file, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// BenchmarkNearMiss asks an expression of a line that it all but matches.
func BenchmarkNearMiss(b *testing.B) {
	const expression = `ERROR: (?:cannot|could not) fetch (\S+) from (\S+): (?:timed out|refused)$`
	for name, line := range map[string]string{
		"ASCII": "2026-11-20 10:11:12.123456 | node-1 | ERROR: could not fetch tool-1.2.3.tar.gz from https://mirror.example.org/pub: refused.",
		"UTF-8": "2026-11-20 10:11:12.123456 | nœud-1 | ERROR: could not fetch «tööl-1.2.3.tar.gz» from ‘https://mirror.example.org/pub’: refused.",
	} {
		text := []byte(line)
		b.Run("Set/"+name, func(b *testing.B) {
			s := New(parse(b, expression)...)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.Match(text)
			}
		})
		b.Run("regexp/"+name, func(b *testing.B) {
			r := regexp.MustCompile(expression)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r.Match(text)
			}
		})
	}
}

// BenchmarkStates walks texts that hardly ever come by a state twice.
func BenchmarkStates(b *testing.B) {
	m := newMaker(1)
	text := make([]byte, 100_000)
	for i := range text {
		text[i] = 'a' + byte(m.IntN(2))
	}
	for _, expression := range []string{`a.{20}c`, `(?:[ab]{50}c?){20}d`} {
		s, r := New(parse(b, expression)...), regexp.MustCompile(expression)
		for _, size := range []int{100, len(text)} {
			run := func(name string, match func([]byte) bool) {
				b.Run(fmt.Sprint(name, "/", expression, "/", size), func(b *testing.B) {
					b.SetBytes(int64(len(text)))
					for b.Loop() {
						for line := range slices.Chunk(text, size) {
							match(line)
						}
					}
				})
			}
			run("Set", s.Match)
			run("regexp", r.Match)
		}
	}
}

// BenchmarkCompile makes a Set and compiles it.
func BenchmarkCompile(b *testing.B) {
	for name, expression := range map[string]string{
		"usual":   `ERROR: (?:cannot|could not) fetch (\S+) from (\S+): (?:timed out|refused)$`,
		"letters": `(?i)(?:\pL{3,20}\s)+\pN$`,
		"names":   strings.Repeat("[^a]é", 500),
	} {
		trees := parse(b, expression)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				New(trees...).Match(nil)
			}
		})
	}
}
