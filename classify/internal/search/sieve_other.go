//go:build !amd64 || purego

package search

// canSieve says whether this processor has the instructions for a sieve.
const canSieve = false

func sieveNarrow(*sieve, *byte, int, *[sieveMarks]sieveMark) (done, marked int) {
	panic("search: no sieve for this processor")
}

func sieveWide(*sieve, *byte, int, *[sieveMarks]sieveMark) (done, marked int) {
	panic("search: no sieve for this processor")
}
