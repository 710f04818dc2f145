package classify_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/watchcat-ci/watchcat/classify"
)

// reference finds, in the plainest way, what a rule matches in a log of short
// lines without escapes and time stamps: "line message" and the count.
func reference(pattern, exclude, log string) []string {
	re := regexp.MustCompile(pattern)
	type hit struct {
		line  int
		text  string
		count int
	}
	var hits []*hit
	for i, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		if log == "" {
			break
		}
		segments := slices.DeleteFunc(strings.Split(line, "\r"), func(s string) bool { return s == "" })
		if len(segments) == 0 {
			segments = []string{""}
		}
		for _, s := range segments {
			m := re.FindString(s)
			if re.MatchString(s) && !strings.Contains(s, exclude) {
				text := strings.Join(strings.Fields(m), " ")
				at := slices.IndexFunc(hits, func(h *hit) bool { return h.text == text })
				if at >= 0 {
					hits[at].count = min(hits[at].count+1, 101)
				} else if len(hits) < 20 {
					hits = append(hits, &hit{i + 1, text, 1})
				}
			}
		}
	}
	var all []string
	for _, h := range hits {
		all = append(all, fmt.Sprint(h.line, " ", h.text, " ", h.count))
	}
	return all
}

// FuzzLog holds the engine to the reference.
func FuzzLog(f *testing.F) {
	f.Add("a b\nab\r\nb a\n", uint8(0))
	f.Add("\n\nx\n\r\r\nab", uint8(1))
	f.Add(strings.Repeat("ab\n", 150), uint8(2))
	f.Add("a  b", uint8(5)) // blanks in a row, in a message
	f.Add("a1\na2\na3\na4\na5\na6\na7\na8\na9\na10\na11\na12\na13\na14\na15\na16\na17\na18\na19\na20\na21\na22\na1", uint8(3))
	patterns := []string{`a`, `^b$`, `a\b`, `a\d*`, `(?i)B+|x`, `a.*b`, `^$`, `\S+$`}
	f.Fuzz(func(t *testing.T, log string, n uint8) {
		var plain strings.Builder // no escapes, no stamps, only ASCII
		for i := range len(log) {
			if strings.IndexByte("abxyAB1 \n\r.", log[i]) >= 0 {
				plain.WriteByte(log[i])
			}
		}
		log = plain.String()
		log = log[:min(len(log), 250)] // messages longer than this are cut
		pattern := patterns[int(n)%len(patterns)]
		c, err := classify.Compile([]classify.Rule{{ID: "r", Files: []string{"x"}, Pattern: pattern, Message: "{0}", Exclude: []string{"yy"}}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range c.Log(t.Context(), "x", strings.NewReader(log)).Matches {
			got = append(got, fmt.Sprint(m.Line, " ", m.Message, " ", int(m.Count)))
		}
		if diff := cmp.Diff(reference(pattern, "yy", log), got); diff != "" {
			t.Errorf("%q in %q: %s", pattern, log, diff)
		}
	})
}
