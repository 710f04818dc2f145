package classify

import (
	"strings"
	"testing"
)

// TestSigns holds the signs to what they promise of the lines that hold them.
func TestSigns(t *testing.T) {
	for _, c := range wordClasses {
		for w := range strings.FieldsSeq(c.words) {
			for _, text := range []string{w, strings.ToUpper(w), strings.ToUpper(w[:1]) + w[1:]} {
				if got := tallyOf("a" + text + "s").worth; float64(got) < min(c.worth, telling) {
					t.Errorf("%s: %d, though it is worth %v", text, got, c.worth)
				}
				if got := words().of([]byte(text)); got != c.worth {
					t.Errorf("%s is worth %v, not %v", text, got, c.worth)
				}
			}
		}
	}
	for _, exit := range append(beforeStatus, "make: *** [all] Error 2", "npm ERR! code ELIFECYCLE") {
		if text := exit + " 1"; !failedExit([]byte(text)) || !tallyOf(text).exit {
			t.Errorf("%q is no failed exit, or has no sign of it", text)
		}
	}
	for _, w := range []string{"knob", "o", "fa", "Err", strings.Repeat("error", 20), "noting"} {
		if got := words().of([]byte(w)); got != 0 {
			t.Errorf("%s is worth %v", w, got)
		}
	}
}

// tallyOf returns what the signs in a text come to.
func tallyOf(text string) (found tally) {
	for _, h := range signs().Find([]byte(text), nil) {
		found.add(h.ID)
	}
	return found
}
