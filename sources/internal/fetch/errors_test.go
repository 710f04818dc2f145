package fetch

import (
	"regexp"
	"testing"
)

func TestScrub(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"no URL":                         "no URL",
		"http://u:p@h/x@y":               "http://h/x@y",
		"http://u:p@ss@h/":               "http://h/",
		`"http://u:p@h" and //v@i, a//b`: `"http://h" and //i, a//b`,
		"///u@h":                         "///h",
		"a// b@c":                        "a// b@c",
		"//":                             "//",
		"//@":                            "//",
	} {
		if got := scrub(text); got != want {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	}
}

// FuzzScrub holds scrub to the regular expression that says the same.
func FuzzScrub(f *testing.F) {
	for _, seed := range []string{"http://u:p@h/", "//a@//b@", "//a@/u@x", "////@@\n//@", "\xff//\xff@"} {
		f.Add(seed)
	}
	expr := regexp.MustCompile(`//[^/\s"]*@`)
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := scrub(text), expr.ReplaceAllString(text, "//"); got != want {
			t.Errorf("scrub(%q) = %q, want %q", text, got, want)
		}
	})
}
