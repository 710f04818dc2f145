package classify_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestMemory reads large logs, with and without the excerpt: one that is four
// times as long takes no more memory, nor do a log without line ends and one
// that was compressed a thousand times.
func TestMemory(t *testing.T) {
	size := int64(64 << 20)
	if raced {
		size /= 8 // it is as much slower
	}
	const limit = 24 << 20
	c := memoryClassifier(t, false)
	plain := memoryClassifier(t, true)
	ordinary, near := noise(5000), string(nearMisses(5000, memoryRules))
	line := strings.ReplaceAll(ordinary, "\n", " ")
	for _, tt := range []struct {
		name string
		c    *classify.Classifier
		log  io.Reader
	}{
		{"short", plain, repeat(ordinary, size)},
		{"long", plain, repeat(ordinary, 4*size)},
		{"long, with the excerpt", c, repeat(ordinary, 4*size)},
		{"near misses, with the excerpt", c, repeat(near, size/2)},
		{"one line", plain, repeat(line, size)},
		{"one line, with the excerpt", c, repeat(line, size)},
		{"compressed a thousand times", c, bomb(t, size)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := memoryHeld()
			log := &gauge{r: tt.log}
			r := tt.c.Log(t.Context(), "x", log)
			if r.Partial || len(r.Matches) > 0 || log.n < size/2 {
				t.Errorf("read %d bytes of %d; missing %v, matches %v", log.n, size, r.Missing, r.Matches)
			}
			if log.most > start+limit {
				t.Errorf("%d MiB of memory, %d before", log.most>>20, start>>20)
			}
			t.Logf("%d KiB above the start", (int64(log.most)-int64(start))>>10)
		})
	}
}

// TestMemoryOfMatches reads logs of which each line matches many rules that ask
// for as much as they may.
func TestMemoryOfMatches(t *testing.T) {
	const limit = 64 << 20
	around := classify.Context{Before: classify.MaxBlock, After: classify.MaxBlock}
	never := []classify.Unless{{Literal: "retry", Within: classify.MaxWindow}}
	waits := classify.Rule{Pattern: `error (?P<n>\d+): (?P<what>\w{1,9})`, Message: "error {n}: {what}", Next: "error", Unless: never, Context: around}
	last := waits
	last.Occurrence = classify.OccurrenceLast
	block, lastBlock := waits, last
	block.Context.After, block.Until = 0, "^never$"
	lastBlock.Context.After, lastBlock.Until = 0, "^never$"
	atOnce, lastAtOnce := waits, last
	atOnce.Next, atOnce.Unless, lastAtOnce.Next, lastAtOnce.Unless = "", nil, "", nil
	if raced {
		t.Skip("the race detector takes more memory than the matches")
	}
	for _, tt := range []struct {
		name         string
		rule         classify.Rule
		rules        int
		lines, width int
	}{
		{"a few", waits, 10, 4000, 1000},
		{"many", waits, 300, 2000, 1000},
		{"overlong lines", waits, 10, 1100, 80_000},
		{"last", last, 100, 1400, 1000},
		{"last, long lines", last, 10, 1500, 8000},
		{"blocks", block, 50, 2000, 1000},
		{"last blocks", lastBlock, 50, 2000, 1000},
		{"decided at once", atOnce, 300, 1200, 1000},
		{"last, decided at once", lastAtOnce, 100, 800, 1000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules := slices.Repeat([]classify.Rule{tt.rule}, tt.rules)
			c := compile(t, rules...)
			c.NoExcerpt = true
			start := memoryHeld()
			log := &gauge{r: &numberedLines{lines: tt.lines, width: tt.width}, every: 64 << 10}
			r := c.Log(t.Context(), "x", log)
			if len(r.Matches) != 20*tt.rules {
				t.Errorf("%d matches", len(r.Matches))
			}
			if log.most > start+limit {
				t.Errorf("%d MiB of memory, %d before", log.most>>20, start>>20)
			}
			t.Logf("%d KiB above the start", (int64(log.most)-int64(start))>>10)
		})
	}
}

// TestAllocations reads logs of which no line matches, though each is near: one
// that is four times as long allocates no more.
func TestAllocations(t *testing.T) {
	c := memoryClassifier(t, true)
	for name, line := range map[string]string{"ordinary": noise(5000), "near": string(nearMisses(5000, memoryRules))} {
		t.Run(name, func(t *testing.T) {
			count := func(size int64) uint64 {
				start := mallocs()
				c.Log(t.Context(), "x", repeat(line, size))
				return mallocs() - start
			}
			count(1 << 20) // makes what later looks share
			short, long := count(1<<20), count(4<<20)
			if long > short+1000 {
				t.Errorf("%d allocations for 1 MiB, %d for 4", short, long)
			}
			t.Logf("%d allocations for 1 MiB, %d for 4", short, long)
		})
	}
}

// memoryRules is a number of made rules that look at a near miss, four of them
// each: it is not the speed that is measured here.
const memoryRules = 16

// memoryClassifier compiles made rules, and one without a literal.
func memoryClassifier(t *testing.T, noExcerpt bool) *classify.Classifier {
	c := compile(t, append(madeRules(memoryRules), classify.Rule{Files: []string{"x"}, Pattern: `^\d+-[A-Z]+ \d{7,}$`})...)
	c.NoExcerpt = noExcerpt
	return c
}

// numberedLines is a reader of so many lines, each of them another error.
type numberedLines struct {
	lines, width int
	n            int
	rest         string
}

func (l *numberedLines) Read(p []byte) (int, error) {
	if l.rest == "" {
		if l.n == l.lines {
			return 0, io.EOF
		}
		l.n++
		l.rest = fmt.Sprintf("error %d: %0*d\n", l.n, l.width, l.n)
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// repeat is a reader of a text, again and again, of that size.
func repeat(text string, size int64) io.Reader {
	return io.LimitReader(&repeated{text: text}, size)
}

type repeated struct {
	text string
	at   int
}

func (e *repeated) Read(p []byte) (int, error) {
	n := copy(p, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// bomb is a reader of a log of that size that is decompressed from a thousandth.
func bomb(t *testing.T, size int64) io.Reader {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.Copy(w, repeat(fmt.Sprintln(strings.Repeat(".", 99)), size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if ratio := size / int64(packed.Len()); ratio < 250 {
		t.Fatalf("compressed %d times only", ratio)
	}
	r, err := gzip.NewReader(&packed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// gauge is a reader that notes the most memory that is held while it is read.
type gauge struct {
	r       io.Reader
	n, last int64
	every   int64 // bytes; 0: a MiB
	most    uint64
}

func (g *gauge) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	if g.n-g.last >= cmp.Or(g.every, 1<<20) || err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		g.most, g.last = max(g.most, m.HeapInuse+m.StackInuse), g.n
	}
	return n, err
}

// memoryHeld returns how much memory is held after garbage was collected.
func memoryHeld() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
