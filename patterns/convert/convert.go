// Package convert turns the rules of other tools into rule files, and tells
// what of them could not be carried over and what in them looks wrong.
//
// It keeps what a rule means, not how it is written: each tool has its own idea
// of what a line is, of how much of a log a pattern sees and of which of several
// matches counts. Where the two differ a Finding says so, at the place in the
// original.
package convert

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/patterns"
)

// The formats that Convert reads.
const (
	Sova           = "sova"            // sova, the CI monitor of TripleO: one YAML file
	CollectLogs    = "collect-logs"    // the Ansible role that took over sova's file, but reads it otherwise
	ElasticRecheck = "elastic-recheck" // a YAML file with a Lucene query for each bug
	PyTorch        = "pytorch"         // the rule set of PyTorch's log classifier: one TOML file
)

// Formats are the formats that Convert reads.
func Formats() []string { return []string{Sova, CollectLogs, ElasticRecheck, PyTorch} }

// File is a file of another tool.
type File struct {
	Name string // the name that findings give it
	Text []byte
}

// Kind says what a Finding is about.
type Kind string

// The kinds of findings, the worst first.
const (
	Lost    Kind = "lost"    // could not be carried over: there is no rule for it
	Defect  Kind = "defect"  // looks like a defect of the original
	Changed Kind = "changed" // means something else in a case that the finding names
	Note    Kind = "note"    // what else whoever takes over the rules should know
)

// kinds holds each kind's rank.
var kinds = []Kind{Lost, Defect, Changed, Note}

// Finding is something about the original that whoever takes over its rules
// should know.
type Finding struct {
	Place patterns.Place // in the original; Line 0: it is about the whole file, File "": about all of them
	Kind  Kind
	Rules []string // ids of the rules that it is about, as they are called now
	What  string   // one sentence, without a full stop
}

// String returns the finding as one line: the place, the kind, what there is to
// say, and the rules that it is about.
func (f Finding) String() string {
	place := f.Place.File
	if f.Place.Line > 0 {
		place = f.Place.Row()
	}
	if place != "" {
		place += ": "
	}
	rules := ""
	if len(f.Rules) > 0 {
		rules = " (" + strings.Join(f.Rules, ", ") + ")"
	}
	return fmt.Sprintf("%s%s: %s%s", place, f.Kind, f.What, rules)
}

// Result is what became of another tool's rules.
type Result struct {
	Document patterns.Document
	Read     int       // rules in the original
	Findings []Finding // by file and line
}

// Kept returns how many rules of the original there is at least one rule for.
func (r *Result) Kept() int {
	lost := 0
	for _, f := range r.Findings {
		if f.Kind == Lost {
			lost++
		}
	}
	return r.Read - lost
}

// Convert reads the rules of another tool. What is wrong with a single rule is
// a Finding and costs that rule only; the error tells of a file that cannot be
// read as a whole, and of a format that is none of Formats.
func Convert(format string, files []File) (Result, error) {
	c := &converter{ids: map[string]int{}}
	read, err := c.reader(format)
	if err != nil {
		return Result{}, err
	}
	if len(files) == 0 {
		return Result{}, fmt.Errorf("no file to read rules from")
	}
	for _, f := range files {
		c.file = f.Name
		if err := read(f); err != nil {
			return Result{}, err
		}
	}
	slices.SortStableFunc(c.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.Place.File, b.Place.File), cmp.Compare(a.Place.Line, b.Place.Line),
			cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)))
	})
	c.annotate()
	return c.Result, nil
}

// converter collects the rules of all files of a format.
type converter struct {
	Result
	file string         // the name of the one that is being read
	ids  map[string]int // how often each id was asked for
}

// reader returns what reads a file of a format.
func (c *converter) reader(format string) (func(File) error, error) {
	switch format {
	case Sova:
		return c.sova, nil
	case CollectLogs:
		return c.collectLogs, nil
	case ElasticRecheck:
		return c.elastic, nil
	case PyTorch:
		return c.pytorch, nil
	}
	return nil, fmt.Errorf("format %q is none of %s", format, strings.Join(Formats(), ", "))
}

// find notes something at a line of the file that is being read.
func (c *converter) find(line int, kind Kind, rules []string, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	f := Finding{patterns.Place{File: c.file, Line: line, Col: 1}, kind, rules, what}
	same := func(other Finding) bool { return other.Place == f.Place && other.What == what }
	if i := slices.IndexFunc(c.Findings, same); i >= 0 {
		c.Findings[i].Rules = union(c.Findings[i].Rules, rules)
		return
	}
	c.Findings = append(c.Findings, f)
}

// id returns an id for a rule that nothing else has: the name given, with a
// number behind it from the second time on.
func (c *converter) id(name string) string {
	name = slug(name)
	for {
		c.ids[name]++
		n := c.ids[name]
		if n == 1 {
			return name
		}
		if numbered := fmt.Sprintf("%s-%d", name, n); c.ids[numbered] == 0 {
			c.ids[numbered]++
			return numbered
		}
	}
}

// slug returns a name as ids and logical files are written: small letters,
// digits, dots and dashes, first a letter or digit.
func slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.' || r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r != '\'':
			b.WriteByte('-')
		}
	}
	return cmp.Or(strings.Trim(b.String(), "-._"), "rule")
}

// annotate puts above each rule, as a comment, what it lost or changed and what
// looks wrong with it.
func (c *converter) annotate() {
	about := map[string][]string{}
	for _, f := range c.Findings {
		if f.Kind == Note {
			continue
		}
		for _, id := range f.Rules {
			about[id] = append(about[id], wrap(fmt.Sprintf("%s, line %d: %s.", f.Kind, f.Place.Line, f.What)))
		}
	}
	for i := range c.Document.Entries {
		e := &c.Document.Entries[i]
		lines := about[e.ID]
		if e.Comment != "" {
			lines = append([]string{e.Comment}, lines...)
		}
		e.Comment = strings.Join(lines, "\n")
	}
}

// maxComment is how many characters a line of a comment has.
const maxComment = 90

// wrap breaks a text into lines, the second and later ones indented.
func wrap(text string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		switch size := utf8.RuneCountInString(word); {
		case i > 0 && n+1+size > maxComment:
			b.WriteString("\n  ")
			n = 2 + size
		case i > 0:
			b.WriteByte(' ')
			n += 1 + size
		default:
			n = size
		}
		b.WriteString(word)
	}
	return b.String()
}

// plain returns text as a message says it: braces doubled.
func plain(text string) string {
	return strings.NewReplacer("{", "{{", "}", "}}").Replace(text)
}
