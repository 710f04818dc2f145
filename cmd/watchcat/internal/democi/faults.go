package democi

import (
	"cmp"
	"slices"

	"github.com/watchcat-ci/watchcat/classify"
)

// fault is a way to fail: what the build prints, and what is to be said of it.
type fault struct {
	name     string
	tool     string // in whose output it stands; "any": it prints nothing
	times    int    // how often it is planted
	periodic bool   // in a periodic build, not in one of a change
	recheck  bool   // somebody had the job run again, and it passed
	result   string
	detail   string
	style    style // empty: any
	store    store // empty: any that keeps the whole log
	lines    []string

	outcome classify.Outcome
	rule    string
	point   string // part of the line that is the reason
}

// newFault reads a section of faults.txt, whose head says what the keys mean.
func newFault(s section) (fault, error) {
	times, err := atoi(s.attrs["n"], 1)
	return fault{
		name:     s.name,
		tool:     s.attrs["tool"],
		times:    times,
		periodic: s.attrs["at"] == "periodic",
		recheck:  s.attrs["recheck"] == "yes",
		result:   cmp.Or(s.attrs["result"], "FAILURE"),
		detail:   s.attrs["detail"],
		style:    style(s.attrs["style"]),
		store:    store(s.attrs["store"]),
		lines:    s.lines,
		outcome:  classify.Outcome(cmp.Or(s.attrs["outcome"], string(classify.OutcomeMatched))),
		rule:     s.attrs["rule"],
		point:    s.attrs["point"],
	}, err
}

// plant puts every fault that belongs to a change into the newest run of one.
func (f *facts) plant() {
	for i := range f.faults {
		fault := &f.faults[i]
		if fault.periodic {
			continue
		}
		for range fault.times {
			f.plantOne(fault)
		}
	}
}

// plantOne puts a fault into the run with the fewest faults that has room for it.
func (f *facts) plantOne(fault *fault) {
	var best *run
	var chosen job
	for _, c := range f.shuffled() {
		if c.waiting || !c.form.suits(fault) {
			continue
		}
		r := c.runs[len(c.runs)-1]
		j, ok := f.pick(r, fault.tool)
		if !ok || fault.tool == "any" && r.firstFailed() == "" || fault.recheck && c.rechecked() {
			continue
		}
		if best == nil || len(r.builds) < len(best.builds) {
			best, chosen = r, j
		}
	}
	if best == nil {
		return // TestWorld counts what was planted
	}
	if fault.recheck {
		f.plantBefore(best, chosen, fault)
		return
	}
	best.add(chosen, fault)
}

// plantBefore puts a fault into a run before r, which made it good.
func (f *facts) plantBefore(r *run, j job, fault *fault) {
	c := r.change
	earlier := &run{change: c, patchSet: r.patchSet, pipeline: r.pipeline, recheck: choose(f.rng, f.rechecks)}
	earlier.ended = r.ended.Add(-2*hour - between(f.rng, 0, hour))
	earlier.add(j, fault)
	r.add(j, nil)
	c.runs = slices.Insert(c.runs, len(c.runs)-1, earlier)
}

// rechecked reports whether the change's patch set was tested twice.
func (c *change) rechecked() bool {
	return slices.ContainsFunc(c.runs, func(r *run) bool { return r.recheck != "" })
}

// pick chooses a job of a tool that is not in the run yet.
func (f *facts) pick(r *run, tool string) (job, bool) {
	var free []job
	for _, j := range r.change.project.jobs {
		if (tool == "any" || j.tool == tool) && !r.has(j.name) {
			free = append(free, j)
		}
	}
	if len(free) == 0 {
		return job{}, false
	}
	return choose(f.rng, free), true
}
