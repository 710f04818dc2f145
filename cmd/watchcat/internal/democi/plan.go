package democi

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

const (
	hour = time.Hour
	day  = 24 * hour
)

// planDay decides everything that happens in the world: the same for one day
// and seed, something else on another day.
func planDay(l *library, now time.Time, seed uint64) *facts {
	now = now.UTC().Truncate(time.Second)
	today := uint64(now.Unix() / int64(day/time.Second))
	f := &facts{library: l, now: now, rng: rand.New(rand.NewPCG(seed, today))}
	f.makeChanges()
	f.plant()
	f.fill()
	f.addPeriodic()
	for _, b := range f.builds {
		f.finish(b)
	}
	return f
}

// makeChanges opens the changes, each with a run whose builds are still to come.
func (f *facts) makeChanges() {
	first := 20000 + 11*int(f.now.Unix()/int64(day/time.Second)%10000)
	for i := range openChanges {
		p := f.projects[i%len(f.projects)]
		c := &change{
			number:   first + 3*i,
			project:  p,
			id:       "I" + hex(f.rng, 40),
			owner:    person(choose(f.rng, f.names)),
			created:  f.now.Add(-between(f.rng, 7*day, 20*day)),
			patchSet: 1 + f.rng.IntN(4),
			form:     forms(p)[i/len(f.projects)%len(forms(p))],
			waiting:  i%19 == 7,
		}
		c.subject, c.body, _ = strings.Cut(p.subjects[(i/len(f.projects)+int(first))%len(p.subjects)], "|")
		if f.rng.IntN(3) > 0 {
			c.topic = choose(f.rng, f.topics)
		}
		f.changes = append(f.changes, c)
		if !c.waiting {
			f.firstRuns(c)
		}
	}
}

// firstRuns gives a change its newest run and, to some, one on an older patch
// set, days ago.
func (f *facts) firstRuns(c *change) {
	if c.patchSet > 1 && f.rng.IntN(3) == 0 {
		ended := f.now.Add(-between(f.rng, 2*day, 6*day))
		c.runs = append(c.runs, &run{change: c, patchSet: c.patchSet - 1, pipeline: "check", ended: ended})
	}
	ended := f.now.Add(-between(f.rng, hour/4, 18*hour))
	pipeline := "check"
	if f.rng.IntN(6) == 0 {
		pipeline = "gate"
	}
	c.runs = append(c.runs, &run{change: c, patchSet: c.patchSet, pipeline: pipeline, ended: ended})
}

// fill adds builds until there are as many as there should be: first those of
// older runs, then jobs that pass, to the runs that have the fewest.
func (f *facts) fill() {
	n := 0
	for _, r := range f.runs() {
		if r.patchSet < r.change.patchSet {
			f.fillOld(r)
		}
		n += len(r.builds)
	}
	for jobs := 1; n < commentJobs; jobs++ {
		for _, r := range f.runs() {
			if len(r.builds) >= jobs || n == commentJobs {
				continue
			}
			if j, ok := f.pick(r, "any"); ok {
				r.add(j, nil)
				n++
			}
		}
	}
	for _, r := range f.runs() {
		r.markReran()
		f.shuffle(r.builds)
		f.builds = append(f.builds, r.builds...)
	}
}

// fillOld gives an older run two builds, of which one may have failed in a way
// that is planted elsewhere today.
func (f *facts) fillOld(r *run) {
	for i := range f.faults {
		fault := &f.faults[(i+r.change.number)%len(f.faults)]
		if fault.periodic || fault.tool == "any" || fault.store != "" || !r.change.form.suits(fault) {
			continue
		}
		if j, ok := f.pick(r, fault.tool); ok {
			r.add(j, fault)
			break
		}
	}
	if j, ok := f.pick(r, "any"); ok {
		r.add(j, nil)
	}
}

// addPeriodic runs the periodic jobs. The faults that belong to them are
// planted in the latest builds.
func (f *facts) addPeriodic() {
	planted := map[*fault]bool{}
	for _, j := range f.periodic {
		ended := f.now.Add(-between(f.rng, hour/2, 7*hour)).Truncate(time.Minute)
		for i := range periodicRuns {
			b := &build{job: j, ended: ended.Add(-time.Duration(i) * j.every)}
			if b.ended.After(f.now.Add(-23 * hour)) {
				b.fault = f.periodicFault(j.tool, planted)
			}
			f.builds = append(f.builds, b)
		}
	}
}

// periodicFault returns a fault of a tool that is not planted yet, or nil.
func (f *facts) periodicFault(tool string, planted map[*fault]bool) *fault {
	for i := range f.faults {
		if fault := &f.faults[i]; fault.periodic && fault.tool == tool && !planted[fault] {
			planted[fault] = true
			return fault
		}
	}
	return nil
}

// finish decides what else there is to a build.
func (f *facts) finish(b *build) {
	b.id = hex(f.rng, 32)
	smallest, largest := sizes(b.job.tool)
	b.size = smallest + int(math.Pow(f.rng.Float64(), 4)*float64(largest-smallest))
	if b.run == nil && b.job.tool == "devstack" {
		b.size = largest // whole clouds are tested at night
	}
	b.length = time.Duration(b.size/1000)*time.Second + between(f.rng, time.Minute, 10*time.Minute)
	b.store = choose(f.rng, []store{storePlain, storeGzip, storeEncoded})
	b.style = styleZuul2
	if b.run != nil {
		b.style = b.run.change.form.style()
		b.ended = b.run.ended.Add(-between(f.rng, time.Minute, 5*time.Minute))
	}
	if b.style == styleJenkins {
		b.store = choose(f.rng, []store{storePlain, storeEncoded})
	}
	if b.fault != nil && b.fault.store != "" {
		b.store = b.fault.store
	}
}

// sizes returns the bounds of the consoles of a tool's jobs, in bytes. Most are
// near the lower one.
func sizes(tool string) (smallest, largest int) {
	switch tool {
	case "devstack":
		return 600_000, 4_800_000
	case "ansible":
		return 300_000, 3_000_000
	case "maven":
		return 200_000, 1_200_000
	}
	return 120_000, 900_000
}

// runs returns all runs of all changes.
func (f *facts) runs() []*run {
	var all []*run
	for _, c := range f.changes {
		all = append(all, c.runs...)
	}
	return all
}

// shuffled returns the changes in another order each time.
func (f *facts) shuffled() []*change {
	all := slices.Clone(f.changes)
	f.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

func (f *facts) shuffle(builds []*build) {
	f.rng.Shuffle(len(builds), func(i, j int) { builds[i], builds[j] = builds[j], builds[i] })
}

// choose returns one of all, which must not be empty.
func choose[T any](rng *rand.Rand, all []T) T { return all[rng.IntN(len(all))] }

// between returns a length of time in whole seconds, from least up to most.
func between(rng *rand.Rand, least, most time.Duration) time.Duration {
	return (least + time.Duration(rng.Int64N(int64(most-least)))).Truncate(time.Second)
}

// hex returns n hexadecimal digits.
func hex(rng *rand.Rand, n int) string {
	return fmt.Sprintf("%016x%016x%016x", rng.Uint64(), rng.Uint64(), rng.Uint64())[:n]
}
