package classify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// BenchmarkLog reads a log of ordinary lines with sets of rules of several
// sizes, of which none matches; each has a literal.
func BenchmarkLog(b *testing.B) {
	log := noise(200_000)
	for _, n := range []int{0, 10, 100, 1000} {
		b.Run(fmt.Sprint(n, "-rules"), func(b *testing.B) {
			var rules []classify.Rule
			for i := range n {
				rules = append(rules, classify.Rule{ID: fmt.Sprint(i), Files: []string{"x"}, Message: "m",
					Pattern: fmt.Sprintf(`tool%d: (?:error|fatal) (\d+): (\S+) not found`, i)})
			}
			c, err := classify.Compile(rules)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				c.Log(b.Context(), "x", strings.NewReader(log))
			}
		})
	}
}
