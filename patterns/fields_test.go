package patterns

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// tableTypes are the structs that tables are decoded into.
var tableTypes = map[string]reflect.Type{
	"file": reflect.TypeFor[ruleFile](), "rule": reflect.TypeFor[ruleText](), "unless": reflect.TypeFor[unlessText](),
	"condition": reflect.TypeFor[conditionText](), "context": reflect.TypeFor[contextText](), "test": reflect.TypeFor[testText](),
	"override": reflect.TypeFor[overrideText](),
}

// TestFields: every key that is decoded is told of, and no other.
func TestFields(t *testing.T) {
	for _, table := range Tables {
		var told []string
		for _, f := range FieldsOf(table.Name) {
			told = append(told, f.Name)
			if f.Meaning == "" || (f.Of != "") != (f.Type == SubTable || f.Type == SubTables) || (f.Words != nil) != (f.Type == Word || f.Type == Reach) {
				t.Errorf("%s.%s is not told of as it should be: %+v", table.Name, f.Name, f)
			}
		}
		if table.Name == "override" {
			told = append(told, ruleKeys...)
		}
		want := map[string]bool{}
		for _, key := range keysOf(tableTypes[table.Name]) {
			want[key] = true
		}
		for _, key := range told {
			if !want[key] {
				t.Errorf("%s.%s is told of, but unknown", table.Name, key)
			}
		}
		for key := range want {
			if !slices.Contains(told, key) {
				t.Errorf("%s.%s is not told of", table.Name, key)
			}
		}
	}
}

// TestExamples runs the example of every field.
func TestExamples(t *testing.T) {
	for _, f := range Fields {
		t.Run(f.Table+"."+f.Name, func(t *testing.T) {
			if len(f.Example.Cases) == 0 {
				return
			}
			set, err := loadTexts([]byte(f.Example.whole()), []byte(cmp.Or(f.Example.Later, "[tags]\nx = 'x'")))
			if err != nil {
				t.Fatalf("%v\n%s", err, f.Example.whole())
			}
			for _, c := range f.Example.Cases {
				tryCase(t, set, c)
			}
			results, err := set.Test(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !r.Passed() {
					t.Error(r)
				}
			}
		})
	}
}

// whole returns the rules of an example as a file: those that lack what every
// rule has are given it.
func (e Example) whole() string {
	text := e.Rules
	if !strings.Contains(text, "[[rule]]") {
		text = "[[rule]]\n" + text
	}
	parts := strings.Split(text, "[[rule]]\n")
	for i, part := range parts[1:] {
		own, _, _ := strings.Cut(part, "[[")
		for _, line := range []string{"message = 'match'", "tag = 'code'", "file = 'console'", fmt.Sprintf("id = 'example-%d'", i)} {
			key, _, _ := strings.Cut(line, " ")
			if !strings.Contains("\n"+own, "\n"+key+" = ") {
				parts[i+1] = line + "\n" + parts[i+1]
			}
		}
	}
	return strings.Join(parts, "[[rule]]\n")
}

// tryCase holds the rules of a set to what a case says of them.
func tryCase(t *testing.T, set *Set, c Case) {
	t.Helper()
	engine, err := classify.Compile(set.Rules)
	if err != nil {
		t.Fatal(err)
	}
	engine.Console = set.Files["console"]
	job, logs := c.Job, memory{}
	job.LogURL = "memory://example/"
	for name, text := range c.Files {
		logs[name] = text
		if candidates, logical := set.Files[name]; logical {
			logs[candidates[0]] = text
		}
	}
	file := set.Files["console"][0]
	if rules := slices.Concat(set.Rules, set.Off); rules[0].Files[0] == classify.ResultFile {
		job.Result, job.Detail, _ = strings.Cut(c.Log, " ")
	} else {
		file = rules[0].Files[0]
	}
	logs[file] = c.Log
	for r := range engine.Run(t.Context(), logs, []classify.Job{job}) {
		if r.Reason != c.Verdict {
			t.Errorf("the verdict is %q, want %q, on\n%s", r.Reason, c.Verdict, c.Log)
		}
		if c.Lines == "" {
			continue
		}
		e := r.Evidence[0]
		if got := fmt.Sprintf("%d-%d", e.Line, e.EndLine); got != c.Lines {
			t.Errorf("the evidence is lines %s, want %s, of\n%s", got, c.Lines, c.Log)
		}
	}
}

// memory are the logs of a job, by name.
type memory map[string]string

func (m memory) Open(_ context.Context, _ classify.Job, file string) (io.ReadCloser, error) {
	if text, ok := m[file]; ok {
		return io.NopCloser(strings.NewReader(text)), nil
	}
	return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
}

func (m memory) List(_ context.Context, _ classify.Job, glob string) ([]string, error) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if classify.MatchFile(glob, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// commentMark begins the part of the package comment that is made of Fields.
const commentMark = "// # A rule file\n"

// TestComment holds the package comment to Fields; with -update it writes it.
func TestComment(t *testing.T) {
	text, err := os.ReadFile("patterns.go")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), commentMark)
	_, after, _ := strings.Cut(rest, "\npackage patterns\n")
	if !ok {
		t.Fatalf("the package comment has no line %q", commentMark)
	}
	want := before + comment() + "package patterns\n" + after
	if *update {
		if err := os.WriteFile("patterns.go", []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(want, string(text)); diff != "" {
		t.Errorf("run go test ./patterns -run TestComment -update (-want +got):\n%s", diff)
	}
}

// comment returns the part of the package comment that is made of Fields.
func comment() string {
	var b strings.Builder
	for i, table := range Tables {
		if i > 0 {
			b.WriteString("//\n")
		}
		fmt.Fprintf(&b, "// # %s\n//\n", table.Title)
		for line := range strings.Lines(table.Intro()) {
			b.WriteString("// " + line)
		}
		b.WriteString("//\n")
		for _, f := range FieldsOf(table.Name) {
			for line := range strings.Lines(f.Text(false)) {
				b.WriteString("//\t" + line)
			}
		}
	}
	return b.String()
}
