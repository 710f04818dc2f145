package zuul

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// noon is when the newest build of made ends.
var noon = at("2026-11-20 12:00:00")

// made makes builds, the newest first, numbered from the oldest on: a minute
// each, one a minute.
func made(n int) []row {
	var rows []row
	for i := range n {
		rows = append(rows, madeRow(n-i, noon.Add(-time.Duration(i)*time.Minute), time.Minute))
	}
	return rows
}

// madeRow makes a build that ended at a time and took so long.
func madeRow(id int, end time.Time, took time.Duration) row {
	const layout = "2006-01-02T15:04:05"
	return row{
		"_id": id, "uuid": fmt.Sprintf("%032x", id), "job_name": "unit", "result": "FAILURE", "pipeline": "gate",
		"start_time": end.Add(-took).Format(layout), "end_time": end.Format(layout), "duration": took.Seconds(),
		"ref": row{"project": "p", "branch": "main", "change": nil, "ref": "refs/heads/main"},
	}
}

// numbers returns the numbers of made builds.
func numbers(jobs []classify.Job) []int {
	var all []int
	for _, job := range jobs {
		n, _ := strconv.ParseInt(job.ID, 16, 64)
		all = append(all, int(n))
	}
	return all
}

// down returns the numbers from high to low.
func down(high, low int) []int {
	var all []int
	for n := high; n >= low; n-- {
		all = append(all, n)
	}
	return all
}

// Builds that arrive while pages are read cost none and double none, by idx_max
// and by skip.
func TestPaging(t *testing.T) {
	for _, tt := range []struct {
		name   string
		idxMax string
		noID   bool
		asked  map[string]int // requests by what they ask with
	}{
		{"idx_max", "", false, map[string]int{"idx_max": 3, "skip": 0}},
		{"idx_max is ignored", "ignored", false, map[string]int{"idx_max": 1, "skip": 3}},
		{"idx_max is refused", "refused", false, map[string]int{"idx_max": 1, "skip": 3}},
		{"no numbers", "ignored", true, map[string]int{"idx_max": 0, "skip": 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := &fakeZuul{idxMax: tt.idxMax, builds: map[string][]row{"a": made(350)}}
			next := 350
			z.answer = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path == "/api/tenant/a/builds" {
					for range 7 { // arrive before each page
						next++
						z.builds["a"] = slices.Insert(z.builds["a"], 0, madeRow(next, noon, time.Minute))
					}
				}
				if tt.noID {
					for _, row := range z.builds["a"] {
						delete(row, "_id")
					}
				}
				return false
			}
			z.start(t)
			got := mustList(t, SourceOptions{URL: z.url})
			if diff := cmp.Diff(down(357, 1), numbers(got.Jobs)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for with, want := range tt.asked {
				if n := z.requests(with + "="); n != want {
					t.Errorf("%d requests with %s, want %d: %q", n, with, want, z.asked)
				}
			}
		})
	}
}

// A server that gives fewer builds a page than it is asked for is read to its
// end all the same.
func TestSmallPages(t *testing.T) {
	z := &fakeZuul{builds: map[string][]row{"a": made(95)}}
	z.answer = func(w http.ResponseWriter, r *http.Request) bool {
		q := r.URL.Query()
		if q.Has("limit") {
			q.Set("limit", "30")
			r.URL.RawQuery = q.Encode()
		}
		return false
	}
	z.start(t)
	got := mustList(t, SourceOptions{URL: z.url})
	if diff := cmp.Diff(down(95, 1), numbers(got.Jobs)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestSince(t *testing.T) {
	long := made(1000)
	long[250] = madeRow(750, noon.Add(-10*time.Minute), 4*time.Hour) // as those around it began
	long[400] = madeRow(600, noon.Add(-10*time.Minute), 390*time.Minute)
	for _, tt := range []struct {
		name  string
		rows  []row
		since time.Time
		want  []int
		pages int
	}{
		{"all are older", made(1000), noon.Add(time.Hour), nil, 1},
		{"the end of the first page", made(1000), noon.Add(-50 * time.Minute), down(1000, 950), 2},
		{"the edge of a page", made(1000), noon.Add(-99 * time.Minute), down(1000, 901), 2},
		{"the second page", made(1000), noon.Add(-150 * time.Minute), down(1000, 850), 3},
		{"builds that took long", long, noon.Add(-240 * time.Minute), append(down(1000, 760), 750, 600), 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			z := (&fakeZuul{builds: map[string][]row{"a": tt.rows}}).start(t)
			got := mustList(t, SourceOptions{URL: z.url, Since: tt.since})
			if diff := cmp.Diff(tt.want, numbers(got.Jobs)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if n := z.requests("/builds"); n != tt.pages || got.Capped {
				t.Errorf("%d pages, want %d; capped: %t", n, tt.pages, got.Capped)
			}
		})
	}
}

func TestCap(t *testing.T) {
	for _, tt := range []struct {
		builds, cap int
		since       time.Time
		want        int
		capped      bool
	}{
		{builds: 250, cap: 10, want: 10, capped: true},
		{builds: 250, cap: 100, want: 100, capped: true},
		{builds: 250, cap: 150, want: 150, capped: true},
		{builds: 250, cap: 249, want: 249, capped: true},
		{builds: 250, cap: 250, want: 250},
		{builds: 100, cap: 100, want: 100},
		{builds: 250, cap: 251, want: 250},
		{builds: 250, cap: 50, since: noon.Add(-49 * time.Minute), want: 50},
		{builds: 250, cap: 50, since: noon.Add(-50 * time.Minute), want: 50, capped: true},
	} {
		z := (&fakeZuul{builds: map[string][]row{"a": made(tt.builds)}}).start(t)
		got := mustList(t, SourceOptions{URL: z.url, Cap: tt.cap, Since: tt.since})
		if len(got.Jobs) != tt.want || got.Changes > tt.cap || got.Cap != tt.cap || got.Capped != tt.capped {
			t.Errorf("%+v: %d jobs of %d builds, cap %d, capped: %t", tt, len(got.Jobs), got.Changes, got.Cap, got.Capped)
		}
	}
}

// A tenant that has much leaves something for the others.
func TestCapIsShared(t *testing.T) {
	z := (&fakeZuul{builds: map[string][]row{"a": made(1000), "b": made(80)}}).start(t)
	got := mustList(t, SourceOptions{URL: z.url, Cap: 300})
	count := map[bool]int{}
	for _, job := range got.Jobs {
		count[strings.HasPrefix(job.URL, z.url+"/t/b/")]++
	}
	if count[true] != 80 || count[false] != 220 || !got.Capped {
		t.Errorf("%d builds of b and %d of a, capped: %t", count[true], count[false], got.Capped)
	}
}

// Wherever an answer is cut, the next one goes on from there.
func TestCutPages(t *testing.T) {
	whole, err := json.Marshal(made(30))
	if err != nil {
		t.Fatal(err)
	}
	for tenth := 1; tenth < 10; tenth++ {
		z := &fakeZuul{builds: map[string][]row{"a": made(30)}}
		cut := false
		z.answer = func(w http.ResponseWriter, r *http.Request) bool {
			if cut || r.URL.Path != "/api/tenant/a/builds" {
				return false
			}
			cut = true
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			w.Write(whole[:len(whole)*tenth/10]) //nolint:errcheck // it is to fail
			return true
		}
		z.start(t)
		got := mustList(t, SourceOptions{URL: z.url})
		if diff := cmp.Diff(down(30, 1), numbers(got.Jobs)); diff != "" {
			t.Errorf("cut at %d0 %%: -want +got\n%s", tenth, diff)
		}
	}
}

// A page knows where it ends, and what was wrong with it.
func TestParsePage(t *testing.T) {
	const good = `{"uuid": "` + uuid + `", "job_name": "unit"}`
	for _, tt := range []struct {
		data         string
		builds, rows int
		bad, err     string
	}{
		{"[]", 0, 0, "", ""},
		{"[" + good + "]", 1, 1, "", ""},
		{"[" + good + ", 7, {}, " + good + "]", 2, 4, "2 of 4 builds could not be read, the first because this is no build", ""},
		{"[" + good + `, {"uuid": "../../x"}]`, 1, 2, `its uuid is "../../x"`, ""},
		{`[{"uuid": "` + uuid + `", "job_name": "unit", "result": {"x": 1}}, ` + good + "]", 1, 2,
			"1 of 2 builds could not be read, the first because of build " + uuid + ` of job unit the result is {"x": 1}, which is no text`, ""},
		{`[{"uuid": "` + uuid + `", "job_name": "unit", "result": false}]`, 0, 1, "the result is false", ""},
		{`[{"uuid": null, "job_name": 7}, ` + good + "]", 1, 2, "of build (no uuid) of job 7 the job_name is 7, which is no text", ""},
		{`[{"uuid": ["` + uuid + `"], "job_name": "unit"}]`, 0, 1, "the uuid is [", ""},
		{`[{"uuid": null, "job_name": "unit", "result": null}]`, 1, 1, "", ""},
		{"[" + good + "", 1, 1, "", "cut short"},
		{"[" + good + ",", 1, 1, "", "cut short"},
		{"[" + good + "," + good[:30], 1, 1, "", "cut short"},
		{"[" + good + " " + good + "]", 1, 1, "", "not what Zuul's API answers"},
		{"", 0, 0, "", "cut short"},
		{"{}", 0, 0, "", "no list"},
		{"null", 0, 0, "", "no list"},
		{" <!doctype html><html>", 0, 0, "", "this is a web page"},
		{"\x00\xff", 0, 0, "", "not what Zuul's API answers"},
	} {
		got := parsePage([]byte(tt.data), nil)
		if len(got.builds) != tt.builds || got.rows != tt.rows || !says(got.bad, tt.bad) || !says(got.err, tt.err) {
			t.Errorf("%q: %d of %d builds, %v, %v", tt.data, len(got.builds), got.rows, got.bad, got.err)
		}
	}
}

// says reports whether an error says something; no error says "".
func says(err error, what string) bool {
	if err == nil || what == "" {
		return err == nil && what == ""
	}
	return strings.Contains(err.Error(), what)
}

// A page of the largest size is read; one that is larger is as one that was cut.
func TestHugePage(t *testing.T) {
	one, err := json.Marshal(madeRow(1, noon, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	z := &fakeZuul{builds: map[string][]row{"a": {}}}
	z.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/tenant/a/builds" {
			return false
		}
		w.Write(slices.Concat([]byte("["), one, []byte(`,{"x":"`))) //nolint:errcheck // it is to fail
		for block := bytes.Repeat([]byte("x"), 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return true
			}
		}
	}
	z.start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url}).Jobs(t.Context())
	if err != nil || len(got.Jobs) != 1 || len(got.Problems) != 1 || !says(got.Problems[0], "larger than 8 MiB") {
		t.Errorf("%d jobs, problems %v, error %v", len(got.Jobs), got.Problems, err)
	}
}
