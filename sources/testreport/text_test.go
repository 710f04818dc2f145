package testreport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// files are the files of a job, and what came of closing them.
type files struct {
	data          map[string][]byte
	closed, ended int
}

func (f *files) Open(_ context.Context, _ classify.Job, name string) (io.ReadCloser, error) {
	data, ok := f.data[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return &file{bytes.NewReader(data), f}, nil
}

type file struct {
	io.Reader
	of *files
}

func (f *file) Close() error { f.of.closed++; return nil }
func (f *file) Ended()       { f.of.ended++ }

func openText(t *testing.T, data []byte) io.ReadCloser {
	t.Helper()
	r, err := Text(&files{data: map[string][]byte{"x": data}}).Open(t.Context(), classify.Job{}, "x")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"JUnit, lines kept", `<testsuite name="s">
<testcase name="ok"/>
<testcase name="a" classname="c"><failure message="m&#10;rest">
first
second
</failure></testcase><testcase name="b"><error message="n">n</error></testcase>
</testsuite>`, "\n\nFAILED c::a: m\rrest\nfirst\nsecond\nFAILED s::b: n\rn\n2 of 3 tests failed\n"},
		{"on one line", `<testsuite name="s"><testcase name="a"><failure message="m">x&#10;y</failure></testcase><testcase name="b"><skipped/></testcase></testsuite>`,
			"FAILED s::a: m\rx\ry\r1 of 2 tests failed, 1 skipped\n"},
		{"passed", `<testsuite name="s"><testcase name="a"/></testsuite>`, "0 of 1 tests failed\n"},
		{"flaky", `<testsuite name="s"><testcase name="a"><flakyError/></testcase></testsuite>`, "0 of 1 tests failed, 1 flaky\n"},
		{"test2json is text", goReport, goReport},
		{"TAP is text", tapReport, tapReport},
		{"subunit", subunitReport(), "FAILED m.T.test_bad: ValueError: no such thing\nTraceback (most recent call last):\n  File \"m.py\", line 3, in test_bad\n" +
			"    f()\nValueError: no such thing\nmore of it\nFAILED m.T.test_ux: passed, which was not expected\n2 of 4 tests failed, 1 skipped\n"},
		{"job-output", jobOutputReport, strings.Repeat("\n", 13) + "FAILED tox::Run tests: non-zero return code\rnon-zero return code\r\nE1\rE2\r" + strings.Repeat("\n", 8) +
			"FAILED all::setup: One or more items failed\rOne or more items failed\r\rno package b\r\n\n\n\n2 of 5 tasks failed, 1 skipped\n"},
		{"no report", "\ufeff<project>\r\n\x00\xff", "\ufeff<project>\r\n\x00\xff"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := io.ReadAll(iotest.OneByteReader(openText(t, []byte(tt.text))))
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTextCutShort(t *testing.T) {
	got, err := io.ReadAll(openText(t, []byte("<testsuite>\n<testcase name='a'><failure>x")))
	if want := "\nFAILED a: x\rx\r1 of 1 tests failed\n"; string(got) != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}

// What a reader of a log can do is passed on.
func TestTextPassesOn(t *testing.T) {
	inner := &files{data: map[string][]byte{"x": []byte("x")}}
	logs := Text(inner)
	r, err := logs.Open(t.Context(), classify.Job{}, "x")
	if err != nil {
		t.Fatal(err)
	}
	r.(sources.Ender).Ended()
	if err := r.Close(); err != nil || inner.closed != 1 || inner.ended != 1 {
		t.Errorf("%v, closed %d times, ended %d times", err, inner.closed, inner.ended)
	}
	if _, err := logs.Open(t.Context(), classify.Job{}, "y"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is not there: %v", err)
	}
	if _, err := logs.(classify.Lister).List(t.Context(), classify.Job{}, "*"); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("listing: %v", err)
	}
}
