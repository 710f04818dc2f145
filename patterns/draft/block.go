package draft

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
)

// A block is the lines that a rule is for, with those around them.
type block struct {
	before, lines, after []classify.Line
	chosen               int // the one of lines that the pattern is for
}

// readBlock reads the lines from first to last of a log.
func readBlock(ctx context.Context, log Log, first, last int) (block, error) {
	var b block
	count := 0
	for l, err := range log() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return b, err
		}
		count = l.Number
		switch n := l.Number; {
		case n < first:
			b.before = append(b.before, l)
			b.before = b.before[max(0, len(b.before)-around):]
		case n <= last:
			b.lines = append(b.lines, l)
		case n <= last+around:
			b.after = append(b.after, l)
		}
		if count > last+around {
			break
		}
	}
	if count < last {
		return b, &Unfit{Why: fmt.Sprintf("there is no line %d: the log has %d", last, count), Remedy: "name a line as the report prints it"}
	}
	b.choose()
	if first == last { // of the parts that carriage returns make
		b.before, b.after = slices.Concat(b.before, b.lines[:b.chosen]), slices.Concat(b.lines[b.chosen+1:], b.after)
		b.lines, b.chosen = b.lines[b.chosen:b.chosen+1], 0
	}
	return b, nil
}

// choose chooses the line that the pattern is for: the first that says
// something, unless another says much more.
func (b *block) choose() {
	best, worth := 0, -10.0
	for i, l := range b.lines {
		if !saysSomething(tokens(l.Text)) {
			continue
		}
		w := classify.Score(l.Text)
		if worth < -5 || w > worth+1.5 || l.Number == b.lines[best].Number && w >= worth {
			best, worth = i, w
		}
	}
	b.chosen = best
}

// target returns the line that the pattern is for.
func (b *block) target() classify.Line { return b.lines[b.chosen] }

// unfit says that a line is too ordinary.
func (b *block) unfit(target classify.Line) error {
	u := &Unfit{Why: fmt.Sprintf("line %d says too little to be known again: %q", target.Number, short(target.Text)), Remedy: "pick a line that says more"}
	of := "it"
	if last := b.lines[len(b.lines)-1].Number; last > b.lines[0].Number {
		u.Why = fmt.Sprintf("lines %d to %d say too little to be known again", b.lines[0].Number, last)
		of = "them"
	}
	for _, l := range slices.Concat(b.before, b.lines, b.after) {
		if saysSomething(tokens(l.Text)) && l.Number != target.Number {
			u.Around = append(u.Around, classify.Line{Number: l.Number, Text: short(l.Text)})
		}
	}
	if len(u.Around) > 0 {
		u.Remedy += "; the lines around " + of + ":"
	}
	return u
}

// short returns the beginning of a line, for people.
func short(line string) string {
	runes := []rune(line)
	if len(runes) <= 100 {
		return line
	}
	return string(runes[:99]) + "…"
}

// telling returns a line near the one that a rule is for that says much more,
// nil if there is none.
func (b *block) telling(line int) *classify.Line {
	var best *classify.Line
	score := max(2, classify.Score(b.target().Text)+1)
	for _, l := range slices.Concat(b.before, b.lines, b.after) {
		if s := classify.Score(l.Text); l.Number != line && s > score {
			best, score = &classify.Line{Number: l.Number, Text: short(l.Text)}, s
		}
	}
	return best
}

// separator is a line of signs.
var separator = regexp.MustCompile(`^\s*([=*#_~-])[=*#_~-]{3,}\s*$`)

// show makes a rule show the lines of the block. Where the last of them, or the
// one behind, ends it visibly, the rule shows all up to such a line, else as
// many lines as there are here.
func (b *block) show(r *classify.Rule) {
	before, after := b.chosen, len(b.lines)-1-b.chosen
	r.Context = classify.Context{Before: before, After: after}
	if after == 0 {
		return
	}
	inner := b.lines[b.chosen+1:]
	last := inner[len(inner)-1].Text
	switch {
	case separator.MatchString(last) && !slices.ContainsFunc(inner[:after-1], func(l classify.Line) bool { return separator.MatchString(l.Text) }):
		sign := separator.FindStringSubmatch(last)[1]
		r.Until = `^\s*` + regexp.QuoteMeta(sign) + `{4,}\s*$`
		if !regexp.MustCompile(r.Until).MatchString(last) {
			r.Until = `^\s*[=*#_~-]{4,}\s*$`
		}
	case isBlank(last) && !slices.ContainsFunc(inner[:after-1], func(l classify.Line) bool { return isBlank(l.Text) }),
		len(b.after) > 0 && isBlank(b.after[0].Text) && !slices.ContainsFunc(inner, func(l classify.Line) bool { return isBlank(l.Text) }):
		r.Until = `^\s*$`
	default:
		return
	}
	r.Context.After = 0
}

// isBlank reports whether a line shows nothing.
func isBlank(line string) bool {
	return strings.TrimFunc(line, unicode.IsSpace) == ""
}

// log returns the lines as the log of a test.
func (b *block) log() string {
	var text []string
	for _, l := range b.lines {
		text = append(text, testLine(l.Text))
	}
	return strings.Join(text, "\n")
}

// testLine returns a line of a log as it stands in a test, so that the engine
// makes of it what it made of the log's: what is cleaned is cleaned once more.
func testLine(line string) string {
	line = strings.ToValidUTF8(line[:min(len(line), longest)], "\uFFFD")
	for _, stamp := range []string{"", "2000-01-01T00:00:00.000000Z ", "[00:00:00] "} {
		if cleaned(stamp+line) == line {
			return stamp + line
		}
	}
	return line
}
