package report

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOneLine(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"plain text", "plain text"},
		{"  two  blanks ", "two blanks"},
		{"a\tb\nc\r\nd", "a b c d"},
		{"\x1b[1;31mred\x1b[0m and \x1b[38;5;208mmore\x1b[m", "red and more"},
		{"\x1b]0;title\x07text", "text"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
		{"\x1bP1$r0m\x1b\\text", "text"},
		{"\x1b(Btext\x1b=\x1bc\x1b7", "text"},
		{"\u009b31mred \u009d0;t\u009ctext", "red text"},
		{"\x1b]0;no end, so it stays", "0;no end, so it stays"},
		{"cut off \x1b[3", "cut off"},
		{"a\x00b\x07c\x7fd\x80e", "abcd\ufffde"},
		{"\u202eabc\u202c\u2066d\u2069\u200f\u061c", "abcd"},
		{"zero\u200bwidth\u00ad \ufeff", "zerowidth"},
		{"line\u2028sep\u2029par\u0085nel", "line sep par nel"},
		{"no\u00a0break\u3000wide", "no break wide"},
		{"bad\xff\xfe", "bad\ufffd"},
		{"e" + strings.Repeat("\u0301", 50) + "x\u0301", "e" + strings.Repeat("\u0301", 4) + "x\u0301"},
		{"过滤器 ❤\ufe0f é e\u0301", "过滤器 ❤ é e\u0301"},
	} {
		if got := oneLine(tt.in); got != tt.want {
			t.Errorf("oneLine(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLogLine(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"    indented  text  ", "    indented  text"},
		{"\ttab\tbed", "    tab    bed"},
		{"\x1b[31m  red\x1b[0m", "  red"},
		{"a\nb", "a b"},
	} {
		if got := logLine(tt.in); got != tt.want {
			t.Errorf("logLine(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLines(t *testing.T) {
	got := lines("Subject\r\n\r\n  * one\x1b[0m\n  * two\n\n")
	if diff := cmp.Diff([]string{"Subject", "", "  * one", "  * two"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in          string
		w           int
		right, left string
	}{
		{"", 5, "", ""},
		{"fits", 4, "fits", "fits"},
		{"too long", 5, "too…", "…long"},
		{"too long", 6, "too l…", "… long"},
		{"too long", 1, "…", "…"},
		{"any", 0, "any", "any"},
		{"过滤器", 6, "过滤器", "过滤器"},
		{"过滤器", 5, "过滤…", "…滤器"},
		{"过滤器", 4, "过…", "…器"},
		{"过滤器", 2, "…", "…"},
		{"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301", "e\u0301e\u0301e\u0301"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…", "…e\u0301"},
	} {
		if got := cut(tt.in, tt.w); got != tt.right {
			t.Errorf("cut(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.right)
		}
		if got := cutLeft(tt.in, tt.w); got != tt.left {
			t.Errorf("cutLeft(%q, %d) = %q, want %q", tt.in, tt.w, got, tt.left)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		in   string
		w, n int
		want []string
	}{
		{"", 9, 3, []string{""}},
		{"fits", 4, 3, []string{"fits"}},
		{"at a blank in it", 8, 3, []string{"at a", "blank in", "it"}},
		{"abcdefghij", 4, 3, []string{"abcd", "efgh", "ij"}},
		{"abcdefghijkl", 4, 2, []string{"abcd", "efg…"}},
		{"过滤器过滤器", 5, 9, []string{"过滤", "器过", "滤器"}},
		{"过滤", 1, 9, []string{"…"}},
	} {
		if diff := cmp.Diff(tt.want, wrap(tt.in, tt.w, tt.n)); diff != "" {
			t.Errorf("wrap(%q, %d, %d) (-want +got):\n%s", tt.in, tt.w, tt.n, diff)
		}
	}
}

// FuzzText holds whatever text to what is promised of texts.
func FuzzText(f *testing.F) {
	for _, text := range hostile {
		f.Add(clip(text, 200), 7) // long ones take the fuzzer minutes to make short
	}
	f.Fuzz(func(t *testing.T, text string, w int) {
		w = 2 + max(w, -w)%200
		one := oneLine(text)
		checkPrintable(t, one)
		if strings.Contains(one, "\n") || oneLine(one) != one {
			t.Errorf("oneLine(%q) = %q, and of that %q", text, one, oneLine(one))
		}
		for _, short := range append(wrap(one, w, 3), cut(one, w), cutLeft(one, w)) {
			if width(short) > w {
				t.Errorf("%q is %d columns wide, of %d", short, width(short), w)
			}
		}
		if got := strings.Join(wrap(one, w, len(one)+1), ""); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(one, " ", "") {
			t.Errorf("wrap(%q) loses text: %q", one, got)
		}
		checkPrintable(t, strings.Join(lines(text), "\n"))
	})
}

// FuzzTable holds tables of whatever text to the width of the terminal.
func FuzzTable(f *testing.F) {
	for _, text := range hostile {
		f.Add(clip(text, 200), 80)
	}
	f.Fuzz(func(t *testing.T, text string, w int) {
		w = 20 + max(w, -w)%300
		r := hostileReport(text)
		checkTerminal(t, w, func(out io.Writer) error { return r.WriteTable(out, TableOptions{Width: w, All: true}) })
		checkTerminal(t, w, func(out io.Writer) error { return WriteVerdict(out, r.Results[0], TableOptions{Width: w}) })
	})
}
