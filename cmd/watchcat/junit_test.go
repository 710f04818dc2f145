package main

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/cases"
	"github.com/watchcat-ci/watchcat/sources/testreport"
)

// TestJUnit reads what rules test writes with the reader that other tools'
// reports go through.
func TestJUnit(t *testing.T) {
	test := func(rule, origin, log, want string, got ...string) trial {
		return ruleTrial(patterns.TestResult{Test: patterns.Test{Rule: rule, Origin: origin, Log: log, Want: want}, Got: got})
	}
	trials := []trial{
		test("a", "rules/x.toml:3:1", "a", "an a", "an a"),
		test("a", "rules/x.toml:6:1", "<b> & \x1b[31m]]>\x00\xff", "an a"),
		test("b", "rules/y.toml:1:1", "b", "", `a "b"`),
		{Case: "pip/c", Origin: "cases/pip/c.want", Log: "cases/pip/c.log", Passed: true, suite: "cases"},
		{Case: "d", Origin: "cases/d.want", Log: "cases/d.log", suite: "cases", Differences: []cases.Difference{{Key: "line", Want: "1", Got: "2"}}},
		{Case: "e", Origin: "cases/e.want", Mistakes: []string{"cases/e.want:1:1: wrong"}, suite: "cases"},
	}
	var b bytes.Buffer
	if err := junit(trials).write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := testreport.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := testreport.Report{Format: testreport.JUnit, Total: 6, Failed: 4, Failures: []testreport.Test{
		{Name: "a/2", Suite: "rules/x", File: "rules/x.toml", Line: 6, Message: `want "an a", got no match`,
			Detail: "--- FAIL: a (rules/x.toml:6:1)\n    log   <b> & [31m]]>\ufffd\n    want  \"an a\"\n    got   no match"},
		{Name: "b/1", Suite: "rules/y", File: "rules/y.toml", Line: 1, Message: `want no match, got "a \"b\""`,
			Detail: "--- FAIL: b (rules/y.toml:1:1)\n    log   b\n    want  no match\n    got   \"a \\\"b\\\"\""},
		{Name: "d", Suite: "cases", File: "cases/d.want", Message: "want line = 1, got 2",
			Detail: "--- FAIL: d (cases/d.want)\n    log   cases/d.log\n    want  line = 1\n    got   line = 2"},
		{Name: "e", Suite: "cases", File: "cases/e.want", Message: "cases/e.want:1:1: wrong",
			Detail: "--- FAIL: e (cases/e.want)\n    error cases/e.want:1:1: wrong"},
	}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(testreport.Test{}, "ReportLine")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
