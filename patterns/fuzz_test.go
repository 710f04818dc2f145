package patterns

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// loadText loads a text as the only file besides base.toml.
func loadText(text []byte) (*Set, error) {
	l := newLoader()
	l.find(nil, "")
	l.decode(source{name: "fuzz.toml"}, text)
	return l.finish()
}

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
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := loadText(text)
		if _, again := loadText(text); fmt.Sprint(err) != fmt.Sprint(again) {
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
	})
}
