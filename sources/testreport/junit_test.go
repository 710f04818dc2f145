package testreport

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The same failure in the words of those that write JUnit XML.
func TestJUnit(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Report
	}{
		{"pytest", `<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1">` +
			`<testcase classname="tests.test_a.TestA" name="test_add" time="0.25"><failure message="assert 3 == 4&#10; + where 3 = add(1, 2)">def test_add():` + "\n" +
			`&gt;       assert add(1, 2) == 4` + "\nE       assert 3 == 4\n\ntests/test_a.py:7: AssertionError</failure></testcase>" + "\n" +
			`<testcase classname="tests.test_a" name="test_db" time="0"><error message="failed on setup with &quot;OSError: no db&quot;">trace</error></testcase>` +
			`<testcase classname="tests.test_a" name="test_skip"><skipped type="pytest.skip" message="why">x</skipped></testcase>` +
			`<testcase classname="tests.test_a" name="test_ok"/></testsuite></testsuites>`,
			Report{Total: 4, Failed: 2, Skipped: 1, Failures: []Test{
				{Name: "test_add", Suite: "tests.test_a.TestA", Message: "assert 3 == 4", Duration: 250 * time.Millisecond, ReportLine: 1,
					Detail: "def test_add():\n>       assert add(1, 2) == 4\nE       assert 3 == 4\n\ntests/test_a.py:7: AssertionError"},
				{Name: "test_db", Suite: "tests.test_a", Message: `failed on setup with "OSError: no db"`, Detail: "trace", ReportLine: 6},
			}}},
		{"surefire", `<testsuite name="org.x.FooTest" time="1,234.5">
  <properties><property name="a" value="b"/></properties>
  <testcase name="flaky" classname="org.x.FooTest" time="0.1"><flakyFailure message="m" type="T"><stackTrace>s</stackTrace><system-out>o</system-out></flakyFailure></testcase>
  <testcase name="broken" classname="org.x.FooTest" time="1,000.5">
    <failure message="expected:&lt;1&gt; but was:&lt;2&gt;" type="junit.AssertionFailedError"><![CDATA[junit.AssertionFailedError: expected:<1> but was:<2>
	at org.x.FooTest.broken(FooTest.java:9)
]]></failure>
    <rerunFailure message="again" type="T"><stackTrace>second</stackTrace></rerunFailure>
    <system-out><![CDATA[much]]></system-out>
  </testcase>
  <testcase name="npe" classname="org.x.FooTest"><error type="java.lang.NullPointerException"/></testcase>
</testsuite>`,
			Report{Total: 3, Failed: 2, Flaky: 1, Failures: []Test{
				{Name: "broken", Suite: "org.x.FooTest", Message: "expected:<1> but was:<2>", Duration: 1000500 * time.Millisecond, ReportLine: 4,
					Detail: "junit.AssertionFailedError: expected:<1> but was:<2>\n\tat org.x.FooTest.broken(FooTest.java:9)"},
				{Name: "npe", Suite: "org.x.FooTest", Message: "java.lang.NullPointerException", ReportLine: 11},
			}}},
		{"gtest", `<testsuites tests="3" name="AllTests"><testsuite name="FooTest" tests="3">
<testcase name="A" file="foo_test.cc" line="12" status="run" result="completed" time="0" classname="FooTest">
<failure message="foo_test.cc:13&#x0A;Expected equality" type=""><![CDATA[foo_test.cc:13
Expected equality]]></failure>
<failure message="foo_test.cc:15&#x0A;Value of: b" type=""><![CDATA[foo_test.cc:15
Value of: b]]></failure>
</testcase>
<testcase name="B" status="notrun" result="suppressed" classname="FooTest" />
<testcase name="C" status="run" result="skipped" classname="FooTest"><skipped message="x"/></testcase>
</testsuite></testsuites>`,
			Report{Total: 3, Failed: 1, Skipped: 2, Failures: []Test{{Name: "A", Suite: "FooTest", File: "foo_test.cc", Line: 12, Message: "foo_test.cc:13",
				Detail: "foo_test.cc:13\nExpected equality\nfoo_test.cc:15\nValue of: b", ReportLine: 2}}}},
		{"jest-junit, suites in suites", `<testsuites name="jest tests"><testsuite name="outer"><testsuite name="math" file="a.test.js"><testcase name="adds 1 and 2"><failure>Error: expect(received).toBe(expected)
    at Object.toBe (a.test.js:3:9)</failure></testcase></testsuite><testcase name="in outer"><failure/></testcase></testsuite></testsuites>`,
			Report{Total: 2, Failed: 2, Failures: []Test{
				{Name: "adds 1 and 2", Suite: "math", File: "a.test.js", Message: "Error: expect(received).toBe(expected)", ReportLine: 1,
					Detail: "Error: expect(received).toBe(expected)\n    at Object.toBe (a.test.js:3:9)"},
				{Name: "in outer", Suite: "outer", ReportLine: 2},
			}}},
		{"ctest", `<testsuite name="(empty)" tests="2"><testcase name="t1" classname="t1" time="0.5" status="fail"><failure message=""/><system-out>assertion x failed
core dumped</system-out></testcase><testcase name="t2" status="disabled"><skipped message="Disabled"/></testcase></testsuite>`,
			Report{Total: 2, Failed: 1, Skipped: 1, Failures: []Test{{Name: "t1", Suite: "t1", Message: "assertion x failed", Detail: "assertion x failed\ncore dumped",
				Duration: 500 * time.Millisecond, ReportLine: 1}}}},
		{"gotestsum", `<testsuites><testsuite name="example.com/p"><testcase classname="example.com/p" name="TestX/sub" time="0.010000"><failure message="Failed" type="">=== RUN   TestX/sub&#xA;    x_test.go:5: got 1&#xA;</failure></testcase></testsuite></testsuites>`,
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "TestX/sub", Suite: "example.com/p", Message: "Failed", Detail: "=== RUN   TestX/sub\n    x_test.go:5: got 1",
				Duration: 10 * time.Millisecond, ReportLine: 1}}}},
		{"xunit.net", `<assemblies><assembly name="a.dll"><collection name="c"><test name="N.C.M(x: 1)" type="N.C" method="M" time="0.1" result="Fail"><failure exception-type="Xunit.Sdk.EqualException"><message><![CDATA[Assert.Equal() Failure]]></message>
<stack-trace>at N.C.M()</stack-trace></failure></test><test name="N.C.S" type="N.C" result="Skip"><reason>no</reason></test><test name="N.C.P" type="N.C" result="Pass"/></collection></assembly></assemblies>`,
			Report{Total: 3, Failed: 1, Skipped: 1, Failures: []Test{{Name: "N.C.M(x: 1)", Suite: "N.C", Message: "Assert.Equal() Failure", Detail: "Assert.Equal() Failure\nat N.C.M()",
				Duration: 100 * time.Millisecond, ReportLine: 1}}}},
		{"NUnit", `<test-run id="2"><test-suite type="TestFixture" name="Fix"><test-case name="Adds" classname="N.Fix" result="Failed" duration="0.5"><failure><message>Expected: 4</message></failure></test-case></test-suite></test-run>`,
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "Adds", Suite: "N.Fix", Message: "Expected: 4", Detail: "Expected: 4", Duration: 500 * time.Millisecond, ReportLine: 1}}}},
		{"what XML does not allow", "\ufeff<!-- c --><testsuite name='s'><testcase name='a\x1b[31mb\xff'><failure message='&#x1b;[31mred&nbsp;&#0;'>\x01\r\nx &amp; y\x0b</failure></testcase></testsuite>",
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "a [31mb\ufffd", Suite: "s", Message: "[31mred&nbsp;", Detail: " \nx & y", ReportLine: 1}}}},
		{"Latin 1", "<?xml version='1.0' encoding='ISO-8859-1'?><testsuite name='s'><testcase name='\xe9'><failure/></testcase></testsuite>",
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "é", Suite: "s", ReportLine: 1}}}},
		{"said to be UTF-16, and decoded", "<?xml version='1.0' encoding='UTF-16'?><testsuite name='s'><testcase name='é'><failure/></testcase></testsuite>",
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "é", Suite: "s", ReportLine: 1}}}},
		{"entities are not expanded", `<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"><failure>&b;</failure></testcase></testsuite>`,
			Report{Total: 1, Failed: 1, Failures: []Test{{Name: "&b;", Message: "&b;", Detail: "&b;", ReportLine: 1}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.Format = JUnit
			got, err := Read(strings.NewReader(tt.text))
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Wherever a report is cut, that is said, and what failed before is there.
func TestJUnitCutShort(t *testing.T) {
	const first, second = `<testsuite name="s"><testcase name="a"><failure message="m">`, `text</failure></testcase><testcase name="b"/></testsuite>`
	for end := len("<testsuite "); end < len(first+second); end++ {
		got, err := Read(strings.NewReader((first + second)[:end]))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut at %d: %v", end, err)
		}
		if want := end >= len(first); (got.Failed == 1) != want || want && got.Failures[0].Message != "m" {
			t.Errorf("cut at %d: %+v", end, got)
		}
	}
}

// endless repeats a text between two others, of some size in all.
func endless(start, text, end string, size int) io.Reader {
	many := strings.Repeat(text, 64<<10/len(text))
	readers := []io.Reader{strings.NewReader(start)}
	for n := 0; n < size; n += len(many) {
		readers = append(readers, strings.NewReader(many))
	}
	return io.MultiReader(append(readers, strings.NewReader(end))...)
}

// What a stranger makes large costs no memory.
func TestJUnitHostile(t *testing.T) {
	const one, end = `<testsuite name="s"><testcase name="a"><failure message="m">`, `</failure></testcase></testsuite>`
	for name, tt := range map[string]struct {
		start, text, end string
		failed           int
		err              string
	}{
		"text":            {one, "x", end, 1, ""},
		"lines":           {one, "\n", end, 1, ""},
		"entities":        {one, "&#10;&lt;", end, 1, ""},
		"runes":           {one, "é€", end, 1, ""},
		"CDATA":           {one + "<![CDATA[", "]] ", "]]>" + end, 1, ""},
		"comment":         {one + "<!--", "-", "-->" + end, 1, ""},
		"attribute":       {`<testsuite name="s"><testcase name="`, "x>", `"><failure/></testcase></testsuite>`, 1, ""},
		"attributes":      {`<testsuite name="s"><testcase `, `a="b" `, `/></testsuite>`, 0, "a tag of more than 1 MiB"},
		"name":            {`<testsuite><`, "x", `/></testsuite>`, 0, "a tag of more than 1 MiB"},
		"depth":           {"<testsuite>", "<a>", "", 0, "more than 500 elements in one another"},
		"failures":        {`<testsuite><testcase name="a">`, "<failure>xxxxxxxx</failure>", "</testcase></testsuite>", 1, ""},
		"tests":           {"<testsuite>", `<testcase class="aaaa"><error/></testcase>`, "</testsuite>", 51480, ""},
		"a < in no place": {"<testsuite>", "< ", "</testsuite>", 0, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(endless(tt.start, tt.text, tt.end, 2<<20))
			if fmt.Sprint(err) != "<nil>" && (tt.err == "" || !strings.Contains(err.Error(), tt.err)) || err == nil && tt.err != "" {
				t.Errorf("error %v; want %q", err, tt.err)
			}
			if got.Failed != tt.failed || len(got.Failures) != min(tt.failed, MaxFailures) {
				t.Errorf("%d failed, %d kept; want %d", got.Failed, len(got.Failures), tt.failed)
			}
			for _, f := range got.Failures {
				if len(f.Name) > maxName+3 || len(f.Message) > maxMessage+3 || len(f.Detail) > maxDetail+5 {
					t.Fatalf("name of %d bytes, message of %d, detail of %d", len(f.Name), len(f.Message), len(f.Detail))
				}
			}
		})
	}
}
