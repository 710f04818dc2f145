//go:build !race

package classify_test

// raced reports whether the race detector runs.
const raced = false
