package search

import (
	"math"
	"math/bits"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

const (
	sieveGram  = 4   // places of a gram that a sieve looks at
	sieveLeast = 3   // bytes in a gram of a sieve at least
	sieveMarks = 128 // blocks with something in them that are told at once
	block      = 64  // bytes
)

// A sieve tells where some grams may begin, for 64 places of a text at once,
// with the instructions of AVX2 (sieve_amd64.s). It is that of Hyperscan's Teddy
// (Wang and others, "Hyperscan: A Fast Multi-pattern Regex Matcher for Modern
// CPUs", NSDI 2019): the grams are in eight buckets, and two tables of 16 bytes
// for each place of a gram tell by the lower and by the upper half of the byte
// there which buckets are excluded, a bit each. A gram may begin where the eight
// tables leave a bucket. Case is ignored.
type sieve [sieveGram][2][16]uint8

// A sieveMark is a block in which grams may begin: at the places of the bits.
type sieveMark struct {
	block uint64
	bits  uint64
}

// newSieve returns a sieve for the grams. Each is put into the bucket that it
// makes least coarse.
func newSieve(grams []string) *sieve {
	var often [256]float64
	for c := range often {
		often[c] = literal.Frequency(string([]byte{byte(c)}))
	}
	s := new(sieve)
	for place := range s {
		for i := range s[place][0] {
			s[place][0][i], s[place][1][i] = 0xff, 0xff
		}
	}
	var left [8]float64 // of each bucket
	for _, g := range grams {
		var best sieve
		to, least := 0, math.Inf(1)
		for i := range left {
			with := *s
			with.add(g, 1<<i)
			if more := with.leaves(1<<i, &often) - left[i]; more < least {
				best, to, least = with, i, more
			}
		}
		*s = best
		left[to] += least
	}
	return s
}

// add puts a gram into a bucket, in every case.
func (s *sieve) add(gram string, bucket uint8) {
	for place := range len(gram) {
		for _, c := range [...]byte{gram[place], otherCase(gram[place])} {
			s[place][0][c&0xf] &^= bucket
			s[place][1][c>>4] &^= bucket
		}
	}
	for place := len(gram); place < sieveGram; place++ {
		for i := range 16 {
			s[place][0][i] &^= bucket
			s[place][1][i] &^= bucket
		}
	}
}

// otherCase returns the other case of an ASCII letter, any other byte as it is.
func otherCase(c byte) byte {
	if isLetter(c) {
		return c ^ 0x20
	}
	return c
}

// leaves estimates at what share of the places of a text a bucket is left.
func (s *sieve) leaves(bucket uint8, often *[256]float64) float64 {
	share := 1.0
	for place := range s {
		sum := 0.0
		for c, f := range often {
			if (s[place][0][c&0xf]|s[place][1][c>>4])&bucket == 0 {
				sum += f
			}
		}
		share *= sum
	}
	return share
}

// sift is scan with the sieve, for whole blocks of text. It returns where the
// rest begins.
func (p *pass) sift(s *scanner, from, to int) int {
	for blocks := (to - from) / block; blocks > 0; {
		done, marked := sieveBlocks(s.sieve, &p.text[from], blocks, &p.sieved)
		for _, m := range p.sieved[:marked] {
			for b := m.bits; b != 0; b &= b - 1 {
				at := from + int(m.block)*block + bits.TrailingZeros64(b)
				p.found[0] = s.compare(p.text, at, p.found[0])
			}
		}
		from += done * block
		blocks -= done
	}
	return from
}
