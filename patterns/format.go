package patterns

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// Document is a rule file to be written by Format.
type Document struct {
	Comment string              // what stands at the top of the file, as plain text
	Tags    map[string]string   // what [tags] declares
	Files   map[string][]string // what [files] declares
	Entries []Entry             // the rules, in the order in which they are written
}

// Entry is a rule as a rule file says it: Files, that of the rule and those of
// its conditions, hold one element, the name as written ("console"), or none in
// a condition on the file in which the rule matched.
type Entry struct {
	classify.Rule
	Tests   []Test // of which Rule and Origin are not written
	Comment string // what stands above the rule, as plain text
}

// Format returns d as a rule file that Load reads back to the same rules. Keys
// stand in the order in which the language is told; those at their default are
// left out. What TOML cannot hold, bytes that are no UTF-8, becomes U+FFFD.
func Format(d Document) []byte {
	var f formatter
	f.comment(d.Comment)
	f.part(len(d.Tags) > 0, "[tags]")
	for _, name := range slices.Sorted(maps.Keys(d.Tags)) {
		f.line(tomlKey(name), tomlText(d.Tags[name]))
	}
	f.part(len(d.Files) > 0, "[files]")
	for _, name := range slices.Sorted(maps.Keys(d.Files)) {
		f.line(tomlKey(name), tomlList(d.Files[name]))
	}
	for _, e := range d.Entries {
		f.entry(e)
	}
	return []byte(f.out.String())
}

// formatter writes TOML.
type formatter struct {
	out strings.Builder
}

// part begins a part of the file, if there is one.
func (f *formatter) part(there bool, header string) {
	if !there {
		return
	}
	f.gap()
	f.out.WriteString(header + "\n")
}

// gap sets what follows apart from what is there.
func (f *formatter) gap() {
	if f.out.Len() > 0 {
		f.out.WriteString("\n")
	}
}

func (f *formatter) line(key, value string) {
	f.out.WriteString(key + " = " + value + "\n")
}

// comment writes a text as lines of comment.
func (f *formatter) comment(text string) {
	if text == "" {
		return
	}
	for line := range strings.Lines(text) {
		f.out.WriteString(strings.TrimRightFunc("# "+strings.Map(inComment, valid(line)), unicode.IsSpace) + "\n")
	}
}

// inComment is what stands for r in a comment.
func inComment(r rune) rune {
	if r != '\t' && steers(r) {
		return ' '
	}
	return r
}

// steers reports whether r does something to a terminal or editor instead of
// being seen.
func steers(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// text writes a key whose value is text, unless that is empty.
func (f *formatter) text(key, value string) {
	if value != "" {
		f.line(key, tomlText(value))
	}
}

// pattern writes a key whose value is a regular expression, unless that is empty.
func (f *formatter) pattern(key, value string) {
	if value != "" {
		f.line(key, tomlRaw(value))
	}
}

func (f *formatter) list(key string, values []string) {
	if len(values) > 0 {
		f.line(key, tomlList(values))
	}
}

func (f *formatter) entry(e Entry) {
	f.gap()
	f.comment(e.Comment)
	f.out.WriteString("[[rule]]\n")
	f.text("id", e.ID)
	f.text("file", first(e.Rule.Files))
	f.pattern("pattern", e.Pattern)
	f.text("literal", e.Literal)
	f.text("message", e.Message)
	f.text("tag", e.Tag)
	f.rank(e.Rule)
	f.near(e.Rule)
	f.shown(e.Rule)
	f.list("jobs", e.Jobs)
	f.list("projects", e.Projects)
	f.list("branches", e.Branches)
	f.list("pipelines", e.Pipelines)
	f.list("hides", e.Hides)
	f.expires(e.Expires)
	f.text("url", e.URL)
	f.text("description", e.Description)
	for _, t := range e.Tests {
		f.test(t)
	}
}

// rank writes what decides which of several matches is the reason.
func (f *formatter) rank(r classify.Rule) {
	if r.Tier != classify.TierCause {
		f.text("tier", string(r.Tier))
	}
	if r.Priority != 0 {
		f.line("priority", strconv.Itoa(r.Priority))
	}
}

// near writes what must not be near a match, or must be.
func (f *formatter) near(r classify.Rule) {
	f.list("exclude", r.Exclude)
	f.pattern("next", r.Next)
	var unless []string
	for _, u := range r.Unless {
		within := ""
		switch {
		case u.Within > 0:
			within = strconv.Itoa(int(u.Within))
		case u.Within != classify.WithinLine:
			within = tomlText(u.Within.String())
		}
		unless = append(unless, tomlTable("pattern", tomlPattern(u.Pattern), "literal", someText(u.Literal), "within", within))
	}
	f.tables("unless", unless)
	f.tables("all", conditions(r.All))
	f.tables("none", conditions(r.None))
}

// shown writes what a match shows.
func (f *formatter) shown(r classify.Rule) {
	f.pattern("until", r.Until)
	if r.Context != (classify.Context{}) {
		f.line("context", tomlTable("before", someNumber(r.Context.Before), "after", someNumber(r.Context.After)))
	}
	if r.Occurrence != classify.OccurrenceFirst {
		f.text("occurrence", string(r.Occurrence))
	}
}

func (f *formatter) expires(day string) {
	if _, err := time.Parse(time.DateOnly, day); err == nil {
		f.line("expires", day)
		return
	}
	f.text("expires", day)
}

func (f *formatter) test(t Test) {
	f.out.WriteString("[[rule.test]]\n")
	f.line("log", tomlLog(t.Log))
	f.line("want", tomlText(t.Want))
	var files []string
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		files = append(files, tomlKey(name), tomlText(t.Files[name]))
	}
	if len(files) > 0 {
		f.line("files", tomlTable(files...))
	}
	f.text("job", t.Job)
	f.text("project", t.Project)
	f.text("branch", t.Branch)
	f.text("pipeline", t.Pipeline)
}

// tables writes a key whose value is a list of inline tables: one of them on
// the key's line, several on a line each.
func (f *formatter) tables(key string, tables []string) {
	switch len(tables) {
	case 0:
	case 1:
		f.line(key, "["+tables[0]+"]")
	default:
		f.line(key, "[\n  "+strings.Join(tables, ",\n  ")+",\n]")
	}
}

func conditions(list []classify.Condition) []string {
	var tables []string
	for _, c := range list {
		tables = append(tables, tomlTable("file", someText(first(c.Files)), "pattern", tomlPattern(c.Pattern), "literal", someText(c.Literal)))
	}
	return tables
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// tomlTable returns an inline table of keys and values, without those whose
// value is empty.
func tomlTable(keysAndValues ...string) string {
	var pairs []string
	for i := 0; i < len(keysAndValues); i += 2 {
		if keysAndValues[i+1] != "" {
			pairs = append(pairs, keysAndValues[i]+" = "+keysAndValues[i+1])
		}
	}
	return "{ " + strings.Join(pairs, ", ") + " }"
}

// someText returns a text as TOML, or "" for an empty one.
func someText(text string) string {
	if text == "" {
		return ""
	}
	return tomlText(text)
}

// tomlPattern returns a regular expression as TOML, or "" for an empty one.
func tomlPattern(text string) string {
	if text == "" {
		return ""
	}
	return tomlRaw(text)
}

// someNumber returns a number as TOML, or "" for 0.
func someNumber(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// tomlList returns a list of texts as TOML: on one line, or where that gets too
// long, each on its own.
func tomlList(values []string) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = tomlText(v)
	}
	if line := "[" + strings.Join(texts, ", ") + "]"; len(line) <= 100 {
		return line
	}
	return "[\n  " + strings.Join(texts, ",\n  ") + ",\n]"
}

// tomlKey returns a key as TOML, in quotes where it needs some.
func tomlKey(key string) string {
	bare := func(r rune) bool {
		return r == '_' || r == '-' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !bare(r) }) {
		return tomlText(key)
	}
	return key
}

// tomlRaw returns a text in single quotes, in which a backslash is a backslash;
// in double ones where that cannot be.
func tomlRaw(text string) string {
	switch {
	case strings.ContainsFunc(text, steers):
		return escaped(text)
	case !strings.Contains(text, "'"):
		return "'" + valid(text) + "'"
	case !strings.Contains(text, "'''") && !strings.HasSuffix(text, "'"):
		return "'''" + valid(text) + "'''"
	}
	return escaped(text)
}

// tomlLog returns the text of a log: what has a quote or backslash but is one
// line, in single quotes; several lines in three quotes.
func tomlLog(text string) string {
	switch {
	case !strings.Contains(text, "\n"):
		if strings.ContainsAny(text, `"\`) {
			return tomlRaw(text)
		}
		return escaped(text)
	case strings.HasSuffix(text, `"`):
		return escaped(text)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		quoted := escaped(line)
		lines[i] = strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
		lines[i] = strings.ReplaceAll(lines[i], `"""`, `""\"`)
	}
	return "\"\"\"\n" + strings.Join(lines, "\n") + `"""`
}

// tomlText returns a text in double quotes; in single ones, where that saves
// it from backslashes.
func tomlText(text string) string {
	if strings.ContainsAny(text, `"\`) && !strings.Contains(text, "'") && !strings.ContainsFunc(text, steers) {
		return tomlRaw(text)
	}
	return escaped(text)
}

// escaped returns a text in double quotes, with what they need backslashes for.
func escaped(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range valid(text) {
		switch {
		case r == '"' || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\r':
			out.WriteString(`\r`)
		case steers(r):
			fmt.Fprintf(&out, `\u%04X`, r)
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// valid returns text as valid UTF-8.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }
