package testreport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

const goReport = `{"Time":"2026-11-20T10:00:00Z","Action":"start","Package":"x/a"}
{"Action":"run","Package":"x/a","Test":"TestA"}
{"Action":"output","Package":"x/a","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"run","Package":"x/a","Test":"TestA/one"}
{"Action":"output","Package":"x/a","Test":"TestA/one","Output":"    a_test.go:7: got 1, want 2\n"}
{"Action":"output","Package":"x/a","Test":"TestA/one","Output":"        and more\n"}
{"Action":"output","Package":"x/a","Test":"TestA/one","Output":"    --- FAIL: TestA/one (0.01s)\n"}
{"Action":"fail","Package":"x/a","Test":"TestA/one","Elapsed":0.01}
{"Action":"run","Package":"x/a","Test":"TestA/two"}
{"Action":"pass","Package":"x/a","Test":"TestA/two","Elapsed":0}
{"Action":"fail","Package":"x/a","Test":"TestA","Elapsed":0.01}
{"Action":"run","Package":"x/a","Test":"TestB"}
{"Action":"skip","Package":"x/a","Test":"TestB","Elapsed":0}
go: downloading example.com/y v1.0.0
{"Action":"run","Package":"x/a","Test":"TestC"}
{"Action":"output","Package":"x/a","Test":"TestC","Output":"panic: boom [recovered]\n"}
{"Action":"output","Package":"x/a","Output":"FAIL\tx/a\t0.1s\n"}
{"Action":"fail","Package":"x/a","Elapsed":0.1}
{"ImportPath":"x/b [x/b.test]","Action":"build-output","Output":"# x/b [x/b.test]\n"}
{"ImportPath":"x/b [x/b.test]","Action":"build-output","Output":"b/b.go:3:5: undefined: y\n"}
{"ImportPath":"x/b [x/b.test]","Action":"build-fail"}
{"Action":"start","Package":"x/b"}
{"Action":"output","Package":"x/b","Output":"FAIL\tx/b [build failed]\n"}
{"Action":"fail","Package":"x/b","Elapsed":0,"FailedBuild":"x/b [x/b.test]"}
{"Action":"start","Package":"x/c"}
{"Action":"skip","Package":"x/c","Elapsed":0}
`

const tapReport = `TAP version 14
1..6
ok 1 - fine
not ok 2 - adds
  ---
  message: 'expected 3'
  at: math.js:4
  ...
# Subtest: group
    ok 1 - inner fine
    not ok 2 - inner bad
    #   Failed test 'inner bad'
    #   at t/x.t line 5.
    1..2
not ok 3 - group
ok 4 - later # SKIP no network
not ok 5 - some day # TODO not yet
not ok 6
Bail out! no disk
`

func TestFormats(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       Report
	}{
		{"test2json", goReport, Report{Format: Test2JSON, Total: 5, Failed: 3, Skipped: 1, Failures: []Test{
			{Name: "TestA/one", Suite: "x/a", File: "a_test.go", Line: 7, Message: "got 1, want 2", Duration: 10 * time.Millisecond, ReportLine: 8,
				Detail: "    a_test.go:7: got 1, want 2\n        and more"},
			{Name: "TestC", Suite: "x/a", Message: "panic: boom [recovered]", Detail: "panic: boom [recovered]", ReportLine: 18},
			{Suite: "x/b", File: "b/b.go", Line: 3, Message: "undefined: y", Detail: "b/b.go:3:5: undefined: y", ReportLine: 24},
		}}},
		{"TAP", tapReport, Report{Format: TAP, Total: 8, Failed: 4, Skipped: 1, Failures: []Test{
			{Name: "adds", Message: "expected 3", Detail: "message: 'expected 3'\nat: math.js:4", ReportLine: 4},
			{Name: "inner bad", Suite: "group", File: "t/x.t", Line: 5, Message: "#   Failed test 'inner bad'", ReportLine: 11,
				Detail: "    #   Failed test 'inner bad'\n    #   at t/x.t line 5."},
			{Name: "test 6", ReportLine: 18},
			{Name: "Bail out!", Message: "no disk", ReportLine: 19},
		}}},
		{"subunit", subunitReport(), Report{Format: Subunit, Total: 4, Failed: 2, Skipped: 1, Failures: []Test{
			{Name: "m.T.test_bad", Message: "ValueError: no such thing", Duration: 1500 * time.Millisecond,
				Detail: "Traceback (most recent call last):\n  File \"m.py\", line 3, in test_bad\n    f()\nValueError: no such thing\nmore of it"},
			{Name: "m.T.test_ux", Message: "passed, which was not expected"},
		}}},
		{"job-output", jobOutputReport, Report{Format: JobOutput, Total: 5, Failed: 2, Skipped: 1, Failures: []Test{
			{Name: "Run tests", Suite: "tox", Message: "non-zero return code", Duration: 2 * time.Second, ReportLine: 14,
				Detail: "non-zero return code\nE1\nE2"},
			{Name: "setup", Suite: "all", Message: "One or more items failed", Detail: "One or more items failed\nno package b", ReportLine: 23},
		}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
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

// In the first playbook a failure was ignored and one was not; in the second a
// task failed on one of two hosts.
const jobOutputReport = `[
{
"phase": "run",
"playbook": "p.yaml",
"plays": [{
"play": {"id": "1", "name": "all"},
"tasks": [
{"hosts": {
"node": {"action": "command", "failed": true, "msg": "ignored"}},
"role": {"name": "tox"},
"task": {"name": "Try"}
},
{"hosts": {
"node": {"action": "command", "failed": true, "msg": "non-zero return code", "rc": 1, "stderr": "",
"stdout": "E1\nE2\n", "stdout_lines": ["E1", "E2"]}},
"role": {"id": "x", "name": "tox"},
"task": {"duration": {"end": "2020-08-08T13:51:02.5Z", "start": "2020-08-08T13:51:00.5Z"}, "id": "3", "name": "Run tests"}}]}],
"stats": {"node": {"failures": 1, "ignored": 1, "ok": 1, "unreachable": 0}}
},
{"plays": [{"play": {"name": "all"}, "tasks": [
{"hosts": {
"a": {"action": "setup", "changed": false},
"b": {"action": "setup", "failed": true, "msg": "One or more items failed", "results": [{"failed": false, "msg": "fine"}, {"failed": true, "msg": "no package b"}]},
"c": {"skipped": true, "skip_reason": "x"}
}, "task": {"name": ""}}]}],
"stats": {"a": {"failures": 0}, "b": {"failures": 1}}}
]
`

// subunitPacket writes a packet as the README of subunit says.
func subunitPacket(flags int, fields ...any) []byte {
	var body []byte
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			body = append(append(body, 0x40|byte(len(f)>>8), byte(len(f))), f...)
		case int: // a time in half seconds
			body = binary.BigEndian.AppendUint32(body, uint32(f/2))
			body = binary.BigEndian.AppendUint32(body, 0xc0000000|uint32(f%2)*500_000_000)
		}
	}
	size := 1 + 2 + 2 + len(body) + 4
	p := append([]byte{0xb3, 0x20 | byte(flags>>8), byte(flags), 0x40 | byte(size>>8), byte(size)}, body...)
	return binary.BigEndian.AppendUint32(p, crc32.ChecksumIEEE(p))
}

func subunitReport() string {
	const id, at, mime, file = hasTestID, hasTime, hasMIME, hasFile
	return string(bytes.Join([][]byte{
		subunitPacket(id|1, "m.T.test_bad"),
		subunitPacket(id|at|2, 100, "m.T.test_bad"),
		subunitPacket(id|mime|file, "m.T.test_bad", "text/x-traceback", "traceback",
			"Traceback (most recent call last):\n  File \"m.py\", line 3, in test_bad\n    f()\nValueError: no such thing\nmore of it\n"),
		subunitPacket(id|mime|file, "m.T.test_bad", "application/octet-stream", "x", "\x00\x01"),
		[]byte("printed by somebody \xb3\n"),
		subunitPacket(id|at|6, 103, "m.T.test_bad"),
		subunitPacket(id|3, "m.T.test_ok"),
		subunitPacket(id|mime|file|5, "m.T.test_skip", "text/plain", "reason", "no"),
		subunitPacket(id|4, "m.T.test_ux"),
	}, nil))
}

// What is cut short is said to be, and what was running failed.
func TestCutShort(t *testing.T) {
	stream := subunitReport()
	damaged := strings.Replace(stream, "no such", "NO such", 1)
	for name, tt := range map[string]struct {
		text   string
		failed int
	}{
		"test2json, a test":    {goReport[:strings.Index(goReport, `{"Action":"pass"`)], 2},
		"test2json, a line":    {goReport[:len(goReport)-10], 3},
		"TAP":                  {tapReport[:strings.Index(tapReport, "not ok 6")], 2},
		"subunit, a packet":    {stream[:len(stream)-3], 1},
		"subunit, a test":      {string(subunitPacket(hasTestID|2, "a")), 1},
		"subunit, damaged":     {damaged, 2},
		"job-output, playbook": {jobOutputReport[:strings.Index(jobOutputReport, `"stats"`)], 2},
		"job-output, the end":  {strings.TrimRight(jobOutputReport, "]\n"), 2},
	} {
		got, err := Read(strings.NewReader(tt.text))
		if !errors.Is(err, io.ErrUnexpectedEOF) || got.Failed != tt.failed {
			t.Errorf("%s: %d failed, %v; want %d, %v", name, got.Failed, err, tt.failed, io.ErrUnexpectedEOF)
		}
	}
}

func TestNoReport(t *testing.T) {
	for _, text := range []string{
		"", " ", "ok\n", "ok 1\n", "1..2\n", "{", `{"Action":"push"}`, "[1]", "[]", "<html><testsuite/></html>", "<testsuiteX/>", "<?xml version='1.0'?><project/>",
		"\xb3", "\xb3\x30\x00\x01", "2026-11-20 10:11:12 | TAP version 13", `{"a": "\"Action\":\"run\","}`, strings.Repeat("x", 1<<20),
	} {
		if got, err := Read(strings.NewReader(text)); !errors.Is(err, ErrFormat) {
			t.Errorf("%.40q: %+v, %v", text, got, err)
		}
	}
	broken := errors.New("broken")
	if _, err := Read(io.MultiReader(strings.NewReader("<test"), errReader{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader's error: %v", err)
	}
	if _, err := Read(io.MultiReader(strings.NewReader("<testsuite>"+strings.Repeat(" ", sniffBytes)), errReader{broken})); !errors.Is(err, broken) {
		t.Errorf("a reader's error later: %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestHostile(t *testing.T) {
	const start = `[{"plays":[{"tasks":[{"hosts":{"h":{"failed":true,"msg":"`
	for name, tt := range map[string]struct {
		start, text, end string
		failed           int
		err              string
	}{
		"JSON string":      {start, "x", `"}}}]}]}]`, 1, ""},
		"JSON escapes":     {start, `\"`, `"}}}]}]}]`, 1, ""},
		"JSON \\u":         {start, `\u00e9`, `"}}}]}]}]`, 1, ""},
		"JSON key":         {`[{"plays":[{"tasks":[{"hosts":{"`, "k", `":{"failed":true}}}]}]}]`, 1, ""},
		"JSON number":      {start + `","rc":1`, "0", `}}}]}]}]`, 1, ""},
		"JSON depth":       {start + `","x":`, "[", "", 1, "more than 500 values"},
		"JSON blanks":      {start + `"`, " \n", `}}}]}]}]`, 1, ""},
		"JSON hosts":       {`[{"plays":[{"tasks":[{"hosts":{"h":{}`, `,"h":{"failed":true,"msg":"xxxxxxx"}`, `}}]}]}]`, 1, ""},
		"test2json output": {`{"Action":"run","Test":"T"}` + "\n", `{"Action":"output","Test":"T","Output":"some text\n"}` + "\n", `{"Action":"fail","Test":"T"}` + "\n", 1, ""},
		"test2json line":   {`{"Action":"run","Test":"T"}` + "\n", `x`, "\n" + `{"Action":"fail","Test":"T"}` + "\n", 1, ""},
		"TAP diagnostics":  {"1..1\nnot ok 1\n", "# x\n", "", 1, ""},
		"TAP line":         {"1..1\nnot ok 1 - ", "x", "", 1, ""},
		"TAP yaml":         {"1..1\nnot ok 1\n  ---\n", "   x\n", "", 1, ""},
		"subunit noise":    {string(subunitPacket(hasTestID|6, "a")), "\xb3\x20", "", 1, "not complete"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Read(endless(tt.start, tt.text, tt.end, 2<<20))
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v; want %q", err, tt.err)
			}
			if name == "JSON hosts" {
				tt.failed = got.Total - 1
			}
			if got.Failed != tt.failed || got.Failed == 0 {
				t.Errorf("%d of %d failed; want %d", got.Failed, got.Total, tt.failed)
			}
		})
	}
}

// sample opens a recorded file.
func sample(t *testing.T, name string) io.Reader {
	t.Helper()
	data, err := os.ReadFile("../../../shared/samples/zuul/" + name)
	if err != nil {
		t.Skip("recorded answers are not here: ", err)
	}
	return bytes.NewReader(data)
}

// A job that passed: five tasks before it, and its own.
func TestSampleJobOutput(t *testing.T) {
	got, err := Read(sample(t, "job-output_1.json"))
	if diff := cmp.Diff(Report{Format: JobOutput, Total: 6}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
		f.Add([]byte(s[:len(s)/2]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if formatOf(trimMark(data[:min(len(data), sniffBytes)])) != format {
			return
		}
		got, err := Read(bytes.NewReader(data))
		if got.Failed+got.Skipped+got.Flaky > got.Total || len(got.Failures) != min(got.Failed, MaxFailures) {
			t.Errorf("%+v, %v", got, err)
		}
		for _, test := range got.Failures {
			if strings.ContainsAny(test.ID()+test.Message, "\n\r\x1b") || strings.ContainsAny(test.Detail, "\r\x1b") {
				t.Errorf("%+v", test)
			}
		}
		checkText(t, data, got, err)
	})
}

func FuzzJUnit(f *testing.F) {
	fuzz(f, JUnit, `<?xml version="1.0"?><testsuites><testsuite name="s"><testcase name="a" time="1"><failure message="m&#10;n">t<![CDATA[x]]></failure>`+
		`<system-out>o</system-out></testcase></testsuite></testsuites>`, `<assemblies><test result="Fail"/></assemblies>`,
		"<?xml"+strings.Repeat(" ", sniffBytes)+"?><testsuite/>") // known too late, and so not at all
}
func FuzzTest2JSON(f *testing.F) { fuzz(f, Test2JSON, goReport) }
func FuzzTAP(f *testing.F)       { fuzz(f, TAP, tapReport, "1..2\nok 1\nnot ok 2\n") }
func FuzzSubunit(f *testing.F)   { fuzz(f, Subunit, subunitReport()) }
func FuzzJobOutput(f *testing.F) { fuzz(f, JobOutput, jobOutputReport) }

// checkText holds the text of a report to the report.
func checkText(t *testing.T, data []byte, want Report, wantErr error) {
	t.Helper()
	log := openText(t, data)
	text, err := io.ReadAll(log)
	checkTests(t, log.(classify.TestReport), want)
	if (err == nil) != (wantErr == nil) {
		t.Errorf("error %v; want %v", err, wantErr)
	}
	if want.Format == Test2JSON || want.Format == TAP {
		if !bytes.Equal(text, data) {
			t.Errorf("text changed to %q", text)
		}
		return
	}
	n := 0
	for line := range strings.FieldsFuncSeq(string(text), isBreak) {
		if strings.HasPrefix(line, fmt.Sprintf("%d of %d t", want.Failed, want.Total)) {
			n++
		}
	}
	if n == 0 {
		t.Errorf("no sum in %q; want %+v", text, want)
	}
	if lines := bytes.Count(text, []byte("\n")); want.Format != Subunit && lines > bytes.Count(data, []byte("\n"))+2 {
		t.Errorf("%d lines of %d:\n%q", lines, bytes.Count(data, []byte("\n")), text)
	}
}

// checkTests holds what the engine is told to the report.
func checkTests(t *testing.T, got classify.TestReport, want Report) {
	t.Helper()
	tests, tasks := got.Tests()
	if want.Format == JobOutput {
		tests, tasks = tasks, tests
	}
	all := classify.Tests{Total: want.Total, Failed: want.Failed, Skipped: want.Skipped, Flaky: want.Flaky}
	for _, f := range want.Failures {
		all.Failures = append(all.Failures, classify.FailedTest{Name: f.Name, Suite: f.Suite, Message: f.Message, File: f.File, Line: f.Line, ReportLine: f.ReportLine})
	}
	if diff := cmp.Diff([]classify.Tests{all, {}}, []classify.Tests{tests, tasks}); diff != "" {
		t.Errorf("tests, and what is not told (-want +got):\n%s", diff)
	}
	shown := 0
	for _, e := range got.Evidence() {
		if shown += len(e.Text); e.Line < 1 || e.EndLine != e.Line+len(e.Text)-1 {
			t.Errorf("evidence %+v", e)
		}
	}
	if shown > shownFailures*(shownHead+shownTail) || shown < min(want.Failed, shownFailures) {
		t.Errorf("%d lines show %d failures", shown, want.Failed)
	}
}
