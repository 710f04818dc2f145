package classify

import (
	"context"
	"errors"
)

// errNoAddress says that a job has no logs to look at.
var errNoAddress = errors.New("the CI gave no address for the job's logs")

// decide drops what rules found whose conditions on other files do not hold.
// Files that nothing else asked for are read here, and only if a rule that
// names them in a condition matched.
func (l *look) decide(ctx context.Context) {
	for _, r := range l.ordered {
		if len(l.found[r]) > 0 && !l.holds(ctx, r) {
			delete(l.found, r)
		}
	}
}

// holds reports whether the conditions of a rule on other files hold. One of
// which nothing is known makes the result partial, unless another decides.
func (l *look) holds(ctx context.Context, r *rule) bool {
	var open *condition
	for _, c := range r.others {
		switch c.meets(l.answer(ctx, c)) {
		case no:
			return false
		case unknown:
			open = c
		}
	}
	if open == nil {
		return true
	}
	l.noteUnknown(l.groups[open.group])
	return false
}

// answer returns what is known of a condition on other files.
func (l *look) answer(ctx context.Context, c *condition) answer {
	g := l.groups[c.group]
	if !g.served && l.job.LogURL != "" {
		l.readFirst(ctx, g)
	}
	_, met := l.met[c]
	switch {
	case met, c.matcher == nil && g.exists:
		return yes
	case !g.served, g.failed, g.absent != nil && l.read == 0:
		return unknown
	}
	return no
}

// noteUnknown sees to it that a result is partial if nothing is known of what
// stands in the files of a group.
func (l *look) noteUnknown(g *group) {
	switch {
	case !g.served:
		l.miss(g.files[0], errNoAddress)
	case g.absent != nil:
		l.miss(g.files[0], g.absent)
	}
}
