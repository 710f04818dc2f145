package convert

import (
	"os"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// reference does what sova and the Ansible role do with a file of patterns, by
// what their sources say, in the plainest way; but where a log is not in UTF-8
// both give up with an error, and it does not. What of Python's regular
// expressions Go does not have is written out for the ones that the real files
// hold.
type reference struct {
	whole    bool // as the role does it
	patterns []*referencePattern
}

// referencePattern is one pattern, in the order of the file.
type referencePattern struct {
	section, id, text, msg string
	exclude                []string
	search                 func(text string) (group string, groups, found bool) // nil: plain text
	needs                  string                                               // no match without this text
}

// readReference reads a file of patterns by itself, not through the package.
func readReference(t *testing.T, path string, whole bool) *reference {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Regexes []struct {
			Regex, Name string
			Multiline   bool
		}
		Patterns yaml.Node
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	ref := &reference{whole: whole}
	for i := 0; i < len(file.Patterns.Content); i += 2 {
		var list []struct {
			ID, Pattern, Msg string
			Exclude          []string
		}
		if err := file.Patterns.Content[i+1].Decode(&list); err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			made := &referencePattern{section: file.Patterns.Content[i].Value, id: p.ID, text: p.Pattern, msg: p.Msg, exclude: p.Exclude, needs: p.Pattern}
			for _, x := range file.Regexes {
				if x.Name == p.Pattern {
					made.text = x.Regex
					made.search, made.needs = pythonSearch(t, x.Regex, whole && x.Multiline, whole)
				}
			}
			ref.patterns = append(ref.patterns, made)
		}
	}
	return ref
}

// notIgnored is how the two regular expressions end that look at the next line.
const notIgnored = `\n(?!.*ignoring).*`

// pythonSearch returns what re.search does, and a text that every match has.
func pythonSearch(t *testing.T, text string, multiline, whole bool) (func(string) (string, bool, bool), string) {
	head, looks := strings.CutSuffix(text, notIgnored)
	flags := ""
	if multiline {
		flags = "(?m)"
	}
	head = flags + unicodeClasses(head)
	if looks && !whole {
		head += `\n` // at the end of a line, with nothing behind it, the look-ahead is always content
	}
	re, err := regexp.Compile(head)
	if err != nil {
		t.Fatal(err)
	}
	tree, _ := syntax.Parse(head, syntax.Perl)
	search := func(text string) (string, bool, bool) {
		at := re.FindStringSubmatch(text)
		switch {
		case at == nil:
			return "", false, false
		case len(at) == 1:
			return "", false, true
		}
		return at[1], true, true
	}
	if looks && whole {
		search = searchNotIgnored(re, multiline)
	}
	return search, longestLiteral(tree)
}

// searchNotIgnored returns re.search for re, of a whole log, with notIgnored
// behind it: a line that ends a match of re is one that no line with "ignoring"
// follows. What re looks for begins a line and goes on, in the real files, until
// a "0" after "rc" and the end of the line that this is in.
func searchNotIgnored(re *regexp.Regexp, multiline bool) func(string) (string, bool, bool) {
	whole := regexp.MustCompile(`\A(?:` + re.String() + `)\z`)
	return func(text string) (string, bool, bool) {
		for from := 0; from < len(text); {
			line, _, _ := strings.Cut(text[from:], "\n")
			if strings.Contains(line, `"cmd": "`) && strings.Contains(line, `"rc": `) {
				for end := from + len(line); end < len(text) && end-from < 1<<20; {
					following, _, _ := strings.Cut(text[end+1:], "\n")
					if at := whole.FindStringSubmatch(text[from:end]); at != nil && !strings.Contains(following, "ignoring") {
						return at[1], true, true
					}
					if strings.Count(text[from:end], "\n") > 200 {
						break
					}
					end += 1 + len(following)
				}
			}
			if !multiline {
				break
			}
			from += len(line) + 1
		}
		return "", false, false
	}
}

// unicodeClasses writes Python's \s, \w and \d, which know all of Unicode.
func unicodeClasses(text string) string {
	inside := map[string]string{`\s`: `\s\x0b\x1c-\x1f\x85\p{Z}`, `\w`: `\p{L}\p{N}_`, `\d`: `\p{Nd}`}
	var out strings.Builder
	class := false
	for i := 0; i < len(text); i++ {
		c := text[i : i+1]
		switch {
		case c == `\`:
			c = text[i : i+2]
			i++
			lower := strings.ToLower(c)
			if set, ok := inside[lower]; ok && class {
				c = set
			} else if ok && c == lower {
				c = "[" + set + "]"
			} else if ok {
				c = "[^" + set + "]"
			}
		case c == "[":
			class = true
		case c == "]":
			class = false
		}
		out.WriteString(c)
	}
	return out.String()
}

// longestLiteral returns the longest text that a regular expression asks for in
// a row, "" if there is none.
func longestLiteral(tree *syntax.Regexp) string {
	switch tree.Op {
	case syntax.OpLiteral:
		return string(tree.Rune)
	case syntax.OpCapture, syntax.OpPlus:
		return longestLiteral(tree.Sub[0])
	case syntax.OpConcat:
		longest := ""
		for _, sub := range tree.Sub {
			if text := longestLiteral(sub); len(text) > len(longest) {
				longest = text
			}
		}
		return longest
	}
	return ""
}

// match is line_match of both programs: whether a pattern matches a text, and
// what it captured there. sova looks for exclude in the line, the role in what
// was captured.
func (ref *reference) match(p *referencePattern, text string) (group string, found bool) {
	if !ref.whole && slices.ContainsFunc(p.exclude, func(x string) bool { return strings.Contains(text, x) }) {
		return "", false
	}
	if p.search == nil {
		return "", strings.Contains(text, p.text)
	}
	group, groups, found := p.search(text)
	switch {
	case !found:
		return "", false
	case !groups:
		return "", true
	case ref.whole && slices.ContainsFunc(p.exclude, func(x string) bool { return strings.Contains(group, x) }):
		return "", false
	}
	return group, group != "" // what is empty counts as false
}

// fired returns which patterns match a log: the first text that each captured,
// by the pattern's number.
func (ref *reference) fired(log string) map[int]string {
	if ref.whole {
		log = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(log)
	}
	fired := map[int]string{}
	for i, p := range ref.patterns {
		if !strings.Contains(log, p.needs) {
			continue
		}
		if ref.whole {
			if group, found := ref.match(p, log); found {
				fired[i] = group
			}
			continue
		}
		for line := range strings.SplitAfterSeq(log, "\n") {
			if group, found := ref.match(p, line); found {
				fired[i] = group
				break
			}
		}
	}
	return fired
}
