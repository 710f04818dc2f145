package gerrit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// yes and no are what a job line says of voting.
func yes() *bool { return new(true) }
func no() *bool  { return new(false) }

func TestParseComment(t *testing.T) {
	const uuid = "0123456789abcdef0123456789abcdef"
	tests := []struct {
		name, message string
		want          []classify.Job
	}{{
		name: "zuul 6.2: build pages, a buildset, details, a warning behind the jobs",
		message: "Patch Set 3: Code-Review-1 Verified-1\n\n(1 comment)\n\n" +
			"Build failed (check pipeline).  For information on how to proceed, see\nhttps://docs.example.org/\n\n" +
			"https://zuul.example.org/t/main/buildset/" + uuid + "\n\n" +
			"- unit https://zuul.example.org/t/main/build/" + uuid + " : FAILURE in 1h 02m 03s\n" +
			"- lint https://zuul.example.org/t/main/build/" + uuid + " : SUCCESS in 59s (non-voting)\n" +
			"- net https://zuul.example.org/t/main/build/" + uuid + " : RETRY_LIMIT Host unreachable in 3m 32s\n" +
			"- child https://zuul.example.org/t/main/build/" + uuid + " : SKIPPED Skipped due to failed job unit\n" +
			"- broken broken : ERROR No branch : main in x/y (non-voting)\n" +
			"Skipped 2 jobs\n\nWarning:\n  - unit : x\n- unit unit : ERROR of the configuration\n",
		want: []classify.Job{
			{Name: "unit", ID: uuid, PatchSet: 3, Pipeline: "check", Result: "FAILURE", Duration: 3723, Voting: yes(), URL: "https://zuul.example.org/t/main/build/" + uuid},
			{Name: "lint", ID: uuid, PatchSet: 3, Pipeline: "check", Result: "SUCCESS", Duration: 59, Voting: no(), URL: "https://zuul.example.org/t/main/build/" + uuid},
			{Name: "net", ID: uuid, PatchSet: 3, Pipeline: "check", Result: "RETRY_LIMIT", Detail: "Host unreachable", Duration: 212, Voting: yes(), URL: "https://zuul.example.org/t/main/build/" + uuid},
			{Name: "child", ID: uuid, PatchSet: 3, Pipeline: "check", Result: "SKIPPED", Detail: "Skipped due to failed job unit", Voting: yes(), URL: "https://zuul.example.org/t/main/build/" + uuid},
			{Name: "broken", PatchSet: 3, Pipeline: "check", Result: "ERROR", Detail: "No branch : main in x/y", Voting: no()},
		},
	}, {
		name: "zuul 2.5: logs, one of them in a pipeline's folder",
		message: "Patch Set 4: Doesn't seem to work\n\nBuild failed.  See https://x\n\n" +
			"- pep8 http://logs.example.org/23/8123/4/gate/pep8/450dd07 : FAILURE in 26m 44s (non-voting)\n" +
			"* docs http://docs.example.org/docs/49cfa85//html/ : SUCCESS\n" +
			"- other http://logs.example.org/23/8123/4/gate/pep8/450dd07/ : FAILURE\r\n",
		want: []classify.Job{
			{Name: "pep8", PatchSet: 4, Pipeline: "gate", Result: "FAILURE", Duration: 1604, Voting: no(), LogURL: "http://logs.example.org/23/8123/4/gate/pep8/450dd07/"},
			{Name: "docs", PatchSet: 4, Result: "SUCCESS", Voting: yes(), LogURL: "http://docs.example.org/docs/49cfa85//html/"},
			{Name: "other", PatchSet: 4, Result: "FAILURE", Voting: yes(), LogURL: "http://logs.example.org/23/8123/4/gate/pep8/450dd07/"},
		},
	}, {
		name: "zuul 1: no names",
		message: "Patch Set 1:\n\nMain test build failed.\n\n" +
			"- https://ci.example.org/job/unit/12/console : FAILURE in 1m 03s\n" +
			"- https://logs.example.org/23/8123/1/test/lint/450dd07 : SUCCESS\n" +
			"- https://logs.example.org/oddly/placed/17 : LOST\n",
		want: []classify.Job{
			{Name: "unit", PatchSet: 1, Result: "FAILURE", Duration: 63, Voting: yes(), URL: "https://ci.example.org/job/unit/12/", LogURL: "https://ci.example.org/job/unit/12/"},
			{Name: "lint", PatchSet: 1, Pipeline: "test", Result: "SUCCESS", Voting: yes(), LogURL: "https://logs.example.org/23/8123/1/test/lint/450dd07/"},
			{Name: "placed", PatchSet: 1, Result: "LOST", Voting: yes(), LogURL: "https://logs.example.org/oddly/placed/17/"},
		},
	}, {
		name: "zuul 2.5: jobs with messages of their own",
		message: "Patch Set 1:\n\nBuild failed (check pipeline).\n\n" +
			"- a https://l.example.org/a/1 : The tests failed, sorry in 3s\n" +
			"- two words https://l.example.org/a/1 : Read this\n",
		want: []classify.Job{
			{Name: "a", PatchSet: 1, Pipeline: "check", Result: "The tests failed, sorry", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/a/1/"},
		},
	}, {
		name:    "zuul 2.5: a message of its own for success",
		message: "Patch Set 1: Verified+1\n\nBuild succeeded.\n\n- a https://l.example.org/a/1 : Well done in 3s\n- b b : Oh dear (non-voting)\n",
		want: []classify.Job{
			{Name: "a", PatchSet: 1, Result: "SUCCESS", Detail: "Well done", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/a/1/"},
			{Name: "b", PatchSet: 1, Result: "Oh dear", Voting: no()},
		},
	}, {
		name: "zuul 3: a detail, logs in Swift, a job without URL",
		message: "Patch Set 2: Verified-1\n\nBuild failed (gate pipeline).\n\n" +
			"- net http://logs.example.org/23/8123/2/gate/net/450dd07/ : RETRY_LIMIT Host unreachable in 59s (non-voting)\n" +
			"- swift https://s.example.org/v1/zuul_logs/" + uuid + "/ : FAILURE in 1m 00s\n" +
			"- none none : NODE_FAILURE\n",
		want: []classify.Job{
			{Name: "net", PatchSet: 2, Pipeline: "gate", Result: "RETRY_LIMIT", Detail: "Host unreachable", Duration: 59, Voting: no(), LogURL: "http://logs.example.org/23/8123/2/gate/net/450dd07/"},
			{Name: "swift", ID: uuid, PatchSet: 2, Pipeline: "gate", Result: "FAILURE", Duration: 60, Voting: yes(), LogURL: "https://s.example.org/v1/zuul_logs/" + uuid + "/"},
			{Name: "none", PatchSet: 2, Pipeline: "gate", Result: "NODE_FAILURE", Voting: yes()},
		},
	}, {
		name:    "zuul 4.7: a build page, no buildset",
		message: "Patch Set 1: Verified+1\n\nBuild succeeded (check pipeline).\n\n- unit https://zuul.example.org/t/main/build/" + uuid + " : SUCCESS in 3m 29s\n",
		want: []classify.Job{
			{Name: "unit", ID: uuid, PatchSet: 1, Pipeline: "check", Result: "SUCCESS", Duration: 209, Voting: yes(), URL: "https://zuul.example.org/t/main/build/" + uuid},
		},
	}, {
		name:    "zuul 4.10.3: truncated in a URL",
		message: "Patch Set 1:\n\nBuild failed.\n\n- a https://l.example.org/a : SUCCESS in 3s\n- b https://l.exam… (truncated)",
		want: []classify.Job{
			{Name: "a", PatchSet: 1, Result: "SUCCESS", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/a/"},
		},
	}, {
		name:    "zuul 4.10.3: truncated in a line of its own",
		message: "Patch Set 1:\n\nBuild failed.\n\n- a https://l.example.org/a : SUCCESS in 3s\n... (truncated)",
		want: []classify.Job{
			{Name: "a", PatchSet: 1, Result: "SUCCESS", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/a/"},
		},
	}, {
		name: "wikimedia: no names, pipelinelib in the same comment",
		message: "Patch Set 5: Verified-1\n\nMain test build failed.\n\n" +
			"- https://integration.example.org/ci/job/quibble-php81/1204/console : FAILURE in 6m 12s\n" +
			"- https://integration.example.org/ci/job/rake/88/console : SUCCESS in 58s (non-voting)\n\n" +
			"pipeline-build-result: FAILURE (job: service-pipeline-test, build: 12)\n",
		want: []classify.Job{
			{
				Name: "quibble-php81", PatchSet: 5, Result: "FAILURE", Duration: 372, Voting: yes(),
				URL: "https://integration.example.org/ci/job/quibble-php81/1204/", LogURL: "https://integration.example.org/ci/job/quibble-php81/1204/",
			},
			{
				Name: "rake", PatchSet: 5, Result: "SUCCESS", Duration: 58, Voting: no(),
				URL: "https://integration.example.org/ci/job/rake/88/", LogURL: "https://integration.example.org/ci/job/rake/88/",
			},
			{Name: "service-pipeline-test", PatchSet: 5, Result: "FAILURE"},
		},
	}, {
		name:    "zuul 4.10.3: truncated in a result",
		message: "Patch Set 1:\n\nBuild failed.\n\n- a https://l.example.org/a : SUCCESS in 3s\n- b https://l.example.org/b : RETRY… (truncated)",
		want: []classify.Job{
			{Name: "a", PatchSet: 1, Result: "SUCCESS", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/a/"},
		},
	}, {
		name:    "zuul 4.10.3: truncated behind a result",
		message: "Patch Set 1:\n\nBuild failed.\n\n- b https://l.example.org/b : FAILURE in 1... (truncated)\n",
		want: []classify.Job{
			{Name: "b", PatchSet: 1, Result: "FAILURE", LogURL: "https://l.example.org/b/"},
		},
	}, {
		name: "jenkins gerrit trigger: logs elsewhere, causes, skipped",
		message: "Patch Set 3: Verified-1\n\nBuild Failed \n\n" +
			"https://ci.example.org/r/job/unit/247/ : FAILURE <<<\nThe disk is full:\nhttps://ci.example.org/r/job/unit/1/ : FAILURE\n>>>\n\n" +
			"Logs: https://logs.example.org/r/vex/unit/247\n\n" +
			"https://ci.example.org/r/job/f%20g/job/a%252Fb/44/ : UNSTABLE (skipped)\n\n" +
			"https://ci.example.org/r/job/matrix/os=linux,py=3/5/ : ABORTED For help visit https://x\n",
		want: []classify.Job{
			{
				Name: "unit", PatchSet: 3, Result: "FAILURE", Detail: "The disk is full: https://ci.example.org/r/job/unit/1/ : FAILURE",
				URL: "https://ci.example.org/r/job/unit/247/", LogURL: "https://logs.example.org/r/vex/unit/247/",
			},
			{
				Name: "f g/a/b", PatchSet: 3, Result: "UNSTABLE", Voting: no(),
				URL: "https://ci.example.org/r/job/f%20g/job/a%252Fb/44/", LogURL: "https://ci.example.org/r/job/f%20g/job/a%252Fb/44/",
			},
			{
				Name: "matrix/os=linux,py=3", PatchSet: 3, Result: "ABORTED", Detail: "For help visit https://x",
				URL: "https://ci.example.org/r/job/matrix/os=linux,py=3/5/", LogURL: "https://ci.example.org/r/job/matrix/os=linux,py=3/5/",
			},
		},
	}, {
		name: "jenkins gerrit trigger: logs that could be anybody's",
		message: "Patch Set 3:\n\nhttps://ci.example.org/job/a/1/ : FAILURE\nhttps://ci.example.org/job/b/2/ : FAILURE\n" +
			"Logs: https://logs.example.org/x\nLogs: https://logs.example.org/a/1\nLogs: https://logs.example.org/y",
		want: []classify.Job{
			{Name: "a", PatchSet: 3, Result: "FAILURE", URL: "https://ci.example.org/job/a/1/", LogURL: "https://logs.example.org/a/1/"},
			{Name: "b", PatchSet: 3, Result: "FAILURE", URL: "https://ci.example.org/job/b/2/", LogURL: "https://logs.example.org/y/"},
		},
	}, {
		name:    "jenkins gerrit trigger: a block without end",
		message: "https://ci.example.org/job/a/1/ : FAILURE <<<\nhttps://ci.example.org/job/b/2/ : SUCCESS",
		want: []classify.Job{
			{Name: "a", Result: "FAILURE", URL: "https://ci.example.org/job/a/1/", LogURL: "https://ci.example.org/job/a/1/"},
			{Name: "b", Result: "SUCCESS", URL: "https://ci.example.org/job/b/2/", LogURL: "https://ci.example.org/job/b/2/"},
		},
	}, {
		name:    "wikimedia: pipelinelib",
		message: "Patch Set 3:\n\npipeline-dashboard: publish\npipeline-build-result: FAILURE (job: publish, build: 12)\n\nIMAGE:\n registry/x",
		want:    []classify.Job{{Name: "publish", PatchSet: 3, Result: "FAILURE"}},
	}, {
		name: "zuul 2.5: results that nobody knows, in reports",
		message: "Patch Set 3: Verified-1\n\nJenkins voted.\n\n- a https://l.example.org/a/1 : BROKEN\n- https://l.example.org/b/2 : HALF DONE in 3s\n" +
			"- c https://l.example.org/c/3 : https://wiki.example.org/why : FAILURE\n- https://l.example.org/d/4 : https://l.example.org/d/5\n",
		want: []classify.Job{
			{Name: "a", PatchSet: 3, Result: "BROKEN", Voting: yes(), LogURL: "https://l.example.org/a/1/"},
			{Name: "b", PatchSet: 3, Result: "HALF", Detail: "DONE", Duration: 3, Voting: yes(), LogURL: "https://l.example.org/b/2/"},
		},
	}, {
		name:    "wikimedia: a message of its own for success",
		message: "Patch Set 5: Verified+2\n\nGate pipeline build succeeded.\n\n- https://integration.example.org/ci/job/rake/88/console : All is well in 58s",
		want: []classify.Job{{
			Name: "rake", PatchSet: 5, Result: "SUCCESS", Detail: "All is well", Duration: 58, Voting: yes(),
			URL: "https://integration.example.org/ci/job/rake/88/", LogURL: "https://integration.example.org/ci/job/rake/88/",
		}},
	}, {
		name: "third-party: names with dots, slashes and colons, a hint behind the jobs",
		message: "Patch Set 7: Verified-1\n\nBuild failed (third-party-check pipeline).\n\n" +
			"* vendor-fc:4.1/py3.11 http://ci.vendor.example/4.1/7 : FAILURE in 1h 02m 03s\n" +
			"* vendor [nfs] http://ci.vendor.example/nfs/7 : NOT_REGISTERED (non-voting)\n\n" +
			"To run again, write: run vendor CI\nFor help : http://wiki.vendor.example/ci\n",
		want: []classify.Job{
			{Name: "vendor-fc:4.1/py3.11", PatchSet: 7, Pipeline: "third-party-check", Result: "FAILURE", Duration: 3723, Voting: yes(), LogURL: "http://ci.vendor.example/4.1/7/"},
			{Name: "vendor [nfs]", PatchSet: 7, Pipeline: "third-party-check", Result: "NOT_REGISTERED", Voting: no(), LogURL: "http://ci.vendor.example/nfs/7/"},
		},
	}, {
		name:    "third-party: no URL at all",
		message: "Patch Set 3:\n\nBuild failed.\n\n- unit : NODE_FAILURE\n- Platform : LINUX\n- see also : FAILURE\n- Cause : ERROR in the third line\n",
		want:    []classify.Job{{Name: "unit", PatchSet: 3, Result: "NODE_FAILURE", Voting: yes()}},
	}, {
		name:    "zuul 3: a URL that is none of http",
		message: "- unit finger://ze01.example.org/" + uuid + " : POST_FAILURE\n- x javascript://alert(1) : FAILURE",
		want: []classify.Job{
			{Name: "unit", ID: uuid, Result: "POST_FAILURE", Voting: yes()},
			{Name: "x", Result: "FAILURE", Voting: yes()},
		},
	}, {
		name:    "hostile text",
		message: "- \x1b[31mun\u202eit\x00 http://me:secret@l.example.org/a#b : FAILURE \x1b[0mdetail\n- " + strings.Repeat("é", 200) + " http://l/ : ERROR",
		want: []classify.Job{
			{Name: "[31munit", Result: "FAILURE", Detail: "[0mdetail", Voting: yes(), LogURL: "http://l.example.org/a/"},
			{Name: strings.Repeat("é", 127), Result: "ERROR", Voting: yes(), LogURL: "http://l/"},
		},
	}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, parseComment(test.message)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCommentPassesOver(t *testing.T) {
	for _, message := range []string{
		// Gerrit, Zuul, Jenkins' Gerrit Trigger
		"",
		"Uploaded patch set 2.",
		"Patch Set 1:\n\nStarting check jobs.\nhttps://zuul.example.org/t/main/status/change/3,1",
		"Patch Set 1:\n\nBuild Started https://ci.example.org/job/unit/44/ (1/2)",
		"Patch Set 1: Code-Review+2\n\nSeems to work:\n\nhttps://ci.example.org/job/unit/1/console\n\nLet's go.",
		"Patch Set 1: Code-Review-2\n\nCopied votes on follow-up patch sets have been updated:\n" +
			"* job http://x.example.org/1 : FAILURE\n* Code-Review-2 has been copied to patch set 2 (copy condition: \"is:MIN\").\n\nno way",
		"Patch Set 2: -Verified\n\nMerge Failed.\n\nThis change or one of its cross-repo dependencies was unable to be merged.",
		"Patch Set 2:\n\n> - unit https://l.example.org/1 : FAILURE in 3s\n\nWhy that?",
		"Patch Set 2:\n\n  - For information see:\n    https://wiki.example.org/CI : FAILURE",
		// people
		"Patch Set 2:\n\n- https://l.example.org/linux : https://l.example.org/windows : FAILURE",
		"Patch Set 2:\n\n- see https://l.example.org/linux : https://l.example.org/windows",
		"Patch Set 2:\n\n- https://bugs.example.org/1 : fixed\n* https://bugs.example.org/2 : FIXED\n- https://bugs.example.org/3 : WIP, see below",
		"Patch Set 2: Code-Review-1\n\n- foo.c https://l.example.org/foo.c : a typo\n- Note https://l.example.org/1 : TODO in master\n- no no : I mean it",
		"Patch Set 2: Code-Review+1\n\n- I saw https://l.example.org/1 : ERROR in the third line\n* depends on https://review.example.org/7 : MERGED",
		"Patch Set 2:\n\n- Question : ERROR or warning?\n* Something : FAILURE to understand",
		// LUCI, Android, Qt
		"Patch Set 2:\n\nTryjob [chromium/try/linux-rel](https://ci.example.org/b/8) has failed with summary:\n\n- https://ci.example.org/b/8 : Failed",
		"Patch Set 2:\n\nThis CL has failed the run. Reason: https://ci.example.org/1 : infra failure",
		"Patch Set 2:\n\nTreeHugger finished with: 1 failure",
		"Patch Set 2: Sanity-Review+1\n\nContinuous Integration: Failed\n\nDetails: https://testresults.example.org/1",
		// whoever else
		"Patch Set 2:\n\nNo Builds Executed",
		"Patch Set 2:\n\nhttps://bugs.example.org/1 : FIXED",
		"Patch Set 2:\n\nLogs: https://logs.example.org/1",
		"Patch Set 2:\n\n- : FAILURE\n-  : FAILURE\n - \n- a\n- a : \n- \x00 : FAILURE\n : FAILURE",
		"Patch Set 2:\n\npipeline-build-result: FAILURE\npipeline-build-result: great (job: x, build: 1)",
	} {
		if jobs := parseComment(message); len(jobs) != 0 {
			t.Errorf("parseComment(%q) found %+v; there is no job", message, jobs)
		}
	}
}

// Of a comment that is longer than any CI writes, the beginning is read.
func TestParseLongComment(t *testing.T) {
	line := "https://ci.example.org/job/a/1/ : FAILURE <<<\nLogs: https://l.example.org/\n"
	jobs := parseComment(strings.Repeat(line, 4*maxComment/len(line)))
	if want := maxComment / len(line); len(jobs) != want {
		t.Errorf("%d jobs; want the %d of the first 256 KiB", len(jobs), want)
	}
	if jobs := parseComment("- a b : FAILURE" + strings.Repeat("x", maxComment)); len(jobs) != 0 {
		t.Errorf("%d jobs in a line of more than 256 KiB", len(jobs))
	}
}

// sample returns the text of a sample of real data, which lies beside the project.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	file := filepath.Join("../../../shared/samples/gerrit", name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("real data is not here: %v", err)
	}
	return text
}

// briefly says of jobs what the samples were read for.
func briefly(jobs []classify.Job) []string {
	var all []string
	for _, job := range jobs {
		vote := ""
		if job.Voting != nil && !*job.Voting {
			vote = " non-voting"
		}
		all = append(all, strings.TrimSpace(strings.Join([]string{job.Name, job.Result, job.Duration.String()}, " ")+vote+" "+job.Detail))
	}
	return all
}

// What a person finds in the samples of comments.
func TestSampleComments(t *testing.T) {
	tests := map[string][]string{
		"zuul2-comment-openstack-2014.txt": {
			"gate-swift-pep8 SUCCESS 1m 35s",
			"gate-swift-docs SUCCESS 2m 26s",
			"check-tempest-dsvm-full SUCCESS 58m 15s",
			"check-tempest-dsvm-neutron-heat-slow SUCCESS 21m 48s non-voting",
			"check-grenade-dsvm-neutron FAILURE 26m 44s non-voting",
			"check-swift-dsvm-functional FAILURE 13m 53s",
			"check-tempest-dsvm-postgres-full SUCCESS 1h 03m 30s",
		},
		"zuul3-comment-opendev-2020.txt": {
			"openstack-tox-molecule SUCCESS 3m 29s",
			"openstack-tox-linters SUCCESS 6m 47s",
			"tripleo-tox-molecule SUCCESS 4m 47s",
			"tripleo-upgrade-centos-8-molecule SUCCESS 10m 29s",
		},
		"zuul11-comment-SYNTHETIC-from-format-string.txt": {
			"openstack-tox-py36 SUCCESS 3m 32s",
			"tripleo-ci-centos-8-standalone FAILURE 1h 02m 03s",
			"tripleo-ci-centos-8-scenario001-standalone TIMED_OUT 3h 00m 12s non-voting",
			"tripleo-build-containers RETRY_LIMIT 59s Host unreachable",
			"tripleo-upload-logs POST_FAILURE 30m 01s",
			"tripleo-no-node NODE_FAILURE 0s Node request 300-0001 failed",
			"tripleo-child SKIPPED 0s Skipped due to failed job tripleo-build-containers",
			"no-url ERROR 3s Project opendev.org/x/y does not have the default branch master",
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, briefly(parseComment(string(sample(t, name))))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The patch set, the pipeline and where these jobs' lines lead.
func TestSampleCommentLinks(t *testing.T) {
	const (
		logs    = "4 check logs http://logs.openstack.org/68/89568/4/check/"
		opendev = "1 check page https://zuul.opendev.org/t/openstack/build/"
		made    = "3 check page https://zuul.opendev.org/t/openstack/build/0000000000000000000000000000000"
	)
	tests := map[string][]string{
		"zuul2-comment-openstack-2014.txt": {
			logs + "gate-swift-pep8/450dd07/",
			"4 check logs http://docs-draft.openstack.org/68/89568/4/check/gate-swift-docs/49cfa85/doc/build/html/",
			logs + "check-tempest-dsvm-full/93b669f/",
			logs + "check-tempest-dsvm-neutron-heat-slow/86b349d/",
			logs + "check-grenade-dsvm-neutron/6bf8780/",
			logs + "check-swift-dsvm-functional/bdc0787/",
			logs + "check-tempest-dsvm-postgres-full/265befe/",
		},
		"zuul3-comment-opendev-2020.txt": {
			opendev + "b218ec9b40b442a5874fc571e5d3b5e5", opendev + "1533443fa79543c7bd8480f9952b09aa",
			opendev + "89dd9757afac45de86ac26bb64bff03b", opendev + "2da7b8f6b542438b8209c903c3f3cfdb",
		},
		"zuul11-comment-SYNTHETIC-from-format-string.txt": {
			made + "1", made + "2", made + "3", made + "4", made + "5", made + "6", made + "7", "3 check",
		},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, job := range parseComment(string(sample(t, name))) {
				line := fmt.Sprint(job.PatchSet, " ", job.Pipeline)
				if job.LogURL != "" {
					line += " logs " + job.LogURL
				}
				if job.URL != "" {
					line += " page " + job.URL
				}
				if job.ID != "" && !strings.HasSuffix(job.URL, "/"+job.ID) {
					t.Errorf("%s: build id %q of %s", job.Name, job.ID, job.URL)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSampleJenkins(t *testing.T) {
	var comments []string
	if err := json.Unmarshal(sample(t, "jenkins-gerrit-trigger-comments.json"), &comments); err != nil {
		t.Fatal(err)
	}
	const (
		ci   = "https://jenkins.opendaylight.org/releng/job/lf-infra-lftools-"
		logs = "https://logs.opendaylight.org/releng/vex-yul-odl-jenkins-1/lf-infra-lftools-"
	)
	job := func(patchSet int, name, number, result string) classify.Job {
		return classify.Job{
			Name: "lf-infra-lftools-" + name, PatchSet: patchSet, Result: result,
			URL: ci + name + "/" + number + "/", LogURL: logs + name + "/" + number + "/",
		}
	}
	want := [][]classify.Job{
		nil,
		{job(1, "tox-verify-any", "304", "FAILURE")},
		{job(2, "tox-verify-any", "309", "SUCCESS")},
		nil,
		{job(10, "tox-verify-any", "341", "UNSTABLE")},
		nil,
		nil,
		nil,
		{job(3, "tox-verify-any", "247", "FAILURE"), job(3, "rtd-verify-any", "44", "SUCCESS")},
		{job(4, "rtd-verify-any", "45", "SUCCESS"), job(4, "tox-verify-any", "248", "SUCCESS")},
	}
	var got [][]classify.Job
	for _, comment := range comments {
		got = append(got, parseComment(comment))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzComment(f *testing.F) {
	for _, seed := range []string{
		"Patch Set 3: Verified-1\n\nBuild failed (check pipeline).\n\n- a https://z/t/x/build/1 : FAILURE Host down in 1h 02m 03s (non-voting)\n- b b : ERROR x\n",
		"Patch Set 3:\n\nBuild Failed \n\nhttps://ci/job/a/job/b/1/ : FAILURE (skipped) <<<\nwhy\n>>>\n\nLogs: https://l/a/b/1",
		"Patch Set 1:\n\nCopied votes\n* a : b\n\npipeline-build-result: FAILURE (job: x, build: 12)",
		"- http://l/23/8123/4/gate/pep8/450dd07 : OK… (truncated)",
		"- ://\x00 : FAILURE\n- \x00 \x00 : FAILURE\n- a:// : FAILURE in s",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		jobs := parseComment(message)
		if lines := strings.Count(message, "\n") + 1; len(jobs) > lines {
			t.Errorf("%d jobs in %d lines", len(jobs), lines)
		}
		for _, job := range jobs {
			if job.Name == "" || job.Result == "" || job.PatchSet < 0 || job.Duration < 0 {
				t.Errorf("a job lacks what every job has: %+v", job)
			}
			for _, text := range []string{job.Name, job.Result, job.Detail, job.Pipeline, job.ID} {
				if !plainText(text) || len(text) > maxDetail || !utf8.ValidString(text) {
					t.Errorf("%q came through", text)
				}
			}
			for _, url := range []string{job.URL, job.LogURL} {
				if url != "" && webURL(url) == nil && len(url) <= maxURL {
					t.Errorf("%q is no URL of the web", url)
				}
			}
		}
	})
}
