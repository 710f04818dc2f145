package classify_test

import (
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// shrinkMatcher makes rules, a log and the reads of it simpler for as long as
// they fail.
func shrinkMatcher(rules []classify.Rule, log string, chunks chunkReader, fails func([]classify.Rule, string, chunkReader) bool) ([]classify.Rule, string, chunkReader) {
	if whole := (chunkReader{sizes: []int{1 << 20}}); fails(rules, log, whole) {
		chunks = whole
	}
	rules, w := shrink(rules, world{Files: map[string]text{"x": {Text: log}}}, func(rules []classify.Rule, w world) bool {
		return fails(rules, w.Files["x"].Text, chunks)
	})
	rules = slices.Clone(rules)
	for i := range rules {
		for _, field := range []*string{&rules[i].Pattern, &rules[i].Literal, &rules[i].Next, &rules[i].Message} {
			old := *field
			*field = shrinkText(old, func(less string) bool {
				*field = less
				return fails(rules, w.Files["x"].Text, chunks)
			})
		}
	}
	log = shrinkText(w.Files["x"].Text, func(less string) bool { return fails(rules, less, chunks) })
	return rules, log, chunks
}

// shrinkText takes runs of bytes away from a text, the longest first.
func shrinkText(s string, fails func(string) bool) string {
	for size := len(s) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(s); {
			if less := s[:from] + s[from+size:]; fails(less) {
				s = less
			} else {
				from += size
			}
		}
	}
	return s
}
