//go:build race

package classify_test

// raced reports whether the race detector runs, under which more memory
// is made.
const raced = true
