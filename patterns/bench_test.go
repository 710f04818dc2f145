package patterns

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// benched has rules whose tests want what is not in the rule's own file, or not
// in one line of it. All tests pass.
const benched = `
[files]
syslog = ["var/log/messages", "var/log/syslog"]

[[rule]]
id = "conditions"
file = "console"
literal = "failed"
message = "m"
tag = "code"
all = [
  { literal = "begun" },
  { file = "syslog", pattern = 'oom \d+' },
  { file = "logs/*.log" },
  { file = "logs.tar//a/b", literal = "b" },
]
none = [{ file = "syslog", literal = "reboot" }, { file = "done.txt" }, { file = "console", literal = "harmless" }, { file = "@result", literal = "TIMED_OUT" }]
[[rule.test]]
log = """
begun
failed
"""
want = "m"
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]]
log = "failed\nbegun"
want = "m"
files = { syslog = "x\noom 5", "logs/*.log" = "", "logs.tar//a/b" = "ab", "@result" = "FAILURE" }
[[rule.test]] # not begun
log = "failed"
want = ""
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]] # no syslog
log = "begun\nfailed"
want = ""
files = { "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]] # nothing in the syslog
log = "begun\nfailed"
want = ""
files = { syslog = "", "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]] # nothing in logs
log = "begun\nfailed"
want = ""
files = { syslog = "oom 5", "logs.tar//a/b" = "ab" }
[[rule.test]] # nothing in the member
log = "begun\nfailed"
want = ""
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "a" }
[[rule.test]] # reboot
log = "begun\nfailed"
want = ""
files = { syslog = "oom 5\nreboot", "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]] # done
log = "begun\nfailed"
want = ""
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "ab", "done.txt" = "" }
[[rule.test]] # harmless
log = "begun\nfailed\nharmless"
want = ""
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "ab" }
[[rule.test]] # the result
log = "begun\nfailed"
want = ""
files = { syslog = "oom 5", "logs/x.log" = "", "logs.tar//a/b" = "ab", "@result" = "TIMED_OUT in 3h" }

[[rule]]
id = "glob"
file = "logs/**"
literal = "failed"
message = "m"
tag = "code"
all = [{ file = "logs/**", literal = "begun" }, { file = "**/*.txt", literal = "a" }]
[[rule.test]]
log = "begun\nfailed"
want = "m"
files = { "x/y.txt" = "b", "x/my file.txt" = "a" }
[[rule.test]]
log = "begun\nfailed"
want = ""
files = { "x/y.txt" = "b", "x/z.txt" = "" }

[[rule]]
id = "jobs"
file = "job.log"
literal = "failed"
message = "m"
tag = "code"
jobs = ["unit-*"]
branches = ["!stable/*"]
[[rule.test]]
log = "failed"
want = "m"
[[rule.test]]
log = "failed"
want = "m"
job = "unit-py3"
branch = "master"
[[rule.test]]
log = "failed"
want = ""
job = "tempest"
[[rule.test]]
log = "failed"
want = ""
job = "unit-py3"
branch = "stable/1"

[[rule]]
id = "result"
file = "@result"
pattern = '^(?P<result>NODE_FAILURE)'
message = "no node: {result}"
tag = "infra"
none = [{ file = "console", literal = "begun" }, { literal = "later" }]
projects = ["p"]
pipelines = ["q"]
[[rule.test]]
log = "NODE_FAILURE Node request 1 failed"
want = "no node: NODE_FAILURE"
project = "p"
pipeline = "q"
[[rule.test]]
log = "NODE_FAILURE Node request 1 failed"
want = ""
project = "p"
pipeline = "r"
[[rule.test]]
log = "NODE_FAILURE Node request 1 failed"
want = ""
files = { console = "begun" }
[[rule.test]]
log = "NODE_FAILURE try later"
want = ""
[[rule.test]]
log = "SUCCESS"
want = ""

[[rule]]
id = "window"
file = "console"
literal = "failed"
next = '^  at'
unless = [{ literal = "retry", within = 1 }]
message = "m"
tag = "code"
hides = ["jobs"]
[[rule.test]]
log = "failed\n  at x"
want = "m"
[[rule.test]]
log = "retry\nfailed\n  at x"
want = ""
[[rule.test]]
log = "retry\n\nfailed\n  at x"
want = "m"
[[rule.test]]
log = "failed\n\n  at x"
want = ""
`

func TestTestFiles(t *testing.T) {
	set, err := loadText([]byte(benched))
	if err != nil {
		t.Fatal(err)
	}
	results, err := set.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Passed() {
			t.Error(r)
		}
	}
	if got := len(results); got != strings.Count(benched, "[[rule.test]]") {
		t.Errorf("%d results", got)
	}
	first := set.Tests[0]
	want := map[string]string{"syslog": "oom 5", "logs/x.log": "", "logs.tar//a/b": "ab"}
	if diff := cmp.Diff(want, first.Files); diff != "" || first.Log != "begun\nfailed\n" {
		t.Errorf("log %q, files (-want +got):\n%s", first.Log, diff)
	}
}

// BenchmarkLoad loads the default packs.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load([]string{Default}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
