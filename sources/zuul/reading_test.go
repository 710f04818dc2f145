package zuul

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A later page that is cut is not taken for the last one.
func TestCutLaterPage(t *testing.T) {
	z := &fakeZuul{builds: map[string][]row{"a": made(150)}}
	z.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("idx_max") != "51" {
			return false
		}
		whole, _ := json.Marshal(made(51))
		w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
		w.Write(whole[:len(whole)/2]) //nolint:errcheck // it is to fail
		return true
	}
	z.start(t)
	got := mustList(t, SourceOptions{URL: z.url})
	if diff := cmp.Diff(down(150, 1), numbers(got.Jobs)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Buildsets of before Zuul 5 have no time: none is listed, and only one page read.
func TestUndatedBuildsets(t *testing.T) {
	var sets []row
	for i := range 150 {
		sets = append(sets, row{"uuid": fmt.Sprintf("%032x", i), "result": "MERGE_CONFLICT"})
	}
	z := (&fakeZuul{builds: map[string][]row{"a": {}}, buildsets: map[string][]row{"a": sets}}).start(t)
	got := mustList(t, SourceOptions{URL: z.url, Buildsets: true})
	if n := z.requests("/buildsets"); len(got.Jobs) != 0 || n != 1 {
		t.Errorf("%d jobs, %d requests", len(got.Jobs), n)
	}
}

// Builds that end before they begin do not keep us reading beyond the cap.
func TestBackwardBuilds(t *testing.T) {
	rows := made(1000)
	for _, r := range rows {
		r["end_time"] = "2020-01-01T00:00:00"
	}
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	got := mustList(t, SourceOptions{URL: z.url, Since: noon.Add(-100 * time.Hour), Cap: 100})
	if n := z.requests("/builds"); len(got.Jobs) != 0 || n != 2 || got.Changes != 100 {
		t.Errorf("%d jobs of %d builds, %d requests", len(got.Jobs), got.Changes, n)
	}
}

// A build whose time is not known is listed, whatever the window is.
func TestUndatedBuild(t *testing.T) {
	rows := made(3)
	rows[1]["start_time"], rows[1]["end_time"] = nil, "soon"
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	got := mustList(t, SourceOptions{URL: z.url, Since: noon.Add(time.Hour)})
	if diff := cmp.Diff([]int{2}, numbers(got.Jobs)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A list that ends with its first page is not lost for a row that is broken.
func TestBrokenRowOfTheLastPage(t *testing.T) {
	rows := made(3)
	rows[1] = row{}
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	got, err := mustSource(t, SourceOptions{URL: z.url, Since: noon.Add(time.Hour)}).Jobs(t.Context())
	if err != nil || got.Changes != 2 || len(got.Problems) != 1 {
		t.Errorf("%d jobs, %v, %v", len(got.Jobs), got.Problems, err)
	}
}

// Builds without uuid are told apart by their times.
func TestBuildsWithoutID(t *testing.T) {
	rows := made(3)
	for _, r := range rows {
		r["uuid"], r["_id"], r["start_time"] = nil, nil, nil
	}
	z := (&fakeZuul{builds: map[string][]row{"a": rows}}).start(t)
	if got := mustList(t, SourceOptions{URL: z.url}); len(got.Jobs) != 3 {
		t.Errorf("%d jobs, want 3", len(got.Jobs))
	}
}
