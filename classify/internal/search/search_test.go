package search

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// An occurrence is a place of a literal: where it begins.
type occurrence struct {
	from    int
	literal int
}

// naive returns all occurrences of the literals, in order.
func naive(literals []Literal, text []byte) []occurrence {
	var all []occurrence
	for i, l := range literals {
		in := text
		if l.Fold {
			in = lower(text)
		}
		for from := 0; ; from++ {
			at := bytes.Index(in[from:], []byte(l.Text))
			if at < 0 {
				break
			}
			from += at
			all = append(all, occurrence{from, i})
		}
	}
	return inOrder(all)
}

func inOrder(all []occurrence) []occurrence {
	slices.SortFunc(all, func(a, b occurrence) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.literal, b.literal))
	})
	return all
}

// lower returns the text with its ASCII letters in lower case.
func lower(text []byte) []byte {
	small := slices.Clone(text)
	for i, c := range small {
		if 'A' <= c && c <= 'Z' {
			small[i] = c + 'a' - 'A'
		}
	}
	return small
}

// check compares what is found with what is there. Each
// occurrence of a literal begins as far before its hit as the first one does.
func check(t *testing.T, literals []Literal, text []byte) {
	t.Helper()
	for i := range literals {
		literals[i].ID = int32(i)
	}
	compare(t, newSet(literals, false), literals, text)
	if canSieve {
		compare(t, New(literals), literals, text)
	}
}

// compare is check of one Set.
func compare(t *testing.T, s *Set, literals []Literal, text []byte) {
	t.Helper()
	kept := Hit{-1, -1}
	hits := s.Find(text, []Hit{kept})
	if hits[0] != kept {
		t.Fatalf("hits that were there have become %v", hits[0])
	}
	hits = hits[1:]
	if !slices.IsSortedFunc(hits, func(a, b Hit) int { return cmp.Compare(a.At, b.At) }) {
		t.Fatalf("%.300v in %.200q: hits out of order: %v", literals, text, hits)
	}
	want := naive(literals, text)
	behind := make(map[int32]int32) // of each literal, how far a hit is from the begin
	for _, o := range want {
		id := int32(o.literal)
		if _, ok := behind[id]; !ok {
			for _, h := range hits {
				if h.ID == id {
					behind[id] = h.At - int32(o.from)
					break
				}
			}
		}
	}
	var got []occurrence
	for _, h := range hits {
		l := literals[h.ID]
		if d := behind[h.ID]; d < 0 || int(d) >= len(l.Text) {
			t.Fatalf("%.300v in %.200q: hit %v is outside the occurrence", literals, text, h)
		}
		got = append(got, occurrence{int(h.At - behind[h.ID]), int(h.ID)})
	}
	if diff := gocmp.Diff(want, inOrder(got), gocmp.AllowUnexported(occurrence{})); diff != "" {
		t.Fatalf("%.300v in %d bytes %.200q (-want +got): %.2000s", literals, len(text), text, diff)
	}
}

// random returns n bytes of the alphabet.
func random(rnd *rand.Rand, n int, alphabet string) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = alphabet[rnd.IntN(len(alphabet))]
	}
	return text
}

// literalsOf returns up to n literals of random lengths, at most longest: some
// from the text, some not in it.
func literalsOf(rnd *rand.Rand, text []byte, n, longest int, alphabet string) []Literal {
	var literals []Literal
	for range 1 + rnd.IntN(n) {
		l := Literal{Text: string(random(rnd, 1+rnd.IntN(longest), alphabet)), Fold: rnd.IntN(2) == 0}
		if m := 1 + rnd.IntN(longest); rnd.IntN(3) > 0 && m <= len(text) {
			from := rnd.IntN(len(text) - m + 1)
			l.Text = string(text[from : from+m])
		}
		if l.Fold {
			l.Text = string(lower([]byte(l.Text)))
		}
		literals = append(literals, l)
	}
	return literals
}

func TestFindRandom(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	lengths := []int{0, 1, 5, 20, 100, 1000, 3000, 20000}
	for range 200 {
		for _, alphabet := range []string{"ab", "aA ", "abcdABCD[{@`", "\x00\x20 \n", "etaoin srhldETAOIN.:/0123456789-_"} {
			text := random(rnd, rnd.IntN(1+lengths[rnd.IntN(len(lengths))]), alphabet)
			longest := 1 + rnd.IntN(40)
			if len(alphabet) < 8 && len(text) > 1000 {
				longest = 40
			}
			literals := literalsOf(rnd, text, 12, longest, alphabet)
			if len(alphabet) < 8 && len(text) > 1000 {
				literals = slices.DeleteFunc(literals, func(l Literal) bool { return len(l.Text) < 6 })
			}
			check(t, literals, text)
		}
	}
}

// TestFindEverywhere puts a literal at every place around the seams between the
// parts of cursors, the blocks of sieves, and views.
func TestFindEverywhere(t *testing.T) {
	for _, size := range []int{100, short + 50, 20_000, len(view{}) - 1, len(view{}), 2*viewSize + 12345} {
		seams := []int{0, short, viewSize, 2 * viewSize, size}
		for i := range cursors {
			seams = append(seams, size*i/cursors, viewSize*i/cursors)
		}
		text := bytes.Repeat([]byte("."), size)
		for _, length := range []int{1, 2, 3, 4, 7, 8, 9, 23, 40} {
			word := strings.Repeat("x", length-1) + "y"
			literals := []Literal{{Text: word, ID: 7}, {Text: "another-" + word, ID: 8}}
			for _, sieves := range []bool{false, canSieve} {
				s := newSet(literals, sieves)
				for _, seam := range seams {
					for at := max(0, seam-length-8); at < min(seam+10, size-length+1); at++ {
						copy(text[at:], word)
						hits := s.Find(text, nil)
						if len(hits) != 1 || hits[0].ID != 7 || int(hits[0].At) < at || int(hits[0].At) >= at+length {
							t.Fatalf("%q at %d of %d: %v", word, at, size, hits)
						}
						copy(text[at:], strings.Repeat(".", length))
					}
				}
			}
		}
	}
}

// TestFindInLogs looks for the literals of real rules in real logs.
func TestFindInLogs(t *testing.T) {
	literals := rules(t, "300s")
	check(t, literals, logs(t, 1<<20))
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name     string
		literals []Literal
		text     string
	}{
		{"none", nil, "text"},
		{"no text", []Literal{{Text: "a"}}, ""},
		{"same text", []Literal{{Text: "abc"}, {Text: "abc"}, {Text: "abc", Fold: true}}, "abc ABC"},
		{"within", []Literal{{Text: "abcd"}, {Text: "bc"}, {Text: "c"}}, "abcd abc"},
		{"overlapping", []Literal{{Text: "aaa"}}, "aaaaaa"},
		{"not letters", []Literal{{Text: "[x]@", Fold: true}}, "{x}` [X]@"},
		{"other bytes", []Literal{{Text: "é\x00\xff", Fold: true}}, "É\x00\xff é\x00\xff é\x20\xdf"},
		{"zeros at the ends", []Literal{{Text: "\x00a"}, {Text: "a\x00"}}, "a"},
	} {
		t.Run(c.name, func(t *testing.T) { check(t, c.literals, []byte(c.text)) })
	}
}

func TestZeroSet(t *testing.T) {
	if hits := new(Set).Find([]byte("text"), nil); hits != nil {
		t.Error(hits)
	}
}

func TestFindDoesNotAllocate(t *testing.T) {
	s := New([]Literal{{Text: "needle"}, {Text: "haystacks are long"}})
	text := []byte(strings.Repeat("a needle, and hay: ", 20000))
	hits := s.Find(text, nil)
	if n := testing.AllocsPerRun(20, func() { hits = s.Find(text, hits[:0]) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
	if len(hits) != 20000 {
		t.Errorf("%d hits", len(hits))
	}
}

// TestFindTogether has several goroutines share a Set.
func TestFindTogether(t *testing.T) {
	s := New([]Literal{{Text: "needle"}, {Text: "haystacks are long", ID: 1}})
	text := []byte(strings.Repeat("a needle, and hay: ", 2000))
	for g := range 4 {
		t.Run(fmt.Sprint(g), func(t *testing.T) {
			t.Parallel()
			for range 50 {
				if hits := s.Find(text, nil); len(hits) != 2000 {
					t.Fatal(len(hits))
				}
			}
		})
	}
}

func FuzzFind(f *testing.F) {
	f.Add("abc\x00bc\x01ABC", []byte("xABCbcabc"), uint16(1))
	f.Add("\x01error\x00fatal: ", []byte("ERROR error fatal: fatal"), uint16(300))
	f.Add("a\x00aa\x00aaaaaaaaaaaaaaaaaaaaaaaaaaaa", []byte("aaab"), uint16(400))
	f.Add("[\x01{", []byte("[{"), uint16(0))
	f.Fuzz(func(t *testing.T, joined string, text []byte, times uint16) {
		var literals []Literal
		for l := range strings.SplitSeq(joined, "\x00") {
			text, fold := strings.CutPrefix(l, "\x01")
			if fold {
				text = string(lower([]byte(text)))
			}
			if text != "" && len(literals) < 50 {
				literals = append(literals, Literal{Text: text, Fold: fold})
			}
		}
		if len(text)*int(times) < 10_000 {
			text = bytes.Repeat(text, int(times))
		}
		check(t, literals, text)
	})
}

// TestAboveASCII finds literals with bytes above ASCII in texts that are long
// enough for every way to look for them.
func TestAboveASCII(t *testing.T) {
	literals := []Literal{{Text: "•", ID: 1}, {Text: "é: ", ID: 2}, {Text: "x › y", ID: 3}, {Text: "ошибка", ID: 4}}
	text := []byte(strings.Repeat("an ordinary text, ", 9) + "• é: x › y ошибка " + strings.Repeat("and so on ", 200) + "ошибка x › y é: •")
	for _, sieves := range []bool{false, canSieve} {
		for _, l := range literals {
			if hits := newSet([]Literal{l}, sieves).Find(text, nil); len(hits) != 2 {
				t.Errorf("%q by itself, sieves %v: %v", l.Text, sieves, hits)
			}
		}
		if hits := newSet(literals, sieves).Find(text, nil); len(hits) != 2*len(literals) {
			t.Errorf("together, sieves %v: %v", sieves, hits)
		}
	}
}
