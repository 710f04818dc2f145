package classify

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// FuzzExcerpt holds the quick way to an excerpt to the plain way, wherever the
// log is parted into blocks.
func FuzzExcerpt(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(madeText(newRand(seed), 30), seed)
	}
	f.Fuzz(func(t *testing.T, log []byte, seed uint64) { heldToPlain(t, log, newRand(seed)) })
}

// TestQuickExcerpt is a short run of what FuzzExcerpt does for long, and some
// logs of so many telling lines that most are dropped.
func TestQuickExcerpt(t *testing.T) {
	telling := 0
	for seed := range uint64(1000) {
		r := newRand(seed)
		lines := r.IntN(100)
		if seed%250 == 0 {
			lines = 4 * excerptKept
		}
		telling += len(heldToPlain(t, madeText(r, lines), r).shapes)
	}
	if telling < 1000 {
		t.Errorf("%d telling lines: little was tried", telling)
	}
}

// TestQuickExcerptOfLogs holds the quick way to the plain way on real logs.
func TestQuickExcerptOfLogs(t *testing.T) {
	files, _ := filepath.Glob("../../shared/corpus/*/*.gz")
	more, _ := filepath.Glob("../../shared/corpus/*/*/*.gz")
	if files = append(files, more...); len(files) == 0 {
		t.Skip("no shared data beside the project")
	}
	for i := 0; i < len(files); i += 16 {
		if diff := readBothWays(unpacked(t, files[i])); diff != "" {
			t.Errorf("%s: %s", files[i], diff)
		}
	}
}

// TestQuickExcerptOfLongLines has lines that go on in the next blocks: only
// their beginnings are scored.
func TestQuickExcerptOfLongLines(t *testing.T) {
	long := strings.Repeat("error: fatal ", stream.Size/10)
	for _, log := range []string{
		long, "knob\n" + long + "\nknob\n", "error: knob\n" + strings.Repeat("knob ", 100) + long + "\nknob\n" + long,
		strings.Repeat("ordinary knob ", 100) + long + "\n" + strings.Repeat("knob\n", 9) + "exit code 3", long + "\r" + long,
	} {
		if diff := readBothWays([]byte(log)); diff != "" {
			t.Errorf("%.40q: %s", log, diff)
		}
	}
}

// readBothWays reads a log as logs are read, and returns how the ways differ.
func readBothWays(log []byte) string {
	quick, plain := newExcerpt(newCursor(true)), &plainExcerpt{}
	if err := eachBlock(bytes.NewReader(log), func(b *stream.Block) bool { quick.read(b); return true }); err != nil {
		return err.Error()
	}
	if err := readPieces(bytes.NewReader(log), plain.add); err != nil {
		return err.Error()
	}
	return differ(quick, plain)
}

// unpacked returns what a file of gzip holds.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	packed, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// heldToPlain makes the excerpt of a log both ways: the quick one of blocks that
// end behind some of its line ends, the plain one of a single block.
func heldToPlain(t *testing.T, log []byte, r *rand.Rand) *excerpt {
	t.Helper()
	end := io.EOF
	if r.IntN(4) == 0 {
		end = io.ErrUnexpectedEOF
	}
	quick, plain := newExcerpt(newCursor(true)), &plainExcerpt{}
	c := newCursor(true)
	c.enter(&stream.Block{Text: log, Err: end})
	c.eachPiece(plain.add)
	for rest, n := log, 0; ; rest = rest[n:] {
		n = blockEnd(rest, r)
		b := &stream.Block{Text: bytes.Clone(rest[:n])}
		if n == len(rest) {
			b.Err = end
		}
		quick.read(b)
		clear(b.Text) // nothing of it may be kept
		if n == len(rest) {
			break
		}
	}
	if diff := differ(quick, plain); diff != "" {
		t.Fatalf("%s in %q", diff, log)
	}
	return quick
}

// blockEnd returns a place behind one of the line ends in text, or its end.
func blockEnd(text []byte, r *rand.Rand) int {
	if r.IntN(3) == 0 {
		return len(text)
	}
	from := r.IntN(len(text) + 1)
	if i := bytes.IndexAny(text[from:], "\r\n"); i >= 0 {
		return from + i + 1
	}
	return len(text)
}

// differ returns how two excerpts of a log differ, "" if they do not: in what was
// kept of it, and in what is shown at last.
func differ(quick *excerpt, plain *plainExcerpt) string {
	best, plainBest := quick.best(), plain.best()
	if best != plainBest {
		return fmt.Sprintf("the best line weighs %v, not %v", best, plainBest)
	}
	evidence, hint := quick.evidence("x", nil)
	plain.keepLast(excerptBefore)
	plainEvidence, plainHint := plain.evidence("x", nil)
	if len(quick.kept) != len(plain.kept) {
		return fmt.Sprintf("%d lines kept, not %d", len(quick.kept), len(plain.kept))
	}
	for i, l := range quick.kept {
		if p := plain.kept[i]; !bytes.Equal(l.text, p.text) || l.line != p.line || l.index != p.index ||
			l.score != p.score || l.exit != p.exit || l.shape != p.shape {
			return fmt.Sprintf("kept %q as %+v, not %q as %+v", l.text, l, p.text, p)
		}
	}
	return cmp.Diff(plainEvidence, evidence) + cmp.Diff(plainHint, hint)
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// madeText returns so many lines of a log, of ordinary words and of those that
// make a line telling, or nearly so.
func madeText(r *rand.Rand, lines int) []byte {
	var texts []string
	for _, c := range wordClasses {
		texts = append(texts, strings.Fields(c.words)...)
	}
	texts = slices.Concat(texts, beforeStatus, []string{"make: *** [x] ", "npm ERR! code ELIFECYCLE", " ELIFECYCLE"})
	plain := []string{"Building ", "knob ", "0 ", "no ", "No", "3", "-1", "main.c:12", "x.py, line 7: ", "::", ".", "/", "(", " ", "\t", "é", "notable"}
	ends := []string{"\n", "\n", "\n", "\r\n", "\r", "\r\r\n", "\n\n", "\x0f\n", "done\n", "OK [100%]\n"}
	dense := r.IntN(30) // of a hundred texts, how many are words of a worth
	var b bytes.Buffer
	for range lines {
		if r.IntN(8) == 0 {
			b.WriteString("2026-11-20T10:11:12.1234567Z ")
		}
		for range r.IntN(8) {
			if r.IntN(100) >= dense {
				b.WriteString(one(r, plain))
				continue
			}
			b.WriteString(cased(r, one(r, texts)) + one(r, []string{" ", "", ": ", "=0", "s"}))
		}
		if r.IntN(200) == 0 {
			b.WriteString(strings.Repeat(one(r, texts)+" ", 1+r.IntN(20_000)))
		}
		b.WriteString(one(r, ends))
	}
	return b.Bytes()[:max(0, b.Len()-r.IntN(3))]
}

// one returns one of some texts.
func one(r *rand.Rand, texts []string) string { return texts[r.IntN(len(texts))] }

// cased returns a text in lower case, upper case, or with a capital.
func cased(r *rand.Rand, text string) string {
	switch r.IntN(4) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return strings.ToUpper(text[:1]) + text[1:]
	}
	return text
}
