package classify

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true},
		{"", "x", false},
		{"*", "", true},
		{"*", "openstack/nova", true},
		{"nova", "openstack/nova", false},
		{"*nova", "openstack/nova", true},
		{"openstack/*", "openstack/nova", true},
		{"openstack/*", "openstack", false},
		{"*-centos-9-*", "tripleo-ci-centos-9-standalone", true},
		{"*-centos-9-*", "tripleo-ci-centos-8-standalone", false},
		{"*ab", "aab", true},
		{"*aab*b", "aaaabab", true},
		{"a*b*c", "abcb", false},
		{"**", "x", true},
		{"job-?", "job-7", true},
		{"job-?", "job-", false},
		{"job-?", "job-77", false},
		{"?", "é", true},
		{"*?", "é", true},
		{"?", "\xff", true},
		{"[ab]", "a", false},
		{"[ab]", "[ab]", true},
		{`\*`, `\x`, true},
		{"FAIL*", "failure", false},
	} {
		if got := Glob(tt.pattern, tt.name); got != tt.want {
			t.Errorf("Glob(%q, %q) = %v, want %v", tt.pattern, tt.name, got, tt.want)
		}
	}
}

func TestGlobAny(t *testing.T) {
	if GlobAny(nil, "x") || !GlobAny([]string{"y", "x*"}, "xx") || GlobAny([]string{"y", "x"}, "xx") {
		t.Error("GlobAny does not match any of its patterns")
	}
}

// A pattern of many stars must not take exponential time.
func TestGlobManyStars(t *testing.T) {
	if Glob(strings.Repeat("*a", 200)+"b", strings.Repeat("a", 2000)) {
		t.Error("matched")
	}
}

// FuzzGlob holds Glob to the same answers as the regular expression that says
// the same.
func FuzzGlob(f *testing.F) {
	f.Add("*-centos-?-*", "tripleo-ci-centos-9-standalone")
	f.Add("a*b?*c", "aébbbc")
	f.Add("[x]*", "[x]\n\xff")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if len(pattern)+len(name) > 200 || !utf8.ValidString(pattern) {
			Glob(pattern, name)
			return
		}
		expr := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(pattern))
		want := regexp.MustCompile(`(?s)^(?:` + expr + `)$`).MatchString(name)
		if got := Glob(pattern, name); got != want {
			t.Errorf("Glob(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	})
}
