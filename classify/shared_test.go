package classify_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestSharedLiterals gives many rules the same literal, and a log that is full of
// it: what is found of it must not be kept for each rule.
func TestSharedLiterals(t *testing.T) {
	var rules []classify.Rule
	for i := range 100 {
		rules = append(rules, classify.Rule{ID: fmt.Sprint(i), Files: []string{"x"}, Pattern: fmt.Sprintf(`ERROR: .*[a-z]{%d}\d$`, i+1), Message: "m"})
	}
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	c.NoExcerpt = true
	log := strings.Repeat(strings.Repeat("ERROR: ", 100)+"\n", 1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c.Log(t.Context(), "x", strings.NewReader(log))
	runtime.ReadMemStats(&after)
	if made := after.TotalAlloc - before.TotalAlloc; made > 32<<20 {
		t.Errorf("%d MB were made", made>>20)
	}
}

// TestLiteralOfBytes finds a literal that is not valid UTF-8, long or short.
func TestLiteralOfBytes(t *testing.T) {
	for _, text := range []string{"caf\xe9 au lait", "\xe9", "\xff\xfe", "é", "ab", "x"} {
		c, err := classify.Compile([]classify.Rule{{ID: "r", Files: []string{"x"}, Literal: text, Message: "m"}})
		if err != nil {
			t.Fatal(err)
		}
		for log, want := range map[string]int{"un " + text + ", non\n": 1, "rien\n": 0} {
			if got := len(c.Log(t.Context(), "x", strings.NewReader(log)).Matches); got != want {
				t.Errorf("%q in %q: %d matches", text, log, got)
			}
		}
	}
}
