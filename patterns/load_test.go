package patterns

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// write writes files, by name, into a new folder, and returns it.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mistakes returns what err says, without the name of the folder.
func mistakes(t *testing.T, err error, dir string) string {
	t.Helper()
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[strict.Mistakes](err); !ok {
		t.Errorf("error of type %T, want Mistakes", err)
	}
	return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

// good is the rest of a rule of which a test gives the keys that matter.
const good = "id = 'r'\nfile = 'console'\ntag = 'code'\n"

// TestRuleMistakes has rules, below an otherwise empty file, and what is wrong
// with them, a line for each mistake. No rule among them may be loaded.
func TestRuleMistakes(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty rule", "[[rule]]", `r.toml:1:3: rule 1: has no id, no file, no message, no tag, no pattern (or literal); every rule has an id, a file, a pattern or literal, a message and a tag`},
		{"no message", "[[rule]]\n" + good + "literal = 'x'\n", `r.toml:1:3: rule "r": has no message; every rule has an id, a file, a pattern or literal, a message and a tag`},
		{"no pattern", "[[rule]]\n" + good + "message = 'm'\n", `r.toml:1:3: rule "r": has no pattern (or literal); every rule has an id, a file, a pattern or literal, a message and a tag`},
		{"all empty", "[[rule]]\nid = ''\nfile = ''\ntag = ''\nmessage = ' '\nliteral = ''", `
r.toml:2:1: rule 1: id "" is empty; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names
r.toml:3:1: rule 1: file is empty; give a logical name, a path or a glob
r.toml:4:1: rule 1: unknown tag ""; declare it in [tags]; known are code, configuration, credentials, dependency, infra, quality, test, timeout, vcs
r.toml:5:1: rule 1: message is empty; say in a few words what went wrong
r.toml:6:1: rule 1: literal is empty and would match every line; give the text to look for`},
		{"all of the wrong type", "[[rule]]\nid = 1\nfile = 2\npattern = 3\nmessage = 4\ntag = 5\ntier = 6\npriority = '7'\nexclude = 8\ntest = 9", `
r.toml:2:1: rule 1: "id" is an integer, but must be a string; put it in quotes
r.toml:3:1: rule 1: "file" is an integer, but must be a string; put it in quotes
r.toml:4:1: rule 1: "pattern" is an integer, but must be a string; put it in quotes
r.toml:5:1: rule 1: "message" is an integer, but must be a string; put it in quotes
r.toml:6:1: rule 1: "tag" is an integer, but must be a string; put it in quotes
r.toml:7:1: rule 1: "tier" is an integer, but must be a string; put it in quotes
r.toml:8:1: rule 1: "priority" is a string, but must be an integer; write it without quotes
r.toml:9:1: rule 1: "exclude" is an integer, but must be an array of strings
r.toml:10:1: rule 1: "test" is an integer, but must be an array of tables; write [{ … }], or its header in double brackets`},
		{"one pair of brackets", "[rule]\nid = 'a'", `r.toml:1:2: "rule" is a table, but must be an array of tables; write [{ … }], or its header in double brackets`},

		{"unknown key", "[[rule]]\n" + good + "literal = 'x'\nmessage = 'm'\npatern = 'x'\n", `r.toml:7:1: rule "r": unknown key "patern"; did you mean "pattern"?`},
		{"misspelt keys that are needed", "[[rule]]\nid = 'r'\nfile = 'console'\npatern = 'x'\nmesage = '{x}'\nTag = 'code'\n", `
r.toml:4:1: rule "r": unknown key "patern"; did you mean "pattern"?
r.toml:5:1: rule "r": unknown key "mesage"; did you mean "message"?
r.toml:6:1: rule "r": unknown key "Tag"; did you mean "tag"?`},
		{"misspelt literal, no message", "[[rule]]\n" + good + "litteral = 'x'\n", `
r.toml:1:3: rule "r": has no message; every rule has an id, a file, a pattern or literal, a message and a tag
r.toml:5:1: rule "r": unknown key "litteral"; did you mean "literal"?`},
		{"misspelt in another rule", "[[rule]]\n" + good + "literal = 'x'\nmesage = 'm'\n[[rule]]\nid = 's'\nfile = 'console'\ntag = 'code'\nliteral = 'x'\n", `
r.toml:6:1: rule "r": unknown key "mesage"; did you mean "message"?
r.toml:7:3: rule "s": has no message; every rule has an id, a file, a pattern or literal, a message and a tag`},
		{"unknown key near to none", rule("colour = 3"), `r.toml:2:1: rule "r": unknown key "colour"; see watchcat help rules`},
		{"unknown key near to next", rule("nxt = 'x'"), `r.toml:2:1: rule "r": unknown key "nxt"; did you mean "next"?`},
		{"unknown key at the top", "colour = 3", `r.toml:1:1: unknown key "colour"; known here: files, override, rule, tags`},
		{"an id twice, both rules broken", rule("id = 'a'\ncolour = 3") + rule("id = 'a'\ntag = 'no'") + rule("id = 'a'"), `
r.toml:3:1: rule "a": unknown key "colour"; see watchcat help rules
r.toml:9:1: rule "a": id "a" is already used in r.toml:1; give one of the two rules another id
r.toml:10:1: rule "a": unknown tag "no"; declare it in [tags]; known are code, configuration, credentials, dependency, infra, quality, test, timeout, vcs
r.toml:15:1: rule "a": id "a" is already used in r.toml:1; give one of the two rules another id`},
		{"unknown table", "[[rules]]\nid = 'a'", `r.toml:1:3: unknown key "rules"; did you mean "rule"?`},
		{"capitals in the id", rule("id = 'Foo'"), `r.toml:2:1: rule "Foo": id "Foo" is not well formed; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names`},
		{"id that begins with a dash", rule("id = '-f'"), `r.toml:2:1: rule "-f": id "-f" is not well formed; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names`},
		{"blank in the id", rule("id = 'a b'"), `r.toml:2:1: rule "a b": id "a b" is not well formed; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names`},

		{"unknown tag", rule("tag = 'qualty'"), `r.toml:2:1: rule "r": unknown tag "qualty"; did you mean "quality"? or declare it in [tags]`},
		{"unknown tier", rule("tier = 'reason'"), `r.toml:2:1: rule "r": unknown tier "reason"; write "cause", "clue" for lines that name the reason only where a command failed, or "symptom" for those that only say that something failed`},
		{"empty tier", rule("tier = ''"), `r.toml:2:1: rule "r": unknown tier ""; write "cause", "clue" for lines that name the reason only where a command failed, or "symptom" for those that only say that something failed`},
		{"priority in quotes", rule("priority = '50'"), `r.toml:2:1: rule "r": "priority" is a string, but must be an integer; write it without quotes`},
		{"priority in words", rule("priority = 'high'"), `r.toml:2:1: rule "r": "priority" is a string, but must be an integer`},
		{"exclude without brackets", rule("exclude = 'x'"), `r.toml:2:1: rule "r": "exclude" is a string, but must be an array of strings; write ["x"]`},
		{"empty and impossible exclude", rule("exclude = ['ok', '',\n  \"x\\n\"]"), `
r.toml:2:18: rule "r": an empty exclude excludes every line; leave it out
r.toml:3:3: rule "r": exclude "x\n" is never part of a line; leave out the end of the line`},

		{"both", rule("literal = 'x'\npattern = 'x'"), `r.toml:2:1: rule "r": has both pattern and literal; leave one of them out`},
		{"empty pattern", rule("pattern = ''"), `r.toml:2:1: rule "r": pattern can match nothing at all, and so every line; make it ask for some text`},
		{"pattern that matches nothing", rule("pattern = '(x|y*)?'"), `r.toml:2:1: rule "r": pattern can match nothing at all, and so every line; make it ask for some text`},
		{"pattern without width", rule(`pattern = '^\b(a{0}|$)'`), `r.toml:2:1: rule "r": pattern can match a line without any text; make it ask for some text`},
		{"pattern over two lines", rule(`pattern = 'one\ntwo'`), `r.toml:2:1: rule "r": pattern can never match: rules see one line at a time, without its end; leave out the end of the line; what must be on the line after it goes into next`},
		{"pattern that ends a line", rule("pattern = '''\n(one|two)\n'''"), `r.toml:2:1: rule "r": pattern can never match: rules see one line at a time, without its end; leave out the end of the line; what must be on the line after it goes into next`},
		{"pattern with an escape", rule(`pattern = '(\x1b\[31m|[\r\n])+x'`), `r.toml:2:1: rule "r": pattern can never match: rules see one line at a time, without its end; leave out the end of the line; what must be on the line after it goes into next`},
		{"bad pattern", rule(`pattern = 'a(b'`), "r.toml:2:1: rule \"r\": bad pattern: missing closing ): `a(b`; see https://pkg.go.dev/regexp/syntax"},
		{"bad pattern, no better message", rule("pattern = 'a(b'\nmessage = ' '"), "r.toml:2:1: rule \"r\": bad pattern: missing closing ): `a(b`; see https://pkg.go.dev/regexp/syntax\nr.toml:3:1: rule \"r\": message is empty; say in a few words what went wrong"},
		{"both, and both bad", rule("literal = 'x'\npattern = ''"), `
r.toml:2:1: rule "r": has both pattern and literal; leave one of them out
r.toml:3:1: rule "r": pattern can match nothing at all, and so every line; make it ask for some text`},
		{"repeated repetition", rule(`pattern = 'a**'`), "r.toml:2:1: rule \"r\": bad pattern: invalid nested repetition operator: `**`; see https://pkg.go.dev/regexp/syntax"},
		{"look-ahead", rule(`pattern = 'a(?!b)'`), "r.toml:2:1: rule \"r\": bad pattern: invalid or unsupported Perl syntax: `(?!`; patterns (RE2) have no look-ahead or look-behind: say what the line must not hold in exclude (plain text) or unless (a pattern), and what the next line must not be in unless with within = \"next\""},
		{"look-behind", rule(`pattern = '(?<=a)b'`), "r.toml:2:1: rule \"r\": bad pattern: invalid named capture: `(?<=a)b`; patterns (RE2) have no look-ahead or look-behind: put what goes before into the pattern itself, and capture the rest: (…)"},
		{"back reference", rule(`pattern = '(a)\1'`), "r.toml:2:1: rule \"r\": bad pattern: invalid escape sequence: `\\1`; patterns (RE2) have no references back to a group: spell out the texts that may come twice, (?:aa|bb), or look for the second one in next or all"},
		{"literal over two lines", rule("literal = '''\none\n'''"), `r.toml:2:1: rule "r": literal "one\n" can never match: rules see one line at a time, without its end; leave out the end of the line`},

		{"capture that is not there", rule("message = 'no {requirment} of {x}'\npattern = '(?P<requirement>x)(y)'"), `
r.toml:2:1: rule "r": message names {requirment}, which the pattern does not capture; did you mean {requirement}?
r.toml:2:1: rule "r": message names {x}, which the pattern does not capture; put (?P<x>…) into the pattern; for the braces themselves write {{x}}`},
		{"group that is not there", rule("message = '{1} {2} {10}'\npattern = '(x)'"), `
r.toml:2:1: rule "r": message names {10}, which the pattern does not capture; its last group is {1}; for the braces themselves write {{10}}
r.toml:2:1: rule "r": message names {2}, which the pattern does not capture; its last group is {1}; for the braces themselves write {{2}}`},
		{"capture of a literal", rule("message = '{x}'"), `r.toml:2:1: rule "r": message names {x}, which the pattern does not capture; a literal captures nothing; for the braces themselves write {{x}}`},
		{"message over two lines", rule(`message = "a\nb"`), `r.toml:2:1: rule "r": message "a\nb" is not one line of plain text; leave out ends of lines, tabs and other control characters`},

		{"absolute file", rule("file = '/var/log/x'"), `r.toml:2:1: rule "r": file "/var/log/x" does not lie in the folder of a job's logs; give the path below that folder`},
		{"file elsewhere", rule("file = 'https://x/y'"), `r.toml:2:1: rule "r": file "https://x/y" does not lie in the folder of a job's logs; give the path below that folder`},
		{"file that leads out", rule("file = 'a/../../x'"), `r.toml:2:1: rule "r": file "a/../../x" leads out of the folder of a job's logs; give the path below that folder`},
		{"folder", rule("file = 'logs/'"), `r.toml:2:1: rule "r": file "logs/" is a folder; name a file in it, or all with /*`},
		{"file in a long form", rule("file = './logs/x'"), `r.toml:2:1: rule "r": file "./logs/x" is not in its shortest form; write "logs/x"`},
		{"archives", rule("file = 'a//b//c//x'"), `r.toml:2:1: rule "r": file "a//b//c//x" is in too many archives; at most one archive in another is read`},
		{"slashes", rule("file = 'a///x'"), `r.toml:2:1: rule "r": file "a///x" has a slash too many; write ARCHIVE//MEMBER`},
		{"member in a long form", rule("file = 'a.tar//./x'"), `r.toml:2:1: rule "r": file "a.tar//./x" is not in its shortest form; write "a.tar//x"`},
		{"bad glob", rule("file = 'logs/[a-'"), `r.toml:2:1: rule "r": file "logs/[a-" is no glob: syntax error in pattern; close each [ with a ], or write \[ for the bracket itself`},
		{"** beside letters", rule("file = 'a**/x.log'"), `r.toml:2:1: rule "r": file "a**/x.log": ** beside letters; ** alone stands for any folders: **/*.log`},
		{"other pseudo-file", rule("file = '@results'"), `r.toml:2:1: rule "r": file "@results" is no file; the only name with an @ is "@result"`},
		{"misspelt logical name", rule("file = 'consle'"), `r.toml:2:1: rule "r": file "consle" is no logical name; did you mean "console"? if a log is really called that, say so in [files]`},

		{"tests without log and want", rule("literal = 'x'[[rule.test]]\n[[rule.test]]\nlog = ''\nwnt = ''"), `
r.toml:7:8: rule "r", test 1: has no log; give the line of a log to try the rule on
r.toml:7:8: rule "r", test 1: has no want; give the message, or want = "" if the rule must not match
r.toml:9:1: rule "r", test 2: log is empty; give the line of a log to try the rule on
r.toml:10:1: rule "r", test 2: unknown key "wnt"; did you mean "want"?`},
		{"want that ends in a blank", rule("literal = 'x'[[rule.test]]\nlog = 'x'\nwant = 'm '"), `r.toml:9:1: rule "r", test 1: want "m " ends in a blank, which no message does; leave the blank out`},
		{"syntax", "[[rule]]\nid = 'a'\npattern = \"\\d+\"", `r.toml:3:12: invalid escape character 'd'; a backslash stands for itself in single quotes`},
		{"string without an end", "[[rule]]\nid = 'a'\npattern = '''x\n[[rule]]\nid = 'b'\n", `r.toml:3:1: multiline literal string not terminated by '''; close the string`},
		{"not UTF-8", rule("pattern = 'caf\xe9'"), `r.toml:2:15: the byte 0xe9 is not valid UTF-8; save the file as UTF-8`},
		{"empty file", "", `r.toml: the file has no rule in it; write a [[rule]], or do not name the file`},
		{"comments only", "# later\n", `r.toml: the file has no rule in it; write a [[rule]], or do not name the file`},

		{"bad declarations", "[tags]\nA = 'a'\nb = ' '\nc = 3\n[files]\nx = []\ny = 'z'\nz = ['/z', 'a.tar//b/', '']\n'X' = ['x']", `
r.toml:2:1: [tags]: tag "A" is not well formed; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names
r.toml:3:1: [tags]: tag "b" has no meaning; say in a few words what it stands for
r.toml:4:1: [tags]: "c" is an integer, but must be a string; put it in quotes
r.toml:6:1: [files]: logical file "x" stands for no file; list the files to try; the first that exists is read
r.toml:7:1: [files]: "y" is a string, but must be an array of strings; write ["z"]
r.toml:8:6: [files]: file "/z" does not lie in the folder of a job's logs; give the path below that folder
r.toml:8:12: [files]: file "a.tar//b/" is a folder; name a file in it, or all with /*
r.toml:8:25: [files]: file is empty; give a logical name, a path or a glob
r.toml:9:1: [files]: logical file "X" is not well formed; write small letters, digits, ".", "_" and "-", first a letter or digit: names stand in links, commands and file names`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := write(t, map[string]string{"r.toml": test.text})
			set, err := Load([]string{"r.toml"}, Options{Dir: dir})
			if diff := cmp.Diff(strings.TrimPrefix(test.want, "\n"), mistakes(t, err, dir)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(set.Rules) > 0 {
				t.Errorf("loaded %+v", set.Rules)
			}
		})
	}
}

// rule returns a rule that is good but for what keys say, which come first.
func rule(keys string) string {
	keys, tests, _ := strings.Cut(keys, "[[rule.test]]")
	text := "[[rule]]\n" + keys + "\n"
	for _, line := range []string{"id = 'r'", "file = 'console'", "tag = 'code'", "message = 'm'", "literal = 'x'"} {
		key, _, _ := strings.Cut(line, " ")
		if !strings.Contains("\n"+keys, "\n"+key+" ") && (key != "literal" || !strings.Contains(keys, "pattern = ")) {
			text += line + "\n"
		}
	}
	if tests != "" {
		text += "[[rule.test]]" + tests
	}
	return text
}

func TestLoad(t *testing.T) {
	dir := write(t, map[string]string{
		"mine.toml": `
[tags]
kernel = "the kernel"
code = "our code"
[files]
console = ["log.txt"]
syslog = ["var/syslog.gz", "*/messages"]
[[rule]]
id = "a"
file = "console"
pattern = 'E(?P<n>\d+) \{'
message = "{{E}} {n} {1} {0} { }"
tag = "kernel"
tier = "symptom"
priority = -5
exclude = ["no"]
[[rule.test]]
log = "E5 {"
want = "{E} 5 5 E5 { { }"
[[rule.test]]
log = """
E5 { no
"""
want = ""
[[rule]]
id = "0.b_-"
file = "@result"
literal = "NODE_FAILURE"
message = "no node"
tag = "infra"
[[rule]]
id = "c"
file = "syslog"
literal = "x"
message = "m"
tag = "code"
[[rule]]
id = "d"
file = "logs/*/x-[0-9].log"
literal = "x"
message = "m"
tag = "code"
`})
	set, err := Load([]string{"mine.toml"}, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	want := []classify.Rule{
		{ID: "a", Files: []string{"log.txt"}, Pattern: `E(?P<n>\d+) \{`, Message: "{{E}} {n} {1} {0} { }", Tag: "kernel", Tier: classify.TierSymptom, Priority: -5, Exclude: []string{"no"}},
		{ID: "0.b_-", Files: []string{classify.ResultFile}, Literal: "NODE_FAILURE", Message: "no node", Tag: "infra"},
		{ID: "c", Files: []string{"var/syslog.gz", "*/messages"}, Literal: "x", Message: "m", Tag: "code"},
		{ID: "d", Files: []string{"logs/*/x-[0-9].log"}, Literal: "x", Message: "m", Tag: "code"},
	}
	if diff := cmp.Diff(want, set.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if got := set.Tags["kernel"] + ", " + set.Tags["code"]; got != "the kernel, our code" {
		t.Errorf("tags: %s", got)
	}
	if _, known := set.Tags["vcs"]; !known {
		t.Error("the tags of base.toml are missing")
	}
	if got, want := set.Origin("c"), filepath.Join(dir, "mine.toml")+":31"; got != want {
		t.Errorf("Origin = %s, want %s", got, want)
	}
	if got := set.Origin("none"); got != "" {
		t.Errorf("Origin of no rule = %s", got)
	}
}

// TestLoadFive holds what the README promises: five lines are a rule file.
func TestLoadFive(t *testing.T) {
	dir := write(t, map[string]string{"five.toml": "[[rule]]\n" + good + "literal = 'x'\nmessage = 'm'\n"})
	set, err := Load([]string{"five.toml"}, Options{Dir: dir})
	if err != nil || len(set.Rules) != 1 {
		t.Fatalf("%d rules, %v", len(set.Rules), err)
	}
	if diff := cmp.Diff(set.Files["console"], set.Rules[0].Files); diff != "" || len(set.Files["console"]) < 3 {
		t.Errorf("files of the console (-want +got):\n%s", diff)
	}
}

// simple returns a rule file with rules of those ids.
func simple(ids ...string) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "[[rule]]\nid = '%s'\nfile = 'console'\nliteral = 'x'\nmessage = 'm'\ntag = 'code'\n", id)
	}
	return b.String()
}

func TestLoadSpecs(t *testing.T) {
	dir := write(t, map[string]string{
		"one.toml":          simple("one"),
		"rules/a.toml":      simple("a1", "a2"),
		"rules/b.toml":      simple("b"),
		"rules/notes.txt":   "no rule",
		"rules/.#b.toml":    "no rule",
		"rules/sub/c.toml":  simple("c"),
		"rules/d.toml/x":    "a folder with the name of a file",
		"empty/readme":      "",
		"odd/[x].toml":      simple("odd"),
		"odd/x.toml":        simple("x"),
		"broken/bad.toml":   "[[rule]]\nid = ",
		"broken/good.toml":  simple("good"),
		"broken/mixed.toml": simple("first") + "[[rule]]\nid = 'second'\n" + simple("third"),
		"huge.toml":         "#" + strings.Repeat("x", maxFile),
	})
	tests := []struct {
		name  string
		specs []string
		ids   string
		want  string
	}{
		{"none", nil, "", ""},
		{"a file", []string{"one.toml"}, "one", ""},
		{"an absolute file", []string{filepath.Join(dir, "one.toml")}, "one", ""},
		{"a folder", []string{"rules"}, "a1 a2 b", ""},
		{"a folder with a slash", []string{"rules/"}, "a1 a2 b", ""},
		{"a glob", []string{"rules/[bc]*.toml"}, "b", ""},
		{"a glob of folders", []string{"rules/*/*.toml"}, "c", ""},
		{"a file that looks like a glob", []string{"odd/[x].toml"}, "odd", ""},
		{"in the order of the specs, each file once", []string{"rules/b.toml", "./rules/../one.toml", "rules", filepath.Join(dir, "one.toml"), "*.tom[l]"}, "b one a1 a2",
			"huge.toml: more than 16777216 bytes are no rule file; name a rule file that can be read"},
		{"one broken file, one broken rule", []string{"broken"}, "good first third", `
broken/bad.toml:2:5: expected value, not end of input; write the value behind the =
broken/mixed.toml:7:3: rule "second": has no file, no message, no tag, no pattern (or literal); every rule has an id, a file, a pattern or literal, a message and a tag`},
		{"nothing there", []string{"none.toml", "no*.toml", "empty", "", "one.toml"}, "one", `
a rule file has an empty name; name a file, a folder, a glob or "default"
empty: the folder has no *.toml file; put rule files there, or name another folder
no*.toml: no file matches; name files that are there
none.toml: no such file or directory; name a rule file that can be read`},
		{"a bad glob", []string{"no[.toml"}, "", `no[.toml: syntax error in pattern; close each [ with a ]`},
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

func TestLoadUnreadable(t *testing.T) {
	dir := write(t, map[string]string{"one.toml": simple("one"), "sub/two.toml": simple("two")})
	if err := os.Symlink("gone", filepath.Join(dir, "link.toml")); err != nil {
		t.Skip(err)
	}
	set, err := Load([]string{"*.toml"}, Options{Dir: dir})
	want := "link.toml: no such file or directory; name a rule file that can be read"
	if got := mistakes(t, err, dir); got != want || len(set.Rules) != 1 {
		t.Errorf("%d rules, mistakes:\n%s", len(set.Rules), got)
	}
	if os.Getuid() == 0 {
		return // root may read everything
	}
	for _, name := range []string{"one.toml", "sub"} {
		if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
			t.Fatal(err)
		}
	}
	_, err = Load([]string{"one.toml", "sub"}, Options{Dir: dir})
	want = "one.toml: permission denied; name a rule file that can be read\nsub: permission denied; make it readable, or name another folder"
	if got := mistakes(t, err, dir); got != want {
		t.Errorf("mistakes:\n%s", got)
	}
}

// TestLoadSeveral holds what holds between files: ids, tags and logical names.
func TestLoadSeveral(t *testing.T) {
	dir := write(t, map[string]string{
		"a.toml": "[tags]\nmine = 'm'\nother = 'o'\ncode = 'c'\n[files]\nsyslog = ['s']\nconsole = ['c']\n" + simple("one", "two"),
		"b.toml": "[tags]\nmine = 'm'\nother = 'p'\ncode = 'c'\n[files]\nsyslog = ['t']\nconsole = ['c']\n" + simple("two", "three", "three"),
		"c.toml": "[[rule]]\nid = 'four'\nfile = 'syslog'\nliteral = 'x'\nmessage = 'm'\ntag = 'mine'\n",
	})
	set, err := Load([]string{"."}, Options{Dir: dir})
	want := `
b.toml:3:1: [tags]: "other" is declared otherwise in DIR/a.toml:3; declare it once, or the same way
b.toml:6:1: [files]: "syslog" is declared otherwise in DIR/a.toml:6; declare it once, or the same way
b.toml:9:1: rule "two": id "two" is already used in DIR/a.toml:14; give one of the two rules another id
b.toml:21:1: rule "three": id "three" is already used in DIR/b.toml:14; give one of the two rules another id`
	want = strings.ReplaceAll(strings.TrimPrefix(want, "\n"), "DIR/", "")
	if diff := cmp.Diff(want, mistakes(t, err, dir)); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	var got []string
	for _, r := range set.Rules {
		got = append(got, r.ID+" "+strings.Join(r.Files, ","))
	}
	if diff := cmp.Diff([]string{"one c", "two c", "three c", "four s"}, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

// TestLoadOverDefault: what the packs declare may be declared anew by others,
// wherever the packs stand among the specs.
func TestLoadOverDefault(t *testing.T) {
	dir := write(t, map[string]string{
		"mine.toml":   "[tags]\ntest = 'mine'\n[files]\nconsole = ['mine.log']\n",
		"broken.toml": "[files]\nconsole = ['/x']\n",
	})
	for _, specs := range [][]string{{Default, "mine.toml"}, {"mine.toml", Default}} {
		set, _ := Load(specs, Options{Dir: dir}) // TestDefaultPacks tells their mistakes
		if got := strings.Join(set.Files["console"], " "); got != "mine.log" || set.Tags["test"] != "mine" {
			t.Errorf("%s: console is %s, test is %s", specs, got, set.Tags["test"])
		}
	}
	set, err := Load([]string{"broken.toml", Default}, Options{Dir: dir})
	if err == nil || len(set.Files["console"]) < 3 {
		t.Errorf("a broken declaration took %s away: %v", set.Files["console"], err)
	}
}
