package classify

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// cleaned is a cleaned line with its number, as tests compare them.
type cleaned struct {
	Line int
	Text string
}

// eachPiece is readPieces to the end.
func eachPiece(r io.Reader, visit func(piece)) error {
	return readPieces(r, func(p piece) bool { visit(p); return true })
}

// lines returns the cleaned lines of a log, pieces of overlong ones apart.
func lines(t *testing.T, log string) []cleaned {
	t.Helper()
	var all []cleaned
	err := eachPiece(strings.NewReader(log), func(p piece) {
		all = append(all, cleaned{p.line, string(p.text)})
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPrefixes(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"none", "make: *** [all] Error 2", "make: *** [all] Error 2"},
		{"zuul", "2026-11-20 10:11:12.123456 | ubuntu-noble | ERROR: x", "ERROR: x"},
		{"zuul without node", "2026-11-20 10:11:12.123456 | TASK [build : Run tox]", "TASK [build : Run tox]"},
		{"zuul, empty text", "2026-11-20 10:11:12.123456 | node | ", ""},
		{"zuul, trailing blank lost", "2026-11-20 10:11:12.123456 | node |", ""},
		{"zuul, empty, no node", "2026-11-20 10:11:12.123456 |", ""},
		{"zuul keeps indentation", "2026-11-20 10:11:12.123456 | node |   File \"x.py\", line 3", "  File \"x.py\", line 3"},
		{"zuul, a table is no node", "2026-11-20 10:11:12.123456 | node | | a | b |", "| a | b |"},
		{"os-loganalyze", "2013-09-27 18:07:11.860 | Started by user", "Started by user"},
		{"github", "2026-11-20T10:11:12.1234567Z ##[error]Process completed with exit code 1.", "##[error]Process completed with exit code 1."},
		{"gitlab", "2026-11-20T10:11:12.123456Z 01E fatal: x", "fatal: x"},
		{"gitlab, continued", "2026-11-20T10:11:12.123456Z 00O+fatal: x", "fatal: x"},
		{"offset", "2026-11-20T10:11:12+01:00 fatal: x", "fatal: x"},
		{"jenkins", "[2026-11-20T10:11:12.123Z] + make check", "+ make check"},
		{"jenkins keeps indentation", "[2026-11-20T10:11:12.123Z]   File \"x.py\"", "  File \"x.py\""},
		{"jenkins clock", "10:11:12  + make check", "+ make check"},
		{"gulp", "[10:11:12] Starting 'lint'...", "Starting 'lint'..."},
		{"teamcity", "[10:11:12]W:\t [Step 1/2] error: x", "error: x"},
		{"teamcity, no step", "[10:11:12] :\t error: x", "error: x"},
		{"python logging", "2026-11-20 10:11:12,123 ERROR x", "ERROR x"},
		{"one stamp only", "2026-11-20 10:11:12.1 | n | 2026-11-20 10:11:12,123 ERROR x", "2026-11-20 10:11:12,123 ERROR x"},
		{"buildkit", "#12 3.456 error: x", "error: x"},
		{"buildkit behind a stamp", "2026-11-20T10:11:12.1234567Z #12 13.4   error: x", "  error: x"},
		{"a number is no step", "#12 3 errors", "#12 3 errors"},
		{"mock", "DEBUG util.py:446:  error: Bad exit status", "error: Bad exit status"},
		{"mock, standard error", "BUILDSTDERR: error: Bad exit status", "error: Bad exit status"},
		{"mock, standard error of a build", "DEBUG util.py:602:  BUILDSTDERR: boom", "boom"},
		{"mock, other letters", "BUILDSTDERRS: boom boom", "BUILDSTDERRS: boom boom"},
		{"Open Build Service", "[  659s]   boom", "  boom"},
		{"Open Build Service, at once", "[12345s] boom", "boom"},
		{"seconds of something else", "[ 659s boom] boom", "[ 659s boom] boom"},
		{"gh run view", "build\tRun make\t2026-11-20T10:11:12.1234567Z boom", "boom"},
		{"gh run view, first line", "setup\tUNKNOWN STEP\t\ufeff2026-11-20T10:11:12.1234567Z ##[group]boom", "##[group]boom"},
		{"gh run view, blank", "build\tRun make\t2026-11-20T10:11:12.1234567Z", ""},
		{"a table", "build\tRun make\t2026 boom", "build\tRun make\t2026 boom"},
		{"two columns", "build 12345\tboom", "build 12345\tboom"},
		{"a level is no mock", "ERROR something.py: x", "ERROR something.py: x"},
		{"travis fold", "travis_fold:start:install.1", ""},
		{"gitlab section", "section_start:1560896352:build_script", ""},
		{"a date alone is text", "2026-11-20 is the day", "2026-11-20 is the day"},
		{"a time alone is text", "10:11:12", "10:11:12"},
		{"a time inside a word is text", "10:11:12abc", "10:11:12abc"},
		{"bracketed text", "[ERROR] COMPILATION ERROR :", "[ERROR] COMPILATION ERROR :"},
		{"bracketed number", "[1234567] x", "[1234567] x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff([]cleaned{{1, tt.want}}, lines(t, tt.in+"\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCleanedLines(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []cleaned
	}{
		{"no LF at the end", "a\nb", []cleaned{{1, "a"}, {2, "b"}}},
		{"empty lines", "\n\na\n", []cleaned{{1, ""}, {2, ""}, {3, "a"}}},
		{"CRLF", "a\r\nb\r\n", []cleaned{{1, "a"}, {2, "b"}}},
		{"CR CR LF", "a\r\r\nb\n", []cleaned{{1, "a"}, {2, "b"}}},
		{"only CR LF", "\r\n", []cleaned{{1, ""}}},
		{"progress", "10%\r50%\r100%\ndone\n", []cleaned{{1, "10%"}, {1, "50%"}, {1, "100%"}, {2, "done"}}},
		{"colour", "\x1b[31merror\x1b[0m: \x1b[1;38;5;196mx\x1b[m\n", []cleaned{{1, "error: x"}}},
		{"charset", "\x1b(Bplain\x1b)0\n", []cleaned{{1, "plain"}}},
		{"title, BEL", "\x1b]0;title\aerror\n", []cleaned{{1, "error"}}},
		{"link, ST", "\x1b]8;;http://x\x1b\\error\x1b]8;;\x1b\\\n", []cleaned{{1, "error"}}},
		{"buildkite", "\x1b_bk;t=1560896352\aerror\n", []cleaned{{1, "error"}}},
		{"a string ends with its line", "\x1b]0;title\nerror\n", []cleaned{{1, ""}, {2, "error"}}},
		{"escape cut by LF", "a\x1b[3\nb\n", []cleaned{{1, "a"}, {2, "b"}}},
		{"escape in an escape", "\x1b[3\x1b[31merror\n", []cleaned{{1, "error"}}},
		{"travis", "travis_fold:start:x\r\x1b[0K\x1b[33;1mSetup\x1b[0m\n", []cleaned{{1, ""}, {1, "Setup"}}},
		{"stamp behind colour", "\x1b[36m2026-11-20T10:11:12Z\x1b[0m x\n", []cleaned{{1, "x"}}},
		{"byte order mark", "\xef\xbb\xbfa\n\xef\xbb\xbfb\n", []cleaned{{1, "a"}, {2, "\ufeffb"}}},
		{"invalid UTF-8 stays", "a\xffb\n", []cleaned{{1, "a\xffb"}}},
		{"what does not show is dropped at the ends", "\x00\aa\x00b\b\x7f\tc\x0f\n\x00\x00\n", []cleaned{{1, "a\x00b\b\x7f\tc"}, {2, ""}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lines(t, tt.in)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestPiecesOverlap looks at a line of half a megabyte: its pieces follow one
// another without a gap, overlap as promised and fit the limit.
func TestPiecesOverlap(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range []string{"ab c.d", "word", "äöü€ 😀"} {
		runes := []rune(alphabet)
		var b strings.Builder
		for b.Len() < 500_000 {
			b.WriteRune(runes[rng.IntN(len(runes))])
		}
		long := b.String()
		end, n := 0, 0
		err := eachPiece(iotest.HalfReader(strings.NewReader(long+"\nnext\n")), func(p piece) {
			if p.line == 2 {
				return
			}
			n++
			if len(p.text) > MaxLine {
				t.Errorf("%q: a piece of %d bytes", alphabet, len(p.text))
			}
			at := end - Overlap
			if p.first {
				at = 0
			}
			// The piece begins somewhere at or before the promised place.
			for ; at > 0 && !strings.HasPrefix(long[at:], string(p.text)); at-- {
			}
			if !strings.HasPrefix(long[at:], string(p.text)) {
				t.Fatalf("%q: piece %d is not of the line", alphabet, n)
			}
			end = at + len(p.text)
			if p.last != (end == len(long)) {
				t.Errorf("%q: piece %d ends at %d of %d, last %v", alphabet, n, end, len(long), p.last)
			}
		})
		if err != nil || end != len(long) || n < 7 {
			t.Errorf("%q: %d pieces up to %d of %d, %v", alphabet, n, end, len(long), err)
		}
	}
}

func TestNoText(t *testing.T) {
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(rand.IntN(256))
	}
	for name, log := range map[string]string{
		"empty": "", "gzip": "\x1f\x8b\x08", "xz": "\xfd7zXZ\x00rest", "zstd": "\x28\xb5\x2f\xfd text text",
		"zip": "PK\x03\x04", "bzip2": "BZh91AY", "UTF-16": "\xff\xfea\x00", "noise": string(noise),
	} {
		err := eachPiece(strings.NewReader(log), func(p piece) { t.Errorf("%s: %q is visited", name, p.text) })
		if !errors.Is(err, stream.ErrNoText) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, log := range map[string]string{
		"a hole": strings.Repeat("\x00", 5000) + "text\n", "Latin-1": "d\xe9j\xe0 vu\n", "colours": "\x1b[31mx\x1b[0m\b\a\f\n", "a line": "\n",
	} {
		if err := eachPiece(strings.NewReader(log), func(piece) {}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadErrorKeepsWhatCame(t *testing.T) {
	broken := errors.New("broken")
	var got []string
	err := eachPiece(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), func(p piece) {
		got = append(got, string(p.text))
	})
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" || err != broken {
		t.Errorf("%v %s", err, diff)
	}
}

// TestReturnsAreCheap reads lines with very many carriage returns: the time for
// each byte must not grow with the length of the line.
func TestReturnsAreCheap(t *testing.T) {
	took := func(n int) time.Duration {
		log := strings.Repeat(strings.Repeat("1\r", n/2)+"\n", 1<<18/n)
		best := time.Hour
		for range 5 {
			start := time.Now()
			if err := eachPiece(strings.NewReader(log), func(piece) {}); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	if short, long := took(1<<8), took(1<<17); long > 8*short {
		t.Errorf("lines of 256 bytes took %v, lines of 128 KiB %v", short, long)
	}
}

// FuzzPieces holds the cleaner to what it promises, however the log is cut into
// reads: the same lines, no escape, no line end, numbers that go up.
func FuzzPieces(f *testing.F) {
	f.Add([]byte("a\r\nb\x1b[31mc\n"), uint8(1))
	f.Add([]byte("2026-11-20 10:11:12.123456 | node | x\n\n\r\r"), uint8(3))
	f.Add([]byte("\x1b]0;x\x1b\\y\x1b"), uint8(2))
	f.Fuzz(func(t *testing.T, log []byte, size uint8) {
		var whole, parts []string
		collect := func(to *[]string) func(piece) {
			line, index := 1, 0
			return func(p piece) {
				if p.line < line || p.index < index || p.first != (p.index == index+1) && p.first {
					t.Fatalf("out of order: line %d after %d, cleaned line %d after %d", p.line, line, p.index, index)
				}
				line, index = p.line, p.index
				if bytes.ContainsAny(p.text, "\r\n\x1b") {
					t.Fatalf("not clean: %q", p.text)
				}
				*to = append(*to, fmt.Sprint(p.line, p.index, p.first, p.last, string(p.text)))
			}
		}
		err := eachPiece(bytes.NewReader(log), collect(&whole))
		if errors.Is(err, stream.ErrNoText) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		if err := eachPiece(&smallReads{log, int(size) + 1}, collect(&parts)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(whole, parts) {
			t.Errorf("in one read %q, in reads of %d %q", whole, int(size)+1, parts)
		}
		if n := bytes.Count(log, []byte("\n")); n > len(whole) {
			t.Errorf("%d lines, %d cleaned lines", n, len(whole))
		}
	})
}

// smallReads gives at most n bytes a read.
type smallReads struct {
	rest []byte
	n    int
}

func (r *smallReads) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.n)], r.rest)
	r.rest = r.rest[n:]
	return n, nil
}
