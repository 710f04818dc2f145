package printable

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct {
		text string
		most int
		want string
	}{
		{"", 8, ""},
		{"tox-py313", 9, "tox-py313"},
		{"  a\tb\r\nc\u00a0d\u2028", 99, "a b  c d"},
		{"a\x00b\x1b[31mc\u0085d", 99, "ab[31mc d"},
		{"a\u202eb\u200bc\ufeffd", 99, "abcd"},
		{"a\xffb\xc3", 99, "ab"},
		{"größer", 99, "größer"},
		{"1234567890", 8, "12345678"},
		{"1234567 90", 8, "1234567"},
		{"1234567ä", 8, "1234567"},
		{"\x00\x00\x0012345678", 8, "12345678"},
		{"a", 0, ""},
	} {
		if got := Line(tt.text, tt.most); got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.text, tt.most, got, tt.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("a\x1b[1m\u202e\xff\n", 4)
	f.Add("", -1)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = max(most, 0)
		got := Line(text, most)
		if len(got) > most || !utf8.ValidString(got) || Line(got, most) != got {
			t.Errorf("Line(%q, %d) = %q", text, most, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("Line(%q, %d) = %q, which does not print", text, most, got)
		}
	})
}
