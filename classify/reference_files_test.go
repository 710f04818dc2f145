package classify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/iotest"

	"github.com/watchcat-ci/watchcat/classify"
)

// A world is a job and its logs.
type world struct {
	Job     classify.Job
	Files   map[string]text // those that are there
	Listed  bool            // the files can be listed
	Console string          // the main log; "" for none
}

// A text is a file of a job.
type text struct {
	Text string
	Bad  bool // it fails to open: 500
	Cut  bool // reading it fails where Text ends
}

// Open makes a world the Logs of its job.
func (w world) Open(_ context.Context, _ classify.Job, file string) (io.ReadCloser, error) {
	t, ok := w.Files[file]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %w", file, fs.ErrNotExist)
	case t.Bad:
		return nil, errors.New("500")
	case t.Cut:
		return io.NopCloser(io.MultiReader(strings.NewReader(t.Text), iotest.ErrReader(io.ErrUnexpectedEOF))), nil
	}
	return io.NopCloser(strings.NewReader(t.Text)), nil
}

// A listedWorld is a world whose files can be listed.
type listedWorld struct{ world }

func (w listedWorld) List(_ context.Context, _ classify.Job, glob string) ([]string, error) {
	return w.named(glob), nil
}

// logs returns what the engine is given.
func (w world) logs() classify.Logs {
	if w.Listed {
		return listedWorld{w}
	}
	return w
}

// named returns the files that a glob names, in order. "**/" stands for any
// folders, and there is no other "**" in what tests use.
func (w world) named(glob string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.Files)) {
		rest, deep := strings.CutPrefix(glob, "**/")
		if ok, _ := path.Match(rest, name); ok {
			names = append(names, name)
		} else if ok, _ := path.Match(rest, path.Base(name)); ok && deep {
			names = append(names, name)
		}
	}
	return names
}

// A refLine is a cleaned line: what stands between two carriage returns.
type refLine struct {
	text  string
	no    int  // of the line of the file
	whole bool // the file was not cut within it
}

// refLines splits a file into cleaned lines.
func refLines(t text) []refLine {
	var lines []refLine
	for i, raw := range strings.SplitAfter(t.Text, "\n") {
		body, ended := strings.CutSuffix(raw, "\n")
		if raw == "" {
			break // after the last LF there is no line
		}
		segments := slices.DeleteFunc(strings.Split(body, "\r"), func(s string) bool { return s == "" })
		if len(segments) == 0 {
			segments = []string{""}
		}
		for k, s := range segments {
			whole := !t.Cut || ended || k < len(segments)-1 || s != "" && strings.HasSuffix(body, "\r")
			lines = append(lines, refLine{cleaned(s), i + 1, whole})
		}
	}
	return lines
}

// cleaned takes away the two kinds of noise that the tests' logs hold: a colour
// and a time stamp.
func cleaned(s string) string {
	for _, colour := range []string{"\x1b[31m", "\x1b[0m"} {
		s = strings.ReplaceAll(s, colour, "")
	}
	return strings.TrimPrefix(s, stamp)
}

const stamp = "2026-11-20 10:11:12.123 | "

// A truth is one of three.
type truth int

const (
	no truth = iota
	unknown
	yes
)

// An evaluator is a job that rules are tried on.
type evaluator struct {
	world
	rules   []classify.Rule
	order   []string // files in the order in which they are read, ResultFile first
	anyRead bool     // a log could be read
	cache   map[string][]refLine

	// Files that could not be read, or not to their end: true if a rule names
	// them or a match waited for them in vain.
	lost map[string]bool
}

func newEvaluator(rules []classify.Rule, w world) *evaluator {
	e := &evaluator{world: w, rules: rules, order: []string{classify.ResultFile},
		cache: map[string][]refLine{}, lost: map[string]bool{}}
	for _, r := range rules {
		same := func(other classify.Rule) bool {
			return slices.Equal(r.Files, other.Files) && !restricted(other, w.Job)
		}
		if slices.ContainsFunc(rules, same) {
			e.read(e.filesOf(r))
		}
	}
	if w.Console != "" {
		e.read(e.choose([]string{w.Console}))
		if len(w.named(w.Console)) == 0 {
			e.lose(true, w.Console)
		}
	}
	e.anyRead = len(e.order) > 1
	for _, r := range rules {
		for _, c := range slices.Concat(r.All, r.None) {
			if !restricted(r, w.Job) {
				e.glance(c.Files)
			}
		}
	}
	return e
}

// glance looks which files of a condition can be read.
func (e *evaluator) glance(candidates []string) {
	for _, file := range candidates {
		names, there := e.locate(file)
		if there == unknown {
			e.lose(false, file)
		}
		for _, name := range names {
			t := e.Files[name]
			e.anyRead = e.anyRead || !t.Bad && name != classify.ResultFile
			if t.Bad || t.Cut {
				e.lose(false, name)
			}
		}
	}
}

// read adds files to those that are read.
func (e *evaluator) read(names []string) {
	for _, name := range names {
		if !slices.Contains(e.order, name) {
			e.order = append(e.order, name)
		}
	}
}

// lose notes files that cannot be read to their end, and whether that must be told.
func (e *evaluator) lose(must bool, files ...string) {
	for _, file := range files {
		e.lost[file] = e.lost[file] || must
	}
}

func (e *evaluator) lines(name string) []refLine {
	if name == classify.ResultFile {
		return []refLine{{strings.TrimSpace(e.Job.Result + " " + e.Job.Detail), 1, true}}
	}
	if e.cache[name] == nil {
		e.cache[name] = refLines(e.Files[name])
	}
	return e.cache[name]
}

// locate returns the files that a candidate names, those that fail to open
// included. What cannot be asked for is unknown.
func (e *evaluator) locate(file string) ([]string, truth) {
	names := e.named(file)
	switch {
	case file == classify.ResultFile:
		return []string{file}, yes
	case classify.IsGlob(file) && !e.Listed:
		return nil, unknown
	case len(names) == 0:
		return nil, no
	}
	return names, yes
}

func (e *evaluator) filesOf(r classify.Rule) []string { return e.choose(r.Files) }

// choose returns the files that a rule reads: those of the first candidate of
// which something can be read. What fails on the way is lost.
func (e *evaluator) choose(candidates []string) []string {
	for _, file := range candidates {
		names, there := e.locate(file)
		if there == unknown {
			e.lose(true, file)
		}
		for _, name := range names {
			if e.Files[name].Bad || e.Files[name].Cut {
				e.lose(true, name)
			}
		}
		names = slices.DeleteFunc(names, func(name string) bool { return e.Files[name].Bad })
		if len(names) > 0 {
			return names
		}
	}
	return nil
}

// silent reports whether no log that rules are on can be read, nor the main one.
func (e *evaluator) silent() bool { return len(e.order) == 1 }

// conditions reports whether all that a rule asks of the job's files holds for
// a file in which it matches. What a match waits for in vain is lost; what the
// file itself decides waits for no other.
func (e *evaluator) conditions(r classify.Rule, own string, matched bool) bool {
	inOwn, verdict := yes, yes
	var lost []string
	ask := func(c classify.Condition, meets func(truth) truth) {
		holds, files := e.holds(c, own)
		verdict, lost = min(verdict, meets(holds)), append(lost, files...)
		if len(c.Files) == 0 {
			inOwn = min(inOwn, meets(holds))
		}
	}
	for _, c := range r.All {
		ask(c, func(holds truth) truth { return holds })
	}
	for _, c := range r.None {
		ask(c, func(holds truth) truth { return yes - holds })
	}
	e.lose(matched && inOwn == yes && verdict == unknown, lost...)
	return verdict == yes
}

// holds says whether a condition holds, by the first candidate of which
// something can be read, and if that is unknown, which files it would take to know.
func (e *evaluator) holds(c classify.Condition, own string) (holds truth, lost []string) {
	candidates := c.Files
	if len(c.Files) == 0 {
		candidates = []string{own}
	}
	there := false
	for _, file := range candidates {
		names, named := e.locate(file)
		if named == unknown {
			lost = append(lost, file)
		}
		for _, name := range names {
			holds = max(holds, e.occurs(c, name))
			there = there || !e.Files[name].Bad
			if e.Files[name].Bad || e.Files[name].Cut {
				lost = append(lost, name)
			}
		}
		if there {
			break
		}
	}
	switch {
	case holds == yes:
		return yes, nil
	case len(lost) > 0:
		return unknown, lost
	case !there && !e.anyRead:
		return unknown, candidates[:1]
	}
	return no, nil
}

// occurs says whether what a condition asks for is in a file that is named.
func (e *evaluator) occurs(c classify.Condition, name string) truth {
	t := e.Files[name]
	exists := c.Pattern == "" && c.Literal == ""
	matches := func(l refLine) bool { return expression(c.Pattern, c.Literal).MatchString(l.text) }
	switch {
	case !t.Bad && (exists || slices.ContainsFunc(e.lines(name), matches)):
		return yes
	case t.Bad || t.Cut:
		return unknown
	}
	return no
}

// missing returns the files that must be told of as missing, or those that may
// be: only conditions name them, and no match waited for them.
func (e *evaluator) missing(must bool) []string {
	var files []string
	for _, file := range slices.Sorted(maps.Keys(e.lost)) {
		if e.lost[file] == must {
			files = append(files, file)
		}
	}
	return files
}
