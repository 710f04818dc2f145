package periodic

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// files are the logs of a job, by name.
type files map[string]io.Reader

func (f files) Open(_ context.Context, _ classify.Job, name string) (io.ReadCloser, error) {
	r, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return io.NopCloser(r), nil
}

// nightly is a job of which only the run is known.
func nightly() classify.Job {
	return classify.Job{Name: "nightly", Source: "nightlies", LogURL: "http://h/nightly/1/"}
}

// complete completes a job from the text of its console.
func complete(t *testing.T, text string) classify.Job {
	t.Helper()
	j := nightly()
	s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
	err := s.Complete(t.Context(), files{"console.html": strings.NewReader(text)}, &j)
	if (err != nil) != (j.Result == "UNKNOWN") {
		t.Errorf("result %q, but error %v", j.Result, err)
	}
	return j
}

// A console without a result is that of a job that runs, or a riddle.
func TestCompleteWithoutResult(t *testing.T) {
	stamp := func(age time.Duration) string { return now().Add(-age).Format(time.RFC3339) + " | a task\n" }
	for _, tt := range []struct {
		name, console string
		age           time.Duration // of the job, by the page
		want          string
	}{
		{"goes on", stamp(2*time.Hour) + stamp(50*time.Minute), 2 * time.Hour, "RUNNING"},
		{"goes on by a clock that is ahead", stamp(-5 * time.Minute), 2 * time.Hour, "RUNNING"},
		{"stopped", stamp(2*time.Hour) + stamp(61*time.Minute), 0, "UNKNOWN"},
		{"stamps of another time", stamp(-48 * time.Hour), 0, "UNKNOWN"},
		{"a new job without stamps", "a task\n", 59 * time.Minute, "RUNNING"},
		{"an old job without stamps", "a task\n", 61 * time.Minute, "UNKNOWN"},
		{"nothing yet", "", time.Minute, "RUNNING"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := nightly()
			j.Time = now().Add(-tt.age)
			s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
			err := s.Complete(t.Context(), files{"console.html": strings.NewReader(tt.console)}, &j)
			if j.Result != tt.want || (err != nil) != (tt.want == "UNKNOWN") {
				t.Errorf("result %q, %v", j.Result, err)
			}
			if tt.want == "RUNNING" && j.Duration != 0 {
				t.Errorf("it runs, but took %s", j.Duration)
			}
		})
	}
	j := nightly()
	j.URL = "http://h/nightly/1/page"
	s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
	err := s.Complete(t.Context(), files{"console.html": strings.NewReader("text")}, &j)
	for _, want := range []string{"nightly", j.URL, "tells no result", "select.result"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}

func TestComplete(t *testing.T) {
	console := `2016-08-09 12:34:56.123 | Started by timer
2016-08-09 12:34:57.000 | + export ZUUL_BRANCH=stable/mitaka
2016-08-09 12:35:00.000 | + export ZUUL_BRANCH=other
2016-08-09 13:36:59.500 | [Zuul] Job complete, result: FAILURE
`
	want := nightly()
	want.Result, want.Branch, want.Duration = "FAILURE", "stable/mitaka", 3723
	want.Start = time.Date(2016, 8, 9, 12, 34, 56, 123e6, time.UTC)
	want.Time = time.Date(2016, 8, 9, 13, 36, 59, 500e6, time.UTC)
	if diff := cmp.Diff(want, complete(t, console)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCompleteResult(t *testing.T) {
	filler := strings.Repeat("text\n", 100)
	for _, tt := range []struct{ name, text, want string }{
		{"Zuul", "[Zuul] Job complete, result: SUCCESS\n", "SUCCESS"},
		{"Jenkins", "Finished: UNSTABLE", "UNSTABLE"},
		{"time stamps", "2016-08-09T12:34:56.123Z Finished: FAILURE\r\n", "FAILURE"},
		{"in brackets", "[2016-08-09T12:34:56.123Z] Finished: NOT_BUILT\n", "NOT_BUILT"},
		{"terminal", "\x1b[8mha:////4\x1b[0mtext\n\x1b[0m\x1b[1mFinished: ABORTED\n", "ABORTED"},
		{"markup", "<pre>\n<span class='x'><a name='t' href='#t'>2016-08-09 12:34:56.123</a> | Finished: FAILURE\n</span></pre>\n", "FAILURE"},
		{"closing markup", "<span>2016-08-09 12:34:56.123 | [Zuul] Job complete, result: FAILURE</span>\n", "FAILURE"},
		{"Zuul's, then much", "[Zuul] Job complete, result: FAILURE\n" + filler, "FAILURE"},
		{"the last of two", "[Zuul] Job complete, result: FAILURE\n[Zuul] Job complete, result: SUCCESS\n", "SUCCESS"},
		{"both kinds", "[Zuul] Job complete, result: FAILURE\nFinished: SUCCESS\n", "SUCCESS"},
		{"long lines before", strings.Repeat("x", 3*consoleBuffer) + "\nFinished: FAILURE\n", "FAILURE"},

		{"nothing", filler, "UNKNOWN"},
		{"empty", "", "UNKNOWN"},
		{"an error page", "<html><body>404 Not Found</body></html>", "UNKNOWN"},
		{"another job's, quoted in the log", "Finished: SUCCESS\n" + filler, "UNKNOWN"},
		{"that, and the job's own", "[Zuul] Job complete, result: FAILURE\nFinished: SUCCESS\n" + filler, "FAILURE"},
		{"a node's output", "2016-08-09 12:34:56.123 | node1 | Finished: SUCCESS\n", "UNKNOWN"},
		{"within a line", "echo Finished: SUCCESS\n", "UNKNOWN"},
		{"no result", "Finished: 3 of 4 tests\n", "UNKNOWN"},
		{"no result either", "Finished: \n[Zuul] Job complete, result: <b>\n", "UNKNOWN"},
		{"at the end of a long line", strings.Repeat("x", 3*consoleBuffer) + "Finished: FAILURE\n", "UNKNOWN"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := complete(t, tt.text).Result; got != tt.want {
				t.Errorf("result %q, want %q", got, tt.want)
			}
		})
	}
}

// ender is a log that is told whether its job has ended.
type ender struct {
	io.Reader
	ended bool
}

func (e *ender) Close() error { return nil }
func (e *ender) Ended()       { e.ended = true }

func (e *ender) Open(context.Context, classify.Job, string) (io.ReadCloser, error) { return e, nil }

func TestCompleteSaysThatALogEnded(t *testing.T) {
	for text, want := range map[string]bool{
		"Finished: SUCCESS\n": true,
		"Finished: RUNNING\n": false,
		"a task\n":            false,
	} {
		j := nightly()
		j.Time = now()
		log := &ender{Reader: strings.NewReader(text)}
		s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
		if err := s.Complete(t.Context(), log, &j); err != nil || log.ended != want {
			t.Errorf("%q: %v; ended: %t, want %t", text, err, log.ended, want)
		}
	}
}

func TestCompleteBranch(t *testing.T) {
	for line, want := range map[string]string{
		"+ export ZUUL_BRANCH=stable/mitaka":                    "stable/mitaka",
		"++ export ZUUL_BRANCH=main":                            "main",
		"export ZUUL_BRANCH='main'":                             "main",
		`2016-08-09 12:34:56.123 | export ZUUL_BRANCH="a b"`:    "",
		`2016-08-09 12:34:56.123 | export ZUUL_BRANCH="a/b"; x`: "a/b",
		"+ export ZUUL_BRANCH=":                                 "",
		"+ export ZUUL_BRANCH=$BRANCH":                          "",
		`+ export ZUUL_BRANCH="${BRANCH}"`:                      "",
		`+ export ZUUL_BRANCH="main`:                            "",
		"echo export ZUUL_BRANCH=main":                          "",
		"+ export ZUUL_BRANCHES=main":                           "",
	} {
		if got := complete(t, line+"\n").Branch; got != want {
			t.Errorf("%s: branch %q, want %q", line, got, want)
		}
	}
}

func TestCutStamp(t *testing.T) {
	at := time.Date(2016, 8, 9, 12, 34, 56, 0, time.UTC)
	for line, want := range map[string]struct {
		time time.Time
		rest string
	}{
		"2016-08-09 12:34:56.123 | text":       {at.Add(123 * time.Millisecond), "text"},
		"2016-08-09 12:34:56,123 text":         {at.Add(123 * time.Millisecond), "text"},
		"2016-08-09 12:34:56.123456 |":         {at.Add(123456 * time.Microsecond), ""},
		"2016-08-09T12:34:56Z text":            {at, "text"},
		"2016-08-09T12:34:56.5+02:00 text":     {at.Add(500*time.Millisecond - 2*time.Hour), "text"},
		"2016-08-09T12:34:56-0130 text":        {at.Add(90 * time.Minute), "text"},
		"[2016-08-09T12:34:56.000Z] text":      {at, "text"},
		"[2016-08-09 12:34:56] | text":         {at, "text"},
		"2016-08-09 12:34:56.1234567891 | t":   {at.Add(123456789), "t"},
		"2016-08-09 12:34:56":                  {at, ""},
		"2016-08-09 12:34:56</a> | text":       {at, "text"},
		"2016-08-09 12:34:56.1 |   indented":   {at.Add(100 * time.Millisecond), "  indented"},
		"2016-08-09 12:34:56+aa:00 odd":        {at, "+aa:00 odd"},
		"2016-08-09 12:34:56 | node1 | by it":  {at, "node1 | by it"},
		"2016-08-09 12:34:56.5. two sentences": {at.Add(500 * time.Millisecond), ". two sentences"},
	} {
		got, rest, ok := cutStamp([]byte(line))
		if !ok || !got.Equal(want.time) || string(rest) != want.rest {
			t.Errorf("%q: %v, %q, %v", line, got, rest, ok)
		}
	}
	for _, line := range []string{
		"", "text", "2016-08-09", "2016-13-09 12:34:56 x", "2016-08-32 12:34:56 x", "2016-08-09 25:34:56 x",
		"2016-08-09x12:34:56 x", "[2016-08-09 12:34:56 x", "x016-08-09 12:34:56 x", "2016/08/09 12:34:56 x", "0001-08-09 12:34:56 x",
	} {
		if got, rest, ok := cutStamp([]byte(line)); ok || string(rest) != line {
			t.Errorf("%q: %v, %q, %v", line, got, rest, ok)
		}
	}
}

// What is known stays; jobs of others, and jobs that lack no result, are left
// alone.
func TestCompleteLeavesAlone(t *testing.T) {
	const console = "2016-08-09 12:00:00 | + export ZUUL_BRANCH=main\n2016-08-09 12:30:00 | Finished: FAILURE\n"
	known := nightly()
	known.Branch, known.Duration, known.Time, known.Start = "trunk", 7, now(), now()
	want := known
	want.Result = "FAILURE"
	for _, tt := range []struct {
		name      string
		job, want classify.Job
	}{
		{"known fields", known, want},
		{"another source", classify.Job{Source: "zuul", LogURL: "http://h/1/"}, classify.Job{Source: "zuul", LogURL: "http://h/1/"}},
		{"a known result", classify.Job{Source: "nightlies", Result: "SUCCESS", LogURL: "http://h/1/"}, classify.Job{Source: "nightlies", Result: "SUCCESS", LogURL: "http://h/1/"}},
		{"no logs", classify.Job{Source: "nightlies"}, classify.Job{Source: "nightlies"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
			if err := s.Complete(t.Context(), files{"console.html": strings.NewReader(console)}, &tt.job); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, tt.job); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestCompleteTriesCandidates(t *testing.T) {
	s := &Source{name: "nightlies", console: []string{"console.html", "consoleText", "console.log"}}
	j := nightly()
	logs := files{"consoleText": strings.NewReader("Finished: SUCCESS\n"), "console.log": strings.NewReader("Finished: FAILURE\n")}
	if err := s.Complete(t.Context(), logs, &j); err != nil || j.Result != "SUCCESS" {
		t.Errorf("result %q, %v", j.Result, err)
	}
	j = nightly()
	err := s.Complete(t.Context(), files{}, &j)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "tried console.html, consoleText, console.log") {
		t.Errorf("without a console: %v", err)
	}
	j.LogURL = "http://h/20160809.log"
	if err := s.Complete(t.Context(), logs, &j); err == nil || strings.Contains(err.Error(), "consoleText") {
		t.Errorf("a job of one file was asked for more: %v", err)
	}
}

// Of a console that was cut short the end is not known.
func TestCompleteCutShort(t *testing.T) {
	text := "2016-08-09 12:00:00 | + export ZUUL_BRANCH=main\n2016-08-09 12:30:00 | Finished: SUCCESS\n"
	cut := io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF))
	s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
	j := nightly()
	err := s.Complete(t.Context(), files{"console.html": cut}, &j)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), j.LogURL) {
		t.Errorf("got %v", err)
	}
	want := nightly()
	want.Branch, want.Start = "main", time.Date(2016, 8, 9, 12, 0, 0, 0, time.UTC)
	if diff := cmp.Diff(want, j); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// endless is a log that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "x\n"[(e.read+i)%2]
	}
	e.read += len(p)
	return len(p), nil
}

func TestCompleteCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	log := new(endless)
	s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
	j := nightly()
	if err := s.Complete(ctx, files{"console.html": log}, &j); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if log.read > 1<<20 {
		t.Errorf("read %d bytes after the end", log.read)
	}
}

// A recorded console of a gate job, with Jenkins' last word.
func TestCompleteRecorded(t *testing.T) {
	file, err := os.Open("../../../shared/samples/logs/console.html.gz")
	if err != nil {
		t.Skip("the recorded console is not here: ", err)
	}
	defer file.Close() //nolint:errcheck // only read
	log, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{name: "nightlies", console: []string{"console.html"}, now: now}
	j := nightly()
	if err := s.Complete(t.Context(), files{"console.html": log}, &j); err != nil {
		t.Error(err)
	}
	start := time.Date(2013, 9, 27, 18, 7, 11, 860e6, time.UTC)
	if j.Result != "FAILURE" || !j.Start.Equal(start) || j.Duration != 42*60+19 {
		t.Errorf("got %+v", j)
	}
}

func TestParseLength(t *testing.T) {
	for text, want := range map[string]classify.Seconds{
		"111 min": 6660, "1h 02m 03s": 3723, "3m 32s": 212, "59s": 59, "1:51:03": 6663, "51:03": 3063, "3723": 3723,
		"3723.9": 3723, "1 hr 51 min": 6660, "2 Hours, 5 minutes and 1 second": 7501, "1h51m": 6660, "1.5h": 5400,
		"1 day 1 sec": 86401, "1500 ms": 1, "0 min": 0,
	} {
		if got, ok := parseLength(text); !ok || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "?", "min", "1 month", "1:2:3:4", "1:x", "-5", "5 5x", "99999999999999999999"} {
		if got, ok := parseLength(text); ok {
			t.Errorf("%q: %d", text, got)
		}
	}
}

func TestWithYear(t *testing.T) {
	for text, want := range map[string]time.Time{
		"11-20 11:00": time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC),
		"11-21 11:00": time.Date(2026, 11, 21, 11, 0, 0, 0, time.UTC), // a clock, or zone, that is ahead
		"11-21 13:00": time.Date(2025, 11, 21, 13, 0, 0, 0, time.UTC),
		"02-29 00:00": time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
	} {
		parsed, err := time.Parse("01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		if got := withYear(parsed, now()); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	eve := time.Date(2026, 12, 31, 23, 59, 0, 0, time.UTC)
	if got := withYear(time.Date(0, 1, 1, 0, 30, 0, 0, time.UTC), eve); got.Year() != 2027 {
		t.Errorf("half an hour into the next year: %v", got)
	}
}

func TestDateFormats(t *testing.T) {
	at := time.Date(2016, 8, 9, 12, 34, 0, 0, time.UTC)
	for _, tt := range []struct{ format, text string }{
		{"", "09-Aug-2016 12:34"}, {"", "09-Aug-2016 12:34:00"}, {"", "2016-08-09 12:34"}, {"", "ran 2016-08-09 12:34:00, 5 min"},
		{"", "2016-08-09T12:34:00Z"}, {"", "2016-08-09T14:34:00.000+02:00"}, {"", "2016-08-09T12:34"},
		{"unix", "1470746040"}, {"unix-ms", "1470746040000"}, {"Jan 2, 2006 3:04 PM", "Aug 9, 2016 12:34 PM"}, {time.RFC1123Z, "Tue, 09 Aug 2016 14:34:00 +0200"},
	} {
		p, err := compile(Page{URL: "http://h/", DateFormat: tt.format})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := (&reading{page: p, now: now()}).parseDate(tt.text); err != nil || !got.Equal(at) {
			t.Errorf("%q by %q: %v, %v", tt.text, tt.format, got, err)
		}
	}
	for _, tt := range []struct{ format, text, want string }{
		{"", "yesterday", "write a date_format"}, {"", "31-Feb-2016 12:34", "31-Feb-2016"}, {"unix", "x", "want a number"},
	} {
		p, err := compile(Page{URL: "http://h/", DateFormat: tt.format})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := (&reading{page: p, now: now()}).parseDate(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q by %q: %v", tt.text, tt.format, err)
		}
	}
}

// FuzzConsole reads whatever a log holds; how it arrives must make no
// difference.
func FuzzConsole(f *testing.F) {
	f.Add([]byte("2016-08-09 12:34:56.123 | + export ZUUL_BRANCH='a'\n<b>2016-08-09T13:34:56Z</b> | Finished: FAILURE"))
	f.Add([]byte("[2016-08-09T12:34:56+02:00] [Zuul] Job complete, result: SUCCESS\r\n\x1b[0m"))
	f.Add([]byte("[2016-08-09T12:34:56.-"))
	f.Add([]byte("export ZUUL_BRANCH=t\x86ZU)\f\f5")) // no name of a branch
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := readConsole(t.Context(), bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		slow, err := readConsole(t.Context(), iotest.OneByteReader(bytes.NewReader(data)))
		if err != nil || c != slow {
			t.Errorf("%+v at once, %+v in pieces, %v", c, slow, err)
		}
		j := nightly()
		c.fill(&j, true)
		if j.Duration < 0 || strings.ContainsAny(j.Result, " \n<") || strings.ContainsAny(j.Branch, " \n$'\"") {
			t.Errorf("job %+v", j)
		}
	})
}
