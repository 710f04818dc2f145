// Package democi is a whole CI system in one process: a review server with
// changes and comments, pages of periodic jobs and a log server, each day with
// other jobs, and with failures whose reasons are known beforehand.
//
// It is what `watchcat demo` reads. Nothing in it is stored: every console is
// made anew while it is served, always the same for one Options.Now and seed.
package democi

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Numbers of the world.
const (
	openChanges  = 40
	commentJobs  = 125 // builds that comments tell of
	periodicRuns = 5   // builds on each page of periodic jobs
)

// facts are all there is to know of the world before it is served.
type facts struct {
	*library
	now     time.Time
	rng     *rand.Rand
	changes []*change
	builds  []*build // of changes and of periodic jobs
}

// change is a proposed change under review.
type change struct {
	number   int
	project  *project
	id       string // the Change-Id
	subject  string
	body     string
	topic    string
	owner    account
	created  time.Time
	patchSet int // the current one
	form     form
	runs     []*run // the last is the newest, on the current patch set
	waiting  bool   // its jobs have not ended yet: no runs
}

// run is what a pipeline did with one patch set: the builds of one comment.
type run struct {
	change   *change
	patchSet int
	pipeline string
	ended    time.Time
	builds   []*build
	recheck  string // what a person wrote to have the next run
}

// build is one build of a job.
type build struct {
	job    job
	run    *run   // nil: a periodic build
	fault  *fault // nil: it passed
	id     string // 32 hexadecimal digits
	store  store
	style  style
	size   int // bytes of its console, about
	ended  time.Time
	length time.Duration
	reran  bool // the job ran again, later, on the same patch set
}

// store is how the log server keeps the log of a build.
type store string

// The stores.
const (
	storePlain   store = "plain"   // as it is
	storeGzip    store = "gzip"    // as a file .gz
	storeEncoded store = "encoded" // as it is, sent with Content-Encoding: gzip
	storeCut     store = "cut"     // as a file .gz that ends before its end
	storeMissing store = "missing" // expired: 404
	storeDown    store = "down"    // on a host that does not answer
	storeNone    store = "none"    // there was never any
)

// style is the kind of system that wrote a console.
type style string

// The styles.
const (
	styleZuul3   style = "zuul3"
	styleZuul2   style = "zuul2"
	styleJenkins style = "jenkins"
)

// result is what the CI said of the build, in one word.
func (b *build) result() string {
	if b.fault == nil {
		return "SUCCESS"
	}
	return b.fault.result
}

// detail is what the CI said behind the result.
func (b *build) detail() string {
	if b.fault == nil {
		return ""
	}
	return strings.ReplaceAll(b.fault.detail, "<other>", b.run.firstFailed())
}

// outcome is what watchcat is to make of the build.
func (b *build) outcome() classify.Outcome {
	if b.fault == nil {
		return classify.OutcomePassed
	}
	return b.fault.outcome
}

// branch is where the build's change, or the periodic build itself, belongs.
func (b *build) branch() string {
	if b.run == nil {
		return "master"
	}
	return b.run.change.branch()
}

// pipeline is the name of the pipeline that ran the build.
func (b *build) pipeline() string {
	if b.run == nil {
		return "periodic"
	}
	return b.run.pipeline
}

// started is when the build began.
func (b *build) started() time.Time { return b.ended.Add(-b.length) }

// source returns random numbers of the build's own: its console is the same
// whichever was read before.
func (b *build) source() *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(b.id))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

// firstFailed returns the name of the run's first job that failed, or "".
func (r *run) firstFailed() string {
	for _, b := range r.builds {
		if b.outcome().Failed() {
			return b.job.name
		}
	}
	return ""
}

// has reports whether a job of that name is in the run.
func (r *run) has(name string) bool {
	for _, b := range r.builds {
		if b.job.name == name {
			return true
		}
	}
	return false
}

// add puts a build of a job into the run.
func (r *run) add(j job, f *fault) *build {
	b := &build{job: j, run: r, fault: f}
	r.builds = append(r.builds, b)
	return b
}

// markReran notes which of the run's jobs ran again, later and to an end, on the
// same patch set.
func (r *run) markReran() {
	for _, later := range r.change.runs {
		if later.patchSet != r.patchSet || !later.ended.After(r.ended) {
			continue
		}
		for _, b := range r.builds {
			b.reran = b.reran || slices.ContainsFunc(later.builds, b.sameJob)
		}
	}
}

// sameJob reports whether another build is of the same job and ran to an end.
func (b *build) sameJob(other *build) bool {
	return other.job.name == b.job.name && other.outcome() != classify.OutcomeSkipped
}
