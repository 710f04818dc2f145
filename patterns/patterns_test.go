package patterns

import "testing"

func TestDefaultPacks(t *testing.T) {
	set, err := Load([]string{Default}, Options{})
	if err != nil {
		t.Errorf("the default packs have mistakes:\n%v", err)
	}
	for _, u := range set.Untested() {
		t.Errorf("%s: rule %q lacks a test: positive %v, negative %v", u.Origin, u.Rule, u.Positive, u.Negative)
	}
	results, err := set.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Passed() {
			t.Error(r)
		}
	}
}
