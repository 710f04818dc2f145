package gerrit

import "github.com/watchcat-ci/watchcat/sources/internal/printable"

// How long the parts of a comment may be, in bytes, before they are cut.
const (
	maxName   = 255
	maxResult = 40
	maxDetail = 1000
	maxURL    = 2000

	maxComment = 256 << 10 // Gerrit itself takes 16 KiB, unless told otherwise
)

// clean makes one line of what a stranger wrote, of at most size bytes.
func clean(s string, size int) string { return printable.Line(s, size) }
