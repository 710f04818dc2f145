package logs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

const (
	loadJobs    = 2000
	loadRounds  = 5
	loadLatency = 20 * time.Millisecond
	loadAtOnce  = 8 // requests, of both sides
	loadBound   = 1.15
	loadMemory  = 100 << 20
)

// BenchmarkLoad downloads 2,000 logs from a server of another process, 20 ms
// away, and holds that to what curl needs for the same; and asks whether they
// are still the same, and holds that to the bare requests. The two sides take
// turns, and begin by turns. The table has medians.
func BenchmarkLoad(b *testing.B) {
	if _, err := exec.LookPath("curl"); err != nil {
		b.Skip("no curl; run: make test-deps")
	}
	for b.Loop() {
		url := startServer(b)
		cold, warm := comparison{name: "cold", than: "curl --parallel"}, comparison{name: "warm", than: "bare requests"}
		for round := range loadRounds {
			dir := filepath.Join(b.TempDir(), "cache")
			cold.round(b, round, timed("fetchAll", url, dir), curl(b, url))
			checkLoaded(b, dir)
			warm.round(b, round, timed("fetchAll", url, dir), timed("ask", url))
			os.RemoveAll(dir)
		}
		report(b, cold, warm)
	}
}

// comparison is of what we do with what others do.
type comparison struct {
	name, than string
	ours, its  []float64 // seconds
	ratios     []float64 // of each round
	memory     int64     // the most that we took, in bytes
}

// side runs one side, and returns what it took at most of memory, if that is known.
type side func(b *testing.B) (memory int64)

func (c *comparison) round(b *testing.B, round int, ours, its side) {
	sides := []func(){
		func() {
			start := time.Now()
			c.memory = max(c.memory, ours(b))
			c.ours = append(c.ours, time.Since(start).Seconds())
		},
		func() {
			start := time.Now()
			its(b)
			c.its = append(c.its, time.Since(start).Seconds())
		},
	}
	if round%2 == 1 {
		slices.Reverse(sides)
	}
	for _, side := range sides {
		side()
	}
	c.ratios = append(c.ratios, c.ours[round]/c.its[round])
}

func report(b *testing.B, comparisons ...comparison) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d logs\twatchcat\tit\tratio\tof the rounds\tpeak memory\t\n", loadJobs)
	for _, c := range comparisons {
		ratio := median(c.ours) / median(c.its)
		fmt.Fprintf(w, "%s, to %s\t%.2f s\t%.2f s\t%.3f\t%.2f\t%d MB\t\n",
			c.name, c.than, median(c.ours), median(c.its), ratio, c.ratios, c.memory>>20)
		b.ReportMetric(ratio, c.name+"-ratio")
		if ratio > loadBound {
			b.Errorf("%s: %.3f times what %s needs", c.name, ratio, c.than)
		}
		if c.memory > loadMemory {
			b.Errorf("%s: %d MB of memory", c.name, c.memory>>20)
		}
	}
	w.Flush()
	b.Logf("\n%s", table.String())
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// startServer returns the URL of a log server in another process.
func startServer(b *testing.B) (url string) {
	cmd := child(b, "serve")
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}

// serverProcess serves logs of 0.1 to 2 MB. They are not compressed here: to all
// that carry them, they are what compressed logs are, bytes without a pattern.
func serverProcess([]string) {
	random := rand.New(rand.NewPCG(1, 2))
	bytes := make([]byte, 8<<20)
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("http://%s\n", listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(loadLatency)
		n := must(strconv.Atoi(strings.Trim(r.URL.Path, "/")))
		tag := fmt.Sprintf(`"%d"`, n)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		log := bytes[n*1021:][:100_000+n*950]
		w.Header().Set("Content-Type", "application/gzip")
		w.Header().Set("Content-Length", strconv.Itoa(len(log)))
		w.Write(log)
	})))
}

// timed is a side that is another process of ours.
func timed(name string, args ...string) side {
	return func(b *testing.B) int64 {
		out, err := child(b, name, args...).Output()
		if err != nil {
			b.Fatal(err)
		}
		memory, _ := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
		return memory
	}
}

// curl is the side that downloads all logs into files.
func curl(b *testing.B, url string) side {
	dir := b.TempDir()
	var config strings.Builder
	for n := range loadJobs {
		fmt.Fprintf(&config, "url = \"%s/%d\"\noutput = \"%s\"\n", url, n, filepath.Join(dir, strconv.Itoa(n)))
	}
	file := filepath.Join(dir, "config")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return func(b *testing.B) int64 {
		cmd := exec.CommandContext(b.Context(), "curl", "--parallel", "--parallel-max", strconv.Itoa(loadAtOnce),
			"--silent", "--show-error", "--fail", "--noproxy", "*", "-K", file)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return 0
	}
}

// each calls do for the number of each log, so many at a time.
func each(do func(n int)) {
	numbers := make(chan int)
	var wg sync.WaitGroup
	for range loadAtOnce {
		wg.Go(func() {
			for n := range numbers {
				do(n)
			}
		})
	}
	for n := range loadJobs {
		numbers <- n
	}
	close(numbers)
	wg.Wait()
}

// fetchAllProcess downloads all logs into a cache, or asks whether they are still
// the same, as it does for URLs that were typed. It prints what it took of memory.
func fetchAllProcess(args []string) {
	l := openLogs(args[1])
	each(func(n int) {
		if err := l.Fetch(context.Background(), classify.Job{LogURL: fmt.Sprintf("%s/%d", args[0], n)}, ""); err != nil {
			panic(err)
		}
	})
	status, _ := os.ReadFile("/proc/self/status")
	if peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindSubmatch(status); peak != nil {
		fmt.Println(must(strconv.ParseInt(string(peak[1]), 10, 64)) << 10)
	}
}

// askProcess asks whether all logs are still the same, and does nothing else.
func askProcess(args []string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loadAtOnce, DisableCompression: true}}
	each(func(n int) {
		req := must(http.NewRequest(http.MethodGet, fmt.Sprintf("%s/%d", args[0], n), nil))
		req.Header.Set("If-None-Match", fmt.Sprintf(`"%d"`, n))
		resp := must(client.Do(req))
		must(io.Copy(io.Discard, resp.Body))
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotModified {
			panic(resp.Status)
		}
	})
}

// checkLoaded looks whether all is there.
func checkLoaded(b *testing.B, dir string) {
	info, err := logs.CacheInfo(dir)
	const bytes = loadJobs*100_000 + 950*loadJobs*(loadJobs-1)/2
	if err != nil || info.Entries != loadJobs || info.Blobs != loadJobs || info.Bytes < bytes {
		b.Fatalf("the cache holds %+v, %v", info, err)
	}
}
