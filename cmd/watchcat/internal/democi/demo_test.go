package democi

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/gerrit"
	"github.com/watchcat-ci/watchcat/sources/logs"
	"github.com/watchcat-ci/watchcat/sources/periodic"
)

// way is the way of a report through the real adapters.
type way struct {
	classifier *classify.Classifier
	logs       *logs.Logs
	review     *gerrit.Source
	periodic   *periodic.Source
}

func newWay(t *testing.T, w *World) way {
	t.Helper()
	set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
	must(t, err)
	classifier, err := classify.Compile(set.Rules)
	must(t, err)
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{"127.0.0.1"}, Retries: -1})
	must(t, err)
	t.Cleanup(client.Close)
	opener, err := logs.New(logs.Options{Client: client, CacheDir: t.TempDir()})
	must(t, err)
	dir := filepath.Dir(w.Config())
	review, err := gerrit.New(gerrit.Options{
		Name: "review", Host: "127.0.0.1", Port: w.gerrit.Port(), User: "watchcat", CI: []string{"zuul", "jenkins"},
		KeyFile: filepath.Join(dir, "id_ed25519"), KnownHosts: []string{filepath.Join(dir, "known_hosts")}, Agent: "none",
	})
	must(t, err)
	pages := make([]periodic.Page, len(w.facts.periodic))
	for i, j := range w.facts.periodic {
		pages[i].URL = w.site.url + "/periodic/" + j.name + "/"
	}
	nightly, err := periodic.New(periodic.Options{Name: "periodic", Client: client, Pages: pages, Console: set.Files["console"]})
	must(t, err)
	return way{classifier, opener, review, nightly}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// report goes the whole way.
func (y way) report(t *testing.T, now time.Time) (listed int, results []classify.Result) {
	t.Helper()
	gathered := sources.Gather(t.Context(), sources.Named{Name: "review", Source: y.review}, sources.Named{Name: "periodic", Source: y.periodic})
	for _, s := range gathered.States {
		if s.Err != nil || len(s.Problems) > 0 || s.Capped {
			t.Errorf("source %s: %v, problems %v, capped %v", s.Name, s.Err, s.Problems, s.Capped)
		}
	}
	filter := sources.Filter{Now: now, All: true}
	jobs := filter.Select(gathered.Jobs).Jobs
	for i := range jobs {
		must(t, y.periodic.Complete(t.Context(), y.logs, &jobs[i]))
	}
	jobs = filter.Final(sources.Identify(jobs)).Jobs
	return len(gathered.Jobs), slices.Collect(y.classifier.Run(t.Context(), y.logs, jobs))
}

// TestDemo goes the whole way, with the real adapters and the rules that ship.
func TestDemo(t *testing.T) {
	w := startWorld(t)
	listed, results := newWay(t, w).report(t, noon)
	if listed != 150 {
		t.Errorf("%d jobs are listed, want 150", listed)
	}
	for _, err := range w.Check(results) {
		t.Error(err)
	}
	outcomes := map[classify.Outcome]int{}
	rules := map[string]bool{}
	for _, r := range results {
		outcomes[r.Outcome]++
		rules[r.Rule] = true
	}
	for _, want := range classify.Outcomes() {
		if outcomes[want] == 0 {
			t.Errorf("no job has the outcome %s", want)
		}
	}
	if len(rules) < 10 {
		t.Errorf("%d reasons, want at least ten", len(rules))
	}
}
