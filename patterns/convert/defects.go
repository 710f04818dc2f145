package convert

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// defects notes what looks wrong in a file of sova's form as a whole.
func (r *sovaReader) defects() {
	r.unread()
	for _, name := range r.names {
		r.regexDefects(r.regexes[name])
	}
	r.duplicateIDs()
	for i, p := range r.patterns {
		for _, first := range r.patterns[:i] {
			r.twice(first, p)
		}
		r.misspelt(p)
	}
}

// unread notes which keys nobody reads.
func (r *sovaReader) unread() {
	searches, line := 0, 0
	for _, p := range r.patterns {
		if p.string("logstash") != "" {
			if searches == 0 {
				line = p.place("logstash")
			}
			searches++
		}
	}
	if searches > 0 {
		r.find(line, Note, nil, "logstash, the search for a Logstash server, has no place in a rule and is left out (patterns that have one: %d)", searches)
	}
	if len(r.regexes) > 0 {
		r.find(0, Note, nil, "in regexes, \\s, \\w and \\d of Python know the characters of all scripts; those of rules know ASCII only")
	}
	if r.whole {
		r.find(0, Note, nil, "the original says one message a pattern and log, that of the first match; a rule says one for each text that its group captures")
	} else {
		r.find(0, Note, nil, "of several patterns with the same message the original counts the first that matches; here each rule counts, and has its own tag")
	}
}

// rulesOf returns the ids of the rules that use a regex.
func (r *sovaReader) rulesOf(x *sovaRegex) []string {
	var rules []string
	for _, p := range r.patterns {
		if p.regex == x && p.rule != "" {
			rules = append(rules, p.rule)
		}
	}
	return rules
}

// regexDefects notes what looks wrong with a regex.
func (r *sovaReader) regexDefects(x *sovaRegex) {
	if !x.used {
		r.find(x.line, Defect, nil, "the regex %q is used by no pattern", x.name)
	}
	if x.multiline > 0 && !r.whole {
		r.find(x.multiline, Defect, nil, "nothing reads the multiline flag of regex %q: regexes are compiled without it", x.name)
	}
	pieces, err := splitPython(x.text)
	if err != nil {
		return
	}
	lines := cutLines(pieces)
	if len(lines) > 1 && !r.whole {
		r.find(x.line, Defect, r.rulesOf(x), "the regex %q can never match as meant: it looks past the end of the line, but sees one line at a time, so what stands behind \\n never decides; the rule looks at the next line", x.name)
	}
	if r.whole && x.multiline == 0 && strings.HasPrefix(x.text, "^") {
		r.find(x.line, Defect, r.rulesOf(x), "the regex %q can never match as meant: without the multiline flag its ^ is the beginning of the log, and so it sees the first line only; the rule sees each line", x.name)
	}
	if r.whole && len(lines) > 1 {
		if class := eatsLines(lines[0]); class != "" {
			r.find(x.line, Defect, r.rulesOf(x), "the regex %q can never match as meant: its %s goes on over the ends of lines, and so past the line that \\n was to look at; the rule stays on one line", x.name, class)
		}
	}
}

// eatsLines returns the first of pieces that matches any number of ends of
// lines, "" if none does.
func eatsLines(pieces []pyPiece) string {
	for _, p := range pieces {
		class := strings.TrimRight(p.text, "*+?")
		if !strings.HasPrefix(class, "[") || class == p.text {
			continue
		}
		if re, err := regexp.Compile(class); err == nil && re.MatchString("\n") {
			return p.text
		}
	}
	return ""
}

func (r *sovaReader) duplicateIDs() {
	first := map[string]*sovaPattern{}
	for _, p := range r.patterns {
		switch before := first[p.id]; {
		case p.id == "":
			r.find(p.Line, Defect, rulesOf(p), "the pattern has no id")
		case before == nil:
			first[p.id] = p
		default:
			r.find(p.place("id"), Defect, rulesOf(p), "the id %s is already that of the pattern in line %d%s", p.id, before.place("id"), renamed(p))
		}
	}
}

func renamed(p *sovaPattern) string {
	if p.rule == "" {
		return ""
	}
	return fmt.Sprintf("; the rule is called %q", p.rule)
}

func rulesOf(all ...*sovaPattern) []string {
	var rules []string
	for _, p := range all {
		if p.rule != "" {
			rules = append(rules, p.rule)
		}
	}
	return rules
}

// twice notes where two patterns match the same text.
func (r *sovaReader) twice(first, second *sovaPattern) {
	same, sameLog := first.text == second.text, first.section == second.section
	both := same || sameLog && (holds(first, second) || holds(second, first) || runsInto(first, second) || runsInto(second, first))
	line := first.place("pattern")
	switch {
	case !both || first.text == "" || second.text == "":
	case first.tag != second.tag:
		where := ""
		if !sameLog {
			where = fmt.Sprintf(" (there in %s, here in %s)", first.section, second.section)
		}
		r.find(second.place("pattern"), Defect, rulesOf(first, second), "the text %q is tagged twice: %q here (%s), %q in line %d (%s)%s",
			shorter(first, second).text, second.tag, second.id, first.tag, line, first.id, where)
	case same && sameLog:
		r.find(second.place("pattern"), Defect, rulesOf(second), "the pattern of %s, in line %d, once more: %q", first.id, line, second.text)
	}
}

func shorter(a, b *sovaPattern) *sovaPattern {
	if a.regex != nil || b.regex == nil && len(b.text) > len(a.text) {
		return b
	}
	return a
}

// holds reports whether a line that one pattern matches, as plain text, is
// matched by the other too.
func holds(line, other *sovaPattern) bool {
	switch {
	case line.regex != nil:
		return false
	case other.regex == nil:
		return strings.Contains(line.text, other.text)
	}
	re, err := regexp.Compile(other.text)
	return err == nil && re.MatchString(line.text)
}

// minShared is how much of a text must be the beginning of another for the two
// to be taken for one sentence.
const minShared = 12

// runsInto reports whether the end of one pattern's plain text is the beginning
// of what the other looks for, so that one line may well match both.
func runsInto(text, other *sovaPattern) bool {
	if text.regex != nil {
		return false
	}
	begin := other.text
	if other.regex != nil {
		re, err := regexp.Compile(other.text)
		if err != nil {
			return false
		}
		begin, _ = re.LiteralPrefix()
	}
	for n := min(len(begin), len(text.text)); n >= max(minShared, len(begin)/2); n-- {
		if strings.HasSuffix(text.text, begin[:n]) {
			return true
		}
	}
	return false
}

// misspelt notes where a pattern looks like the name of a regex that is not
// there, and where a word of a text is nearly one of its message.
func (r *sovaReader) misspelt(p *sovaPattern) {
	if p.regex != nil {
		return
	}
	if near := strict.Nearest(p.text, r.names); near != "" && strings.Contains(p.text, "_") {
		r.find(p.place("pattern"), Defect, rulesOf(p), "%q is looked for as plain text; the regex %q was meant, most likely", p.text, near)
	}
	known := words(p.msg)
	for _, word := range words(p.text) {
		for _, other := range known {
			if oneLetterLess(word, other) && !strings.HasSuffix(other, "s") || oneLetterLess(other, word) && !strings.HasSuffix(word, "s") {
				r.find(p.place("pattern"), Defect, rulesOf(p), "%q is looked for, while the message says %q: one of them is misspelt, most likely", word, other)
			}
		}
	}
}

// words returns the words of a text that are long enough not to be like another
// by chance.
func words(text string) []string {
	var long []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(w) >= 7 {
			long = append(long, w)
		}
	}
	return long
}

// oneLetterLess reports whether a is b without one of its letters.
func oneLetterLess(a, b string) bool {
	if len(a)+1 != len(b) {
		return false
	}
	for i := range b {
		if b[:i]+b[i+1:] == a {
			return true
		}
	}
	return false
}
