package eval

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// Range is a run of lines, from 1, both ends inclusive. In JSON it is
// [first, last].
type Range struct{ First, Last int }

// String returns "12" or "12-15".
func (r Range) String() string {
	if r.First == r.Last {
		return fmt.Sprint(r.First)
	}
	return fmt.Sprintf("%d-%d", r.First, r.Last)
}

// MarshalJSON writes [first, last].
func (r Range) MarshalJSON() ([]byte, error) { return json.Marshal([]int{r.First, r.Last}) }

// UnmarshalJSON reads what MarshalJSON writes.
func (r *Range) UnmarshalJSON(text []byte) error {
	var ends []int
	if err := json.Unmarshal(text, &ends); err != nil {
		return err
	}
	if len(ends) != 2 || ends[0] < 1 || ends[1] < ends[0] {
		return errors.New("lines are [first, last], from 1, the last not before the first")
	}
	r.First, r.Last = ends[0], ends[1]
	return nil
}

// merged returns the same lines as ranges that are sorted and do not touch.
func merged(ranges []Range) []Range {
	sorted := slices.SortedFunc(slices.Values(ranges), func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	var out []Range
	for _, r := range sorted {
		if n := len(out) - 1; n >= 0 && r.First-1 <= out[n].Last {
			out[n].Last = max(out[n].Last, r.Last)
			continue
		}
		out = append(out, r)
	}
	return out
}

// count returns how many lines merged ranges hold.
func count(ranges []Range) int {
	n := 0
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

// common returns how many lines two lists of merged ranges share.
func common(a, b []Range) int {
	n := 0
	for len(a) > 0 && len(b) > 0 {
		n += max(0, min(a[0].Last, b[0].Last)-max(a[0].First, b[0].First)+1)
		if a[0].Last < b[0].Last {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return n
}

// shown returns the lines that evidence shows, of whatever file.
func shown(evidence []classify.Evidence) []Range {
	var ranges []Range
	for _, e := range evidence {
		if r := (Range{e.Line, cmp.Or(e.EndLine, e.Line)}); r.First >= 1 && r.Last >= r.First {
			ranges = append(ranges, r)
		}
	}
	return merged(ranges)
}
