package testreport

import (
	"strings"
	"testing"
)

// TestRetried counts tests that were tried again.
func TestRetried(t *testing.T) {
	goRun := func(test, action string) string {
		return `{"Action":"run","Package":"p","Test":"` + test + `"}` + "\n" + `{"Action":"` + action + `","Package":"p","Test":"` + test + `"}` + "\n"
	}
	const goEnd = `{"Action":"fail","Package":"p"}`
	const bad, good = `<testcase classname="c" name="a"><failure message="m"/></testcase>`, `<testcase classname="c" name="a"/>`
	junit := func(suites ...string) string {
		text := "<testsuites>"
		for _, s := range suites {
			text += "<testsuite name='s'>" + s + `<testcase classname="c" name="b"/></testsuite>`
		}
		return text + "</testsuites>"
	}
	for _, tt := range []struct {
		name, text           string
		total, failed, flaky int
	}{
		{"surefire, passed at last", `<testsuite><testcase name="a"><flakyFailure message="m"/></testcase></testsuite>`, 1, 0, 1},
		{"surefire, failed at last", `<testsuite><testcase name="a"><failure message="m"/><rerunFailure message="m"/></testcase></testsuite>`, 1, 1, 0},
		{"passed at last", junit(bad + good), 2, 0, 1},
		{"passed at the third time", junit(bad + bad + good), 2, 0, 1},
		{"never passed", junit(bad + bad), 2, 1, 0},
		{"passed, and failed at last", junit(good + bad), 3, 1, 0},
		{"skipped at last", junit(bad + strings.Replace(good, "/>", "><skipped/></testcase>", 1)), 2, 1, 0},
		{"in another suite", junit(bad, good), 4, 1, 0},
		{"another of the same name", junit(bad + strings.Replace(good, `"c"`, `"d"`, 1)), 3, 1, 0},
		{"without a name", `<testsuite><testcase><error/></testcase><testcase/></testsuite>`, 2, 1, 0},
		{"go, passed at last", goRun("T", "fail") + goRun("U", "pass") + goRun("T", "pass") + goEnd, 2, 0, 1},
		{"go, never passed", goRun("T", "fail") + goRun("T", "fail") + goEnd, 1, 1, 0},
		{"subunit, passed at last", string(subunitPacket(hasTestID|6, "a")) + string(subunitPacket(hasTestID|3, "a")), 1, 0, 1},
		{"TAP names nothing", "1..2\nnot ok 1 - a\nok 2 - a\n", 2, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(tt.text))
			if err != nil || got.Total != tt.total || got.Failed != tt.failed || got.Flaky != tt.flaky || len(got.Failures) != tt.failed {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
