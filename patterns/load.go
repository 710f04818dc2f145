package patterns

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// ruleFile is a rule file as it is written.
type ruleFile struct {
	Tags     map[string]string   `toml:"tags"`
	Files    map[string][]string `toml:"files"`
	Rules    []ruleText          `toml:"rule"`
	Override later               `toml:"override,unlisted"`
}

// ruleText is a [[rule]] as it is written.
type ruleText struct {
	ID       string     `toml:"id"`
	File     string     `toml:"file"`
	Pattern  string     `toml:"pattern"`
	Literal  string     `toml:"literal"`
	Message  string     `toml:"message"`
	Tag      string     `toml:"tag"`
	Tier     string     `toml:"tier"`
	Priority int        `toml:"priority"`
	Exclude  []string   `toml:"exclude"`
	Tests    []testText `toml:"test"`

	Next        later `toml:"next,unlisted"`
	Unless      later `toml:"unless,unlisted"`
	All         later `toml:"all,unlisted"`
	None        later `toml:"none,unlisted"`
	Until       later `toml:"until,unlisted"`
	Context     later `toml:"context,unlisted"`
	Occurrence  later `toml:"occurrence,unlisted"`
	Jobs        later `toml:"jobs,unlisted"`
	Projects    later `toml:"projects,unlisted"`
	Branches    later `toml:"branches,unlisted"`
	Pipelines   later `toml:"pipelines,unlisted"`
	Hides       later `toml:"hides,unlisted"`
	Expires     later `toml:"expires,unlisted"`
	URL         later `toml:"url,unlisted"`
	Description later `toml:"description,unlisted"`
}

// testText is a [[rule.test]] as it is written.
type testText struct {
	Log  string `toml:"log"`
	Want string `toml:"want"`
}

// later is a key of the rule language that this version does not know yet.
type later struct{}

// UnmarshalTOML says so.
func (later) UnmarshalTOML(any) error {
	return strict.Mistake{What: "not supported yet", Remedy: "leave it out"}
}

// loader is what Load keeps from one file to the next.
type loader struct {
	set      *Set
	files    []*loaded
	declared map[string]declaration // by "tags.name" and "files.name"
	mistakes strict.Mistakes
	ids      map[string]Place // of the first rule with that id, be it broken or not
}

// loaded is a file that was read.
type loaded struct {
	source
	ruleFile
	index    *strict.Index
	mistakes strict.Mistakes // of decoding it
	broken   map[int]bool    // rules with mistakes
}

// declaration is where a name was declared, and as what.
type declaration struct {
	file  string
	line  int
	rank  int
	value string
}

func newLoader() *loader {
	return &loader{
		set: &Set{
			Tags:    map[string]string{},
			Files:   map[string][]string{},
			origins: map[string]origin{},
		},
		declared: map[string]declaration{},
		ids:      map[string]Place{},
	}
}

// read reads a file and decodes it.
func (l *loader) read(s source) {
	text, err := s.text()
	if err != nil {
		l.fail(s.name, reason(err), "name a rule file that can be read")
		return
	}
	l.decode(s, text)
}

// decode takes in the text of a file.
func (l *loader) decode(s source, text []byte) {
	f := &loaded{source: s, broken: map[int]bool{}}
	l.set.Sources = append(l.set.Sources, Source{
		Name: s.name, Packed: s.packed, Text: text, Pack: s.spec, SHA256: fmt.Sprintf("%x", sha256.Sum256(text)),
	})
	var err error
	f.index, err = strict.Decode(s.name, text, &f.ruleFile)
	f.mistakes, _ = errors.AsType[strict.Mistakes](err)
	for _, m := range f.mistakes {
		f.mark(m.Path)
	}
	if err == nil && len(f.Rules) == 0 && len(f.Tags) == 0 && len(f.Files) == 0 {
		l.fail(s.name, "the file has no rule in it", "write a [[rule]], or do not name the file")
	}
	l.mistakes = append(l.mistakes, f.mistakes...)
	l.files = append(l.files, f)
}

// finish makes the set of all files that were read: what they declare first,
// since a rule may use what another file declares.
func (l *loader) finish() (*Set, error) {
	for _, f := range l.files {
		l.declare(f)
	}
	for _, f := range l.files {
		l.rules(f)
	}
	return l.set, l.mistakes.Err()
}

// place returns where the key or element at path stands.
func (f *loaded) place(path ...any) Place {
	line, col := f.index.At(path...)
	return Place{f.name, line, col}
}

// mark notes that the rule that path leads into has a mistake.
func (f *loaded) mark(path []any) {
	if len(path) > 1 && path[0] == "rule" {
		if number, ok := path[1].(int); ok {
			f.broken[number] = true
		}
	}
}

// meant reports whether an unknown key in the table at path most likely stands
// for that key.
func (f *loaded) meant(key string, path ...any) bool {
	return slices.ContainsFunc(f.mistakes, func(m strict.Mistake) bool {
		return m.Meant == key && slices.Equal(m.Path[:len(m.Path)-1], path)
	})
}

// wrong reports a mistake at path, unless decoding the file found one in the
// same place, of which this one is a consequence.
func (l *loader) wrong(f *loaded, what, remedy string, path ...any) {
	f.mark(path)
	m := f.index.Mistake(path, what, remedy)
	for _, first := range f.mistakes {
		if first.Line == m.Line && first.Col == m.Col {
			return
		}
	}
	l.mistakes = append(l.mistakes, m)
}

// declare takes in the tags and logical names of a file.
func (l *loader) declare(f *loaded) {
	for _, tag := range slices.Sorted(maps.Keys(f.Tags)) {
		text := f.Tags[tag]
		if why := checkName(tag); why != "" {
			l.wrong(f, fmt.Sprintf("tag %q %s", tag, why), nameForm, "tags", tag)
		}
		if strings.TrimSpace(text) == "" {
			l.wrong(f, fmt.Sprintf("tag %q has no meaning", tag), "say in a few words what it stands for", "tags", tag)
		}
		if l.counts(f, text, "tags", tag) {
			l.set.Tags[tag] = text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Files)) {
		if why := checkName(name); why != "" {
			l.wrong(f, fmt.Sprintf("logical file %q %s", name, why), nameForm, "files", name)
		}
		files := l.candidates(f, name)
		if l.counts(f, strings.Join(files, "\n"), "files", name) && (len(files) > 0 || l.set.Files[name] == nil) {
			l.set.Files[name] = files
		}
	}
}

// candidates returns what stands behind a logical name, less what has mistakes.
func (l *loader) candidates(f *loaded, name string) []string {
	if len(f.Files[name]) == 0 {
		l.wrong(f, fmt.Sprintf("logical file %q stands for no file", name), "list the files to try; the first that exists is read", "files", name)
	}
	var files []string
	for i, file := range f.Files[name] {
		if what, remedy := checkPath(file); what != "" {
			l.wrong(f, what, remedy, "files", name, i)
			continue
		}
		files = append(files, file)
	}
	return files
}

// counts reports whether a declaration counts: one of a higher rank goes before
// one of a lower, those of the same rank must agree.
func (l *loader) counts(f *loaded, value, table, name string) bool {
	line, _ := f.index.At(table, name)
	now := declaration{f.name, line, f.rank(), value}
	key := table + "." + name
	before, known := l.declared[key]
	if !known || now.rank > before.rank {
		l.declared[key] = now
		return true
	}
	if now.rank == before.rank && now.value != before.value {
		l.wrong(f, fmt.Sprintf("%q is declared otherwise in %s:%d", name, before.file, before.line),
			"declare it once, or the same way", table, name)
	}
	return false
}

// rules takes in the rules of a file.
func (l *loader) rules(f *loaded) {
	for i, text := range f.Rules {
		check{loader: l, file: f, number: i, text: text}.all()
		files, logical := l.set.Files[text.File]
		if !logical {
			files = []string{text.File}
		}
		if f.broken[i] || len(files) == 0 {
			continue
		}
		l.set.origins[text.ID] = origin{spot: spot{f, []any{"rule", i}}, file: text.File}
		l.set.Rules = append(l.set.Rules, classify.Rule{
			ID: text.ID, Files: files, Pattern: text.Pattern, Literal: text.Literal, Message: text.Message,
			Tag: text.Tag, Tier: classify.Tier(text.Tier), Priority: text.Priority, Exclude: text.Exclude,
		})
		for j, t := range text.Tests {
			origin := f.place("rule", i, "test", j).String()
			l.set.Tests = append(l.set.Tests, Test{Rule: text.ID, Origin: origin, Log: t.Log, Want: t.Want})
		}
	}
}
