package democi

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// texts are the words of the world: what tools print, rightly or wrongly.
//
//go:embed texts/*.txt
var texts embed.FS

// section is a part of a file of texts: a heading "@@ name; key=value; …" and
// the lines up to the next heading.
type section struct {
	name  string
	attrs map[string]string
	lines []string // without the blank lines at the end; escapes resolved
}

// readSections reads a file of texts. What stands before the first heading is
// a comment.
func readSections(file string) ([]section, error) {
	data, err := texts.ReadFile("texts/" + file)
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut("\n"+string(data), "\n@@ ")
	var all []section
	for part := range strings.SplitSeq(text, "\n@@ ") {
		heading, body, _ := strings.Cut(part, "\n")
		s, err := parseHeading(heading)
		if err != nil {
			return nil, fmt.Errorf("texts/%s: %w", file, err)
		}
		if body = strings.TrimRight(unescape(body), "\n"); body != "" {
			s.lines = strings.Split(body, "\n")
		}
		all = append(all, s)
	}
	return all, nil
}

// parseHeading reads "name; key=value; key=value".
func parseHeading(heading string) (section, error) {
	name, rest, more := strings.Cut(heading, "; ")
	s := section{name: name, attrs: map[string]string{}}
	if !more {
		return s, nil
	}
	for attr := range strings.SplitSeq(rest, "; ") {
		key, value, ok := strings.Cut(attr, "=")
		if !ok {
			return section{}, fmt.Errorf("heading %q: %q is no key=value", name, attr)
		}
		s.attrs[key] = value
	}
	return s, nil
}

// unescape resolves the two characters that a text file is better without.
func unescape(s string) string {
	return strings.NewReplacer(`\e`, "\x1b", `\r`, "\r").Replace(s)
}

// groups returns the lines of s parted at its blank lines.
func (s section) groups() [][]string {
	var all [][]string
	rest := s.lines
	for len(rest) > 0 {
		n := slices.Index(rest, "")
		if n < 0 {
			return append(all, rest)
		}
		all, rest = append(all, rest[:n]), rest[n+1:]
	}
	return all
}
