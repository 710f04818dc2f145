package sources

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// job makes one job of the sightings. The last result stands; of the sightings
// that agree with it the one that knows most gives the fields.
func (b *build) job() classify.Job {
	last := slices.MaxFunc(b.seen, func(x, y classify.Job) int {
		return cmp.Or(cmp.Compare(finality(&x), finality(&y)), x.Time.Compare(y.Time))
	})
	stray := func(j *classify.Job) int {
		if strings.EqualFold(j.Result, last.Result) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(b.seen, func(x, y classify.Job) int {
		return cmp.Or(cmp.Compare(stray(&x), stray(&y)), cmp.Compare(known(&y), known(&x)), x.Time.Compare(y.Time))
	})
	job := b.seen[0]
	for i := range b.seen[1:] {
		fill(&job, &b.seen[i+1])
	}
	job.ID = b.id(&job)
	return job
}

// id returns the CI's own build id, else one made of the strongest key and of
// what keeps two builds apart that share it (see is).
func (b *build) id(j *classify.Job) string {
	if ids := b.keys[byID]; len(ids) > 0 {
		return strings.TrimPrefix(ids[0], joinKey("id", ""))
	}
	if logs := b.keys[byLog]; len(logs) > 0 {
		return makeID(joinKey(logs[0], strconv.Itoa(j.Change)))
	}
	return makeID(joinKey(b.keys[byChange][0], j.Reporter))
}

// finality tells how much a job's result is worth: that of a build that ended
// more than that of one that runs, and this more than none.
func finality(j *classify.Job) int {
	switch {
	case j.Result == "":
		return 0
	case j.Status() == classify.Unending:
		return 1
	}
	return 2
}

// known counts the fields of a job that are known.
func known(j *classify.Job) (n int) {
	for _, f := range reflect.ValueOf(j).Elem().Fields() {
		if !unknown(f) {
			n++
		}
	}
	return n
}

// fill fills in the fields of dst that are not known with those of src. It goes
// through all fields by reflection, so that none that is added is forgotten.
func fill(dst, src *classify.Job) {
	to, from := reflect.ValueOf(dst).Elem(), reflect.ValueOf(src).Elem()
	for i := range to.NumField() {
		if f := to.Field(i); unknown(f) {
			f.Set(from.Field(i))
		}
	}
}

// unknown reports whether a field holds its zero value.
func unknown(f reflect.Value) bool {
	if t, ok := f.Interface().(time.Time); ok {
		return t.IsZero()
	}
	return f.IsZero()
}
