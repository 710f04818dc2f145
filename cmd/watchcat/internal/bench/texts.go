//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/watchcat-ci/watchcat/classify"
)

// makeTexts makes the texts that rows are about.
func (b *bench) makeTexts() error {
	size := int64(b.megabytes) * 1e6
	corpus, err := b.corpus(size)
	if err != nil {
		return err
	}
	part := corpus[:min(len(corpus), int(size/4))]
	return errors.Join(
		b.fill("text", size, corpus),
		b.fill("part", size/4, part),
		b.fill("sample", size/20, sampleOf(corpus)),
		b.fill("coloured", size/4, eachLine(part, coloured)),
		b.fill("near", size/4, nearMisses(b.sets["rules.300"].Rules, min(size/4, 8e6))),
		b.compress("text.gz"), b.compress("text.zst"),
	)
}

// corpus returns the real logs, one after the other, size bytes of them at most,
// or made ones.
func (b *bench) corpus(size int64) ([]byte, error) {
	var text bytes.Buffer
	err := filepath.WalkDir(filepath.Join(b.shared, "corpus"), func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".gz" || int64(text.Len()) > size {
			return err
		}
		return unpack(&text, name)
	})
	if errors.Is(err, fs.ErrNotExist) {
		b.note("%s has no logs: the text is made up, and figures are not like those of real logs", b.shared)
		return madeText(min(size, 64e6)), nil
	}
	return text.Bytes(), err
}

// sampleOf returns every twentieth part of a text.
func sampleOf(text []byte) []byte {
	var sample []byte
	for i, part := range pieces(text, 64<<10) {
		if i%20 == 0 {
			sample = append(sample, part...)
		}
	}
	return sample
}

// unpack appends a log, and ends its last line.
func unpack(text *bytes.Buffer, name string) error {
	in, err := os.Open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	log, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := text.ReadFrom(log); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !bytes.HasSuffix(text.Bytes(), []byte("\n")) {
		text.WriteByte('\n')
	}
	return nil
}

// madeText returns lines as builds print them, of which a few match madeRules.
func madeText(size int64) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	forms := []string{
		"[%3d%%] Building CXX object src/core/CMakeFiles/core.dir/part.cc.o\n",
		"2026-11-20 10:11:12.%06d | node | TASK [common : install packages]\n",
		"    ok: [localhost] => (item=%d) \x1b[32mchanged=0\x1b[0m\n",
		"test_module.py::test_case_%d PASSED\n\n",
		"Get:%d http://mirror.example.org/ubuntu jammy/main amd64 libfoo-dev [12.3 kB]\r\n",
		"DEBUG:client:GET /v2/servers/%d returned 200 in 0.03 s\n",
	}
	var text bytes.Buffer
	for n := 0; int64(text.Len()) < size; n++ {
		fmt.Fprintf(&text, forms[random.IntN(len(forms))], random.IntN(1000))
		if n%5000 == 0 {
			fmt.Fprintf(&text, "tool%d: error 3: knob.h not found\n", random.IntN(250)*4)
		}
	}
	return text.Bytes()
}

// fill writes a file of size bytes: lines, again and again.
func (b *bench) fill(name string, size int64, lines []byte) error {
	out, err := os.Create(b.path(name))
	if err != nil {
		return err
	}
	defer out.Close()
	for left := size; left > 0 && len(lines) > 0; left -= int64(len(lines)) {
		if _, err := out.Write(lines[:min(left, int64(len(lines)))]); err != nil {
			return err
		}
	}
	return out.Close()
}

// compress writes the text again, in the format that the name asks for.
func (b *bench) compress(name string) error {
	in, err := os.Open(b.path("text"))
	if err != nil {
		return err
	}
	defer in.Close()
	return compressTo(b.path(name), in)
}

// compressTo writes a compressed file.
func compressTo(name string, text io.Reader) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	var packed io.WriteCloser = gzip.NewWriter(out)
	if filepath.Ext(name) == ".zst" {
		if packed, err = zstd.NewWriter(out); err != nil {
			return err
		}
	}
	if _, err := io.Copy(packed, text); err != nil {
		return err
	}
	return errors.Join(packed.Close(), out.Close())
}

// eachLine returns the lines of a text, changed; n counts them.
func eachLine(text []byte, change func(n int, line string) string) []byte {
	var out bytes.Buffer
	n := 0
	for line := range strings.Lines(string(text)) {
		out.WriteString(change(n, strings.TrimRight(line, "\r\n")))
		out.WriteByte('\n')
		n++
	}
	return out.Bytes()
}

// coloured returns a line with some of it in colour, as grep shows what it found.
func coloured(n int, line string) string {
	from := n % (len(line)/2 + 1)
	to := from + (len(line)-from)/2
	return line[:from] + "\x1b[1;31m" + line[from:to] + "\x1b[0m" + line[to:]
}

// nearMisses returns a text of about size bytes: each line has what some rule
// cannot match without, and no rule matches it.
func nearMisses(rules []classify.Rule, size int64) []byte {
	var all []*regexp.Regexp
	var texts []string
	for _, r := range rules {
		re := regexp.MustCompile(expression(r)) // which addSet has checked
		all = append(all, re)
		if text := longestLiteral(r); len(text) >= 3 && !re.MatchString(text) {
			texts = append(texts, text)
		}
	}
	lines := harmless(all, texts)
	var text bytes.Buffer
	for n := uint32(0); int64(text.Len()) < size && len(lines) > 0; n++ {
		fmt.Fprintf(&text, "%s %08x\n", lines[int(n)%len(lines)], n*2654435761)
	}
	return text.Bytes()
}

// harmless returns those of the texts, in a line around them, that no expression
// matches.
func harmless(all []*regexp.Regexp, texts []string) []string {
	var lines []string
	for _, text := range texts {
		line := "task 3 of 7, step build-and-check: " + text
		matches := func(re *regexp.Regexp) bool { return re.MatchString(line + " 00000000") }
		if !slices.ContainsFunc(all, matches) {
			lines = append(lines, line)
		}
	}
	return lines
}

// longestLiteral returns the longest text that stands in a rule's pattern by
// itself, and not in a part that may be left out.
func longestLiteral(r classify.Rule) string {
	tree, err := syntax.Parse(r.Pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	return longestIn(tree)
}

func longestIn(tree *syntax.Regexp) string {
	longest := ""
	switch tree.Op {
	case syntax.OpLiteral:
		return string(tree.Rune)
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range tree.Sub {
			if text := longestIn(sub); len(text) > len(longest) {
				longest = text
			}
		}
	}
	return longest
}

// pieces parts a text into logs of about size bytes, each of whole lines.
func pieces(text []byte, size int64) [][]byte {
	var all [][]byte
	for len(text) > 0 {
		end := min(int(size), len(text))
		if more := bytes.IndexByte(text[end:], '\n'); more >= 0 {
			end += more + 1
		} else {
			end = len(text)
		}
		all = append(all, text[:end])
		text = text[end:]
	}
	return all
}

// repeated is a reader of a text, again and again, until so many bytes were read.
type repeated struct {
	text []byte
	at   int
	left int64
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.left <= 0 || len(r.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	r.left -= int64(n)
	return n, nil
}
