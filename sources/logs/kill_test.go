package logs_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

const (
	killedJobs = 40
	kills      = 100
)

// killedLog is what the server has at a path: something else for each, of a few
// bytes or of some blocks of the disk.
func killedLog(path string) string {
	n, _ := strconv.Atoi(strings.Trim(path, "/"))
	return strings.Repeat(fmt.Sprintf("line of log %d\n", n), 1+n%7*400)
}

// killedJob is one of the jobs that are read: every third may still be running,
// so that what is known of it is asked for again.
func killedJob(url string, n int) classify.Job {
	job := ended(fmt.Sprintf("%s/%d", url, n))
	if n%3 == 0 {
		job.Result = "RUNNING"
	}
	return job
}

// eachKilledJob calls do for all jobs, eight at a time.
func eachKilledJob(url string, do func(n int, job classify.Job)) {
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for n := worker; n < killedJobs; n += 8 {
				do(n, killedJob(url, n))
			}
		})
	}
	wg.Wait()
}

// readAllProcess reads all the logs with a cache, which it tidies up meanwhile.
// It says when it begins.
func readAllProcess(args []string) {
	fmt.Println()
	l := openLogs(args[1])
	eachKilledJob(args[0], func(n int, job classify.Job) {
		if n == killedJobs/2 {
			must(logs.PruneCache(args[1], logs.PruneOptions{MaxSize: 400 << 10}))
		}
		r := must(l.Open(context.Background(), job, ""))
		must(io.Copy(io.Discard, r))
		r.Close()
	})
}

// TestKillAtRandom kills a run with kill -9, again and again at another moment,
// with a cache that is cold and with what the killed runs before left in it.
// Each time the next run is right and complete.
func TestKillAtRandom(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", strconv.Quote(r.URL.Path))
		http.ServeContent(w, r, "log.txt", time.Time{}, strings.NewReader(killedLog(r.URL.Path)))
	})
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	lengths := [2]time.Duration{time.Second, time.Second} // of a run with a cold and a warm cache
	var dir string
	killed := 0
	for i := range kills {
		if i%4 == 0 {
			dir = t.TempDir()
		}
		length := &lengths[min(i%4, 1)]
		if took, done := killAfter(t, time.Duration(random.Int64N(int64(*length))), s.URL, dir); done {
			*length = took
		} else {
			killed++
		}
		checkAll(t, s.URL, logs.Options{CacheDir: dir})
		if i%4 == 3 {
			checkAll(t, s.URL, logs.Options{CacheDir: dir, Offline: true})
		}
	}
	t.Logf("a run takes %s; %d of %d were killed before they were done", lengths, killed, kills)
	if killed < kills/2 {
		t.Errorf("only %d of %d runs were killed before they were done", killed, kills)
	}
}

// killAfter starts a run and kills it a while after it began, unless it is done
// before.
func killAfter(t *testing.T, wait time.Duration, url, dir string) (took time.Duration, done bool) {
	t.Helper()
	cmd := child(t, "readAll", url, dir)
	begins, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := begins.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	start := time.Now()
	timer := time.AfterFunc(wait, func() { cmd.Process.Kill() })
	defer timer.Stop()
	done = cmd.Wait() == nil
	if !done && cmd.ProcessState.Exited() {
		t.Errorf("the run failed by itself: %s", cmd.ProcessState)
	}
	return time.Since(start), done
}

// checkAll reads all logs.
func checkAll(t *testing.T, url string, o logs.Options) {
	t.Helper()
	l := newLogs(t, o)
	eachKilledJob(url, func(n int, job classify.Job) {
		if got, err := readJob(t, l, job, ""); got != killedLog(fmt.Sprint(n)) || err != nil {
			t.Errorf("log %d: got %d bytes, %v", n, len(got), err)
		}
	})
}
