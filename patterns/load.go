package patterns

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// loader is what Load keeps from one file to the next.
type loader struct {
	set      *Set
	files    []*loaded
	declared map[string]declaration // by "tags.name" and "files.name"
	mistakes strict.Mistakes
	drafts   []*draft          // all rules, in their order
	ids      map[string]*draft // the first with that id, be it broken or not
	lost     bool              // there are rules that could not be read at all
}

// loaded is a file that was read.
type loaded struct {
	source
	ruleFile
	order    int // among the files
	index    *strict.Index
	mistakes strict.Mistakes   // of decoding it
	broken   map[tableKey]bool // tables with mistakes
}

// tableKey names a table of a file: a kind, "rule" or "override", and a number.
type tableKey struct {
	kind   string
	number int
}

func newLoader() *loader {
	return &loader{
		set:      &Set{Tags: map[string]string{}, Files: map[string][]string{}, drafts: map[string]*draft{}},
		declared: map[string]declaration{},
		ids:      map[string]*draft{},
	}
}

// take takes in the text of a file, to be decoded with the others.
func (l *loader) take(s source, text []byte) {
	l.set.Sources = append(l.set.Sources, Source{
		Name: s.name, Packed: s.packed, Text: text, Pack: s.spec, SHA256: fmt.Sprintf("%x", sha256.Sum256(text)),
	})
	l.files = append(l.files, &loaded{source: s, order: len(l.files), broken: map[tableKey]bool{}})
}

// decode decodes all files, on all processors.
func (l *loader) decode() {
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range l.files {
		workers.Go(func() error {
			f.decode(l.set.Sources[i].Text)
			return nil
		})
	}
	workers.Wait()
	for _, f := range l.files {
		if len(f.mistakes) == 0 && len(f.Rules)+len(f.Overrides)+len(f.Tags)+len(f.Files) == 0 {
			l.mistakes = append(l.mistakes, strict.Mistake{File: f.name, What: "the file has no rule in it", Remedy: "write a [[rule]], or do not name the file"})
		}
		l.mistakes = append(l.mistakes, f.mistakes...)
		l.lost = l.lost || slices.ContainsFunc(f.mistakes, func(m strict.Mistake) bool {
			return m.Path == nil // of the syntax: nothing was decoded
		})
	}
}

// decode decodes the text of a file.
func (f *loaded) decode(text []byte) {
	var err error
	f.index, err = strict.Decode(f.name, text, &f.ruleFile)
	f.mistakes, _ = errors.AsType[strict.Mistakes](err)
	for i, m := range f.mistakes {
		f.mark(m.Path)
		if m.Remedy == "" && strings.HasPrefix(m.What, "unknown key") {
			f.mistakes[i].Remedy = elsewhere(m.Path[len(m.Path)-1])
		}
	}
}

// elsewhere returns a remedy for a key that a table does not have, and no key
// like it: it may be one of another table.
func elsewhere(key any) string {
	if i := slices.IndexFunc(Fields, func(f Field) bool { return f.Name == key }); i >= 0 {
		return fmt.Sprintf("watchcat help rules %s tells where it may stand", key)
	}
	return "see watchcat help rules"
}

// finish makes the set of all files that were read: what they declare first,
// since a rule may use what another file declares, then the rules, then what
// overrides make of them.
func (l *loader) finish() (*Set, error) {
	l.decode()
	for _, f := range l.files {
		l.declare(f)
	}
	for _, f := range l.files {
		for i := range f.Rules {
			d := newDraft(table{f, "rule", i})
			l.drafts = append(l.drafts, d)
			check{loader: l, draft: d}.rule()
		}
	}
	l.hides()
	for _, f := range l.files {
		l.override(f)
	}
	l.set.Rules = slices.Grow(l.set.Rules, len(l.drafts))
	for _, d := range l.drafts {
		if !d.broken() {
			l.add(d)
		}
	}
	l.set.prune()
	return l.set, l.mistakes.Err()
}

// place returns where the key or element at path stands.
func (f *loaded) place(path ...any) Place {
	line, col := f.index.At(path...)
	return Place{f.name, line, col}
}

// mark notes that the table that path leads into has a mistake.
func (f *loaded) mark(path []any) {
	if len(path) < 2 {
		return
	}
	kind, _ := path[0].(string)
	if number, ok := path[1].(int); ok {
		f.broken[tableKey{kind, number}] = true
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

// add puts a rule without mistakes into the set.
func (l *loader) add(d *draft) {
	l.set.drafts[d.text.ID] = d
	if d.off != nil {
		l.set.Off = append(l.set.Off, l.resolve(&d.text))
		return
	}
	l.set.Rules = append(l.set.Rules, l.resolve(&d.text))
	for i, t := range d.text.Tests {
		l.set.Tests = append(l.set.Tests, Test{
			Rule: d.text.ID, Origin: d.place("test", i).String(), Log: t.Log, Want: t.Want, Files: t.Files,
			Job: t.Job, Project: t.Project, Branch: t.Branch, Pipeline: t.Pipeline,
		})
	}
}

// prune leaves out of what rules hide the rules that are not in the set, because
// they are broken or off.
func (s *Set) prune() {
	there := map[string]bool{}
	for _, r := range s.Rules {
		there[r.ID] = true
	}
	for i := range s.Rules {
		var hides []string
		for _, id := range s.Rules[i].Hides {
			if there[id] {
				hides = append(hides, id)
			}
		}
		s.Rules[i].Hides = hides
	}
}

// resolve returns a rule as the engine takes it.
func (l *loader) resolve(text *ruleText) classify.Rule {
	r := classify.Rule{
		ID: text.ID, Files: l.candidates(text.File), Pattern: text.Pattern, Literal: text.Literal, Message: text.Message,
		Tag: text.Tag, Tier: classify.Tier(text.Tier), Priority: text.Priority,
		Exclude: text.Exclude, Next: text.Next, All: l.conditions(text.All), None: l.conditions(text.None),
		Until: text.Until, Context: classify.Context(text.Context), Occurrence: classify.Occurrence(text.Occurrence),
		Jobs: text.Jobs, Projects: text.Projects, Branches: text.Branches, Pipelines: text.Pipelines,
		Hides: text.Hides, Expires: string(text.Expires), URL: text.URL, Description: text.Description,
	}
	for _, u := range text.Unless {
		r.Unless = append(r.Unless, classify.Unless{Pattern: u.Pattern, Literal: u.Literal, Within: classify.Within(u.Within)})
	}
	return r
}

// conditions returns conditions as the engine takes them.
func (l *loader) conditions(texts []conditionText) []classify.Condition {
	var conditions []classify.Condition
	for _, c := range texts {
		conditions = append(conditions, classify.Condition{Files: l.candidates(c.File), Pattern: c.Pattern, Literal: c.Literal})
	}
	return conditions
}

// candidates returns what a file of a rule stands for; none for none.
func (l *loader) candidates(file string) []string {
	if files, logical := l.set.Files[file]; logical {
		return files
	}
	if file == "" {
		return nil
	}
	return []string{file}
}
