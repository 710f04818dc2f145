package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestSieve has a sieve of each kind look for grams in a text, and compares what
// it tells with the tables' meaning, place by place: a gram that is there is told
// of, and so that the kinds differ in cost only, little else.
func TestSieve(t *testing.T) {
	if !canSieve {
		t.Skip("this processor has no AVX2, or the build leaves it out")
	}
	r := rand.New(rand.NewPCG(1, 2))
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789 :-_[]\n\xe2\x80"[r.IntN(50)]
		}
		return string(b)
	}
	for _, kind := range []sieveKind{narrowSieve, wideSieve} {
		for _, n := range []int{1, 2, 16, 60} {
			t.Run(fmt.Sprint(kind.buckets, " buckets, ", n, " grams"), func(t *testing.T) {
				least := sieveLeast + r.IntN(kind.gram-sieveLeast+1)
				var literals []Literal
				for range n {
					l := Literal{Text: word(least + r.IntN(9)), Fold: r.IntN(2) == 0}
					if l.Fold {
						l.Text = strings.ToLower(l.Text)
					}
					literals = append(literals, l)
				}
				s, from := newSieve(literals, least, kind)
				text := []byte(word(64*400 + 7))
				for range 300 {
					l := literals[r.IntN(n)].Text
					at := r.IntN(len(text) - len(l))
					for i := range l {
						text[at+i] = l[i]
						if r.IntN(2) == 0 {
							text[at+i] = otherCase(l[i])
						}
					}
				}
				told := marked(s, text)
				for at := range told {
					if want := s.leaves(text[at:]); told[at] != want {
						t.Fatalf("at %d: %q: told of %v, the tables say %v", at, text[at:at+7], told[at], want)
					}
				}
				for i, l := range literals {
					gram := l.Text[from[i]:min(from[i]+kind.gram, len(l.Text))]
					for at := range len(told) {
						if here := text[at : at+len(gram)]; (string(here) == gram || l.Fold && alike(here, gram)) && !told[at] {
							t.Fatalf("%q at %d is not told of", gram, at)
						}
					}
				}
				if n <= 16 && !slices.Contains(told, false) {
					t.Error("every place is told of")
				}
			})
		}
	}
}

// marked returns of each place in the blocks of a text whether the sieve tells of it.
func marked(s *sieve, text []byte) []bool {
	all := len(text) / block
	told := make([]bool, all*block)
	var marks [sieveMarks]sieveMark
	for from := 0; from < all; {
		done, n := s.blocks(&text[from*block], all-from, &marks)
		for _, m := range marks[:n] {
			for i := range block {
				told[(from+int(m.block))*block+i] = m.bits>>i&1 != 0
			}
		}
		from += done
	}
	return told
}

// leaves is blocks for the first place of a text, byte by byte.
func (s *sieve) leaves(text []byte) bool {
	excluded := make([]uint8, s.kind.buckets/8)
	for place := range s.kind.gram {
		for i := range excluded {
			c := text[place]
			excluded[i] |= s.tables[place][i][1][c>>4]
			if c < 0x80 {
				excluded[i] |= s.tables[place][i][0][c&0xf]
			}
		}
	}
	return slices.ContainsFunc(excluded, func(bits uint8) bool { return bits != 0xff })
}

// alike reports whether a text is a gram, whatever the case of letters.
func alike(text []byte, gram string) bool {
	for i, c := range text {
		if c != gram[i] && otherCase(c) != gram[i] {
			return false
		}
	}
	return true
}
