package gerrit

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// The newest Gerrit that runs on Java 17, and the last of 2.x.
func TestRealGerrit(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Gerrits")
	}
	for _, version := range []string{"3.10.2", "2.16.28"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			testRealGerrit(t, version)
		})
	}
}

// testRealGerrit runs all that is tested of one Gerrit, the end of which is the last.
func testRealGerrit(t *testing.T, version string) {
	quiet, big := &realChange{project: "openstack/nova"}, &realChange{project: "big"}
	changes := slices.Concat(zuulForms(), jenkinsForms(), peopleForms(), moreForms(), []*realChange{quiet, big})
	if len(changes) < 30 {
		t.Fatalf("%d changes are too few", len(changes))
	}
	begin := time.Now()
	g := startRealGerrit(t, version)
	ready := time.Now()
	g.seed(t, changes)
	t.Logf("Gerrit %s: started in %v, filled in %v", version, ready.Sub(begin).Round(time.Millisecond), time.Since(ready).Round(time.Millisecond))

	t.Run("every job", func(t *testing.T) { g.testJobs(t, changes, g.options(t, "reader")) })
	t.Run("five changes a page", func(t *testing.T) { g.testQueryLimit(t, changes) })
	t.Run("a cap", func(t *testing.T) { g.testCap(t, g.options(t, "reader")) })
	t.Run("a wrong key", g.testWrongKey)
	t.Run("a changed host key", g.testChangedHostKey)
	g.fill(t, big)
	t.Run("a change of 5 MB", func(t *testing.T) { g.testJobs(t, changes, g.options(t, "reader")) })
	t.Run("killed while it answers", func(t *testing.T) { g.testKilled(t, quiet) })
}

// options returns the options of a source that reads the server as a user.
func (g *realGerrit) options(t *testing.T, user string) Options {
	t.Helper()
	return Options{
		Name: "review", Host: "127.0.0.1", Port: g.sshPort, User: user, KeyFile: writeKey(t, g.users[user].key, ""), Agent: "none",
		KnownHosts: []string{g.knownHosts(t, g.sshAddress())}, CI: []string{"zuul", "jenkins", "vendor-ci"}, Timeout: time.Minute,
	}
}

// testJobs tests that the jobs that are read are the ones that were posted.
func (g *realGerrit) testJobs(t *testing.T, changes []*realChange, o Options) {
	got := mustList(t, o)
	if got.Changes != len(changes) || got.Capped {
		t.Errorf("%d changes, capped %t; want all %d", got.Changes, got.Capped, len(changes))
	}
	g.checkPosted(t, changes, got.Jobs)
}

// checkPosted checks that the jobs are the ones that were posted.
func (g *realGerrit) checkPosted(t *testing.T, changes []*realChange, jobs []classify.Job) {
	t.Helper()
	posted, read := g.posted(changes), byChange(jobs)
	for _, c := range changes {
		if diff := cmp.Diff(posted[c.number], read[c.number], cmp.Comparer(sameTime)); diff != "" {
			t.Errorf("change %d (-posted +read):\n%s", c.number, diff)
		}
		delete(read, c.number)
	}
	if len(read) > 0 {
		t.Errorf("jobs of changes that nobody made: %v", slices.Sorted(maps.Keys(read)))
	}
}

// posted returns the jobs that were posted, by the number of their change.
func (g *realGerrit) posted(changes []*realChange) map[int][]classify.Job {
	var all []classify.Job
	for _, c := range changes {
		for _, p := range c.posts {
			for _, job := range p.jobs {
				job.Source, job.Server, job.Reporter = "review", g.webHost(), p.by
				job.Change, job.PatchSet, job.Project = c.number, p.patchSet, c.project
				job.Branch, job.Topic = realProjects[c.project].branch, realProjects[c.project].topic
				job.Owner, job.Subject, job.CommitMsg = "Ada Löwe", c.subject, c.message()
				job.ChangeURL = fmt.Sprintf("http://%s/c/%s/+/%d", g.webHost(), c.project, c.number)
				job.Time = p.before
				all = append(all, job)
			}
		}
	}
	return byChange(all)
}

// byChange puts jobs together by the number of their change.
func byChange(jobs []classify.Job) map[int][]classify.Job {
	changes := make(map[int][]classify.Job)
	for _, job := range jobs {
		changes[job.Change] = append(changes[job.Change], job)
	}
	return changes
}

// sameTime compares when a comment was posted with when the server says it was: a
// server that is busy takes its time, but an hour more is another zone.
func sameTime(a, b time.Time) bool { return a.Sub(b).Abs() < time.Minute }
