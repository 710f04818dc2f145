package gerrit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

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
	want := map[string]string{
		"jenkins": "272, 26 failed", "mellanox": "16, 2 failed", "intel-nfv-ci": "16, 8 failed", "cisco_ml2_ci": "16, 2 failed",
		"odl-jenkins": "10, 10 failed", "citrix_xenserver_ci": "8, 0 failed", "sriovci": "8, 0 failed", "hyper-v-ci": "6, 2 failed",
		"hpn": "4, 0 failed", "cisco_ironic_ci": "2, 1 failed", "powerkvm": "1, 0 failed", "Fujitsu_iRMC_CI": "1, 0 failed",
	}
	if diff := cmp.Diff(want, byReporter(got.Jobs)); diff != "" {
		t.Errorf("by CI (-want +got):\n%s", diff)
	}
	o.CI = []string{"*"}
	if all := mustList(t, o); len(all.Jobs) != len(got.Jobs) {
		t.Errorf("%d jobs among what people wrote", len(all.Jobs)-len(got.Jobs))
	}
}

// byReporter counts the jobs, and those that failed, of each CI.
func byReporter(jobs []classify.Job) map[string]string {
	type counts struct{ jobs, failed int }
	all := make(map[string]counts)
	for _, job := range jobs {
		c := all[job.Reporter]
		c.jobs++
		if job.Result == "FAILURE" {
			c.failed++
		}
		all[job.Reporter] = c
	}
	text := make(map[string]string)
	for reporter, c := range all {
		text[reporter] = fmt.Sprintf("%d, %d failed", c.jobs, c.failed)
	}
	return text
}

// gerritSample is a recording of a real server: what is known of its changes and
// of the comments with jobs.
type gerritSample struct {
	project string
	topics  bool // change N has the topic "tN" and the subject "Change number N"
	message bool // the commit message comes unasked, without its last paragraph
}

// job adds to a job what its change and its comment, written at a time, tell.
func (g gerritSample) job(change, patchSet int, pipeline string, at int64, job classify.Job) classify.Job {
	job.Source, job.Server, job.Project, job.Branch = "review", "127.0.0.1:18080", g.project, "master"
	job.Change, job.PatchSet, job.Pipeline = change, patchSet, pipeline
	job.Owner, job.Reporter, job.Time = "Administrator", "zuul", time.Unix(at, 0).UTC()
	job.ChangeURL = fmt.Sprintf("http://127.0.0.1:18080/c/%s/+/%d", g.project, change)
	job.Subject = fmt.Sprintf("Chain %d", change)
	if g.topics {
		job.Topic, job.Subject = fmt.Sprintf("t%d", change), fmt.Sprintf("Change number %d", change)
	}
	if g.message {
		job.CommitMsg = job.Subject + "\n\n"
	}
	return job
}

// chain returns the four jobs of the comment that all recordings have.
func (g gerritSample) chain(change, patchSet int, at int64) []classify.Job {
	page := func(first string) (id, url string) {
		return first + "123456789abcdef0123456789abcdef", "https://host/t/x/build/" + first + "123456789abcdef0123456789abcdef"
	}
	jobs := []classify.Job{
		{Name: "tripleo-ci-centos-9-standalone", Result: "FAILURE", Duration: 3723, Voting: yes()},
		{Name: "tripleo-ci-centos-9-scenario001", Result: "RETRY_LIMIT", Detail: "Host unreachable", Duration: 59, Voting: yes()},
		{Name: "openstack-tox-py311", Result: "SUCCESS", Duration: 212, Voting: no()},
		{Name: "skipped-job", Result: "SKIPPED", Detail: "Skipped due to failed job openstack-tox-py311", Voting: yes()},
	}
	for i := range jobs {
		jobs[i].ID, jobs[i].URL = page(fmt.Sprint(i))
		jobs[i] = g.job(change, patchSet, "check", at, jobs[i])
	}
	return jobs
}

// The same few comments, as Gerrits of four versions store and print them.
func TestSampleGerrits(t *testing.T) {
	old, middle := gerritSample{project: "openstack/demo", message: true}, gerritSample{project: "openstack/demo"}
	latest := gerritSample{project: "openstack/tripleo-demo", topics: true}
	const standalone, py311 = "0123456789abcdef0123456789abcdef", "2123456789abcdef0123456789abcdef"
	tests := map[string][]classify.Job{
		"real-2.16.28.jsonl":             old.chain(1, 1, 1795172755),
		"real-3.0.16.jsonl":              old.chain(1, 1, 1795172792),
		"real-3.7.0.jsonl":               middle.chain(1, 1, 1795172690),
		"real-3.10.2-copied-votes.jsonl": latest.chain(1, 2, 1795171936),
		"real-3.10.2.jsonl": append([]classify.Job{
			latest.job(3, 1, "gate", 1795171937, classify.Job{Name: `job-"q"`, Result: "FAILURE", Duration: 61, Voting: yes(), URL: "https://h/t/x/build/9"}),
			latest.job(2, 1, "check", 1795171936, classify.Job{
				Name: "tripleo-ci-centos-9-standalone", Result: "SUCCESS", Duration: 3723, Voting: yes(),
				ID: standalone, URL: "https://host/t/x/build/" + standalone,
			}),
			latest.job(2, 1, "check", 1795171936, classify.Job{
				Name: "openstack-tox-py311", Result: "SUCCESS", Duration: 212, Voting: no(),
				ID: py311, URL: "https://host/t/x/build/" + py311,
			}),
		}, latest.chain(1, 2, 1795171936)...),
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			got := mustList(t, optionsFor(t, start(t, gerrittest.Options{Changes: sampleChanges(t, name), PageLimit: 2})))
			for i := range got.Jobs {
				got.Jobs[i].CommitMsg, _, _ = strings.Cut(got.Jobs[i].CommitMsg, "Change-Id: ")
			}
			if diff := cmp.Diff(want, got.Jobs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Each answer of TestSampleAnswers as a server sends it: none has comments, so
// none has jobs.
func TestSampleAnswersOverSSH(t *testing.T) {
	for name, want := range map[string]struct {
		changes, asked int // the old one never says that this was all, the next says that it was not
		err            string
	}{
		"ssh-query-2.x-sortkey.jsonl": {changes: 1, asked: 3}, // and a look at the top
		"ssh-query-2.11-2.13.jsonl":   {changes: 1, asked: 2},
		"ssh-query-3.x.jsonl":         {changes: 1, asked: 1},
		"ssh-query-error.jsonl":       {asked: 1, err: "the server says: Unsupported query:5S2D4D2D4"},
	} {
		t.Run(name, func(t *testing.T) {
			text := sample(t, name)
			server := start(t, gerrittest.Options{Answer: func(_ string, stdout, _ io.Writer) int {
				stdout.Write(text)
				return 0
			}})
			got, err := list(t, optionsFor(t, server))
			checkError(t, "error", err, want.err)
			if got.Changes != want.changes || len(got.Jobs) > 0 {
				t.Errorf("%d changes, jobs %+v; want %d and none", got.Changes, got.Jobs, want.changes)
			}
			if n := len(server.Commands()); n != want.asked {
				t.Errorf("%d questions; want %d", n, want.asked)
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

// recordedLine is a line of a job as the CIs of that day wrote it, with the
// hours, minutes and seconds that it ran.
var recordedLine = regexp.MustCompile(`^[-*] (\S+) (\S+) : (SUCCESS|FAILURE)(?: in (?:(\d+)h )?(?:(\d+)m )?(\d+)s)?( \(non-voting\))?$`)

// recordedJob is what a line tells of a job, and where it stands.
type recordedJob struct {
	Change, PatchSet             int
	Reporter, Name, Result, Logs string
	Duration                     classify.Seconds
	Voting                       bool
}

// readPlainly reads the recorded changes by that one form, and nothing else.
func readPlainly(t *testing.T, changes []json.RawMessage, from []string) []recordedJob {
	t.Helper()
	var all []recordedJob
	for _, text := range changes {
		var change struct {
			Number   json.Number
			Comments []struct {
				Message  string
				Reviewer struct{ Username string }
			}
		}
		if err := json.Unmarshal(text, &change); err != nil {
			t.Fatal(err)
		}
		number, _ := change.Number.Int64()
		for _, c := range change.Comments {
			var patchSet int
			if n, _ := fmt.Sscanf(c.Message, "Patch Set %d:", &patchSet); n == 0 || !slices.Contains(from, c.Reviewer.Username) {
				continue
			}
			for line := range strings.Lines(c.Message) {
				if m := recordedLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
					at := func(i int) classify.Seconds { n, _ := strconv.Atoi(m[i]); return classify.Seconds(n) }
					all = append(all, recordedJob{int(number), patchSet, c.Reviewer.Username, m[1], m[3], strings.TrimSuffix(m[2], "/"), at(4)*3600 + at(5)*60 + at(6), m[7] == ""})
				}
			}
		}
	}
	return all
}

// Job by job, what is listed is what an independent reader of that one form
// finds in the recorded day.
func TestSampleOpenStackJobByJob(t *testing.T) {
	changes := sampleChanges(t, "openstack_ssh_query.jsonl")
	server := start(t, gerrittest.Options{Changes: changes})
	o := optionsFor(t, server)
	o.CI = []string{
		"jenkins", "cisco_ml2_ci", "intel-nfv-ci", "mellanox", "citrix_xenserver_ci",
		"hyper-v-ci", "sriovci", "cisco_ironic_ci", "powerkvm", "Fujitsu_iRMC_CI",
	}
	var got []recordedJob
	for _, job := range mustList(t, o).Jobs {
		got = append(got, recordedJob{job.Change, job.PatchSet, job.Reporter, job.Name, job.Result, strings.TrimSuffix(job.LogURL, "/"), job.Duration, *job.Voting})
	}
	want := readPlainly(t, changes, o.CI)
	if len(want) != 346 {
		t.Errorf("the plain reader finds %d jobs", len(want))
	}
	byText := cmpopts.SortSlices(func(a, b recordedJob) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
	if diff := cmp.Diff(want, got, byText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The jobs of that day that Jenkins reported itself. The change is in the
// recording twice.
func TestSampleOpenStackJenkins(t *testing.T) {
	server := start(t, gerrittest.Options{Changes: sampleChanges(t, "openstack_ssh_query.jsonl")})
	o := optionsFor(t, server)
	o.CI = []string{"hpn", "odl-jenkins"}
	const hpn, odl = "http://16.77.117.70:8085/job/prb-new/", "https://jenkins.opendaylight.org/releng/job/netvirt-openstack-gerrit/"
	once := []string{
		"1 hpn prb-new SUCCESS " + hpn + "547/", "1 odl-jenkins netvirt-openstack-gerrit FAILURE " + odl + "1337/",
		"2 hpn prb-new SUCCESS " + hpn + "570/", "2 odl-jenkins netvirt-openstack-gerrit FAILURE " + odl + "1357/",
		"3 odl-jenkins netvirt-openstack-gerrit FAILURE " + odl + "1540/",
		"4 odl-jenkins netvirt-openstack-gerrit FAILURE " + odl + "1541/",
		"5 odl-jenkins netvirt-openstack-gerrit FAILURE " + odl + "1580/",
	}
	var got []string
	for _, job := range mustList(t, o).Jobs {
		if job.Change != 343936 {
			t.Errorf("a job of change %d", job.Change)
		}
		got = append(got, fmt.Sprint(job.PatchSet, " ", job.Reporter, " ", job.Name, " ", job.Result, " ", job.URL))
	}
	if diff := cmp.Diff(append(once, once...), got, cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
