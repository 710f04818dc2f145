package patterns

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

const tested = `
[[rule]]
id = "number"
file = "x.log"
pattern = '^E(?P<n>\d+)$'
message = "error {n}"
tag = "code"
[[rule.test]]
log = "E5"
want = "error 5"
[[rule.test]]
log = """
2026-11-20 10:11:12.123456 | E5
2026-11-20 10:11:12.123456 | E6
"""
want = "error 6"
[[rule.test]]
log = "E"
want = ""
[[rule.test]]
log = "E7"
want = "error 8"
[[rule.test]]
log = "E7"
want = ""
[[rule.test]]
log = "F"
want = "error 7"

[[rule]]
id = "result"
file = "@result"
literal = "NODE_FAILURE"
message = "no node"
tag = "infra"
[[rule.test]]
log = "NODE_FAILURE Node request 1 failed"
want = "no node"

[[rule]]
id = "other"
file = "console"
literal = "E"
message = "an E"
tag = "code"
[[rule.test]]
log = "e"
want = ""

[[rule]]
id = "untested"
file = "console"
literal = "E"
message = "an E"
tag = "code"
`

func TestTest(t *testing.T) {
	set, err := loadText([]byte(tested))
	if err != nil {
		t.Fatal(err)
	}
	results, err := set.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		got = append(got, r.String())
	}
	want := []string{
		`fuzz.toml:8:8: rule "number": ok`,
		`fuzz.toml:11:8: rule "number": ok`,
		`fuzz.toml:17:8: rule "number": ok`,
		`fuzz.toml:20:8: rule "number": says ["error 7"]; want "error 8"`,
		`fuzz.toml:23:8: rule "number": must not match, but says ["error 7"]`,
		`fuzz.toml:26:8: rule "number": does not match; want "error 7"`,
		`fuzz.toml:36:8: rule "result": ok`,
		`fuzz.toml:46:8: rule "other": ok`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	untested := []Untested{
		{Rule: "result", Origin: "fuzz.toml:30:3", Negative: true},
		{Rule: "other", Origin: "fuzz.toml:40:3", Positive: true},
		{Rule: "untested", Origin: "fuzz.toml:50:3", Positive: true, Negative: true},
	}
	if diff := cmp.Diff(untested, set.Untested()); diff != "" {
		t.Errorf("untested (-want +got):\n%s", diff)
	}
}

func TestTestStops(t *testing.T) {
	set, err := loadText([]byte(tested))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if results, err := set.Test(ctx); !errors.Is(err, context.Canceled) || len(results) > 0 {
		t.Errorf("%d results, %v", len(results), err)
	}
}

// TestMessages holds Load and the engine to the same grammar of messages.
func TestMessages(t *testing.T) {
	for _, message := range []string{
		"{a}", "{1}", "{2}", "{0}", "{3}", "{01}", "{b}", "{}", "{{a}}", "{{b}}", "{{{a}}}", "{{{b}}}", "{ b }", "{b", "b}",
		"}{b}{", "{{b}", "{b}}", "{b}}}", "{a}{b}", "{a{b}}", "{-b}", "{é}", "{A}", "{99999999999999999999}", "{_}", "{", "}",
	} {
		for _, pattern := range []string{"(?P<a>x)(y)", ""} {
			r := classify.Rule{ID: "r", Files: []string{"f"}, Pattern: pattern, Message: message, Tag: "code"}
			keys := "message = '" + message + "'\n"
			if pattern == "" {
				r.Literal = "x"
				keys += "literal = 'x'"
			} else {
				keys += "pattern = '" + pattern + "'"
			}
			_, ours := loadText([]byte(rule(keys)))
			_, engines := classify.Compile([]classify.Rule{r})
			if (ours == nil) != (engines == nil) {
				t.Errorf("message %q of %q: Load says %v, the engine %v", message, pattern, ours, engines)
			}
		}
	}
}
