package stream

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// join reads a log and puts its blocks together again, each as it must be.
func join(t *testing.T, r io.Reader) ([]byte, error) {
	t.Helper()
	in := NewReader(r)
	defer in.Close()
	var all []byte
	open := false
	for {
		b, err := in.Next()
		if err != nil {
			return nil, err
		}
		if b == nil {
			t.Fatal("the log ended without an error")
		}
		if b.Inside != open {
			t.Fatalf("a block begins inside a line %v, the one before ended so %v", b.Inside, open)
		}
		if b.Inside {
			all = all[:len(all)-overlap(t, all, b.Text)]
		}
		all = append(all, b.Text...)
		open = b.Open
		if b.Err != nil {
			defer b.Release()
			return all, b.Err
		}
		if !b.Open && !bytes.HasSuffix(b.Text, []byte("\n")) && !bytes.HasSuffix(b.Text, []byte("\r")) {
			t.Fatalf("a block of %d bytes ends within a line", len(b.Text))
		}
		b.Release()
	}
}

// overlap returns how many bytes of text stand at the end of all already.
func overlap(t *testing.T, all, text []byte) int {
	t.Helper()
	for n := Overlap; n <= 3*Overlap; n++ {
		if n <= len(all) && n <= len(text) && bytes.HasSuffix(all, text[:n]) {
			return n
		}
	}
	t.Fatal("a block goes on inside a line without an overlap")
	return 0
}

// made returns a log of n bytes or more.
func made(rng *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		for range rng.IntN(1 << rng.IntN(19)) {
			b.WriteByte("abcdefgh .:;é"[rng.IntN(13)])
		}
		b.WriteString([]string{"\n", "\r", "\r\n", "\n\n"}[rng.IntN(4)])
	}
	return b.Bytes()
}

func TestBlocksAreTheLog(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		log := made(rng, rng.IntN(3*Size))
		if rng.IntN(2) == 0 {
			log = bytes.TrimRight(log, "\r\n")
		}
		log = append([]byte("x"), log...)
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(log), "halves": iotest.HalfReader(bytes.NewReader(log)), "with EOF": iotest.DataErrReader(bytes.NewReader(log)),
		} {
			got, err := join(t, r)
			if err != io.EOF || !bytes.Equal(got, log) {
				t.Fatalf("%s: %d bytes of %d, %v", name, len(got), len(log), err)
			}
		}
	}
}

// TestEscapesAcrossBlocks holds the text of the blocks to that of the log as a
// whole, wherever a sequence or an overlong line meets the end of a buffer.
func TestEscapesAcrossBlocks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 30 {
		log := append([]byte("x"), coloured(rng, made(rng, rng.IntN(4*Size)), 4<<rng.IntN(17))...)
		want := bytes.Clone(log)
		n, _ := strip(want, noEscape)
		for name, r := range map[string]io.Reader{"whole": bytes.NewReader(log), "halves": iotest.HalfReader(bytes.NewReader(log))} {
			got, err := join(t, r)
			if err != io.EOF || !bytes.Equal(got, want[:n]) {
				t.Fatalf("%s: %d bytes of %d, %v", name, len(got), n, err)
			}
		}
	}
}

// coloured returns a log with an escape sequence in each run of so many bytes.
func coloured(rng *rand.Rand, log []byte, run int) []byte {
	sequences := []string{"\x1b[31m", "\x1b[m\x0f", "\x1b]0;" + strings.Repeat("t", run) + "\a", "\x1b(B", "\x1b[1", "\x1b]", "\x1b"}
	var b bytes.Buffer
	for len(log) > 0 {
		n := min(len(log), 1+rng.IntN(run))
		b.Write(log[:n])
		log = log[n:]
		b.WriteString(sequences[rng.IntN(len(sequences))])
	}
	return b.Bytes()
}

// TestOneLine reads a line of several blocks.
func TestOneLine(t *testing.T) {
	for _, text := range []string{"word ", "word", "äöü", "1%\r"} {
		log := []byte(strings.Repeat(text, 5*Size/len(text)) + "\nend")
		got, err := join(t, bytes.NewReader(log))
		if err != io.EOF || len(got) != len(log) {
			t.Errorf("%q: %d bytes of %d, %v", text, len(got), len(log), err)
		}
	}
}

func TestFailureKeepsWhatCame(t *testing.T) {
	broken := errors.New("broken")
	for _, n := range []int{0, 10, 5000, Size - 1, Size, 2*Size + 7} {
		log := bytes.Repeat([]byte("a line\n"), n/7+1)[:n]
		got, err := join(t, io.MultiReader(bytes.NewReader(log), iotest.ErrReader(broken)))
		if err != broken || !bytes.Equal(got, log) {
			t.Errorf("%d bytes: %d, %v", n, len(got), err)
		}
	}
	if _, err := join(t, stuck{}); err != io.ErrNoProgress {
		t.Error("a reader that gives nothing:", err)
	}
}

// stuck is a reader that neither gives nor fails.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestPanic lets the caller have the panic of a reader, wherever it comes.
func TestPanic(t *testing.T) {
	for _, size := range []int{0, 10, Size + 1, 3 * Size} {
		func() {
			defer func() {
				if p := recover(); p != "boo" {
					t.Errorf("after %d bytes: %v", size, p)
				}
			}()
			r := NewReader(io.MultiReader(bytes.NewReader(bytes.Repeat([]byte("line\n"), size/5)), panicking{}))
			defer r.Close()
			for {
				b, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				b.Release()
			}
		}()
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("boo") }

// TestCloseEarly ends a reader whose log goes on for ever.
func TestCloseEarly(t *testing.T) {
	for blocks := range 4 {
		r := NewReader(endless{})
		for range blocks {
			b, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			b.Release()
		}
		r.Close()
		if b, err := r.Next(); b != nil || err != nil {
			t.Error("a closed reader goes on")
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return copy(p, "and so on\n"), nil }

func TestStrip(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n": "plain\n",
		"\x1b[31merror\x1b[0m: \x1b[1;38;5;196mx\x1b[m\n": "error: x\n",
		"\x1b(Bplain\x1b)0\n":                             "plain\n",
		"\x1b]0;title\aerror\n":                           "error\n",
		"\x1b]8;;http://x\x1b\\error\x1b]8;;\x1b\\\n":     "error\n",
		"\x1b_bk;t=1560896352\aerror\n":                   "error\n",
		"\x1b]0;title\nerror\n":                           "\nerror\n",
		"a\x1b[3\nb\n":                                    "a\nb\n",
		"a\x1b[3\rb\n":                                    "a\rb\n",
		"\x1b[3\x1b[31merror\n":                           "error\n",
		"err\x1b[m\x0for\x0f\n":                           "error\x0f\n",
		"\x1b":                                            "",
		"\x1b\x1b\x1b[":                                   "",
		"\x1b[0m":                                         "",
		"a\x00b\b\x7f\t":                                  "a\x00b\b\x7f\t",
		"\x1b[1m bold \x1b[0m\x0f then \x1b[Kplain text":  " bold  then plain text",
		"\x1b[1\n23456789 \x1b[\xe9 123456789012345678901234567890 \x1b[mxyz": "\n23456789  123456789012345678901234567890 xyz",
	} {
		whole := []byte(in)
		n, _ := strip(whole, noEscape)
		if string(whole[:n]) != want {
			t.Errorf("%q: %q, not %q", in, whole[:n], want)
		}
		for cut := range len(in) { // a state that is carried over
			one, two := []byte(in[:cut]), []byte(in[cut:])
			n, state := strip(one, noEscape)
			m, _ := strip(two, state)
			if got := string(one[:n]) + string(two[:m]); got != want {
				t.Errorf("%q, cut at %d: %q, not %q", in, cut, got, want)
			}
		}
	}
}

// FuzzStrip holds strip to a byte at a time.
func FuzzStrip(f *testing.F) {
	f.Add([]byte("\x1b[31merror\x1b[0m\x0f \x1b]0;x\x1b\\y\x1b"), uint8(3))
	f.Add([]byte("\x1b]a\x1b\x1b[1m\n\x1b(\r"), uint8(1))
	f.Add([]byte("\x1b[1;31mred\x1b[0m\x1b[0K and the text that follows it, long enough\x1b[m\x0f, or so"), uint8(200))
	f.Add([]byte("\x1b[31;1;4;38;5;6;7;8;9m many digits \x1b[1\nx \x1b[\xff \x1b[3\x1b[0m1234567\x1b[K"), uint8(255))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		var want []byte
		state := noEscape
		for _, c := range text {
			one := []byte{c}
			n := 0
			n, state = strip(one, state)
			want = append(want, one[:n]...)
		}
		var got []byte
		state = noEscape
		for rest := bytes.Clone(text); len(rest) > 0; {
			part := rest[:min(len(rest), int(size)+1)]
			rest = rest[len(part):]
			n := 0
			n, state = strip(part, state)
			got = append(got, part[:n]...)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%q in parts of %d: %q, not %q", text, int(size)+1, got, want)
		}
		if bytes.IndexByte(got, esc) >= 0 || bytes.Count(got, []byte("\n")) != bytes.Count(text, []byte("\n")) {
			t.Errorf("%q: %q", text, got)
		}
	})
}

func BenchmarkStrip(b *testing.B) {
	for name, line := range map[string]string{"plain": "a line of a log, as they are, without a colour in it\n", "colour": "\x1b[32mINFO\x1b[0m a line of a log as they are, with a colour in it\n",
		"colours": "\x1b[1m\x1b[32m+\x1b[0m\x1b[39m \x1b[2ma\x1b[0m line \x1b[33mwith\x1b[39;49m much\x1b[m\x1b[K of it\n"} {
		b.Run(name, func(b *testing.B) {
			log := []byte(strings.Repeat(line, Size/len(line)))
			text := make([]byte, len(log))
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				strip(text[:copy(text, log)], noEscape)
			}
		})
	}
}

func BenchmarkReader(b *testing.B) {
	log := bytes.Repeat([]byte("a line of a log, as they are, without a colour in it\n"), 1<<20)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		r := NewReader(bytes.NewReader(log))
		for {
			block, err := r.Next()
			if err != nil {
				b.Fatal(err)
			}
			if block.Err != nil {
				break
			}
			block.Release()
		}
		r.Close()
	}
}
