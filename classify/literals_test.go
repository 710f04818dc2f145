package classify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLiterals(t *testing.T) {
	tests := []struct {
		name string
		rule Rule
		want []string
	}{
		{"literal", Rule{Literal: "Disk FULL"}, []string{"disk full"}},
		{"short literal", Rule{Literal: "E:"}, nil},
		{"pattern", Rule{Pattern: `(?P<n>\d+) Errors in \S+`}, []string{" errors in "}},
		{"alternation", Rule{Pattern: `fatal:|Panic\b`}, []string{"fatal:", "panic"}},
		{"optional", Rule{Pattern: `(?:warning)?\s+\d+`}, nil},
		{"does not compile", Rule{Pattern: `(?!x)yyyy`}, nil},
		{"nothing", Rule{}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Literals(test.rule)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
