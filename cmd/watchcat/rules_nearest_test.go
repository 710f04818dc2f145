package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestNearest: a line comes near a pattern with its longest text, or with most
// of its words; the nearest first, each text once, few in all.
func TestNearest(t *testing.T) {
	lines := []string{
		"nothing of it",
		"could not find the file",
		"no matching version for foo",
		"No matching distribution at all",
		"No matching distribution at all",
		"a matching distribution found for bar",
		"NO MATCHING DISTRIBUTION FOUND FOR x",
		"no matching distribution found",
	}
	for _, test := range []struct {
		rule classify.Rule
		want []string
	}{
		{classify.Rule{Pattern: `^No matching distribution found for (?P<what>\S+)$`},
			[]string{"NO MATCHING DISTRIBUTION FOUND FOR x", "a matching distribution found for bar", "no matching distribution found"}},
		{classify.Rule{Literal: "could not find x"}, []string{"could not find the file"}},
		{classify.Rule{Pattern: `\d+`}, nil},
		{classify.Rule{Pattern: `(`}, nil},
	} {
		w := newWanted(test.rule)
		var best []nearLine
		for i, text := range lines {
			best = w.keep(best, nearLine{Line: i + 1, Text: text})
		}
		var got []string
		for _, b := range best {
			got = append(got, b.Text)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.rule, diff)
		}
	}
}
