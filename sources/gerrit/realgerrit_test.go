package gerrit

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
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

	t.Run("who it is", g.testProbe)
	t.Run("what it says itself", g.testWords)
	t.Run("every job", func(t *testing.T) { g.testJobs(t, changes, "reader") })
	t.Run("current patch sets", func(t *testing.T) { g.testCurrent(t, changes) })
	t.Run("as nobody", func(t *testing.T) { g.testNobody(t, changes) })
	t.Run("five changes a page", func(t *testing.T) { g.testQueryLimit(t, changes) })
	t.Run("a cap", g.testCap)
	t.Run("a wrong key", g.testWrongKey)
	t.Run("a wrong password", g.testWrongPassword)
	t.Run("a changed host key", g.testChangedHostKey)
	g.fill(t, big)
	t.Run("a change of 5 MB", func(t *testing.T) { g.testJobs(t, changes, "reader") })
	t.Run("killed while it answers", func(t *testing.T) { g.testKilled(t, quiet) })
}

// overSSH returns the options of a source that reads the server as a user.
func (g *realGerrit) overSSH(t *testing.T, user string) Options {
	t.Helper()
	return Options{
		Name: "review", Host: "127.0.0.1", Port: g.sshPort, User: user, KeyFile: writeKey(t, g.users[user].key, ""), Agent: "none",
		KnownHosts: []string{g.knownHosts(t, g.sshAddress())}, CI: []string{"zuul", "jenkins", "vendor-ci"}, Timeout: time.Minute,
	}
}

// overHTTP is overSSH by the REST API. Without a password, nobody asks.
func (g *realGerrit) overHTTP(t *testing.T, user, password string) Options {
	t.Helper()
	credentials := make(map[string]sources.Credential)
	if password != "" {
		credentials["127.0.0.1"] = sources.Credential{User: user, Password: password}
	}
	client, err := sources.NewClient(sources.ClientOptions{Typed: []string{"127.0.0.1"}, Credentials: credentials, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.HTTP().CloseIdleConnections)
	return Options{Name: "review", URL: "http://" + g.webHost() + "/", Client: client, CI: []string{"zuul", "jenkins", "vendor-ci"}}
}

// bothWays returns options to read the server as a user, by SSH and by REST.
func (g *realGerrit) bothWays(t *testing.T, user string) []Options {
	t.Helper()
	return []Options{g.overSSH(t, user), g.overHTTP(t, user, g.users[user].password)}
}

// testJobs tests that the jobs that are read are the ones that were posted, and
// the same in the same order by SSH and by REST.
func (g *realGerrit) testJobs(t *testing.T, changes []*realChange, user string) {
	var listings []sources.Listing
	for _, o := range g.bothWays(t, user) {
		listings = append(listings, g.checkAll(t, changes, o))
	}
	if !reflect.DeepEqual(listings[0].Jobs, listings[1].Jobs) {
		t.Error("by REST the jobs differ from those by SSH, or come in another order")
	}
}

// testCurrent tests that jobs of patch sets which are not the last can be left out.
func (g *realGerrit) testCurrent(t *testing.T, changes []*realChange) {
	var current []*realChange
	left := 0
	for _, c := range changes {
		last := *c
		last.posts = slices.DeleteFunc(slices.Clone(c.posts), func(p post) bool { return p.patchSet < realProjects[c.project].patchSets })
		left += len(c.posts) - len(last.posts)
		current = append(current, &last)
	}
	if left == 0 {
		t.Fatal("there is nothing to leave out")
	}
	for _, o := range g.bothWays(t, "reader") {
		o.CurrentOnly = true
		g.checkAll(t, current, o)
	}
}

// testWords tests that the server put words of its own around what was posted,
// as it does in real life.
func (g *realGerrit) testWords(t *testing.T) {
	answer := g.command(t, "reader", "gerrit query --format=JSON --comments status:open", nil)
	words := []string{`Patch Set 1: Verified-1\n\n`, `Patch Set 1: -Verified\n\nStarting`, `Verified-1\n\n(1 comment)\n\nBuild failed`}
	if !strings.HasPrefix(g.version, "2.") {
		words = append(words, `Copied votes on follow-up patch sets have been updated:\n* Verified-1 has been copied`)
	}
	for _, word := range words {
		if !strings.Contains(answer, word) {
			t.Errorf("nowhere is %q", word)
		}
	}
}

// checkAll lists the jobs of all changes.
func (g *realGerrit) checkAll(t *testing.T, changes []*realChange, o Options) sources.Listing {
	t.Helper()
	got := mustList(t, o)
	if got.Changes != len(changes) || got.Capped {
		t.Errorf("%d changes, capped %t; want all %d", got.Changes, got.Capped, len(changes))
	}
	g.checkPosted(t, changes, got.Jobs)
	return got
}

// checkPosted checks that the jobs are the ones that were posted.
func (g *realGerrit) checkPosted(t *testing.T, changes []*realChange, jobs []classify.Job) {
	t.Helper()
	posted, read := g.posted(changes), byChange(jobs)
	for _, c := range changes {
		checkSame(t, c.number, posted[c.number], read[c.number])
		delete(read, c.number)
	}
	if len(read) > 0 {
		t.Errorf("jobs of changes that nobody made: %v", slices.Sorted(maps.Keys(read)))
	}
}

// checkSame checks the jobs of a change, of which there may be many, and shows the
// first that differs.
func checkSame(t *testing.T, change int, posted, read []classify.Job) {
	t.Helper()
	if len(posted) != len(read) {
		t.Errorf("change %d: %d jobs were posted, %d were read", change, len(posted), len(read))
	}
	for i := range min(len(posted), len(read)) {
		want := posted[i]
		if sameTime(want.Time, read[i].Time) {
			want.Time = read[i].Time
		}
		if !reflect.DeepEqual(want, read[i]) {
			t.Errorf("change %d, job %d (-posted +read):\n%s", change, i+1, cmp.Diff(want, read[i]))
			return
		}
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
