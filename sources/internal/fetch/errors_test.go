package fetch

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
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

func TestWaitIsRounded(t *testing.T) {
	for after, want := range map[time.Duration]string{
		time.Millisecond:              "1s",
		44845 * time.Millisecond:      "45s",
		90*time.Second + 1:            "1m30s",
		9*time.Minute + 59*1e9 + 7e8:  "10m0s",
		59*time.Minute + 50*1e9:       "1h0m0s",
		3*time.Hour + 31*time.Second:  "3h1m0s",
		24 * time.Hour:                "24h0m0s",
		24*time.Hour + 1:              "more than a day",
		639184*time.Hour + 44845011e3: "more than a day",
	} {
		err := &StatusError{Code: http.StatusTooManyRequests, URL: "http://log.test/", After: after}
		if !strings.HasSuffix(err.Error(), "; the server asks to try again after "+want) {
			t.Errorf("%s: error %q, want %q", after, err, want)
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
