package lint

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/patterns"
)

// mend returns a rule file after Fix, and how much was mended.
func mend(t *testing.T, text string) (string, int) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "r.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := patterns.Load([]string{name}, patterns.Options{})
	mended, count := Fix(name, []byte(text), Run(set, err, Options{Now: now}))
	return string(mended), count
}

func TestFix(t *testing.T) {
	keep := "\ufeff# a comment  \r\n[[rule]]\r\nid='a'\r\nfile   =  'console'\r\nmessage = '''it failed'''\r\ntag = \"code\"\r\n"
	tests := []struct {
		name, before, after string
		count               int
	}{
		{"single quotes", "pattern = 'run setup.py failed' # why", `pattern = 'run setup\.py failed' # why`, 1},
		{"double quotes", `pattern="run setup.py failed"`, `pattern='run setup\.py failed'`, 1},
		{"quotes in it", `pattern = "can't run setup.py: failed"`, `pattern = '''can't run setup\.py: failed'''`, 1},
		{"three quotes in it", `pattern = "'''run' setup.py failed"`, `pattern = "'''run' setup\\.py failed"`, 1},
		{"long string", "pattern = '''run setup.py failed'''", `pattern = 'run setup\.py failed'`, 1},
		{"quoted key", `"pattern" = 'run setup.py failed'`, `"pattern" = 'run setup\.py failed'`, 1},
		{"several", `pattern = '(?ms)run setup.py failed.*$'`, `pattern = 'run setup\.py failed'`, 3},
		{"parentheses", `pattern = 'run foo.bar(baz) failed'`, `pattern = 'run foo\.bar\(baz\) failed'`, 2},
		{"class", `pattern = '[ERROR] in foo'`, `pattern = '\[ERROR\] in foo'`, 1},
		{"flag kept", `pattern = '(?im)failed here'`, `pattern = '(?i)failed here'`, 1},
		{"a test needs the dot", "pattern = 'run setup.py failed'\n[[rule.test]]\nlog = 'run setup-py failed'\nwant = 'it failed'", "pattern = 'run setup.py failed'\n[[rule.test]]\nlog = 'run setup-py failed'\nwant = 'it failed'", 0},
		{"allowed", "pattern = 'run setup.py failed' # lint: allow W007 any character", "pattern = 'run setup.py failed' # lint: allow W007 any character", 0},
		{"a repeat of the last of several", `pattern = 'it is \Qab\E*'`, `pattern = 'it is \Qab\E*'`, 0},
		{"one digit", `pattern = 'make[1]: gone'`, `pattern = 'make\[1\]: gone'`, 1},
		{"not UTF-8 only in ASCII", "pattern = 'é setup.py é'", `pattern = 'é setup\.py é'`, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, count := mend(t, keep+test.before+"\r\n# the end")
			if diff := cmp.Diff(keep+test.after+"\r\n# the end", got); diff != "" || count != test.count {
				t.Errorf("mended %d, want %d (-want +got):\n%s", count, test.count, diff)
			}
			if again, more := mend(t, got); more > 0 {
				t.Errorf("mended %d more: %s", more, again)
			}
		})
	}
}

func TestComments(t *testing.T) {
	text := "# top\n\n[[rule]] # head\nid = '#1' # id\na = '''\n# no comment\n''' # long\nb = [ # open\n  # above\n  'x', # x\n] # closed\n# last"
	var got [][]any
	for _, c := range comments(text) {
		got = append(got, []any{c.line, c.col, c.text, c.lines})
	}
	want := [][]any{
		{1, 1, "# top", []int{3}},
		{3, 10, "# head", []int{3, 3}},
		{4, 11, "# id", []int{4, 4}},
		{7, 5, "# long", []int{7, 5}},
		{8, 7, "# open", []int{8, 8}},
		{9, 3, "# above", []int{10}},
		{10, 8, "# x", []int{10, 8}},
		{11, 3, "# closed", []int{11, 8}},
		{12, 1, "# last", []int(nil)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAllow(t *testing.T) {
	tests := []struct {
		name, text string
		silent     bool
	}{
		{"end of the line", "pattern = '(?m)failed here' # lint: allow W016 so it was", true},
		{"line above", "# lint: allow W016 so it was\npattern = '(?m)failed here'", true},
		{"two lines above, with another comment", "# lint: allow W016 so it was\n\n# of old\npattern = '(?m)failed here'", true},
		{"several codes", "pattern = '(?m)failed here' # lint: allow W021, W016: so it was", true},
		{"after a long string", "pattern = '''\n(?m)failed here''' # lint: allow W016 so it was", true},
		{"another code", "pattern = '(?m)failed here' # lint: allow W015 so it was", false},
		{"another line", "pattern = '(?m)failed here'\n# lint: allow W016 so it was\npriority = 5", false},
		{"in a string", "pattern = '(?m)failed here # lint: allow W016 so it was'", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if found := of("W016", run(t, ruleText("a", test.text), Options{})); (len(found) == 0) != test.silent {
				t.Errorf("found %+v", found)
			}
		})
	}
}
