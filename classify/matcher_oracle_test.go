package classify_test

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// This file is the oracle of the matcher: clean every line of a log, try every
// rule's regular expression on every line. Unlike the reference, which knows the
// whole rule language on a few words, it takes any pattern and any bytes; of the
// rule language it knows what one file decides. It shares no code with the engine.

// A sighting is what the oracle tells of a match.
type sighting struct {
	Rule, Message, Text string
	Line                int
	Count               classify.Count
	Captures            map[string]string
}

// inPart stands for the text of a line of which the engine shows a part. Which
// one is another test's.
const inPart = "in part"

// A finder returns where a text is found in a line and its groups in it, as
// regexp's FindStringSubmatchIndex does.
type finder func(line string) []int

// newFinder returns the finder of a pattern, else of a literal. The expression
// is nil for a literal.
func newFinder(pattern, literal string) (finder, *regexp.Regexp) {
	if pattern != "" {
		re := regexp.MustCompile(pattern)
		return re.FindStringSubmatchIndex, re
	}
	return func(line string) []int {
		i := strings.Index(line, literal)
		if i < 0 {
			return nil
		}
		return []int{i, i + len(literal)}
	}, nil
}

// An oracleRule is a rule, ready to be tried.
type oracleRule struct {
	classify.Rule
	main, next        finder
	unless, all, none []finder
	re                *regexp.Regexp // of main; nil for a literal
}

// An oracle is a rule set, ready to be tried.
type oracle []oracleRule

// newOracle prepares rules that classify.Compile has taken.
func newOracle(rules []classify.Rule) oracle {
	all := make(oracle, len(rules))
	for i, r := range rules {
		o := oracleRule{Rule: r}
		o.main, o.re = newFinder(r.Pattern, r.Literal)
		if r.Next != "" {
			o.next, _ = newFinder(r.Next, "")
		}
		for _, u := range r.Unless {
			find, _ := newFinder(u.Pattern, u.Literal)
			if o.unless = append(o.unless, find); u.Within == classify.WithinFile {
				o.none = append(o.none, find)
			}
		}
		o.all, o.none = conditionFinders(r.All), append(o.none, conditionFinders(r.None)...)
		all[i] = o
	}
	return all
}

// conditionFinders returns the finders of conditions on the file of the match.
func conditionFinders(conds []classify.Condition) []finder {
	var finders []finder
	for _, c := range conds {
		find, _ := newFinder(c.Pattern, c.Literal)
		finders = append(finders, find)
	}
	return finders
}

// tell returns all matches in a log, by rule.
func (all oracle) tell(log string) []sighting {
	lines := oracleLines(log)
	var found []sighting
	for i := range all {
		found = append(found, all[i].tell(lines)...)
	}
	return found
}

// tell returns the rule's matches in the lines of a log, in the order in which a
// result lists them.
func (r *oracleRule) tell(lines []refLine) []sighting {
	var all []sighting
	for i := range lines {
		if t, ok := r.try(lines, i); ok {
			all = append(all, t)
		}
	}
	if len(all) == 0 || !r.holds(lines) {
		return nil
	}
	if r.Occurrence == classify.OccurrenceLast {
		slices.Reverse(all)
	}
	return gathered(all)
}

// gathered makes one of matches with the same message, and keeps the first 20.
func gathered(matches []sighting) []sighting {
	var kept []sighting
	at := map[string]int{}
	for _, t := range matches {
		i, known := at[t.Message]
		if !known {
			i = len(kept)
			at[t.Message] = i
			kept = append(kept, t)
		}
		kept[i].Count = min(kept[i].Count+1, classify.MoreThan100)
	}
	return kept[:min(len(kept), 20)]
}

// try tries the rule on a line.
func (r *oracleRule) try(lines []refLine, i int) (sighting, bool) {
	line := lines[i].text
	loc := r.main(line)
	if loc == nil {
		return sighting{}, false
	}
	for _, text := range r.Exclude {
		if strings.Contains(line, text) {
			return sighting{}, false
		}
	}
	if r.next != nil && (i+1 == len(lines) || r.next(lines[i+1].text) == nil) {
		return sighting{}, false
	}
	for k, find := range r.unless {
		if occurs(find, within(lines, i, r.Unless[k].Within)) {
			return sighting{}, false
		}
	}
	t := sighting{Rule: r.ID, Message: storedText(r.message(line, loc)), Text: storedText(line), Line: lines[i].no, Captures: r.captures(line, loc)}
	if len(line) > 1000 {
		t.Text = inPart
	}
	return t, true
}

// within returns the lines around the i-th that an unless looks at.
func within(lines []refLine, i int, reach classify.Within) []refLine {
	switch reach {
	case classify.WithinLine:
		return lines[i : i+1]
	case classify.WithinNext:
		return lines[i+1 : min(i+2, len(lines))]
	case classify.WithinFile: // that is one of none
		return nil
	}
	return lines[max(0, i-int(reach)):min(i+int(reach)+1, len(lines))]
}

// holds reports whether what the rule asks of the whole file is so.
func (r *oracleRule) holds(lines []refLine) bool {
	missing := func(find finder) bool { return !occurs(find, lines) }
	present := func(find finder) bool { return occurs(find, lines) }
	return !slices.ContainsFunc(r.all, missing) && !slices.ContainsFunc(r.none, present)
}

// occurs reports whether one of the lines matches.
func occurs(find finder, lines []refLine) bool {
	return slices.ContainsFunc(lines, func(l refLine) bool { return find(l.text) != nil })
}

// references finds the captures that a message names.
var references = regexp.MustCompile(`\{(\w+)\}`)

// message fills the rule's message in: blanks in a row become one, and of a
// capture 300 bytes are shown.
func (r *oracleRule) message(line string, loc []int) string {
	filled := references.ReplaceAllStringFunc(r.Message, func(ref string) string {
		name := strings.Trim(ref, "{}")
		group := r.re.SubexpIndex(name)
		if group < 0 {
			group = int(name[0] - '0')
		}
		return shortened(strings.TrimSpace(grouped(line, loc, group)), 300)
	})
	return strings.Join(strings.Fields(filled), " ")
}

// captures returns what the named groups of a match hold.
func (r *oracleRule) captures(line string, loc []int) map[string]string {
	named := map[string]string{}
	if r.re == nil {
		return named
	}
	for group, name := range r.re.SubexpNames() {
		if name != "" && loc[2*group] >= 0 {
			named[name] = shortened(strings.ToValidUTF8(strings.TrimSpace(grouped(line, loc, group)), "\uFFFD"), 1000)
		}
	}
	return named
}

// grouped returns what is seen of what a group of a match holds, "" if it took no
// part.
func grouped(line string, loc []int, group int) string {
	if loc[2*group] < 0 {
		return ""
	}
	return seen(line[loc[2*group]:loc[2*group+1]])
}

// storedText returns a text as results hold it.
func storedText(s string) string {
	return shortened(strings.TrimRight(seen(strings.ToValidUTF8(s, "\uFFFD")), " \t"), 1000)
}

// seen returns a text without the control characters that are not seen.
func seen(s string) string {
	for _, c := range unseen {
		s = strings.ReplaceAll(s, string(c), "")
	}
	return s
}

// shortened cuts a text that is longer than n bytes, before a rune.
func shortened(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
