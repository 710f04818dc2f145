package patterns

import (
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
	Override later               `toml:"override"`
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

	Next        later `toml:"next"`
	Unless      later `toml:"unless"`
	All         later `toml:"all"`
	None        later `toml:"none"`
	Until       later `toml:"until"`
	Context     later `toml:"context"`
	Occurrence  later `toml:"occurrence"`
	Jobs        later `toml:"jobs"`
	Projects    later `toml:"projects"`
	Branches    later `toml:"branches"`
	Pipelines   later `toml:"pipelines"`
	Hides       later `toml:"hides"`
	Expires     later `toml:"expires"`
	URL         later `toml:"url"`
	Description later `toml:"description"`
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
	return strict.Mistake{What: "is not supported yet", Remedy: "leave it out"}
}

// loader is what Load keeps from one file to the next.
type loader struct {
	set      *Set
	files    []loaded
	declared map[string]declaration // by "[tags] name" and "[files] name"
	mistakes strict.Mistakes
}

// loaded is a file that was read.
type loaded struct {
	source
	ruleFile
	index  *strict.Index
	broken map[int]bool // rules with mistakes
}

// declaration is where a name was declared, and as what.
type declaration struct {
	place  strict.Mistake
	value  string
	packed bool
}

// read reads a file and decodes it.
func (l *loader) read(s source) {
	text, err := s.text()
	if err != nil {
		l.fail(s.name, reason(err), "name a file that can be read")
		return
	}
	f := loaded{source: s, broken: map[int]bool{}}
	f.index, err = strict.Decode(s.name, text, &f.ruleFile)
	mistakes, _ := errors.AsType[strict.Mistakes](err)
	l.mistakes = append(l.mistakes, mistakes...)
	for _, m := range mistakes {
		f.mark(m.Path)
	}
	if len(mistakes) == 0 && len(f.Rules) == 0 && len(f.Tags) == 0 && len(f.Files) == 0 {
		l.fail(s.name, "the file is empty", "write a [[rule]], or leave the file out")
	}
	l.files = append(l.files, f)
}

// mark notes that the rule that path leads into has a mistake.
func (f *loaded) mark(path []any) {
	if len(path) > 1 && path[0] == "rule" {
		if number, ok := path[1].(int); ok {
			f.broken[number] = true
		}
	}
}

// wrong reports a mistake at path, unless one was reported there before, of
// which this one will be a consequence.
func (l *loader) wrong(f loaded, what, remedy string, path ...any) {
	m := f.index.Mistake(path, what, remedy)
	f.mark(path)
	same := func(n strict.Mistake) bool { return m.File == n.File && m.Line == n.Line && m.Col == n.Col }
	if !slices.ContainsFunc(l.mistakes, same) {
		l.mistakes = append(l.mistakes, m)
	}
}

// declare takes in the tags and logical names of a file.
func (l *loader) declare(f loaded) {
	for _, tag := range slices.Sorted(maps.Keys(f.Tags)) {
		if why := checkName(tag); why != "" {
			l.wrong(f, fmt.Sprintf("tag %q %s", tag, why), nameForm, "tags", tag)
		}
		if l.once(f, f.Tags[tag], "tags", tag) {
			l.set.Tags[tag] = f.Tags[tag]
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Files)) {
		l.candidates(f, name)
		if l.once(f, strings.Join(f.Files[name], ", "), "files", name) {
			l.set.Files[name] = f.Files[name]
		}
	}
}

// candidates checks what stands behind a logical name.
func (l *loader) candidates(f loaded, name string) {
	if why := checkName(name); why != "" {
		l.wrong(f, fmt.Sprintf("logical file %q %s", name, why), nameForm, "files", name)
	}
	if len(f.Files[name]) == 0 {
		l.wrong(f, fmt.Sprintf("logical file %q stands for no file", name), "list the files to try, the first that exists is read", "files", name)
	}
	for i, file := range f.Files[name] {
		if what, remedy := checkPath(file); what != "" {
			l.wrong(f, what, remedy, "files", name, i)
		}
	}
}

// once reports whether a declaration counts: what the packs declare may be
// declared anew, what two other files say must agree.
func (l *loader) once(f loaded, value, table, name string) bool {
	key := "[" + table + "] " + name
	line, col := f.index.At(table, name)
	now := declaration{strict.Mistake{File: f.name, Line: line, Col: col}, value, f.packed}
	before, known := l.declared[key]
	if !known || before.packed && !now.packed || f.name != baseFile && before.place.File == baseFile {
		l.declared[key] = now
		return true
	}
	if now.packed && !before.packed {
		return false
	}
	if before.value != now.value {
		l.wrong(f, fmt.Sprintf("%q is declared otherwise in %s:%d", name, before.place.File, before.place.Line), "declare it once, or the same way", table, name)
	}
	return false
}

// rules takes in the rules of a file.
func (l *loader) rules(f loaded) {
	for i, text := range f.Rules {
		rule := l.rule(f, i, text)
		if f.broken[i] {
			continue
		}
		line, col := f.index.At("rule", i)
		l.set.origins[rule.ID] = strict.Mistake{File: f.name, Line: line, Col: col}
		l.set.Rules = append(l.set.Rules, rule)
		for j, t := range text.Tests {
			line, _ := f.index.At("rule", i, "test", j)
			l.set.Tests = append(l.set.Tests, Test{
				Rule: rule.ID, Origin: fmt.Sprintf("%s:%d", f.name, line), Log: t.Log, Want: t.Want,
			})
		}
	}
}

// rule checks one rule and resolves its file.
func (l *loader) rule(f loaded, i int, text ruleText) classify.Rule {
	c := check{loader: l, file: f, number: i, text: text}
	c.all()
	files, ok := l.set.Files[text.File]
	if !ok {
		files = []string{text.File}
	}
	return classify.Rule{
		ID: text.ID, Files: files, Pattern: text.Pattern, Literal: text.Literal, Message: text.Message,
		Tag: text.Tag, Tier: classify.Tier(text.Tier), Priority: text.Priority, Exclude: text.Exclude,
	}
}
