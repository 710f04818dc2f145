package testreport

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// htmlPage is a page as subunit2html writes it.
const htmlPage = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml">
<head><title>Unit Test Report</title><style type="text/css">
.failCase   { color: #c00; font-weight: bold; }
.testcase   { margin-left: 2em; }
</style></head>
<body>
<tr class='failClass'>
    <td class="testname">api.ServersTest</td>
    <td class="small">3</td>
</tr>
<tr id='pt1.1' class='hiddenRow'>
    <td class='none'><div class='testcase'>test_list[id-1]</div></td>
    <td colspan='7' align='center'>pass</td>
</tr>
<tr id='ft1.2' class='none'>
    <td class='failCase'><div class='testcase'>test_boot[id-2]</div></td>
    <td colspan='7' align='left'>
    <!--css div popup start-->
    <a class="popup_link" href="javascript:showTestDetail('div_ft1.2')" >
        fail</a>
    <div id='div_ft1.2' class="popup_window">
        <div style='text-align: right'>
        <a onclick="x">
           [x]</a>
        </div>
        <pre>

ft1.2: Traceback (most recent call last):
  File "servers.py", line 3, in test_boot
    wait()
api.Timeout: server &lt;1&gt; not ACTIVE

        </pre>
    </div>
    </td>
</tr>
<tr id='ft1.3' class='none'>
    <td class='none'><div class='testcase'>test_resize</div></td>
    <td colspan='7' align='center'>skip</td>
</tr>
<tr class='errorClass'>
    <td class="testname">setUpClass (api</td>
</tr>
<tr id='ft2.1' class='none'>
    <td class='errorCase'><div class='testcase'>ImagesTest)</div></td>
    <td colspan='7' align='center'>error</td>
</tr>
</body></html>
`

func TestHTMLReport(t *testing.T) {
	got, err := Read(strings.NewReader(htmlPage))
	want := Report{Format: HTMLReport, Total: 4, Failed: 2, Skipped: 1, Failures: []Test{
		{Name: "test_boot[id-2]", Suite: "api.ServersTest", Message: "api.Timeout: server <1> not ACTIVE", ReportLine: 1 + strings.Count(htmlPage[:strings.Index(htmlPage, "<tr id='ft1.2'")], "\n"),
			Detail: "Traceback (most recent call last):\n  File \"servers.py\", line 3, in test_boot\n    wait()\napi.Timeout: server <1> not ACTIVE"},
		{Name: "ImagesTest)", Suite: "setUpClass (api", ReportLine: 1 + strings.Count(htmlPage[:strings.Index(htmlPage, "<tr id='ft2.1'")], "\n")},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	text, err := io.ReadAll(openText(t, []byte(htmlPage)))
	const reason = "api.Timeout: server <1> not ACTIVE"
	at := strings.Count(htmlPage[:strings.Index(htmlPage, "api.Timeout")], "\n")
	if lines := strings.Split(string(text), "\n"); err != nil || lines[at] != reason {
		t.Errorf("%v, line %d is not where it was:\n%s", err, at+1, text)
	}
}

func TestHTMLReportLost(t *testing.T) {
	cut := htmlPage[:strings.Index(htmlPage, "<tr id='ft1.3'")]
	if got, err := Read(strings.NewReader(cut)); got.Failed != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut: %+v, %v", got, err)
	}
	at := strings.Index(htmlPage, "Traceback")
	long := io.MultiReader(strings.NewReader(htmlPage[:at]), endless("", "x", "", 9<<20), strings.NewReader(htmlPage[at:]))
	if got, err := Read(long); got.Failed != 1 || err == nil || !strings.Contains(err.Error(), "a text of more than 8 MiB") {
		t.Errorf("long: %d failed, %v", got.Failed, err)
	}
	if _, err := Read(strings.NewReader("<html><title>failCase</title><pre>")); !errors.Is(err, ErrFormat) {
		t.Errorf("another page: %v", err)
	}
}

func FuzzHTMLReport(f *testing.F) { fuzz(f, HTMLReport, htmlPage) }
