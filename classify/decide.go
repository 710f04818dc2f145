package classify

import (
	"context"
	"errors"
	"slices"
)

// errNoAddress says that a job has no logs to look at.
var errNoAddress = errors.New("the CI gave no address for the job's logs")

// decide drops what rules found whose conditions on other files do not hold.
// Files that nothing else asked for are read here, and only if a rule that
// names them in a condition matched.
func (l *look) decide(ctx context.Context) {
	if !l.any {
		l.readAsked(ctx)
	}
	for _, r := range l.ordered {
		if l.found[r] != nil && !l.holds(ctx, r) {
			delete(l.found, r)
		}
	}
}

// readAsked reads what rules that matched the job's result ask for, if nothing
// else could be read: whether a file that is not there says anything depends on
// whether any other is.
func (l *look) readAsked(ctx context.Context) {
	asked := func(r *rule) bool { return l.found[r] != nil && len(r.others) > 0 }
	if !slices.ContainsFunc(l.ordered, asked) {
		return
	}
	for _, g := range l.groups {
		if !g.served && len(g.conds) > 0 && l.job.LogURL != "" {
			l.readFirst(ctx, g)
		}
	}
}

// holds reports whether the conditions of a rule on other files hold. One of
// which nothing is known makes the result partial, unless another decides.
func (l *look) holds(ctx context.Context, r *rule) bool {
	var open []*condition
	for i, c := range r.others {
		switch l.ask(ctx, c) {
		case No:
			l.unasked = append(l.unasked, r.others[i+1:]...)
			return false
		case Unknown:
			open = append(open, c)
		}
	}
	for _, c := range open {
		l.noteUnknown(l.groups[c.group])
	}
	return len(open) == 0
}

// ask says whether a condition on other files lets its rule match.
func (l *look) ask(ctx context.Context, c *condition) Answer {
	holds := c.meets(l.answer(ctx, c))
	l.told[c.rule].condition(c.name, holds, l.met[c])
	return holds
}

// answer returns what is known of a condition on other files.
func (l *look) answer(ctx context.Context, c *condition) Answer {
	g := l.groups[c.group]
	if !g.served && l.job.LogURL != "" {
		l.readFirst(ctx, g)
	}
	_, met := l.met[c]
	switch {
	case met, c.matcher == nil && g.exists:
		return Yes
	case !g.served, g.failed, g.absent != nil && !l.any:
		return Unknown
	}
	return No
}

// noteUnknown sees to it that a result is partial if nothing is known of what
// stands in the files of a group.
func (l *look) noteUnknown(g *group) {
	switch {
	case !g.served:
		l.miss(g.files[0], errNoAddress)
	case g.failed: // that was noted
	case g.absent != nil:
		l.miss(g.files[0], g.absent)
	}
}
