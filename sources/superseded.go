package sources

import (
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// run is what builds of one job on one patch set have in common.
type run struct {
	server           string
	change, patchSet int
	name             string
}

// markSuperseded marks the builds after which the same job ran again, and to an
// end, on the same patch set. Jobs of no change, or of an unknown patch set,
// are superseded by nothing. A mark once set stays.
func markSuperseded(jobs []classify.Job) {
	runs := map[run][]*classify.Job{}
	for i := range jobs {
		j := &jobs[i]
		if j.Change == 0 || j.PatchSet == 0 || j.Name == "" {
			continue
		}
		r := run{strings.ToLower(j.Server), j.Change, j.PatchSet, j.Name}
		runs[r] = append(runs[r], j)
	}
	for _, builds := range runs {
		for _, j := range builds {
			for _, o := range builds {
				j.Superseded = j.Superseded || supersedes(o, j)
			}
		}
	}
}

// supersedes reports whether later is a later build than earlier, of the same
// CI. One that is still running, or was skipped, says nothing new of the patch
// set. Of builds reported at the same time the one that began later is later;
// where that is not known, neither is.
func supersedes(later, earlier *classify.Job) bool {
	if s := later.Status(); s != classify.Passed && s != classify.Failed {
		return false
	}
	if later.Time.IsZero() || earlier.Time.IsZero() || differ(later.Reporter, earlier.Reporter) {
		return false
	}
	if !later.Time.Equal(earlier.Time) {
		return later.Time.After(earlier.Time)
	}
	return !earlier.Start.IsZero() && later.Start.After(earlier.Start)
}
