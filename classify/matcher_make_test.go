package classify_test

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// anyPattern makes a regular expression of a few levels, one that compiles.
func (d *dice) anyPattern() string {
	p := d.pattern(d.roll(4))
	if d.chance(6) {
		p = pick(d, []string{"(?i)", "(?i)", "(?s)", "(?m)"}) + p
	}
	if d.chance(8) {
		p = "^" + p
	}
	if d.chance(8) {
		p += "$"
	}
	if first, rest, ok := strings.Cut(p, named); ok { // a name is given once
		p = first + named + strings.ReplaceAll(rest, named, "(")
	}
	if _, err := regexp.Compile(p); err != nil || p == "" {
		return "err"
	}
	return p
}

// named begins a group that messages may name.
const named = "(?P<w>"

// pattern makes a regular expression of so many levels.
func (d *dice) pattern(levels int) string {
	if levels == 0 {
		return d.atom()
	}
	below := func() string { return d.pattern(levels - 1) }
	switch d.roll(8) {
	case 7:
		return pick(d, []string{"(", named, "(?i:", "(?s:", "(?m:", "(?U:", "(?-i:"}) + below() + ")"
	case 6, 5:
		return "(?:" + below() + ")" + d.repeats()
	case 4, 3:
		branches := []string{below(), below()}
		for d.chance(3) && len(branches) < 6 {
			branches = append(branches, pick(d, []string{below(), ""}))
		}
		return "(?:" + strings.Join(branches, "|") + ")"
	}
	p := below()
	for range 1 + d.roll(3) {
		p += below()
	}
	return p
}

// repeats says how often something occurs.
func (d *dice) repeats() string {
	r := pick(d, []string{"*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "{3,7}", "{0}", "{9}"})
	if d.chance(4) {
		r += "?"
	}
	return r
}

// The smallest parts of patterns. Words are rather short, so that they occur in
// one another and by chance.
var (
	madeWords = []string{"error", "err", "fail", "failed: ", "ab", "ba", "abab", "aaaa", "exit code ", "Error", "ERROR: ", "::", " ", "  ", "\t", "--", "x", "k", "s",
		"task", "disk", "Kk", "ss", "\u212a", "\u017f", "é", "É", "ß", "ẞ", "Σ", "ς", "日本", "\ufffd", "|", "[", ".", "(", "{", "0", "42", "10:11:12 ", "@`", "[{", "_^", "\x7f",
		"No such file or directory", "returned non-zero exit status", "aaaaaaaaaaaaaaaa", "the quick brown fox jumps over the lazy dog and then some more"}
	madeClasses = []string{`.`, `\d`, `\w`, `\s`, `\S`, `\W`, `\D`, `[abc]`, `[^a]`, `[^ ]`, `[a-z]`, `[Ee]`, `[[:alpha:]]`, `[^[:space:]]`, `[[:punct:]]`, `[k-s]`, `[à-ü]`,
		`\pL`, `\PL`, `[^\x00-\x7f]`, `[\x{fffd}]`, `[^\x{fffd}]`, `\x{10ffff}`, `[0-9a-f]`, `[\x00-\x1f]`, `(?i:[k])`, `[\]^-]`}
	madeAsserts = []string{`\b`, `^`, `$`, `\B`, `\A`, `\z`, `(?m:^)`, `(?m:$)`, ``}
)

func (d *dice) atom() string {
	switch d.roll(8) {
	case 7:
		return pick(d, madeAsserts)
	case 6, 5:
		return pick(d, madeClasses)
	case 4:
		return regexp.QuoteMeta(d.word())
	}
	return regexp.QuoteMeta(pick(d, madeWords))
}

// word makes a text of up to 12 letters of few.
func (d *dice) word() string {
	w := ""
	for range 1 + d.roll(12) {
		w += pick(d, []string{"a", "b", "k", "s", "A", "K", " ", "0", "-", "\u212a", "é", "x"})
	}
	return w
}

// either makes a pattern or a literal.
func (d *dice) either() (pattern, literal string) {
	switch d.roll(6) {
	case 5:
		return "", pick(d, madeWords)
	case 4:
		return "", d.word()
	case 3:
		return "", d.matching(mustParse(d.anyPattern())) + "." // valid UTF-8 or not
	}
	return d.anyPattern(), ""
}

// matcherRules makes rules on one log.
func (d *dice) matcherRules() []classify.Rule {
	rules := make([]classify.Rule, 1+d.roll(6))
	for i := range rules {
		rules[i] = d.matcherRule()
	}
	if d.chance(8) {
		rules = append(rules, d.manyRules()...)
	}
	for i := range rules {
		rules[i].ID, rules[i].Files = fmt.Sprint("r", i), []string{"x"}
	}
	return rules
}

// manyRules makes so many plain rules that an engine may work in other ways.
func (d *dice) manyRules() []classify.Rule {
	seeded := random(uint64(d.roll(256)))
	rules := make([]classify.Rule, pick(d, []int{10, 30, 100, 300}))
	length := 1 + d.roll(40)
	for i := range rules {
		text := ""
		for range 1 + seeded.roll(length) {
			text += string(rune(' ' + seeded.roll(95)))
		}
		rules[i] = classify.Rule{Literal: text, Message: "m"}
		if i%2 == 0 {
			rules[i] = classify.Rule{Pattern: pick(seeded, []string{"(?i)", "", `\b`, `^.*`}) + regexp.QuoteMeta(text), Message: "{0}"}
		}
		if len(seeded.bytes) == 0 {
			seeded = random(uint64(i))
		}
	}
	return rules
}

// matcherRule makes a rule without an id.
func (d *dice) matcherRule() classify.Rule {
	r := classify.Rule{Message: "m"}
	r.Pattern, r.Literal = d.either()
	if r.Pattern != "" {
		r.Message = d.anyMessage(r.Pattern)
	}
	if d.chance(3) {
		r.Occurrence = classify.OccurrenceLast
	}
	if !d.chance(3) {
		return r
	}
	if d.chance(3) {
		r.Exclude = []string{pick(d, madeWords)}
	}
	if d.chance(4) {
		r.Next = d.anyPattern()
	}
	if d.chance(2) {
		r.Unless = some(d, 2, func() classify.Unless {
			u := classify.Unless{Within: pick(d, []classify.Within{classify.WithinLine, classify.WithinFile, classify.WithinNext, 1, 2, 5, 100})}
			u.Pattern, u.Literal = d.either()
			return u
		})
	}
	condition := func() (c classify.Condition) { c.Pattern, c.Literal = d.either(); return c }
	if d.chance(4) {
		r.All = some(d, 2, condition)
	}
	if d.chance(4) {
		r.None = some(d, 2, condition)
	}
	return r
}

// anyMessage makes a message that shows what a pattern captures, or does not.
func (d *dice) anyMessage(pattern string) string {
	choices := []string{"m", "{0}", "<{0}>"}
	re := regexp.MustCompile(pattern)
	for i := 1; i <= min(re.NumSubexp(), 9); i++ {
		choices = append(choices, fmt.Sprintf("{%d}", i))
	}
	if strings.Contains(pattern, named) {
		choices = append(choices, "at {w}", "{w}{0}")
	}
	return pick(d, choices)
}

func mustParse(pattern string) *syntax.Regexp {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return tree
}

// matching makes a text that an expression matches, if what stands around it
// lets its assertions hold.
func (d *dice) matching(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		var b strings.Builder
		for _, r := range re.Rune {
			b.WriteString(d.written(r, re.Flags&syntax.FoldCase != 0))
		}
		return b.String()
	case syntax.OpCharClass:
		return d.ofClass(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return pick(d, []string{"a", " ", "0", "é", "\xff", "\xe2\x84", "K", "\t"})
	case syntax.OpCapture:
		return d.matching(re.Sub[0])
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(d.matching(sub))
		}
		return b.String()
	case syntax.OpAlternate:
		return d.matching(pick(d, re.Sub))
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return d.repeated(re)
	}
	return ""
}

// repeated makes a text that a repetition matches.
func (d *dice) repeated(re *syntax.Regexp) string {
	least, most := re.Min, re.Max
	switch re.Op {
	case syntax.OpStar:
		least, most = 0, 3
	case syntax.OpPlus:
		least, most = 1, 4
	case syntax.OpQuest:
		least, most = 0, 1
	}
	if most < least {
		most = least + 2
	}
	var b strings.Builder
	for range least + d.roll(min(most-least, 3)+1) {
		b.WriteString(d.matching(re.Sub[0]))
	}
	return b.String()
}

// written returns a rune as it may stand in a text: in one of its cases if they
// are folded, and where U+FFFD matches, a byte that is no UTF-8.
func (d *dice) written(r rune, fold bool) string {
	if fold {
		for range d.roll(4) {
			r = unicode.SimpleFold(r)
		}
	}
	if r == unicode.ReplacementChar && d.chance(2) {
		return pick(d, []string{"\xff", "\xc3", "\x80"})
	}
	return string(r)
}

// ofClass returns a rune of a class, rather one that a line can hold.
func (d *dice) ofClass(ranges []rune) string {
	if len(ranges) == 0 {
		return ""
	}
	for range 3 {
		i := 2 * d.roll(min(len(ranges)/2, 256))
		low, high := ranges[i], ranges[i+1]
		r := low + rune(d.roll(int(min(high-low, 255))+1))
		if low < 'a' && high > 'z' && d.chance(2) {
			r = rune(pick(d, []byte("aks_ 0-K")))
		}
		if r >= ' ' {
			return d.written(r, false)
		}
	}
	return "a"
}

// A maker makes texts that something is found in.
type maker func(d *dice) string

// makersOf returns a maker for each thing that rules look for.
func makersOf(rules []classify.Rule) []maker {
	var all []maker
	add := func(pattern, literal string) {
		if pattern != "" {
			tree := mustParse(pattern)
			all = append(all, func(d *dice) string { return d.matching(tree) })
		} else if literal != "" {
			all = append(all, func(*dice) string { return literal })
		}
	}
	for _, r := range rules {
		add(r.Pattern, r.Literal)
		add(r.Next, strings.Join(r.Exclude, ""))
		for _, u := range r.Unless {
			add(u.Pattern, u.Literal)
		}
		for _, c := range slices.Concat(r.All, r.None) {
			add(c.Pattern, c.Literal)
		}
	}
	return all
}
