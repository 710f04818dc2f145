package testreport_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
	"github.com/watchcat-ci/watchcat/sources/testreport"
)

const junit = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="org.x.FooTest" tests="2">
  <testcase name="fine" classname="org.x.FooTest"/>
  <testcase name="broken" classname="org.x.FooTest">
    <failure message="expected:&lt;1&gt; but was:&lt;2&gt;">junit.AssertionFailedError
	at org.x.FooTest.broken(FooTest.java:9)</failure>
  </testcase>
</testsuite>
`

func packed(data string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, data)
	w.Close()
	return b.Bytes()
}

func subunit() []byte {
	p := append([]byte{0xb3, 0x28, 0x06, 0x0c, 3}, "m.t"...)
	return binary.BigEndian.AppendUint32(p, crc32.ChecksumIEEE(p))
}

func utf16LE(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, c := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, c)
	}
	return b
}

// job writes files into a folder, and returns the job whose logs they are.
func job(t *testing.T, files map[string][]byte) (classify.Job, classify.Logs) {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l, err := logs.New(logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return classify.Job{ID: "1", Name: "unit", Result: "FAILURE", LogURL: "file://" + filepath.ToSlash(dir) + "/"}, l
}

// A rule on a glob of reports matches on failed tests, and its evidence is the
// line of the report.
func TestRules(t *testing.T) {
	j, l := job(t, map[string][]byte{
		"console.log":                 []byte("FAILED here: as it is\n"),
		"reports/TEST-org.x.Foo.xml":  []byte(junit),
		"reports/TEST-none.xml":       []byte("<project>FAILED</project>\n"),
		"deep/er/testrepo.subunit.gz": packed(string(subunit())),
	})
	rule := func(id, file, pattern, message string) classify.Rule {
		return classify.Rule{ID: id, Files: []string{file}, Pattern: pattern, Message: message}
	}
	c, err := classify.Compile([]classify.Rule{
		rule("junit", "**/TEST-*.xml", `^FAILED (?P<test>\S+): (?P<why>.*)`, "{test} failed: {why}"),
		rule("frame", "**/TEST-*.xml", `at (?P<at>\S+)\(FooTest.java:9\)`, "{at}"),
		rule("subunit", "**/*.subunit.gz", `^FAILED (?P<test>\S+)$`, "{test}"),
		rule("count", "**/TEST-*.xml", `^(?P<n>\d+) of (?P<all>\d+) tests failed`, "{n} of {all}"),
		rule("console", "console.log", `^FAILED here: (?P<why>.*)`, "{why}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	type match struct {
		Rule, Message, File string
		Line                int
	}
	var got []match
	for r := range c.Run(t.Context(), testreport.Text(l), []classify.Job{j}) {
		for _, m := range r.Matches {
			got = append(got, match{m.Rule, m.Message, m.File, m.Line})
		}
		if r.Outcome != classify.OutcomeMatched || len(r.Missing) > 0 {
			t.Errorf("%s, missing %v", r.Outcome, r.Missing)
		}
	}
	slices.SortFunc(got, func(a, b match) int { return strings.Compare(a.Rule, b.Rule) })
	const xml = "reports/TEST-org.x.Foo.xml"
	want := []match{
		{"@tests", "2 of 3 tests failed: org.x.FooTest::broken, m.t", xml, 4},
		{"console", "as it is", "console.log", 1},
		{"count", "1 of 2", xml, 9},
		{"frame", "org.x.FooTest.broken", xml, 6},
		{"junit", "org.x.FooTest::broken failed: expected:<1> but was:<2>", xml, 4},
		{"subunit", "m.t", "deep/er/testrepo.subunit.gz", 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// reports looks at a failed job by its test reports and a rule on its console.
func reports(t *testing.T, files map[string][]byte, rules ...classify.Rule) classify.Result {
	t.Helper()
	j, l := job(t, files)
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	c.Console, c.Reports = []string{"console.log"}, testreport.DefaultGlobs()
	return slices.Collect(c.Run(t.Context(), testreport.Text(l), []classify.Job{j}))[0]
}

// Reports come through the decoding of logs unharmed, are added up unless they say
// the same, and one that is broken costs itself only.
func TestReports(t *testing.T) {
	r := reports(t, map[string][]byte{
		"console.log":          []byte("E1\n"),
		"a/TEST-1.xml":         []byte(junit),
		"a/TEST-2.xml":         utf16LE(strings.Replace(strings.Replace(junit, "UTF-8", "UTF-16", 1), "broken", "größer", 1)),
		"a/TEST-cut.xml":       []byte(junit[:len(junit)-20]),
		"a/TEST-none.xml":      []byte("<project/>"),
		"a/TEST-passed.xml":    []byte("<testsuite><testcase name='a'/></testsuite>"),
		"a/TEST-s3.xml":        []byte(`<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>`),
		"a/TEST-empty.xml":     nil,
		"testr_results.html":   []byte("<html><style>.failCase {} .testcase {}</style><tr id='ft1.1'><td class='failCase'><div class='testcase'>page</div></td></tr></html>"),
		"b/x.subunit":          subunit(),
		"b/x.tap":              []byte("1..2\nok 1 - one\nnot ok 2 - two\n# at t/x.t line 7.\n"),
		"c/go-test.json":       []byte(`{"Action":"run","Package":"p","Test":"T"}` + "\n" + `{"Action":"output","Package":"p","Test":"T","Output":"    x_test.go:3: no\n"}` + "\n" + `{"Action":"fail","Package":"p","Test":"T"}` + "\n" + `{"Action":"fail","Package":"p"}`),
		"c/junit.xml.gz":       packed(junit),
		"job-output.json.gz":   packed(`[{"phase": "run", "plays": [{"tasks": [{"hosts": {"h": {"failed": true, "msg": "m"}}, "task": {"name": "T"}}]}]}]`),
		"test_results/big.xml": []byte(junit),
	}, classify.Rule{ID: "r", Files: []string{"console.log"}, Literal: "E1", Message: "e"})
	got := r.Tests
	if got == nil || got.Total != 10 || got.Failed != 6 || len(got.Failures) != 6 {
		t.Fatalf("tests: %+v", got)
	}
	want := []classify.FailedTest{
		{Name: "broken", Suite: "org.x.FooTest", Message: "expected:<1> but was:<2>", Report: "a/TEST-1.xml", ReportLine: 4},
		{Name: "größer", Suite: "org.x.FooTest", Message: "expected:<1> but was:<2>", Report: "a/TEST-2.xml", ReportLine: 4},
		{Name: "m.t", Report: "b/x.subunit"},
		{Name: "two", Message: "# at t/x.t line 7.", File: "t/x.t", Line: 7, Report: "b/x.tap", ReportLine: 3},
		{Name: "T", Suite: "p", Message: "no", File: "x_test.go", Line: 3, Report: "c/go-test.json", ReportLine: 3},
	}
	if diff := cmp.Diff(want, got.Failures[:5]); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	task := classify.FailedTest{Name: "T", Message: "m", Report: "job-output.json.gz", ReportLine: 1}
	if diff := cmp.Diff(&classify.Tests{Total: 1, Failed: 1, Failures: []classify.FailedTest{task}}, r.Tasks); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	const reason = "6 of 10 tests failed: org.x.FooTest::broken, org.x.FooTest::größer, m.t, two, p::T and 1 more"
	if r.Rule != classify.TestsRule || r.Tag != "test" || r.Reason != reason {
		t.Errorf("%s, %s: %s", r.Rule, r.Tag, r.Reason)
	}
	evidence := []classify.Evidence{
		{File: "a/TEST-1.xml", Line: 4, EndLine: 6, Text: []string{"FAILED org.x.FooTest::broken: expected:<1> but was:<2>", "junit.AssertionFailedError", "\tat org.x.FooTest.broken(FooTest.java:9)"}, Rule: classify.TestsRule},
	}
	if diff := cmp.Diff(evidence, r.Evidence[:min(1, len(r.Evidence))]); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	if len(r.Missing) != 1 || r.Missing[0].File != "a/TEST-cut.xml" || !strings.HasPrefix(r.Missing[0].Why, "cut short: read junit report: line 7: ") || !r.Partial {
		t.Errorf("missing: %q", r.Missing)
	}
}

// A large report passes in bounded time.
func BenchmarkText(b *testing.B) {
	data := "<testsuite name='s'>\n" + strings.Repeat("<testcase name='a' classname='b' time='0.1'/>\n<testcase name='c'><failure message='m'>text\nof two lines</failure></testcase>\n", 10_000) + "</testsuite>"
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.xml"), []byte(data), 0o644); err != nil {
		b.Fatal(err)
	}
	l, err := logs.New(logs.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := testreport.Text(l).Open(b.Context(), classify.Job{LogURL: "file://" + filepath.ToSlash(dir) + "/", Time: time.Unix(0, 0)}, "x.xml")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
