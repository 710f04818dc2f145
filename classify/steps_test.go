package classify_test

import (
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

// TestSteps says where a clue is the reason, and which of two causes is.
func TestSteps(t *testing.T) {
	c := compile(t,
		classify.Rule{ID: "clue", Pattern: `^clue (\d)`, Message: "{1}", Tier: classify.TierClue},
		classify.Rule{ID: "cause", Pattern: `^cause (\d)`, Message: "{1}"})
	const cause, symptom = classify.OutcomeMatched, classify.OutcomeSymptom
	for _, test := range []struct {
		name, log string
		outcome   classify.Outcome
		reason    string
	}{
		{"no marks", "clue 1\ncause 2", cause, "2"},
		{"a clue without marks", "clue 1", symptom, "1"},
		{"in the command that failed", `clue 1|The command "a" exited with 0.|clue 2|The command "b" exited with 1.|clue 3`, cause, "2"},
		{"a command of several lines failed", `clue 1|The command "if a; then|b; fi" failed and exited with 2 during .|clue 3`, cause, "1"},
		{"no command failed", `clue 1|The command "a" exited with 0.|clue 2`, symptom, "1"},
		{"a cause aside of the step that failed", `cause 1|The command "a" exited with 0.|clue 2|cause 3|The command "b" exited with 1.`, cause, "2"},
		{"a cause, and it only, aside", `cause 1|The command "a" exited with 0.|x|The command "b" exited with 1.`, cause, "1"},
		{"all commands went well", `cause 1|The command "a" exited with 0.|cause 2`, cause, "1"},
		{"after all tries", `clue 1|The command "a" failed. Retrying, 2 of 3.|clue 2|The command "a" failed 3 times.`, cause, "1"},
		{"GitHub", "##[group]Run a|clue 1|##[group]Run b|clue 2|##[error]Process completed with exit code 2.", cause, "2"},
		{"Azure", "##[section]Starting: a|clue 1|##[section]Finishing: a|clue 2|##[error]Bash exited with code '1'.", cause, "2"},
		{"GitLab", `clue 1|Executing "step_script" stage of the job script|clue 2|ERROR: Job failed: exit code 1`, cause, "2"},
		{"Jenkins", "clue 1|[Pipeline] End of Pipeline|ERROR: script returned exit code 2", cause, "1"},
		{"CircleCI", "clue 1|Exited with code exit status 1", cause, "1"},
		{"Zuul", `TASK [a]|clue 1|TASK [b]|clue 2|{|  "rc": 1,|}`, cause, "2"},
		{"Ansible", "TASK [a] ***|clue 1|TASK [b] ***|clue 2|fatal: [node]: FAILED! => {}", cause, "2"},
		{"ignored", "TASK [a] ***|clue 1|fatal: [node]: FAILED! => {}|...ignoring|TASK [b] ***|clue 2|fatal: [node]: FAILED! => {}", cause, "2"},
		{"make", "clue 1|make[1]: *** [all] Error 2|clue 2", cause, "1"},
		{"a cause behind what make says", "clue 1|make[1]: *** [all] Error 2|cause 2|make: *** [all] Error 2", cause, "1"},
		{"make, ignored", "clue 1|make[1]: [all] Error 2 (ignored)", symptom, "1"},
		{"make in a step of which more is said", `clue 1|make: *** [all] Error 2|The command "a" exited with 0.`, symptom, "1"},
		{"Jenkins, a whole build", "clue 1|Finished: FAILURE", cause, "1"},
		{"Jenkins, unstable", "clue 1|Finished: UNSTABLE", symptom, "1"},
		{"debhelper", "clue 1|dh_auto_test: error: make -j2 check returned exit code 2|clue 2", cause, "1"},
		{"dpkg", "clue 1|dpkg-buildpackage: error: debian/rules build subprocess returned exit status 2|clue 2", cause, "1"},
		{"makepkg", "clue 1|==> ERROR: A failure occurred in check().|clue 2", cause, "1"},
		{"abuild", "clue 1|>>> ERROR: cart: build failed|clue 2", cause, "1"},
		{"BitBake", "clue 1|ERROR: Task (/src/cart_1.bb:do_compile) failed with exit code '1'|clue 2", cause, "1"},
		{"rpmbuild", "Executing(%prep): /bin/sh|clue 1|Executing(%build): /bin/sh|clue 2|error: Bad exit status from /var/tmp/x (%build)", cause, "2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := c.Log(t.Context(), "console", strings.NewReader(strings.ReplaceAll(test.log, "|", "\n")))
			if r.Outcome != test.outcome || r.Reason != test.reason {
				t.Errorf("%s, reason %s; want %s, %s", r.Outcome, r.Reason, test.outcome, test.reason)
			}
			want := classify.TierCause
			if test.outcome == symptom {
				want = classify.TierSymptom
			}
			if r.Matches[0].Tier != want {
				t.Errorf("tier %s", r.Matches[0].Tier)
			}
		})
	}
}

// TestStepsAreBounded reads more steps than are kept: the last ones count.
func TestStepsAreBounded(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: `^clue (\d)`, Message: "{1}", Tier: classify.TierClue})
	var log strings.Builder
	log.WriteString("clue 1\n")
	for range 50_000 {
		log.WriteString("The command \"a\" exited with 0.\n")
	}
	log.WriteString("clue 2\nThe command \"a\" exited with 1.\n")
	if r := c.Log(t.Context(), "console", strings.NewReader(log.String())); r.Reason != "2" || r.Outcome != classify.OutcomeMatched {
		t.Errorf("%s, reason %s", r.Outcome, r.Reason)
	}
}

// TestStepOfResult names the step in which the reason stands.
func TestStepOfResult(t *testing.T) {
	c := compile(t, classify.Rule{Pattern: `cause (\d)`, Message: "{1}"})
	for _, tt := range []struct{ name, log, want string }{
		{"none", "cause 1", ""},
		{"Travis", `x|The command "a" exited with 0.|cause 1|The command "b" exited with 1.`, `The command "b" exited with 1.`},
		{"aside", `cause 1|The command "a" exited with 0.|x|The command "b" exited with 1.`, ""},
		{"GitHub", "##[group]Run a|x|##[group]Run b|cause 1|##[error]Process completed with exit code 2.", "##[group]Run b"},
		{"GitLab", "x|section_start:1:step\rExecuting \"step_script\" stage of the job script|cause 1|ERROR: Job failed: exit code 1", `Executing "step_script" stage of the job script`},
		{"Zuul", `TASK [a]|x|2026-11-20 10:11:12.123456 &127; TASK [b]|cause 1|{|  "rc": 1,|}`, "TASK [b]"},
		{"make", "cause 1|make[1]: *** [all] Error 2|x", "make[1]: *** [all] Error 2"},
		{"among the lines shown", "make[1]: *** [cause 1] Error 2", ""},
		{"an end that names nothing", "cause 1|ERROR: script returned exit code 2", ""},
		{"of the excerpt", `x|The command "a" exited with 0.|error: here|The command "b" exited with 1.`, `The command "b" exited with 1.`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := strings.NewReplacer("|", "\n", "&127;", "|").Replace(tt.log)
			if r := c.Log(t.Context(), "console", strings.NewReader(log)); r.Step != tt.want {
				t.Errorf("%q, want %q", r.Step, tt.want)
			}
		})
	}
}
