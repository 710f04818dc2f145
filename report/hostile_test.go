package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// hostile are texts that a stranger may put into any field.
var hostile = map[string]string{
	"script":                `<script>alert(1)</script>`,
	"end of style":          `</style></title></pre><script>alert(1)</script>`,
	"attribute":             `"><img src=x onerror=alert(1)>`,
	"single quotes":         `' onmouseover='alert(1)`,
	"template":              `{{.}}{{define "job"}}`,
	"colour":                "\x1b[31mred\x1b[0m",
	"title":                 "\x1b]0;owned\x07shell",
	"terminal link":         "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"unended string":        "\x1b]0;a b c",
	"unended sequence":      "abc\x1b[3",
	"lone escape":           "\x1b",
	"eight bits":            "\u009b31mred\u009d0;x\u009c",
	"clear":                 "\x1b[2J\x1b[H\x1bc",
	"backspaces":            "safe\b\b\b\bevil\x7f",
	"direction":             "\u202egnp.exe\u2066\u200f",
	"nul":                   "a\x00b",
	"endless":               strings.Repeat("x", 10000),
	"endless words":         strings.Repeat("word ", 2000),
	"endless wide":          strings.Repeat("日本語", 3000),
	"endless marks":         strings.Repeat("e\u0301", 3000),
	"one letter, all marks": "e" + strings.Repeat("\u0301", 3000),
	"script address":        "javascript:alert(1)",
	"script, blanks":        " \tjava\nscript:alert(1)",
	"data address":          "data:text/html,<script>alert(1)</script>",
	"formula":               `=cmd|' /C calc'!A0`,
	"wide formula":          "＝1+1",
	"plus":                  "+1+1",
	"minus":                 "-2+3",
	"at":                    "@SUM(1)",
	"formula, blanks":       "\t =1+1",
	"markdown":              "a|b`c`*d*_e_[f](http://g)![h](i)~~j~~$k$\\",
	"mention":               "@everyone #1 www.evil.example https://evil.example",
	"invalid":               "bad\xff\xfe\xc0utf8",
	"line ends":             "one\ntwo\r\nthree\rfour\u2028five\u2029six\vseven\feight\u0085nine",
	"tabs":                  "a\tb\t\tc",
	"family":                "👨‍👩‍👧 ❤️ \U000e0041",
	"byte order mark":       "\ufeffx",
	"blanks":                "   ",
	"quotes":                `"'","`,
	"ambiguous":             "…│█§±",
}

func hostileResult(text string) classify.Result {
	return classify.Result{
		Job: hostileJob(text), Outcome: classify.OutcomeMatched, Rule: text, Tag: text, Reason: text, Step: text,
		Evidence: []classify.Evidence{{File: text, Line: 3, EndLine: 4, Text: []string{text, text}}},
		Matches: []classify.Match{
			{Rule: text, Tag: text, Tier: classify.TierCause, Message: text, Captures: map[string]string{text: text}, File: text, Line: 3, EndLine: 4, Text: text, Count: 2},
			{Rule: text, Tag: text, Tier: classify.TierSymptom, Message: text, File: text, Line: 9, EndLine: 9, Text: text, Count: 1}},
		Tests: &classify.Tests{Total: 3, Failed: 2, Failures: []classify.FailedTest{
			{Name: text, Suite: text, Message: text, File: text, Line: 3, Report: text}, {Name: text, Report: text}}},
		Missing: []classify.Missing{{File: text, Why: text}}, Rules: text, Engine: text,
	}
}

// hostileReport has the text in every field there is, and in every outcome.
func hostileReport(text string) *Report {
	a := about()
	a.Sources = []SourceState{{Name: text, Changes: 3, Jobs: 3, Cap: 3, Capped: true, Error: text, Problems: []string{text}}}
	a.Problems, a.Rules, a.Engine, a.Title = []string{text}, text, text, text
	a.Tags = map[string]string{text: text}
	var results []classify.Result
	for _, o := range append(classify.Outcomes(), classify.Outcome(text)) {
		r := hostileResult(text)
		r.Outcome = o
		results = append(results, r)
	}
	again := hostileResult(text)
	again.Superseded = true
	return New(append(results, again), a)
}

func eachHostile(t *testing.T, test func(t *testing.T, text string)) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) { test(t, text) })
	}
}

// checkPrintable finds what no output may hold.
func checkPrintable(t *testing.T, got string) {
	t.Helper()
	if !utf8.ValidString(got) {
		t.Error("it is not UTF-8")
	}
	for _, r := range got {
		if r != '\n' && invisible(r) {
			t.Fatalf("it holds %U", r)
		}
	}
}

func TestHostileTerminal(t *testing.T) {
	eachHostile(t, func(t *testing.T, text string) {
		r := hostileReport(text)
		for _, w := range []int{20, 80, 179, 200} {
			o := TableOptions{Width: w, All: true}
			checkTerminal(t, w, func(out io.Writer) error { return r.WriteTable(out, o) })
			for i := range r.Results {
				checkTerminal(t, w, func(out io.Writer) error { return WriteVerdict(out, r.Results[i], o) })
			}
		}
	})
}

func checkTerminal(t *testing.T, room int, write func(io.Writer) error) {
	t.Helper()
	got := render(t, func(b *bytes.Buffer) error { return write(b) })
	checkPrintable(t, got)
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		if w := width(line); w > room {
			t.Fatalf("a line is %d columns wide, of %d: %q", w, room, line)
		}
		if line != strings.TrimRight(line, " ") {
			t.Fatalf("a line ends in blanks: %q", line)
		}
	}
}

func TestHostileColor(t *testing.T) {
	ours := regexp.MustCompile(`\x1b\[(?:0|1|2|31|32|33|36)m`)
	eachHostile(t, func(t *testing.T, text string) {
		got := render(t, func(b *bytes.Buffer) error { return hostileReport(text).WriteTable(b, TableOptions{Color: true}) })
		checkPrintable(t, ours.ReplaceAllString(got, ""))
		if open, closed := len(ours.FindAllString(got, -1)), strings.Count(got, "\x1b[0m"); open != 2*closed {
			t.Errorf("%d sequences, %d of them resets", open, closed)
		}
	})
}

func TestHostileJSON(t *testing.T) {
	eachHostile(t, func(t *testing.T, text string) {
		r := hostileReport(text)
		got := render(t, func(b *bytes.Buffer) error { return r.WriteJSON(b) })
		checkPrintable(t, got)
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		if len(lines) != len(r.Results)+1 {
			t.Fatalf("%d lines, want %d", len(lines), len(r.Results)+1)
		}
		var back classify.Result
		if err := json.Unmarshal([]byte(lines[0]), &back); err != nil {
			t.Fatal(err)
		}
		if want := replaceInvalid(text); back.Name != want || back.Evidence[0].Text[0] != want || back.Matches[0].Message != want {
			t.Errorf("%q came back as %q", want, back.Name)
		}
	})
}

// replaceInvalid replaces each byte that is no UTF-8, as JSON does.
func replaceInvalid(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}

func TestHostileCSV(t *testing.T) {
	eachHostile(t, func(t *testing.T, text string) {
		r := hostileReport(text)
		got := render(t, func(b *bytes.Buffer) error { return r.WriteCSV(b) })
		checkPrintable(t, got)
		rows, err := csv.NewReader(strings.NewReader(got)).ReadAll() // which wants rows of one length
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != len(r.Results)+1 || strings.Count(got, "\n") != len(rows) {
			t.Errorf("%d rows in %d lines, want %d", len(rows), strings.Count(got, "\n"), len(r.Results)+1)
		}
		for _, row := range rows {
			for i, f := range row {
				if strings.ContainsAny(f[:min(1, len(f))], "=+-@\t") || strings.HasPrefix(f, "＝") {
					t.Errorf("%s is the formula %q", rows[0][i], f)
				}
			}
		}
	})
}

func TestHostileMarkdown(t *testing.T) {
	eachHostile(t, func(t *testing.T, text string) {
		got := render(t, func(b *bytes.Buffer) error { return hostileReport(text).WriteMarkdown(b) })
		if len(got) > commentSize {
			t.Errorf("it is %d bytes long", len(got))
		}
		checkPrintable(t, strings.ReplaceAll(got, "@\u200b", "@"))
		bare := regexp.MustCompile(`\\[^A-Za-z0-9 ]`).ReplaceAllString(got, "") // what is not escaped
		bare = strings.ReplaceAll(bare, "**", "")
		if i := strings.IndexAny(bare, "<>`~$*_"); i >= 0 {
			t.Errorf("unescaped: %q", bare[i:min(len(bare), i+40)])
		}
		if m := regexp.MustCompile(`@\w|://|www\.|\]\(`).FindString(bare); m != "" {
			t.Errorf("it links: %q", m)
		}
		for line := range strings.Lines(bare) {
			if n := strings.Count(line, "|"); n != 0 && n != 4 && n != 6 {
				t.Errorf("a row has %d cells: %q", n-1, line)
			}
		}
	})
}

func TestHostileHTML(t *testing.T) {
	plain := tagsOf(t, "plain")
	eachHostile(t, func(t *testing.T, text string) {
		if oneLine(text) == "" {
			return // which leaves elements out
		}
		if diff := cmp.Diff(plain, tagsOf(t, text)); diff != "" {
			t.Errorf("the text adds to the page's elements (-plain +hostile):\n%s", diff)
		}
	})
}

// tagsOf returns the opening and closing tags of a page, with the names of
// their attributes, and checks what stands in its links.
func tagsOf(t *testing.T, text string) []string {
	t.Helper()
	got := render(t, func(b *bytes.Buffer) error { return hostileReport(text).WriteHTML(b) })
	_, body, ok := strings.Cut(got, "<body>")
	checkPrintable(t, body)
	if !ok || strings.Contains(got, "ZgotmplZ") {
		t.Fatal("the page has no body, or a text in a place where none may stand")
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !strings.HasPrefix(m[1], "https://") && !strings.HasPrefix(m[1], "http://") {
			t.Errorf("a link to %q", m[1])
		}
	}
	value := regexp.MustCompile(`="[^"]*"`)
	var out []string
	for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(body, -1) {
		out = append(out, value.ReplaceAllString(tag, ""))
	}
	return out
}

func TestLinks(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{"https://logs.example/a/", "https://logs.example/a/"},
		{"HTTP://logs.example", "http://logs.example"},
		{"http://[::1]:8080/x?y=z#w", "http://[::1]:8080/x?y=z#w"},
		{"", ""},
		{"logs.example/a", ""},
		{"//logs.example/a", ""},
		{"javascript:alert(1)", ""},
		{"JaVaScRiPt:alert(1)//http://x", ""},
		{"data:text/html,x", ""},
		{"file:///etc/passwd", ""},
		{"ftp://logs.example/", ""},
		{"https://github.com@evil.example/", ""},
		{"https://user:secret@logs.example/", ""},
		{"https:///nohost", ""},
		{"https://a b/", ""},
		{"https://logs.example/a\nb", ""},
	} {
		if got := link(tt.raw); got != tt.want {
			t.Errorf("link(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestFileLinks(t *testing.T) {
	for _, tt := range []struct{ logs, file, want string }{
		{"https://logs.example/a/", "job-output.txt", "https://logs.example/a/job-output.txt"},
		{"https://logs.example/a/", "logs/x y.gz", "https://logs.example/a/logs/x%20y.gz"},
		{"https://logs.example/a.txt", "a.txt", "https://logs.example/a.txt"},
		{"https://logs.example/a/", "@result", ""},
		{"https://logs.example/a/", "logs.tar.xz//var/log/syslog", ""},
		{"https://logs.example/a/", "", ""},
		{"javascript:x", "a", ""},
		{"/var/log/", "a", ""},
	} {
		if got := fileLink(&classify.Job{LogURL: tt.logs}, tt.file); got != tt.want {
			t.Errorf("fileLink(%q, %q) = %q, want %q", tt.logs, tt.file, got, tt.want)
		}
	}
}
