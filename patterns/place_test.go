package patterns

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlace(t *testing.T) {
	set, err := loadText([]byte("[[rule]]\nid = 'r'\nfile = 'console'\ntag = 'code'\nmessage = 'm'\nliteral = 'x'\nexclude = ['a',\n  'b']\n[[rule.test]]\nlog = 'x'\nwant = 'm'\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		want string
		path []any
	}{
		{"fuzz.toml:1:3", nil},
		{"fuzz.toml:6:1", []any{"literal"}},
		{"fuzz.toml:8:3", []any{"exclude", 1}},
		{"fuzz.toml:7:1", []any{"exclude", 2}},
		{"fuzz.toml:1:3", []any{"pattern"}},
		{"fuzz.toml:9:8", []any{"test", 0}},
		{"fuzz.toml:11:1", []any{"test", 0, "want"}},
	}
	for _, test := range tests {
		if got := set.Place("r", test.path...).String(); got != test.want {
			t.Errorf("Place(%v) = %s, want %s", test.path, got, test.want)
		}
	}
	if got := set.Place("other", "id"); got != (Place{}) {
		t.Errorf("Place of no rule = %v", got)
	}
	if set.File("r") != "console" || set.File("other") != "" || set.Origin("r") != "fuzz.toml:1" {
		t.Errorf("file %q, origin %s", set.File("r"), set.Origin("r"))
	}
}

func TestSources(t *testing.T) {
	dir := write(t, map[string]string{"a.toml": simple("a"), "rules/b.toml": simple("b")})
	set, err := Load([]string{"rules", Default, "*.toml", "rules/b.toml"}, Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range set.Sources {
		if !s.Packed {
			name := strings.TrimPrefix(s.Name, dir+string(filepath.Separator))
			got = append(got, name+" of "+s.Pack+" "+s.SHA256[:8])
		} else if s.Pack != Default {
			t.Errorf("%s comes from %q", s.Name, s.Pack)
		}
	}
	if diff := cmp.Diff([]string{"rules/b.toml of rules 378131d0", "a.toml of *.toml d83252fc"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if first := set.Sources[0]; first.Name != baseFile || len(first.Text) == 0 {
		t.Errorf("the first is %s", first.Name)
	}
}
