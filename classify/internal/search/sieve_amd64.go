//go:build !purego

package search

// canSieve says whether this processor has the instructions for a sieve.
var canSieve = hasAVX2()

// sieveNarrow looks for grams that begin in so many blocks of 64 bytes of text,
// behind which seven more can be read. It makes a mark for each block that has
// some, and returns early, when the marks are full.
//
//go:noescape
func sieveNarrow(s *sieve, text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int)

// sieveWide is sieveNarrow for a wide sieve.
//
//go:noescape
func sieveWide(s *sieve, text *byte, blocks int, marks *[sieveMarks]sieveMark) (done, marked int)

// hasAVX2 reports whether the processor and the system have AVX2.
func hasAVX2() bool
