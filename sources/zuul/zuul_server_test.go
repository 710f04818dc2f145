package zuul

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// row is a build or buildset as Zuul keeps it.
type row = map[string]any

// fakeZuul answers as a Zuul does, from what it is given.
type fakeZuul struct {
	builds    map[string][]row // by tenant, the newest first
	buildsets map[string][]row

	idxMax string                                            // what becomes of it: "" understood, "ignored", "refused" (as CherryPy does)
	noSkip bool                                              // skip is ignored
	alone  string                                            // the only tenant, which the host shows without its name
	answer func(w http.ResponseWriter, r *http.Request) bool // before all else; true: that was the answer

	mu    sync.Mutex
	asked []string // path and query of each request
	url   string
}

// start serves until the test ends.
func (z *fakeZuul) start(t *testing.T) *fakeZuul {
	t.Helper()
	s := httptest.NewServer(z)
	t.Cleanup(s.Close)
	z.url = s.URL
	return z
}

// requests returns how many requests there were whose path and query hold a text.
func (z *fakeZuul) requests(with string) (n int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, asked := range z.asked {
		if strings.Contains(asked, with) {
			n++
		}
	}
	return n
}

func (z *fakeZuul) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.asked = append(z.asked, r.URL.RequestURI())
	if z.answer != nil && z.answer(w, r) {
		return
	}
	path := r.URL.Path
	if z.alone != "" { // the web server before it rewrites all paths
		path = strings.Replace(path, "/api/", "/api/tenant/"+z.alone+"/", 1)
	}
	tenant, what, _ := strings.Cut(strings.TrimPrefix(path, "/api/tenant/"), "/")
	switch {
	case path == "/api/tenants":
		var names []row
		for name := range z.builds {
			names = append(names, row{"name": name, "projects": 3, "queue": 0})
		}
		writeJSON(w, names)
	case path == "/api/components":
		writeJSON(w, row{"web": []row{{"hostname": "zw01", "state": "running", "version": "11.2.0"}}, "merger": []row{}})
	case what == "info" && z.alone != "":
		writeJSON(w, row{"info": row{"capabilities": row{"job_history": true}, "tenant": tenant}})
	case what == "builds" && z.builds[tenant] != nil:
		z.list(w, r.URL.Query(), z.builds[tenant])
	case what == "buildsets" && z.builds[tenant] != nil:
		z.list(w, r.URL.Query(), z.buildsets[tenant])
	default:
		http.NotFound(w, r)
	}
}

// list answers with the rows that a query is about.
func (z *fakeZuul) list(w http.ResponseWriter, q url.Values, rows []row) {
	if z.idxMax == "refused" && q.Has("idx_max") {
		http.Error(w, "Unexpected query string parameters: idx_max", http.StatusNotFound)
		return
	}
	most, _ := strconv.Atoi(q.Get("limit"))
	skip, _ := strconv.Atoi(q.Get("skip"))
	out := []row{}
	for _, r := range rows {
		switch {
		case !fits(r, q), z.idxMax == "" && q.Has("idx_max") && above(r["_id"], q.Get("idx_max")):
		case skip > 0 && !z.noSkip:
			skip--
		case len(out) < most:
			out = append(out, r)
		}
	}
	writeJSON(w, out)
}

// fits reports whether a row passes the filters of a query.
func fits(r row, q url.Values) bool {
	for _, key := range []string{"project", "pipeline", "branch", "job_name", "result"} {
		value := r[key]
		if ref, ok := r["ref"].(row); ok && value == nil {
			value = ref[key]
		}
		if q.Has(key) && !slices.ContainsFunc(q[key], func(p string) bool { return classify.Glob(p, fmt.Sprint(value)) }) {
			return false
		}
	}
	return true
}

// above reports whether the number of a row is above idx_max.
func above(id any, idxMax string) bool {
	most, _ := strconv.Atoi(idxMax)
	n, _ := id.(int)
	return n > most
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v) //nolint:errcheck // the client will tell
}

// newClient returns a client that may read from servers on loopback.
func newClient(t *testing.T) *sources.Client {
	t.Helper()
	client, err := sources.NewClient(sources.ClientOptions{Typed: []string{"127.0.0.1"}, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// sample returns a recorded answer.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../shared/samples/zuul/" + name)
	if err != nil {
		t.Skip("recorded answers are not here: ", err)
	}
	return data
}

// sampleRow returns a recorded build.
func sampleRow(t *testing.T, name string) row {
	t.Helper()
	var r row
	if err := json.Unmarshal(sample(t, name), &r); err != nil {
		t.Fatal(err)
	}
	return r
}
