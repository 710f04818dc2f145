package convert

import (
	"fmt"
	"strings"
	"testing"
)

func TestFromPython(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`a(\w+)b`, `a(\w+)b`},
		{`a{,3}\Z`, `a{0,3}$`},
		{`caf\u00e9`, `caf\x{00e9}`},
		{`(?#why)a`, `a`},
		{`[)\]\n]a`, `[)\]\n]a`},
		{`a\n`, `a$`},
		{`a.*\nb(?:c|d).*`, `a; next ^b(?:c|d)`},
		{`a\n(?!.*harmless).*`, `a$; unless next literal harmless`},
		{`a\n(?=\s+at)`, `a$; next ^(?:\s+at)`},
		{`a\n(?!b).*c`, `a$; next ^.*c; unless next pattern ^(?:b)`},
		{`a(?=b|c)`, `a(?:b|c)`},
		{`^(?!.*dry run)a`, `^a; unless line literal dry run`},
		{`a(?!b)c`, `ac; unless line literal ab; changed`},
		{`(?<=x)a`, `(?:x)a`},
		{`(?<!x)a`, `a; unless line literal xa; changed`},
		{`(a)\1`, `error: \1 refers back`},
		{`(?P<n>a)(?P=n)`, `error: (?P=n) refers back`},
		{`a(?=b)c`, `error: the look-ahead (?=b) asks for a second thing`},
		{`c(?<=b)`, `error: the look-behind (?<=b) asks for a second thing`},
		{`(?:a(?=b))`, `error: the group (?:a(?=b)) looks around`},
		{`(?:a\nb)`, `error: the group (?:a\nb) looks around, or holds the end of a line`},
		{`a\nb\nc`, `error: it asks for three lines`},
		{`a\nb|c`, `error: some of its alternatives`},
		{`(?=(a))`, `error: (?=(a)) captures`},
		{`a\n+`, `error: \n+ is nothing`},
		{`(?>a)`, `error: no regular expression of Go's`},
		{`(`, `error: no regular expression of Go's`},
		{`[`, `error: no regular expression of Go's`},
		{`\`, `error: no regular expression of Go's`},
	} {
		c, err := fromPython(test.text)
		got := c.pattern
		if c.next != "" {
			got += "; next " + c.next
		}
		for _, u := range c.unless {
			kind, text := "pattern", u.Pattern
			if u.Literal != "" {
				kind, text = "literal", u.Literal
			}
			got += fmt.Sprintf("; unless %s %s %s", u.Within, kind, text)
		}
		if len(c.changed) > 0 {
			got += "; changed"
		}
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != test.want && !(err != nil && strings.HasPrefix(got, test.want)) {
			t.Errorf("%q: %s, want %s", test.text, got, test.want)
		}
	}
}

func FuzzPython(f *testing.F) {
	for _, seed := range []string{`a\n(?!.*b).*`, `(?<!x)[^]a]`, `(`, `[`, `\`, `(?=a`, `(?#`, `\u00e9{,3}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := fromPython(text)
		if err != nil {
			return
		}
		c.fillGroup()
		if err := c.compiles(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	})
}
