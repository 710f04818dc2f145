package patterns

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// declaration is where a name was declared, and as what.
type declaration struct {
	file  string
	line  int
	rank  int
	value string
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
		files := l.logical(f, name)
		if l.counts(f, strings.Join(files, "\n"), "files", name) && (len(files) > 0 || l.set.Files[name] == nil) {
			l.set.Files[name] = files
		}
	}
}

// logical returns what stands behind a logical name, less what has mistakes.
func (l *loader) logical(f *loaded, name string) []string {
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
