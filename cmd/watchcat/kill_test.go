package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	killedJobs  = 40
	killedLines = 1250 // of each log
	kills       = 100
)

// TestKill kills the whole program with kill -9, a hundred times, each time at
// another moment. In each four kills the first finds no cache, two find what the
// ones before left of it, and the last a whole one. The next run that is let be
// says what an undisturbed one says.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the program a hundred and fifty times")
	}
	logs := killedLogs(t)
	dir := killedFolder(t, logs)
	want, cold := wholeRun(t, dir)
	checkReasons(t, want)
	_, warm := wholeRun(t, dir)
	seed := rand.Uint64()
	t.Logf("the seed is %d; a run takes %v with a cold cache, %v with a warm one", seed, cold, warm)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for i := range kills {
		length := warm
		if i%4 == 0 {
			dir, length = killedFolder(t, logs), cold
		}
		if killRun(t, dir, time.Duration(random.Int64N(int64(length)))) {
			killed++
		}
		if i%4 < 2 {
			continue
		}
		var got []string
		got, warm = wholeRun(t, dir) // other work on this machine changes what it takes
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("behind kill %d (-undisturbed +got)\n%s", i+1, diff)
		}
	}
	t.Logf("%d of %d were alive when they were killed; a run takes %v now", killed, kills, warm)
	if killed < kills/2 {
		t.Errorf("only %d of %d were alive when they were killed", killed, kills)
	}
}

// killedLogs serves the logs of all jobs as gzip files: 100 KB or so each, the
// lines of which are not alike. The last tells why the job failed.
func killedLogs(t *testing.T) *httptest.Server {
	t.Helper()
	zipped := make([][]byte, killedJobs)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range zipped {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.NoCompression) // the size matters, not the time that it takes
		if err != nil {
			t.Fatal(err)
		}
		for range killedLines - 1 {
			fmt.Fprintf(z, "step %016x of %016x took %016x and %016x\n", random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64())
		}
		fmt.Fprintf(z, "cp: cannot write log %d: No space left on device\n", n)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		zipped[n] = b.Bytes()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		i, err := strconv.Atoi(n)
		if err != nil || i >= len(zipped) || file != "job-output.txt.gz" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", strconv.Quote(n))
		http.ServeContent(w, r, file, time.Time{}, bytes.NewReader(zipped[i]))
	}))
	t.Cleanup(s.Close)
	return s
}

const killedConfig = `
[logs]
hosts = ["127.0.0.1"]
cache = "cache"
per_second = 10000
retries = 0
`

const killedRules = `
[[rule]]
id = "disk-full"
file = "console"
pattern = "cannot write (?P<log>log [0-9]+): No space left on device"
message = "no space for {log}"
tag = "infra"
`

// killedFolder returns a folder to run in, with a configuration, rules and a
// list of jobs, and without a cache.
func killedFolder(t *testing.T, logs *httptest.Server) string {
	t.Helper()
	dir := t.TempDir()
	var jobs strings.Builder
	fmt.Fprintln(&jobs, `{"watchcat_jobs":1,"saved":"2026-11-20T10:00:00Z"}`)
	for n := range killedJobs {
		fmt.Fprintf(&jobs, `{"job":"job-%02d","result":"FAILURE","log_url":"%s/%d/","time":"2026-11-20T09:00:00Z"}`+"\n", n, logs.URL, n)
	}
	writeFile(t, filepath.Join(dir, "watchcat.toml"), killedConfig)
	writeFile(t, filepath.Join(dir, "rules.toml"), killedRules)
	writeFile(t, filepath.Join(dir, "jobs.jsonl"), jobs.String())
	return dir
}

// killedCommand returns the program, ready to write its results to a file: a
// half-written one would be seen.
func killedCommand(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd, stdin := watchcat(t, dir, "run", "-q", "--config", "watchcat.toml", "--rules", "rules.toml", "--source", "file:jobs.jsonl", "-o", "results.jsonl")
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// wholeRun runs the program to its end, and returns its results without the
// summary, which has times of its own, and how long it took.
func wholeRun(t *testing.T, dir string) (results []string, took time.Duration) {
	t.Helper()
	cmd := killedCommand(t, dir)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	took = time.Since(begin)
	if err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "results.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `{"v":1,"summary":`) {
			results = append(results, line)
		}
	}
	return results, took
}

// checkReasons looks whether an undisturbed run says of each job what its log
// says.
func checkReasons(t *testing.T, results []string) {
	t.Helper()
	var got, want []string
	for n := range killedJobs {
		want = append(want, fmt.Sprintf("job-%02d: no space for log %d, %d", n, n, killedLines))
	}
	for _, line := range results {
		var r struct {
			Job, Reason string
			Matches     []struct{ Line int }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		for _, m := range r.Matches {
			got = append(got, fmt.Sprintf("%s: %s, %d", r.Job, r.Reason, m.Line))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

// killRun starts the program, kills it a while later, and reports whether it was
// alive then. What it says by itself is an error.
func killRun(t *testing.T, dir string, wait time.Duration) bool {
	t.Helper()
	cmd := killedCommand(t, dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() }) // an error: it has ended
	defer timer.Stop()
	err := cmd.Wait()
	if stderr.Len() > 0 || err != nil && cmd.ProcessState.Exited() {
		t.Fatalf("it failed by itself: %v: %s", err, stderr.String())
	}
	return err != nil
}
