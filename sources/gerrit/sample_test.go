package gerrit

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// sampleChanges returns the changes of a recorded answer, which may be several
// one after the other.
func sampleChanges(t *testing.T, name string) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	for line := range bytes.Lines(sample(t, name)) {
		var r row
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if r.Type == "" {
			all = append(all, bytes.Clone(line))
		}
	}
	return all
}

// tally counts the jobs of a listing.
type tally struct{ Changes, Jobs, Failed, Distinct int }

func count(changes int, jobs []classify.Job) tally {
	c := tally{Changes: changes, Jobs: len(jobs)}
	type identity struct{ name, logs string }
	distinct := make(map[identity]bool)
	for _, job := range jobs {
		if job.Result == "FAILURE" {
			c.Failed++
		}
		distinct[identity{job.Name, job.LogURL}] = true
	}
	c.Distinct = len(distinct)
	return c
}

// A day of OpenStack, counted by hand: ten CIs report in Zuul's form and two in
// Jenkins'. One change is in it twice.
func TestSampleOpenStack(t *testing.T) {
	server := start(t, gerrittest.Options{Changes: sampleChanges(t, "openstack_ssh_query.jsonl")})
	zuuls := []string{
		"jenkins", "cisco_ml2_ci", "intel-nfv-ci", "mellanox", "citrix_xenserver_ci",
		"hyper-v-ci", "sriovci", "cisco_ironic_ci", "powerkvm", "Fujitsu_iRMC_CI",
	}
	o := optionsFor(t, server)
	o.CI = zuuls
	got := mustList(t, o)
	if diff := cmp.Diff(tally{Changes: 6, Jobs: 346, Failed: 41, Distinct: 227}, count(got.Changes, got.Jobs)); diff != "" {
		t.Errorf("ten CIs (-want +got):\n%s", diff)
	}
	for _, job := range got.Jobs {
		if job.Name == "" || job.PatchSet == 0 || job.Change == 0 || job.Project == "" || job.Time.IsZero() || job.LogURL == "" || job.Voting == nil {
			t.Errorf("%+v lacks something that was said of it", job)
		}
	}
	o.CI = append(zuuls, "hpn", "odl-jenkins")
	got = mustList(t, o)
	if diff := cmp.Diff(tally{Changes: 6, Jobs: 360, Failed: 51, Distinct: 234}, count(got.Changes, got.Jobs)); diff != "" {
		t.Errorf("with those that report as Jenkins does (-want +got):\n%s", diff)
	}
	o.CI = []string{"*"}
	if all := mustList(t, o); len(all.Jobs) != len(got.Jobs) {
		t.Errorf("%d jobs among what people wrote", len(all.Jobs)-len(got.Jobs))
	}
}

// The same few comments, as Gerrits of four versions store and print them.
func TestSampleGerrits(t *testing.T) {
	chain := []string{
		"tripleo-ci-centos-9-standalone FAILURE 1h 02m 03s",
		"tripleo-ci-centos-9-scenario001 RETRY_LIMIT 59s Host unreachable",
		"openstack-tox-py311 SUCCESS 3m 32s non-voting",
		"skipped-job SKIPPED 0s Skipped due to failed job openstack-tox-py311",
	}
	tests := map[string][]string{
		"real-2.16.28.jsonl": chain,
		"real-3.0.16.jsonl":  chain,
		"real-3.7.0.jsonl":   chain,
		"real-3.10.2.jsonl": append([]string{
			`job-"q" FAILURE 1m 01s`,
			"tripleo-ci-centos-9-standalone SUCCESS 1h 02m 03s",
			"openstack-tox-py311 SUCCESS 3m 32s non-voting",
		}, chain...),
		"real-3.10.2-copied-votes.jsonl": chain,
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got := mustList(t, optionsFor(t, start(t, gerrittest.Options{Changes: sampleChanges(t, name), PageLimit: 2})))
			if diff := cmp.Diff(want, briefly(got.Jobs)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, job := range got.Jobs {
				if job.Reporter != "zuul" || job.Owner != "Administrator" || job.PatchSet == 0 || job.Pipeline == "" || job.URL == "" || job.LogURL != "" {
					t.Errorf("%+v lacks something that was said of it", job)
				}
			}
		})
	}
}

// Answers without comments, of Gerrits of all ages.
func TestSampleAnswers(t *testing.T) {
	for name, want := range map[string]struct {
		number int
		more   bool
		err    string
	}{
		"ssh-query-2.x-sortkey.jsonl": {number: 2144, more: true},
		"ssh-query-2.11-2.13.jsonl":   {number: 368, more: true},
		"ssh-query-3.x.jsonl":         {number: 2},
		"ssh-query-error.jsonl":       {err: "the server says: Unsupported query:5S2D4D2D4"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readPage(bytes.NewReader(sample(t, name)), question{limit: 10, jobs: noJobs}, maxLine)
			if (err != nil) != (want.err != "") || err != nil && err.Error() != want.err {
				t.Fatalf("error %v; want %q", err, want.err)
			}
			if err == nil && (len(got.changes) != 1 || got.changes[0].number != want.number || got.more != want.more) {
				t.Errorf("%+v; want change %d, more %t", got, want.number, want.more)
			}
		})
	}
}
