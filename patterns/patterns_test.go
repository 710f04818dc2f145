package patterns

import "testing"

// TestDefaultOnDisk holds the default packs to all that files are held to: where they
// are embedded, Load trusts them.
func TestDefaultOnDisk(t *testing.T) {
	embedded, err := Load([]string{Default}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := Load([]string{"default/"}, Options{})
	if err != nil {
		t.Errorf("the default packs have mistakes:\n%v", err)
	}
	if len(files.Rules) != len(embedded.Rules) {
		t.Errorf("%d rules in files, %d embedded", len(files.Rules), len(embedded.Rules))
	}
}

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
