package patterns

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func sum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

func TestPin(t *testing.T) {
	files := map[string]string{"one.toml": simple("one"), "rules/a.toml": simple("a"), "rules/b.toml": simple("b"), "broken/x.toml": "[[rule]]\nid = "}
	dir := write(t, files)
	a, b, one := sum(files["rules/a.toml"]), sum(files["rules/b.toml"]), sum(files["one.toml"])
	rules := sum(a + "  a.toml\n" + b + "  b.toml\n")
	only := sum(b + "  b.toml\n")
	zeros := strings.Repeat("0", 64)
	tests := []struct {
		name  string
		specs []string
		ids   string
		want  string
	}{
		{"a file", []string{"one.toml@sha256:" + one}, "one", ""},
		{"capitals", []string{"one.toml@sha256:" + strings.ToUpper(one)}, "one", ""},
		{"a folder", []string{"rules@sha256:" + rules}, "a b", ""},
		{"a folder with a slash", []string{"rules/@sha256:" + rules}, "a b", ""},
		{"a glob", []string{"rules/*.toml@sha256:" + rules}, "a b", ""},
		{"a glob for one file", []string{"rules/b*@sha256:" + only}, "b", ""},
		{"wrong, and others", []string{"rules@sha256:" + zeros, "one.toml"}, "one",
			"rules: its sha256 is " + rules + ", not the one it is pinned to; see what has changed, and pin it to that"},
		{"wrong, but named without a pin too", []string{"rules@sha256:" + zeros, "rules/b.toml"}, "b",
			"rules: its sha256 is " + rules + ", not the one it is pinned to; see what has changed, and pin it to that"},
		{"right, after it was read", []string{"one.toml", "one.toml@sha256:" + one}, "one", ""},
		{"wrong, after it was read", []string{"one.toml", "one.toml@sha256:" + zeros}, "one",
			"one.toml: its sha256 is " + one + ", not the one it is pinned to; see what has changed, and pin it to that"},
		{"no hash", []string{"one.toml@sha256:", "one.toml@sha256:12"}, "", `
one.toml: "" is no sha256; 64 hexadecimal digits follow @sha256:; now they would be ` + one + `
one.toml: "12" is no sha256; 64 hexadecimal digits follow @sha256:; now they would be ` + one},
		{"nothing there", []string{"none.toml@sha256:" + zeros, "no*@sha256:" + zeros, "@sha256:" + zeros}, "", `
a rule file has an empty name; name a file, a folder, a glob or "default"
no*: no file matches; name files that are there
none.toml: no such file or directory; name a rule file that can be read`},
		{"broken syntax, rightly pinned", []string{"broken/x.toml@sha256:" + sum(files["broken/x.toml"])}, "",
			"broken/x.toml:2:5: expected value, not end of input; write the value behind the ="},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set, err := Load(test.specs, Options{Dir: dir})
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), mistakes(t, err, dir)); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
			var ids []string
			for _, r := range set.Rules {
				ids = append(ids, r.ID)
			}
			if got := strings.Join(ids, " "); got != test.ids {
				t.Errorf("rules %s, want %s", got, test.ids)
			}
		})
	}
}

// TestPinDefault pins the packs to what they are. What hides a rule of theirs, or
// changes it, is not held to be wrong where they could not be had.
func TestPinDefault(t *testing.T) {
	set, err := Load([]string{Default}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list strings.Builder
	for _, f := range pack() {
		text, err := f.text()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%s  %s\n", sum(string(text)), strings.TrimPrefix(f.name, packFolder+"/"))
	}
	pin := Default + "@sha256:" + sum(list.String())
	pinned, err := Load([]string{pin}, Options{})
	if err != nil || len(pinned.Rules) != len(set.Rules) || pinned.Sources[1].Pack != pin {
		t.Errorf("%d rules, from %s: %v", len(pinned.Rules), pinned.Sources[1].Pack, err)
	}
	dir := write(t, map[string]string{"mine.toml": "[[override]]\nid = '" + set.Rules[0].ID + "'\noff = true\n" + rule("hides = ['"+set.Rules[1].ID+"']")})
	wrong, err := Load([]string{Default + "@sha256:" + strings.Repeat("0", 64), "mine.toml"}, Options{Dir: dir})
	want := "default: its sha256 is " + sum(list.String()) + ", not the one it is pinned to; see what has changed, and pin it to that"
	if diff := cmp.Diff(want, mistakes(t, err, dir)); diff != "" || len(wrong.Rules) != 1 {
		t.Errorf("%d rules (-want +got):\n%s", len(wrong.Rules), diff)
	}
}
