package classify

import (
	"regexp/syntax"
	"testing"
)

func TestBeginning(t *testing.T) {
	tests := []struct {
		pattern string
		begins  string // bytes with which a match may begin; "" if any line may match
		not     string
	}{
		{`^Failures: ?$`, "F", "f E"},
		{`(?i)^ok`, "oO", "k"},
		{`(?i)^kelvin`, "kK\xe2", "e"},
		{`^\s*(?:FAIL|×)`, " \tF\xc3", "x"},
		{`^(?:a|[0-9]+)?b`, "a5b", "c"},
		{`^a{0,2}b`, "ab", "c"},
		{`^(?:a|^b)c`, "ab", "c"},
		{`^a|^b`, "ab", "c"},
		{`(^a)+b`, "a", "b"},
		{`^[^a-z]`, "A\xff", "a"},
		{"^\uFFFD", "\xff\xef", "a"},
		{`^\bx`, "x", "y"},
		{`^a|b`, "", ""},
		{`^a*`, "", ""},
		{`a`, "", ""},
		{`(?m)^a`, "", ""},
	}
	for _, test := range tests {
		tree, err := syntax.Parse(test.pattern, syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		b := beginningOf(tree)
		if (b == nil) != (test.begins == "") {
			t.Errorf("%s: any line may match: %t", test.pattern, b == nil)
		}
		for i := range len(test.begins) {
			if !b.of([]byte(test.begins[i:])) {
				t.Errorf("%s: no match begins with %q", test.pattern, test.begins[i])
			}
		}
		for i := range len(test.not) {
			if b.of([]byte(test.not[i:])) {
				t.Errorf("%s: a match may begin with %q", test.pattern, test.not[i])
			}
		}
	}
}
