package patterns

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// loadText loads a text as the only file besides base.toml.
func loadText(text []byte) (*Set, error) { return loadTexts(text) }

// loadTexts loads texts as the only files besides base.toml. The last is
// fuzz.toml.
func loadTexts(texts ...[]byte) (*Set, error) {
	l := newLoader()
	l.find(nil, "")
	for _, text := range texts[:len(texts)-1] {
		l.take(source{name: "first.toml"}, text)
	}
	l.take(source{name: "fuzz.toml"}, texts[len(texts)-1])
	return l.finish()
}

// overridden is a file with rules for another to change.
const overridden = `
[[rule]]
id = "base"
file = "console"
pattern = 'no (?P<x>\S+)'
message = "no {x}"
tag = "code"
[[rule]]
id = "hiding"
file = "@result"
literal = "x"
message = "m"
tag = "code"
hides = ["base"]
all = [{ file = "a.log", literal = "x" }]
`

// FuzzLoad holds Load to what must be true of any rule file: it does not panic,
// a mistake has its place in the text, what it says is the same each time, and
// the engine takes every rule that was loaded.
func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		simple("a", "b", "b"),
		rule(`pattern = '(?i)a(?P<n>\d+)|b{2,}$'`) + "exclude = ['x']\ntier = 'symptom'\npriority = 5",
		rule("pattern = '(a)(?P<b>c)'\nmessage = '{1} {b} {{b}} }{ {}'[[rule.test]]\nlog = 'x'\nwant = ''"),
		rule("file = '@result'\npattern = '[^\\n]'"),
		"[tags]\na = 'b'\n[files]\nf = ['x', 'y/*.log']\n" + rule("file = 'f'\ntag = 'a'"),
		"[files]\nf = ['[']\n" + rule("file = 'f'"),
		"[[rule]]\n[rule.id]\n[[rule]]\nid = 1\nnext = 'x'\n[override]",
		"rule = [{ id = 'a', file = 'console', literal = 'x', message = '{9}', tag = 'code' }]",
		tested, benched,
		rule("next = 'y'\nuntil = '^$'\ncontext = { before = 1 }\nunless = [{ literal = 'z', within = 'file' }, { pattern = 'z', within = 5 }]"),
		rule("jobs = ['a*', '!a', '']\nexpires = 2027-03-01\nurl = 'https://x'\ndescription = 'd'\noccurrence = 'last'\ncontext = { after = 1 }\nhides = ['r', 's']"),
		rule("all = [{}, { file = '@result' }, { file = 'a/*' }, { pattern = 'x' }]\nnone = [{ literal = 'x' }, { file = 'console' }]"),
		"[[override]]\nid = 'base'\noff = true\n[[override]]\nid = 'base'\npattern = 'a'",
		"[[override]]\nid = 'hiding'\npattern = '(?P<x>a)'\nmessage = '{x}'\nhides = ['base']\ntest = [{ log = 'x', want = '', files = { 'a.log' = 'b' } }]\n[[override]]\nid = 'base'\nhides = ['hiding']\noff = false",
	} {
		f.Add([]byte(seed))
	}
	archives, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := loadTexts([]byte(overridden), text)
		if _, again := loadTexts([]byte(overridden), text); fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("twice the same file, but not the same mistakes:\n%v\n%v", err, again)
		}
		mistakes, ok := errors.AsType[strict.Mistakes](err)
		if err != nil && !ok {
			t.Fatalf("error %v is no Mistakes", err)
		}
		for _, m := range mistakes {
			if m.File != "fuzz.toml" || m.What == "" || m.Line > strings.Count(string(text), "\n")+1 {
				t.Errorf("mistake without place or words: %+v", m)
			}
		}
		if _, err := classify.Compile(set.Rules); err != nil {
			t.Errorf("the engine refuses what was loaded: %v", err)
		}
		if _, err := set.Test(t.Context()); err != nil {
			t.Errorf("tests that cannot be run: %v", err)
		}
		for _, r := range slices.Concat(set.Rules, set.Off) {
			if set.Origin(r.ID) == "" || set.File(r.ID) == "" {
				t.Errorf("rule %q comes from nowhere", r.ID)
			}
		}
	})
}
