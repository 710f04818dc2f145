package classify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// maxGlob is how many files of a job one glob may name.
const maxGlob = 100

// A look is what is known of one job while its logs are read.
type look struct {
	*Classifier
	logs    Logs
	job     Job
	groups  []*group         // by index of Classifier.files
	opened  map[string]error // by file: how opening it went
	order   map[string]int   // by file: how early it was read first, from 1
	read    int              // logs that were read for rules or as the main log
	any     bool             // some file of the job is there and can be opened
	found   findings
	met     map[*condition]place // conditions on lines that were seen, and where
	seen    []seenLog            // the logs that an excerpt may come from
	reports reports              // what the job's test reports say
	missing []Missing
	absent  []Missing // not there, which is a loss only if nothing else is
	down    bool      // none of the job's logs can be had

	told    map[*rule]*Explanation // nil unless explanations are wanted
	unasked []*condition           // on which nothing depended any more
	several bool                   // the file being read is one of several of a glob
}

// A group is what is looked for in the files of one list of candidates, and
// what became of them.
type group struct {
	all    *fileRules // what is looked for in the files whatever the job; nil: nothing
	files  []string
	rules  []*rule
	conds  []*condition
	main   bool  // they are the job's main log, read for the excerpt too
	served bool  // the files were looked at
	exists bool  // one of them is there
	failed bool  // one of them could not be read, or not to its end
	absent error // why the first is not there, if none is
}

// newLook prepares a look at a job.
func (c *Classifier) newLook(logs Logs, job Job) *look {
	l := &look{Classifier: c, logs: logs, job: job, opened: map[string]error{}, order: map[string]int{},
		found: findings{}, met: map[*condition]place{}}
	for _, f := range c.files {
		l.groups = append(l.groups, f.of(&job))
	}
	return l
}

// readLogs reads the logs of the job that the rules ask for.
func (l *look) readLogs(ctx context.Context) *look {
	l.tryResult()
	if name, ok := single(l.job); ok {
		l.readSingle(ctx, name)
	} else if l.job.LogURL != "" {
		l.readFolder(ctx)
	}
	l.reports.find(l.found)
	l.decide(ctx)
	if l.read == 0 {
		l.missing = append(l.missing, l.absent...)
	}
	return l
}

// of returns what is looked for in a job: rules for other jobs drop out.
func (f *fileRules) of(job *Job) *group {
	g := &group{all: f, files: f.files}
	if !f.restricted {
		g.rules, g.conds = f.rules, f.conds
		return g
	}
	for _, r := range f.rules {
		if !r.Restricted(job) {
			g.rules = append(g.rules, r)
		}
	}
	for _, c := range f.conds {
		if !c.rule.Restricted(job) {
			g.conds = append(g.conds, c)
		}
	}
	return g
}

// miss notes, once, that a file could not be read, or not to its end.
func (l *look) miss(file string, err error) {
	if m := (Missing{File: file, Why: err.Error()}); !slices.Contains(l.missing, m) {
		l.missing = append(l.missing, m)
	}
}

// tryResult looks at ResultFile.
func (l *look) tryResult() {
	text := strings.TrimSpace(l.job.Result + " " + l.job.Detail)
	for _, g := range l.groups {
		if !slices.Contains(g.files, ResultFile) {
			continue
		}
		g.served = true
		if text != "" {
			s := l.newScan(ResultFile, []*group{g})
			_ = s.read(strings.NewReader(text)) // which does not fail
			l.add(s)
		}
	}
}

// add takes over what a scan found.
func (l *look) add(s *scan) {
	l.found.add(s)
	if l.told != nil {
		for _, r := range s.rules {
			if e := l.told[r]; e != nil && !r.Restricted(&l.job) {
				e.Files = append(e.Files, s.name)
			}
		}
	}
	for _, w := range s.watches {
		if w == nil || !w.seen {
			continue
		}
		if _, met := l.met[w.condition]; !met {
			l.met[w.condition] = w.at
		}
	}
}

// readSingle reads the only log of a job. It stands for every file that it may
// be, by its name; all others are not there.
func (l *look) readSingle(ctx context.Context, name string) {
	var stand []*group
	for _, g := range l.groups {
		g.served, g.main = true, true
		if l.applies(g.files, name) {
			stand = append(stand, g)
		} else {
			g.absent = fmt.Errorf("%s: %w", g.files[0], fs.ErrNotExist)
		}
	}
	if err := l.readFile(ctx, name, stand); errors.Is(err, fs.ErrNotExist) {
		l.miss(name, err)
	}
}

// readFolder reads the files that the rules name, in the order in which the
// rules name them, and the job's main log. Files that only conditions name wait
// until it is known that they decide on something.
func (l *look) readFolder(ctx context.Context) {
	console := &group{files: l.Console}
	for _, g := range l.groups {
		if l.isConsole(g) {
			console = g
		}
	}
	console.main = true
	for _, g := range l.groups {
		if !g.served && len(g.rules) > 0 {
			l.readFirst(ctx, g)
		}
	}
	if len(l.Console) > 0 && !console.served {
		l.readFirst(ctx, console)
	}
	l.readReports(ctx)
}

// isConsole reports whether a group is on the job's main log.
func (l *look) isConsole(g *group) bool { return slices.Equal(g.files, l.Console) }

// readFirst reads the first of the candidates that is there; a glob stands for
// all the files it names. Once none of the job's logs can be had, no other is
// tried.
func (l *look) readFirst(ctx context.Context, g *group) {
	g.served = true
	for _, candidate := range l.candidates(g) {
		if l.down {
			break
		}
		found, err := l.readAll(ctx, g, candidate)
		if found {
			g.absent = nil
			return
		}
		if errors.Is(err, fs.ErrNotExist) && g.absent == nil {
			g.absent = err
		}
	}
	if l.down {
		g.failed = true
		return
	}
	l.noteAbsent(g)
}

// readAll reads the files that a candidate names, and reports whether there was
// one; else why there was none.
func (l *look) readAll(ctx context.Context, g *group, candidate string) (found bool, err error) {
	names, err := l.expand(ctx, g, candidate)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(l.turn(a), l.turn(b)) })
	l.several = len(names) > 1
	for _, name := range names {
		err = l.readFile(ctx, name, []*group{g})
		found = found || err == nil
		if found && g.asksExistence() {
			break
		}
	}
	return found, err
}

// turn returns how early a file was read, or is to be if it was not yet: so the
// files of a glob are read in the order by which their matches are ranked.
func (l *look) turn(name string) int {
	return cmp.Or(l.order[name], len(l.order)+1)
}

// candidates returns the names that the files of a group may have.
func (l *look) candidates(g *group) []string {
	if l.Fallback != "" && l.isConsole(g) {
		return append(slices.Clip(g.files), l.Fallback)
	}
	return g.files
}

// asksExistence reports whether it is enough to know that the files exist.
func (g *group) asksExistence() bool {
	return !g.main && len(g.rules) == 0 && len(g.conds) > 0 && !slices.ContainsFunc(g.conds, func(c *condition) bool { return c.matcher != nil })
}

// noteAbsent notes that none of the files of a group is there: a loss if it is
// the main log, or one that a rule is on and no other could be read. Of one
// that may be there, why it could not be read was noted.
func (l *look) noteAbsent(g *group) {
	if g.absent == nil || g.failed {
		return
	}
	m := absentAll(g.files, g.absent)
	switch {
	case l.isConsole(g):
		l.missing = append(l.missing, m)
	case len(g.rules) > 0:
		l.absent = append(l.absent, m)
	}
}

// absentAll says that none of the candidates is there; err is why the first is not.
func absentAll(candidates []string, err error) Missing {
	m := Missing{File: candidates[0], Why: err.Error()}
	if n := len(candidates) - 1; n > 0 {
		m.Why += fmt.Sprintf(" (nor is one of its %d other names there)", n)
	}
	return m
}

// expand returns the files that a candidate names. The error says why a glob
// names none; where the job's files could not be listed, or not all, it was noted.
func (l *look) expand(ctx context.Context, g *group, candidate string) ([]string, error) {
	if !IsGlob(candidate) {
		return []string{candidate}, nil
	}
	lister, ok := l.logs.(Lister)
	var names []string
	err := fmt.Errorf("the files of this job cannot be listed: %w", errors.ErrUnsupported)
	if ok {
		names, err = lister.List(ctx, l.job, candidate)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported) && candidate == l.Fallback:
		return nil, fmt.Errorf("%s: %w", candidate, fs.ErrNotExist)
	case err != nil:
		l.miss(candidate, err)
		g.failed = g.failed || !errors.Is(err, fs.ErrNotExist)
		l.down = l.down || errors.Is(err, ErrUnreachable)
		if len(names) == 0 {
			return nil, err
		}
	}
	names = slices.Sorted(slices.Values(names))
	if len(names) > maxGlob && candidate == l.Fallback {
		names = slices.DeleteFunc(names, l.isReport) // these are read in any case
	}
	if len(names) > maxGlob {
		l.miss(candidate, fmt.Errorf("names %d files, of which %d were read", len(names), maxGlob))
		g.failed = true
		names = names[:maxGlob]
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %w", candidate, fs.ErrNotExist)
	}
	return names, nil
}
