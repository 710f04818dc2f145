package patterns

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// textWidth is how many columns the text of a field takes at most.
const textWidth = 72

// Intro returns what leads to the table's fields, as plain text.
func (t Table) Intro() string { return wrap(t.About, textWidth+4) }

// Text returns the field as plain text, a line of what it is and below it, further
// right, what it means; with its example, if that is asked for and there is one.
func (f Field) Text(example bool) string {
	var b strings.Builder
	b.WriteString(f.Name + "  " + f.Kind())
	if f.Needed {
		b.WriteString(", needed")
	}
	b.WriteString("\n" + indent(wrap(f.Meaning, textWidth-4)))
	if example && len(f.Example.Cases) > 0 {
		b.WriteString("\n" + indent(f.Example.text()))
	}
	return b.String()
}

// text returns an example as plain text: the keys, then each log with the verdict.
func (e Example) text() string {
	var b strings.Builder
	b.WriteString(e.Rules + "\n")
	if e.Later != "" {
		b.WriteString("# in a later file\n" + e.Later + "\n")
	}
	cases, width, short := make([]string, len(e.Cases)), 0, true
	for i, c := range e.Cases {
		cases[i] = c.text()
		width = max(width, lastWidth(cases[i]))
		short = short && !strings.Contains(cases[i], "\n")
	}
	for i, c := range e.Cases {
		if i == 0 || !short {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s%*s  → %s\n", cases[i], width-lastWidth(cases[i]), "", c.verdict())
	}
	return b.String()
}

// lastWidth returns how many columns the last line of a text takes.
func lastWidth(text string) int {
	return utf8.RuneCountInString(text[strings.LastIndexByte(text, '\n')+1:])
}

// text returns what the job of a case is, its files, and the log.
func (c Case) text() string {
	var b strings.Builder
	for _, about := range [][2]string{
		{"job", c.Job.Name}, {"project", c.Job.Project}, {"branch", c.Job.Branch}, {"pipeline", c.Job.Pipeline}, {"result", c.Job.Result},
	} {
		if about[1] != "" {
			fmt.Fprintf(&b, "%s %s\n", about[0], about[1])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		fmt.Fprintf(&b, "%s:\n%s\n", name, quote(c.Files[name]))
	}
	if len(c.Files) > 0 {
		b.WriteString("the log:\n")
	}
	return b.String() + quote(c.Log)
}

// verdict returns the verdict of a case, and the lines that are shown.
func (c Case) verdict() string {
	verdict := cmp.Or(c.Verdict, "no match")
	if c.Lines != "" {
		verdict += ", lines " + c.Lines
	}
	return verdict
}

// quote returns a text with a bar before each line.
func quote(text string) string {
	return strings.ReplaceAll("| "+strings.ReplaceAll(text, "\n", "\n| "), "| \n", "|\n")
}

// indent returns a text with four blanks before each line that is not empty.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString("    ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// wrap breaks a text at blanks into lines of at most so many columns.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String() + "\n"
}
