package report

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// now is the time of all tests: ten past two at night in Berlin, so that the
// days of UTC and of the user's zone differ.
var now = time.Date(2026, 11, 20, 13, 20, 0, 0, time.UTC)

// berlin is a fixed zone, so that tests need no zone database.
func berlin() *time.Location { return time.FixedZone("CET", 3600) }

func about() About {
	return About{
		Now:      now,
		Location: berlin(),
		Since:    now.Add(-7 * 24 * time.Hour),
		Until:    now,
		Sources: []SourceState{
			{Name: "review", What: "change", Changes: 200, Jobs: 346, Cap: 200, Capped: true, Problems: []string{"change 900123: a comment without an author"}},
			{Name: "periodic", What: "page", Changes: 4, Jobs: 12},
			{Name: "partner", Error: "dial ssh review.partner.example:29418: connection refused; is the port right?"},
		},
		Problems: []string{"watchcat.toml: host logs.old.example answers no more"},
		Rules:    "sha256:5f1d7a84db00d2fce00b31a7fc73224b5f1d7a84db00d2fce00b31a7fc73224b",
		Engine:   "1",
		Tags: map[string]string{
			"infra":      "the CI system, not the change",
			"dependency": "a package could not be had",
			"test":       "a test of the change failed",
			"code":       "the change does not build",
		},
		Title: "CI watch",
	}
}

// kinds are the failures that the sample is made of.
var kinds = []classify.Result{
	{Outcome: classify.OutcomeMatched, Rule: "pip-no-matching-distribution", Tag: "dependency", Reason: "pip found no distribution for oslo.config==99.1.0",
		Evidence: []classify.Evidence{{File: "job-output.txt", Line: 1203, EndLine: 1204, Text: []string{
			"ERROR: Could not find a version that satisfies the requirement oslo.config==99.1.0 (from versions: 9.0.0, 9.1.0)",
			"ERROR: No matching distribution found for oslo.config==99.1.0"}}},
		Matches: []classify.Match{
			{Rule: "pip-no-matching-distribution", Tag: "dependency", Tier: classify.TierCause, Message: "pip found no distribution for oslo.config==99.1.0",
				Captures: map[string]string{"requirement": "oslo.config==99.1.0"}, File: "job-output.txt", Line: 1204, EndLine: 1204,
				Text: "ERROR: No matching distribution found for oslo.config==99.1.0", Count: 3},
			{Rule: "exit-status", Tag: "generic", Tier: classify.TierSymptom, Message: "a command ended with exit status 1",
				File: "job-output.txt", Line: 1300, EndLine: 1300, Text: "ERROR: InvocationError for command pip install (exited with code 1)", Count: 1},
		}},
	{Outcome: classify.OutcomeMatched, Rule: "pytest-failed", Tag: "test", Reason: "test_live_migration_with_volume failed",
		Evidence: []classify.Evidence{{File: "logs/undercloud/var/log/tempest/tempest_run.log.txt.gz", Line: 88123, EndLine: 88126, Text: []string{
			"    def test_live_migration_with_volume(self):", ">       assert server['status'] == 'ACTIVE'", "E       AssertionError: assert 'ERROR' == 'ACTIVE'",
			"FAILED tempest/api/compute/admin/test_live_migration.py::LiveMigrationTest::test_live_migration_with_volume"}}},
		Matches: []classify.Match{{Rule: "pytest-failed", Tag: "test", Tier: classify.TierCause, Message: "test_live_migration_with_volume failed",
			File: "logs/undercloud/var/log/tempest/tempest_run.log.txt.gz", Line: 88126, EndLine: 88126,
			Text: "FAILED tempest/api/compute/admin/test_live_migration.py::LiveMigrationTest::test_live_migration_with_volume", Count: classify.MoreThan100}}},
	{Outcome: classify.OutcomeMatched, Rule: "no-space-left", Tag: "infra", Reason: "the disk is full: /var/lib/containers",
		Evidence: []classify.Evidence{{File: "job-output.txt", Line: 40411, EndLine: 40411, Text: []string{"write /var/lib/containers/storage/overlay/7c2: no space left on device"}}},
		Matches: []classify.Match{{Rule: "no-space-left", Tag: "infra", Tier: classify.TierCause, Message: "the disk is full: /var/lib/containers", File: "job-output.txt",
			Line: 40411, EndLine: 40411, Text: "write /var/lib/containers/storage/overlay/7c2: no space left on device", Count: 1}}},
	{Outcome: classify.OutcomeMatched, Rule: "gcc-error", Tag: "code", Reason: "src/scheduler/過濾器.c:231: error: implicit declaration of function ‘pick_host’",
		Evidence: []classify.Evidence{{File: "job-output.txt", Line: 977, EndLine: 977, Text: []string{"src/scheduler/過濾器.c:231:9: error: implicit declaration of function ‘pick_host’ [-Werror=implicit-function-declaration]"}}},
		Matches: []classify.Match{{Rule: "gcc-error", Tag: "code", Tier: classify.TierCause, Message: "src/scheduler/過濾器.c:231: error: implicit declaration of function ‘pick_host’",
			File: "job-output.txt", Line: 977, EndLine: 977, Text: "src/scheduler/過濾器.c:231:9: error: implicit declaration of function ‘pick_host’", Count: 1}}},
	{Outcome: classify.OutcomeSymptom, Rule: "exit-status", Tag: "generic", Reason: "a command ended with exit status 2",
		Evidence: []classify.Evidence{{File: "job-output.txt", Line: 5120, EndLine: 5120, Text: []string{"make: *** [Makefile:44: check] Error 2"}}},
		Matches: []classify.Match{{Rule: "exit-status", Tag: "generic", Tier: classify.TierSymptom, Message: "a command ended with exit status 2",
			File: "job-output.txt", Line: 5120, EndLine: 5120, Text: "make: *** [Makefile:44: check] Error 2", Count: 1}}},
	{Outcome: classify.OutcomeUnmatched, Evidence: []classify.Evidence{{File: "job-output.txt", Line: 7011, EndLine: 7013, Text: []string{
		"    subprocess died before its handshake: frobnicator[4711] gave 0x1f", "    see /var/log/frob/4711.core", "    giving up after 3 attempts"}},
		{File: "job-output.txt", Line: 9002, EndLine: 9002, Text: []string{"fatal: the deployment did not converge"}}}},
	{Outcome: classify.OutcomeNoLogs, Missing: []classify.Missing{{File: "console", Why: "404 Not Found"}}},
	{Outcome: classify.OutcomeMatched, Partial: true, Rule: "ansible-unreachable", Tag: "infra", Reason: "host compute-1 could not be reached over SSH",
		Evidence: []classify.Evidence{{File: "job-output.txt", Line: 311, EndLine: 311, Text: []string{`fatal: [compute-1]: UNREACHABLE! => {"changed": false, "msg": "Failed to connect to the host via ssh", "unreachable": true}`}}},
		Matches: []classify.Match{{Rule: "ansible-unreachable", Tag: "infra", Tier: classify.TierCause, Message: "host compute-1 could not be reached over SSH",
			File: "job-output.txt", Line: 311, EndLine: 311, Text: "fatal: [compute-1]: UNREACHABLE!", Count: 2}},
		Missing: []classify.Missing{{File: "logs/compute-1/syslog.gz", Why: "unexpected EOF: the gzip stream ends early"}}},
}

// sample returns believable results of a week: n jobs, of which each third passed.
func sample(n int) []classify.Result {
	rng := rand.New(rand.NewPCG(4, 2))
	pick := func(from ...string) string { return from[rng.IntN(len(from))] }
	nonVoting := false
	var out []classify.Result
	for i := range n {
		r := kinds[rng.IntN(len(kinds))]
		r.Job = classify.Job{
			ID:     fmt.Sprintf("%032x", i),
			Name:   pick("tempest-full-py3", "openstack-tox-py312", "tripleo-ci-centos-9-containers-multinode", "periodic-tripleo-ci-centos-9-ovb-3ctlr_1comp-featureset035-master", "kolla-build-debian", "build"),
			Source: "review", Project: pick("openstack/nova", "openstack/tripleo-heat-templates", "openstack/kolla", "team/frontend"), Branch: pick("master", "stable/2026.1"),
			Pipeline: pick("check", "gate"), Change: 912000 + i/3, PatchSet: 1 + rng.IntN(9),
			Owner: pick("Ana Lima", "Zoë Å. Müller", "王小明"), Subject: pick("Retry the live migration once", "Drop the last users of six", "Add a filter for hosts with local disks"),
			Result: pick("FAILURE", "FAILURE", "TIMED_OUT", "POST_FAILURE"), Time: now.Add(-time.Duration(i*i) * 5 * time.Minute), Duration: classify.Seconds(30 + rng.IntN(9000)),
		}
		r.CommitMsg = r.Subject + "\n\nSome hosts lose their volume while a server moves,\nand the second try finds it.\n\nChange-Id: I0123456789abcdef\n"
		r.URL = fmt.Sprintf("https://zuul.example.org/t/main/build/%s", r.ID)
		r.LogURL = fmt.Sprintf("https://logs.example.org/%02d/%d/%s/", i%100, r.Change, r.Name)
		r.ChangeURL = fmt.Sprintf("https://review.example.org/c/%s/+/%d", r.Project, r.Change)
		r.Rules, r.Engine = about().Rules, about().Engine
		switch {
		case i%3 == 2:
			r = classify.Result{Job: r.Job, Outcome: classify.OutcomePassed}
			r.Result = "SUCCESS"
		case i%11 == 4:
			r.Superseded = true
		case i%7 == 3:
			r.Voting = &nonVoting
		}
		out = append(out, r)
	}
	return out
}
