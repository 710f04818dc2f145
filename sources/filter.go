package sources

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Filter says which jobs to look at: those that pass all of its fields. A field
// with several values passes what passes one of them; patterns are those of
// classify.Glob. The zero value selects the failures of the last 24 hours before the
// present.
type Filter struct {
	Now      time.Time      // the present; zero: the clock's
	Location *time.Location // the user's time zone; nil: the machine's

	// When the job was reported. Without any of these: in the last 24 hours.
	Days  int       // in the last so many times 24 hours
	Dates []Date    // on one of these days of the user's time zone
	Since time.Time // not before
	Until time.Time // before

	Limit int // at most so many jobs, the first ones; zero: all

	Job      []string // patterns of names
	Exclude  []string // but not these names
	Project  []string
	Branch   []string
	Pipeline []string
	Source   []string
	Status   []string // patterns of results, in upper or lower case; replaces All

	All      bool // successes and skipped jobs too, not only failures
	Periodic bool // only periodic jobs: of a pipeline of that name, or of neither pipeline nor change

	MinLength time.Duration // jobs that ran so long or longer; zero: all
	MaxLength time.Duration // jobs that ran so long or shorter; zero: all
}

// Check returns what is wrong with the filter itself, all at once, in the words
// of the command line; nil if nothing is.
func (f Filter) Check() error {
	var errs []error
	bad := func(wrong bool, format string, args ...any) {
		if wrong {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(f.Days < 0, "--days %d: want a number of days from 1 on", f.Days)
	bad(f.Limit < 0, "--limit %d: want a number of jobs from 1 on", f.Limit)
	bad(f.MinLength < 0, "--min-length %v: want a length of time from 0s on", f.MinLength)
	bad(f.MaxLength < 0, "--max-length %v: want a length of time from 0s on", f.MaxLength)
	bad(f.MaxLength > 0 && f.MinLength > f.MaxLength, "--min-length %v is more than --max-length %v", f.MinLength, f.MaxLength)
	bad(!f.Since.IsZero() && !f.Until.IsZero() && !f.Since.Before(f.Until), "--since %s is not before --until %s",
		f.Since.Format(time.RFC3339), f.Until.Format(time.RFC3339))
	return errors.Join(errs...)
}

// Select selects jobs before their logs were read: a job passes a filter on
// what is not known of it yet. The order of jobs stays.
func (f Filter) Select(jobs []classify.Job) Selection { return f.pick(jobs, false) }

// Final selects jobs once all is known that will be known of them, and applies
// Limit. What is still not known does not pass a filter that the user gave; it
// passes those that hold when none is given (the last 24 hours, failures only).
func (f Filter) Final(jobs []classify.Job) Selection {
	s := f.pick(jobs, true)
	if f.Limit > 0 && len(s.Jobs) > f.Limit {
		s.Beyond = len(s.Jobs) - f.Limit
		s.Jobs = s.Jobs[:f.Limit:f.Limit]
	}
	return s
}

// pick runs the jobs through all tests.
func (f Filter) pick(jobs []classify.Job, final bool) Selection {
	tests := f.tests()
	removed := make([]Removed, len(tests))
	out := Selection{Listed: len(jobs)}
	for i := range jobs {
		if f.keep(&jobs[i], tests, removed, final) {
			out.Jobs = append(out.Jobs, jobs[i])
		}
	}
	for i, r := range removed {
		if r.Filter = tests[i].name; r.Jobs > 0 {
			out.Removed = append(out.Removed, r)
		}
	}
	return out
}

// keep reports whether a job passes all tests, and counts what each said.
func (f Filter) keep(j *classify.Job, tests []test, removed []Removed, final bool) bool {
	kept := true
	for i, t := range tests {
		says := t.says(j)
		pass := says == yes || says == maybe && (t.implied || !final)
		switch {
		case pass:
			removed[i].Passes++
		case kept:
			kept = false
			removed[i].Jobs++
			if says == maybe {
				removed[i].Unknown++
			}
		}
	}
	return kept
}

// answer is what a test says of a job.
type answer int

const (
	no    answer = iota
	maybe        // what the test asks for is not known
	yes
)

// answerOf is yes or no.
func answerOf(ok bool) answer {
	if ok {
		return yes
	}
	return no
}

// test is one condition of a filter.
type test struct {
	name    string // as the user knows it
	implied bool   // it holds because the user gave none
	says    func(*classify.Job) answer
}

// tests returns the filter's conditions, in the order in which Explain tells of
// them: whose jobs, of when, which, how they ended.
func (f Filter) tests() []test {
	all := []test{
		globs("--source", f.Source, func(j *classify.Job) string { return j.Source }),
		f.when(),
		globs("--job", f.Job, func(j *classify.Job) string { return j.Name }),
		f.exclude(),
		globs("--project", f.Project, func(j *classify.Job) string { return j.Project }),
		globs("--branch", f.Branch, func(j *classify.Job) string { return j.Branch }),
		globs("--pipeline", f.Pipeline, func(j *classify.Job) string { return j.Pipeline }),
		f.periodic(),
		f.status(),
		f.length(),
	}
	return slices.DeleteFunc(all, func(t test) bool { return t.says == nil })
}

// flags writes a flag with all of its values, as on a command line.
func flags[T any](flag string, values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprintf("%s %q", flag, fmt.Sprint(v))
	}
	return strings.Join(words, " ")
}

// globs tests a field by patterns.
func globs(flag string, patterns []string, field func(*classify.Job) string) test {
	if len(patterns) == 0 {
		return test{}
	}
	return test{name: flags(flag, patterns), says: func(j *classify.Job) answer {
		if v := field(j); v != "" {
			return answerOf(classify.GlobAny(patterns, v))
		}
		return maybe
	}}
}

// exclude tests that the name matches no pattern.
func (f Filter) exclude() test {
	if len(f.Exclude) == 0 {
		return test{}
	}
	return test{name: flags("--exclude", f.Exclude), says: func(j *classify.Job) answer {
		return answerOf(j.Name == "" || !classify.GlobAny(f.Exclude, j.Name))
	}}
}

// periodic tests for periodic jobs.
func (f Filter) periodic() test {
	if !f.Periodic {
		return test{}
	}
	return test{name: "--periodic", says: func(j *classify.Job) answer {
		pipeline := strings.ToLower(j.Pipeline)
		return answerOf(strings.Contains(pipeline, "periodic") || pipeline == "" && j.Change == 0)
	}}
}

// status tests the result. Jobs that have not ended pass only if the user asks
// for them by name: there is nothing to say of them yet.
func (f Filter) status() test {
	patterns := make([]string, len(f.Status))
	for i, p := range f.Status {
		patterns[i] = strings.ToUpper(p)
	}
	result := func(j *classify.Job) string { return strings.ToUpper(j.Result) }
	if len(patterns) > 0 {
		t := globs("--status", patterns, result)
		t.name = flags("--status", f.Status)
		return t
	}
	t := test{name: "failures only (--all shows the others)", implied: true}
	if f.All {
		t.name = "what has ended (a --status shows the others)"
	}
	t.says = func(j *classify.Job) answer {
		if j.Result == "" {
			return maybe
		}
		s := j.Status()
		return answerOf(s == classify.Failed || f.All && s != classify.Unending)
	}
	return t
}

// length tests how long the job ran.
func (f Filter) length() test {
	if f.MinLength <= 0 && f.MaxLength <= 0 {
		return test{}
	}
	var names []string
	if f.MinLength > 0 {
		names = append(names, "--min-length "+f.MinLength.String())
	}
	if f.MaxLength > 0 {
		names = append(names, "--max-length "+f.MaxLength.String())
	}
	longest := cmp.Or(max(f.MaxLength, 0), 1<<63-1)
	return test{name: strings.Join(names, " "), says: func(j *classify.Job) answer {
		if j.Duration == 0 {
			return maybe
		}
		ran := j.Duration.Duration()
		return answerOf(ran >= f.MinLength && ran <= longest)
	}}
}
