package convert

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// engine returns a classifier with the rules made of real ones, all on one log,
// without the conditions that ask for other things than lines.
func engine(t *testing.T, format, name string) *classify.Classifier {
	t.Helper()
	var rules []classify.Rule
	for _, e := range convertAll(t, format, samples(t, name)).Document.Entries {
		e.Rule.Files, e.All = []string{theLog}, nil
		rules = append(rules, e.Rule)
	}
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPyTorchRules(t *testing.T) {
	c := engine(t, PyTorch, "pytorch-ruleset.toml")
	const stamp = "2024-07-08T16:59:08.1747875Z "
	for _, test := range []struct{ log, rule, reason string }{
		{stamp + ">>> Lint for x.py:", "lintrunner-failure", "Lintrunner failure: >>> Lint for x.py:"},
		{stamp + "\x1b[31m[  FAILED  ] Suite.Test\x1b[0m (12 ms)", "gtest-failure", "gtest failure: [ FAILED ] Suite.Test"},
		// The last line that a rule matches, and of two rules the one that comes first.
		{"ninja: build stopped: subcommand failed\nRuntimeError: one\nRuntimeError: two\n", "python-runtimeerror", "Python RuntimeError: RuntimeError: two"},
		{"FAIL: test_a (__main__.TestX)", "python-unittest-failure-2", "Python unittest failure: test_a TestX"},
		// What the runner says of every failed step is no reason; what else it says may be.
		{stamp + "##[error]Process completed with exit code 1.", "", ""},
		{stamp + "##[error][OSDC] Step cancelled by GitHub Actions (SIGINT)", "", ""},
		{stamp + "##[error]boom\n" + stamp + "##[error]Process completed with exit code 1.\n", "gha-error", "GHA error: boom"},
		{stamp + "all is well", "", ""},
	} {
		r := c.Log(t.Context(), theLog, strings.NewReader(test.log))
		if r.Rule != test.rule || r.Reason != test.reason {
			t.Errorf("%q: %q %q, want %q %q", test.log, r.Rule, r.Reason, test.rule, test.reason)
		}
	}
}

func TestElasticRules(t *testing.T) {
	c := engine(t, ElasticRecheck, "elastic-recheck")
	for _, test := range []struct {
		log   string
		rules []string
	}{
		{"2019-01-01 10:00:00.123 | E: Failed to fetch http://x Hash Sum mismatch", []string{"lp-1400905"}},
		{"hash sum MISMATCH", []string{"lp-1400905"}},
		{"Hash Sum mismatched", nil},
		// Two texts in either order, but on one line.
		{"Timeout (62s) waiting for privilege escalation prompt:", []string{"lp-1718197"}},
		{"waiting for privilege escalation prompt: Timeout", []string{"lp-1718197"}},
		{"Timeout\nwaiting for privilege escalation prompt:", nil},
		// One of several, and what must not be there.
		{"fatal: unable to access 'https://x/': Recv failure: Connection timed out", []string{"lp-1282876"}},
		{"RUN END RESULT_TIMED_OUT: [untrusted : x]", []string{"lp-1686542"}},
		{"POST-RUN END RESULT_TIMED_OUT: [untrusted : x]", []string{"lp-1807940"}},
		// Four texts, in their order.
		{"VQ 0 size 0x80 Guest index 0x12c inconsistent with Host index 0x134: delta", []string{"lp-1761798"}},
		{"ERROR oslo_messaging.rpc.server [req-1] in _attach_volume", []string{"lp-1739482"}},
		{`container_linux.go: exec user process caused "no such file or directory"`, []string{"lp-1804434"}},
	} {
		var got []string
		for _, m := range c.Log(t.Context(), theLog, strings.NewReader(test.log)).Matches {
			got = append(got, m.Rule)
		}
		if diff := cmp.Diff(test.rules, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.log, diff)
		}
	}
}
