// Package draft writes the first version of a rule from a line of a log: a
// pattern that matches the line as another build would print it, a message, a
// tag, and the lines that the rule is tested with.
//
// A line is taken apart into words and what is likely to differ next time:
// numbers, times, hashes, paths, versions, and names. Words stay in the pattern;
// the rest becomes classes, of which one or two that say most are captured and
// named in the message. Where that leaves a pattern that asks for too little, it
// gets names back as they stand in the line, one by one.
package draft

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// Log yields the lines of a log from its beginning, each time that it is called.
type Log func() iter.Seq2[classify.Line, error]

// Options say what a rule is to be like. What is zero is guessed.
type Options struct {
	ID, File, Message, Tag string
	Tier                   classify.Tier

	Name  string              // of the log, to tell the rule's file by
	Files map[string][]string // the logical names that there are
	Taken func(id string) bool
}

// Draft is a rule for a line, and the stricter ones that there are.
type Draft struct {
	// Line is the number of the line that the pattern is for.
	Line int
	// Alike is how many lines of the log the pattern matches, the line among
	// them, Unlike how many of them look like something else.
	Alike, Unlike int
	// Steps is how often the pattern was made stricter than it was at first.
	Steps int
	// Guessed reports that no word of the line tells the tag.
	Guessed bool
	// Generic reports that the line only says that something failed, and
	// Telling is a line near it that says more, if there is one.
	Telling *classify.Line

	options Options
	block   block
	rungs   []*rung
	rung    int
	near    []neighbour
}

// around is how many lines before and after the line are looked at.
const around = 5

// New drafts a rule for the lines from first to last of a log; the pattern is
// for one of them. The log is read twice. The error is of type *Unfit where the
// lines cannot have a rule.
func New(ctx context.Context, log Log, first, last int, o Options) (*Draft, error) {
	if last-first >= classify.MaxBlock {
		return nil, &Unfit{Why: fmt.Sprintf("%d lines are more than a rule can show", last-first+1), Remedy: fmt.Sprintf("name at most %d", classify.MaxBlock)}
	}
	if first < 1 || last < first {
		return nil, &Unfit{Why: fmt.Sprintf("there are no lines %d to %d", first, last), Remedy: "lines are counted from 1, and the first comes first"}
	}
	b, err := readBlock(ctx, log, first, last)
	if err != nil {
		return nil, err
	}
	target := b.target()
	s := newShape(tokens(target.Text))
	if !saysSomething(s.line) {
		return nil, b.unfit(target)
	}
	d := &Draft{Line: target.Number, options: o, block: b, rungs: ladder(s)}
	d.rungs = slices.DeleteFunc(d.rungs, func(r *rung) bool { return !r.re.MatchString(target.Text) })
	if len(d.rungs) == 0 {
		return nil, b.unfit(target)
	}
	if err := d.survey(ctx, log, target.Text); err != nil {
		return nil, err
	}
	return d, nil
}

// survey looks at the whole log and chooses among the patterns.
func (d *Draft) survey(ctx context.Context, log Log, target string) error {
	v := newSurvey(target, d.rungs)
	for l, err := range log() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		v.add(l.Text)
	}
	d.near = v.near
	d.rung = -1
	for range v.best() + 1 {
		d.Specialise()
	}
	d.Steps = d.rung
	d.Telling = d.block.telling(d.Line)
	return nil
}

// Specialise makes the pattern ask for more of the line, by a step. It reports
// false where the pattern asks for all of it.
func (d *Draft) Specialise() bool {
	if d.rung+1 >= len(d.rungs) {
		return false
	}
	d.rung++
	d.Steps = d.rung
	d.Alike, d.Unlike = d.rungs[d.rung].like+d.rungs[d.rung].unlike, d.rungs[d.rung].unlike
	return true
}

// Like reports whether a line is of the kind of the one that the rule is for:
// it has the same words, whatever the names and numbers in it.
func (d *Draft) Like(line string) bool {
	return dice(frame(d.block.target().Text), frame(line)) >= alike
}

// Entry returns the rule with its tests.
func (d *Draft) Entry() (patterns.Entry, error) {
	s := d.rungs[d.rung].shape
	target := d.block.target().Text
	e := patterns.Entry{Rule: classify.Rule{
		ID:      cmp.Or(d.options.ID, d.unusedID(s.id())),
		Files:   []string{cmp.Or(d.options.File, logicalFile(d.options.Name, d.options.Files))},
		Pattern: s.pattern(),
		Message: cmp.Or(d.options.Message, s.message(), "the log says: {0}"),
		Tag:     d.options.Tag,
		Tier:    cmp.Or(d.options.Tier, s.tier()),
	}}
	if e.Tag == "" {
		tag, sure := guessTag(e.Message, target)
		e.Tag, d.Guessed = tag, !sure
	}
	if d.options.Tier == classify.TierCause {
		e.Tier = ""
	}
	d.block.show(&e.Rule)
	return e, d.addTests(&e)
}

// unusedID returns an id like the one guessed that no other rule has.
func (d *Draft) unusedID(id string) string {
	unused := id
	for n := 2; d.options.Taken != nil && d.options.Taken(unused); n++ {
		unused = fmt.Sprintf("%s-%d", id, n)
	}
	return unused
}

// addTests gives a rule its tests: the lines that it was made of, and the ones
// most like them that it must not match.
func (d *Draft) addTests(e *patterns.Entry) error {
	log := d.block.log()
	want, err := message(e.Rule, log, d.block.chosen+1)
	if err != nil {
		return err
	}
	e.Tests = []patterns.Test{{Rule: e.ID, Log: log, Want: want}}
	for _, n := range d.near {
		e.Tests = append(e.Tests, patterns.Test{Rule: e.ID, Log: n.text})
	}
	if len(d.near) == 0 {
		e.Tests = append(e.Tests, patterns.Test{Rule: e.ID, Log: "nothing to see here"})
	}
	return nil
}

// message returns what a rule says of a line of a log.
func message(r classify.Rule, log string, line int) (string, error) {
	c, err := classify.Compile([]classify.Rule{r})
	if err != nil {
		return "", err
	}
	found := c.Log(context.Background(), "test", strings.NewReader(log))
	if len(found.Matches) == 0 {
		return "", errors.New("the rule does not match its own line")
	}
	for _, m := range found.Matches {
		if m.Line == line {
			return m.Message, nil
		}
	}
	return found.Matches[0].Message, nil
}

// Unfit says that lines cannot have a rule, and why.
type Unfit struct {
	Why, Remedy string
	Around      []classify.Line // that say more
}

// Error gives the reason, what to do and the lines around.
func (u *Unfit) Error() string {
	text := u.Why
	if u.Remedy != "" {
		text += "; " + u.Remedy
	}
	for _, l := range u.Around {
		text += fmt.Sprintf("\n  %d: %s", l.Number, l.Text)
	}
	return text
}
