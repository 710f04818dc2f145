package logs_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// TestRecordedConsoles reads consoles that Zuul recorded, as a folder of this
// machine has them. The figures and lines are those of wc, head, tail and sed.
// None of the consoles has Zuul's last words on the job: they were uploaded by
// one of its own tasks. What Zuul says of its playbooks is there.
func TestRecordedConsoles(t *testing.T) {
	const upload = " | TASK [upload-logs-github : Upload logs to local repository]"
	for file, want := range map[string]struct {
		lines, bytes int
		of           map[int]string // lines by number
	}{
		"job-output_1.txt": {116, 7307, map[int]string{
			1:   "2020-08-08 13:50:52.159159 | Job console starting...",
			35:  "2020-08-08 13:51:06.311860 | RUN END RESULT_NORMAL: [untrusted : review.gerrithub.io/dmandry/zuul-test/playbooks/testjob.yaml@master]",
			116: "2020-08-08 13:51:14.488743" + upload,
		}},
		"job-output_2.txt": {116, 7307, map[int]string{
			1:   "2020-08-07 22:14:57.429231 | Job console starting...",
			35:  "2020-08-07 22:15:10.760268 | RUN END RESULT_NORMAL: [untrusted : review.gerrithub.io/dmandry/zuul-test/playbooks/testjob.yaml@master]",
			116: "2020-08-07 22:15:18.685745" + upload,
		}},
		"job-output_3.txt": {106, 6748, map[int]string{
			1:   "2020-08-08 13:58:12.849372 | Job console starting...",
			23:  "2020-08-08 13:58:24.920362 | python | ok: 4 changed: 1 unreachable: 0 failed: 1 skipped: 0 rescued: 0 ignored: 0",
			25:  "2020-08-08 13:58:25.146393 | PRE-RUN END RESULT_NORMAL: [trusted : review.gerrithub.io/dmandry/zuul-config/playbooks/base/pre.yaml@master]",
			106: "2020-08-08 13:58:32.905077" + upload,
		}},
		"job-output_opendev_2018.txt.gz": {54, 3942, map[int]string{
			1:  "2018-08-01 00:43:51.328884 | Job console starting...",
			53: "2018-08-01 00:44:08.447643 | ubuntu-xenial -> localhost | ok: Runtime: 0:00:00.022230",
			54: "here is a line with some <escapes>",
		}},
	} {
		t.Run(file, func(t *testing.T) {
			got := readSample(t, file)
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if len(lines) != want.lines || len(got) != want.bytes {
				t.Errorf("%d lines, %d bytes; want %d and %d", len(lines), len(got), want.lines, want.bytes)
			}
			for n, line := range want.of {
				if n > len(lines) || lines[n-1] != line {
					t.Errorf("line %d is not %q", n, line)
				}
			}
			if raw := rawSample(t, file); got != raw {
				t.Errorf("%d bytes are not those that were recorded (%d)", len(got), len(raw))
			}
		})
	}
}

const sampleDir = "../../../shared/samples/zuul"

// readSample reads a recorded log as that of a job whose logs are a local folder.
func readSample(t *testing.T, file string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(sampleDir, file)); err != nil {
		t.Skip("the samples are not here: ", err)
	}
	dir, err := filepath.Abs(sampleDir)
	if err != nil {
		t.Fatal(err)
	}
	url, err := sources.FileURL(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t, newLogs(t, logs.Options{}), strings.TrimSuffix(url, "/")+"/", file)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// rawSample returns the bytes that were recorded, without the code under test.
func rawSample(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sampleDir, file))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(file, ".gz") {
		return string(data)
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
