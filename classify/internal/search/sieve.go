package search

import (
	"math"
	"math/bits"
	"slices"
	"sync"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

const (
	sieveLeast = 3   // bytes in a gram of a sieve at least
	sieveMarks = 128 // blocks with something in them that are told at once
	block      = 64  // bytes
)

// A sieveKind is how large a sieve is.
type sieveKind struct {
	gram    int     // places of a gram that it looks at, at most
	buckets int     // for the grams
	cost    float64 // in steps of a cursor for a byte, if no gram is met. Measured
}

// The kinds of sieves.
var (
	noSieve     = sieveKind{}
	narrowSieve = sieveKind{gram: 4, buckets: 8, cost: 0.07}
	wideSieve   = sieveKind{gram: mostPlaces, buckets: mostBuckets, cost: 0.16}
)

const (
	mostPlaces  = 6
	mostBuckets = 16
)

// A sieve tells where some grams may begin, for 64 places of a text at once,
// with the instructions of AVX2 (sieve_amd64.s). It is that of Hyperscan's Teddy
// (Wang and others, "Hyperscan: A Fast Multi-pattern Regex Matcher for Modern
// CPUs", NSDI 2019): the grams are in buckets, and two tables of 16 bytes for each
// place of a gram tell by the lower and by the upper half of the byte there which
// of eight buckets are excluded, a bit each. A gram may begin where the tables of
// all places leave a bucket.
type sieve struct {
	tables [mostPlaces][mostBuckets / 8][2][16]uint8 // by place, buckets, lower or upper half of a byte
	kind   sieveKind
}

// A sieveMark is a block in which grams may begin: at the places of the bits.
type sieveMark struct {
	block uint64
	bits  uint64
}

// newSieve returns a sieve for grams of the texts, and where in each its gram
// begins: at least so many bytes before its end.
func newSieve(literals []Literal, least int, kind sieveKind) (s *sieve, from []int) {
	s = &sieve{kind: kind}
	for place := range s.tables {
		for i := range s.tables[place] {
			for half := range 16 {
				s.tables[place][i][0][half], s.tables[place][i][1][half] = 0xff, 0xff
			}
		}
	}
	all, from := fillBuckets(literals, least, kind)
	for i, b := range all {
		for place := range kind.gram {
			b.halves[place].leave(&s.tables[place][i/8], 1<<(i%8))
		}
	}
	return s, from
}

// A bucket is what a sieve lets through for some grams. The zero value lets
// nothing through.
type bucket struct {
	halves [mostPlaces]halves
	share  [mostPlaces]float64         // of the bytes of a log that are let through
	whole  float64                     // of the places of a log, about, where all are
	with   [mostPlaces][2][256]float64 // share, with a byte more, as it is or in every case; 0: not known yet
}

// halves are the lower and the upper halves of bytes, a bit each, that are let
// through.
type halves [2]uint16

// fillBuckets puts a gram of each text into a bucket: of those that the text has,
// and of the buckets, those that make a bucket less coarse than any other. It
// returns where in each text the gram begins.
func fillBuckets(literals []Literal, least int, kind sieveKind) (all []bucket, from []int) {
	all = make([]bucket, kind.buckets)
	from = make([]int, len(literals))
	for _, n := range longestFirst(literals, kind.gram) {
		text, fold := literals[n].Text, literals[n].Fold
		at, to, best := 0, 0, math.Inf(1)
		for f := 0; f+least <= len(text); f++ {
			gram := text[f:min(f+kind.gram, len(text))]
			often := literal.Frequency(gram)
			for i := range all {
				if more := often + all[i].wholeWith(gram, fold) - all[i].whole; more < best {
					at, to, best = f, i, more
				}
			}
		}
		all[to].add(text[at:min(at+kind.gram, len(text))], fold, kind.gram)
		from[n] = at
	}
	return all, from
}

// longestFirst returns the places of the literals, those with the shortest grams
// last: a bucket is as coarse as the shortest gram in it.
func longestFirst(literals []Literal, gram int) []int {
	places := make([]int, len(literals))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int {
		return min(len(literals[b].Text), gram) - min(len(literals[a].Text), gram)
	})
	return places
}

// wholeWith returns what whole would be with a gram more.
func (b *bucket) wholeWith(gram string, fold bool) float64 {
	whole, cases := 1.0, 0
	if fold {
		cases = 1
	}
	for place := range len(gram) {
		with := &b.with[place][cases][gram[place]]
		if *with == 0 {
			*with = b.halves[place].and(gram[place], fold).share()
		}
		whole *= *with
	}
	return whole
}

// add lets a gram through, in every case if it folds, and whatever stands behind it
// up to so many places.
func (b *bucket) add(gram string, fold bool, places int) {
	b.whole = 1
	for place := range places {
		more := halves{0xffff, 0xffff}
		if place < len(gram) {
			more = b.halves[place].and(gram[place], fold)
		}
		if more != b.halves[place] {
			b.halves[place], b.share[place] = more, more.share()
			b.with[place] = [2][256]float64{}
		}
		b.whole *= b.share[place]
	}
}

// and returns h with a byte more, in every case if it folds.
func (h halves) and(c byte, fold bool) halves {
	other := c
	if fold {
		other = otherCase(c)
	}
	return halves{h[0] | 1<<(c&0xf) | 1<<(other&0xf), h[1] | 1<<(c>>4) | 1<<(other>>4)}
}

// leave leaves a bucket for the bytes that are let through.
func (h halves) leave(table *[2][16]uint8, bucket uint8) {
	for i := range h {
		for half := range 16 {
			if h[i]>>half&1 != 0 {
				table[i][half] &^= bucket
			}
		}
	}
}

// share returns the share of the bytes of a log that are let through.
func (h halves) share() float64 {
	often, sum := byteShares(), 0.0
	for upper := h[1]; upper != 0; upper &= upper - 1 {
		of := &often[bits.TrailingZeros16(upper)]
		for lower := h[0]; lower != 0; lower &= lower - 1 {
			sum += of[bits.TrailingZeros16(lower)]
		}
	}
	return sum
}

// capitals is the share of the letters of a log that are capitals. Measured.
const capitals = 0.13

// byteShares returns the share of each byte in a log, by its upper and lower half.
var byteShares = sync.OnceValue(func() *[16][16]float64 {
	often := new([16][16]float64)
	for i := range 256 {
		c := byte(i)
		share := literal.Frequency(string([]byte{c})) // of both cases
		switch {
		case 'A' <= c && c <= 'Z':
			share *= capitals
		case isLetter(c):
			share *= 1 - capitals
		}
		often[c>>4][c&0xf] = share
	}
	return often
})

// otherCase returns the other case of an ASCII letter, any other byte as it is.
func otherCase(c byte) byte {
	if isLetter(c) {
		return c ^ 0x20
	}
	return c
}

// blocks looks for grams that begin in so many blocks of 64 bytes of text, behind
// which seven more can be read. It makes a mark for each block that has some, and
// returns early, when the marks are full.
func (s *sieve) blocks(text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int) {
	if s.kind == wideSieve {
		return sieveWide(s, text, blocks, marks)
	}
	return sieveNarrow(s, text, blocks, marks)
}

// sift is scan with the sieve, for whole blocks of text. It returns where the
// rest begins.
func (p *pass) sift(s *scanner, from, to int) int {
	for blocks := (to - from) / block; blocks > 0; {
		done, marked := s.sieve.blocks(&p.text[from], blocks, &p.sieved)
		for _, m := range p.sieved[:marked] {
			for b := m.bits; b != 0; b &= b - 1 {
				at := from + int(m.block)*block + bits.TrailingZeros64(b)
				if s.knows(s.key(p.text, at+s.gram)) {
					p.found[0] = s.compare(p.text, at, p.found[0])
				}
			}
		}
		from += done * block
		blocks -= done
	}
	return from
}
