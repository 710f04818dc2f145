package patterns

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// loadFiles loads files, whose names begin with the place they have in the order.
func loadFiles(t *testing.T, files map[string]string) (*Set, string, error) {
	t.Helper()
	dir := write(t, files)
	set, err := Load([]string{"*.toml"}, Options{Dir: dir})
	return set, dir + string(filepath.Separator), err
}

func TestOverride(t *testing.T) {
	set, dir, err := loadFiles(t, map[string]string{
		"1.toml": "[[rule]]\nid = 'a'\nfile = 'console'\ntag = 'code'\nmessage = 'm'\nliteral = 'x'\npriority = 3\njobs = ['j']\nhides = ['c']\n" +
			"[[rule.test]]\nlog = 'x'\nwant = 'm'\n" + simple("b", "c"),
		"2.toml": "[[override]]\nid = 'a'\npattern = '(x)'\nmessage = 'm {1}'\njobs = []\n[[override]]\nid = 'b'\noff = true\n[[override]]\nid = 'c'\noff = true\n",
		"3.toml": "[tags]\nmine = 'm'\n[[override]]\nid = 'a'\ntag = 'mine'\nmessage = 'n {1}'\ntest = [{ log = 'x', want = 'n x' }, { log = 'y', want = '' }]\n" +
			"[[override]]\nid = 'b'\noff = false\npriority = 7\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []classify.Rule{
		{ID: "a", Files: set.Files["console"], Pattern: "(x)", Message: "n {1}", Tag: "mine", Priority: 3, Jobs: []string{}},
		{ID: "b", Files: set.Files["console"], Literal: "x", Message: "m", Tag: "code", Priority: 7},
	}
	if diff := cmp.Diff(want, set.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if len(set.Off) != 1 || set.Off[0].ID != "c" {
		t.Errorf("off: %+v", set.Off)
	}
	at := func(id string, path ...any) string { return strings.TrimPrefix(set.Place(id, path...).String(), dir) }
	got := []string{
		at("a"), at("a", "priority"), at("a", "pattern"), at("a", "literal"), at("a", "message"), at("a", "tag"), at("a", "test", 1), at("c", "message"),
		strings.TrimPrefix(set.Tests[1].Origin, dir),
	}
	if diff := cmp.Diff([]string{"1.toml:1:3", "1.toml:7:1", "2.toml:3:1", "2.toml:1:3", "3.toml:6:1", "3.toml:5:1", "3.toml:7:38", "1.toml:23:1", "3.toml:7:38"}, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	changes := map[string][]Change{
		"a": {{Place{dir + "2.toml", 1, 3}, []string{"pattern", "message", "jobs"}, false}, {Place{dir + "3.toml", 3, 3}, []string{"message", "tag", "test"}, false}},
		"b": {{Place{dir + "2.toml", 6, 3}, nil, true}, {Place{dir + "3.toml", 8, 3}, []string{"priority"}, false}},
		"c": {{Place{dir + "2.toml", 9, 3}, nil, true}},
		"d": nil,
	}
	for id, want := range changes {
		if diff := cmp.Diff(want, set.Changes(id)); diff != "" {
			t.Errorf("changes of %s (-want +got):\n%s", id, diff)
		}
	}
	results, err := set.Test(t.Context())
	if err != nil || len(results) != 2 || !results[0].Passed() || !results[1].Passed() {
		t.Errorf("tests: %v, %v", results, err)
	}
}

// TestOverrideDefault changes rules that ship with the program.
func TestOverrideDefault(t *testing.T) {
	all, err := Load([]string{Default}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	first, second := all.Rules[0].ID, all.Rules[1].ID
	dir := write(t, map[string]string{"mine.toml": "[[override]]\nid = '" + first + "'\noff = true\n[[override]]\nid = '" + second + "'\npriority = 99\n"})
	set, err := Load([]string{Default, "mine.toml"}, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Rules) != len(all.Rules)-1 || set.Rules[0].ID != second || set.Rules[0].Priority != 99 || set.Off[0].ID != first {
		t.Errorf("%d rules, first %s; off %v", len(set.Rules), set.Rules[0].ID, set.Off)
	}
	if set.Origin(second) != all.Origin(second) {
		t.Errorf("rule %s now comes from %s", second, set.Origin(second))
	}
}

// TestOverrideOfBroken: what is wrong with a rule is not mended by an override.
func TestOverrideOfBroken(t *testing.T) {
	set, dir, err := loadFiles(t, map[string]string{
		"1.toml": rule("tag = 'none'"),
		"2.toml": "[[override]]\nid = 'r'\ntag = 'code'\n",
	})
	want := `1.toml:2:1: rule "r": unknown tag "none"; declare it in [tags]; known are code, configuration, credentials, dependency, infra, quality, test, timeout, vcs`
	if got := mistakes(t, err, strings.TrimSuffix(dir, string(filepath.Separator))); got != want || len(set.Rules) > 0 {
		t.Errorf("%d rules\n%s", len(set.Rules), got)
	}
}
