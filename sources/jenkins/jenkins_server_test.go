package jenkins

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/watchcat-ci/watchcat/sources"
)

// row is an object as Jenkins keeps it.
type row = map[string]any

// fakeJenkins answers as a Jenkins does, from what it is given.
type fakeJenkins struct {
	pages    map[string]row                                    // what is there, by path: "job/team/"
	files    map[string]string                                 // other answers, by path
	noRanges bool                                              // as before 1.568
	answer   func(w http.ResponseWriter, r *http.Request) bool // before all else; true: that was the answer

	mu    sync.Mutex
	asked []string // path and query of each request
	url   string   // with a "/" at its end
}

// start serves below /ci/ until the test ends.
func (j *fakeJenkins) start(t *testing.T) *fakeJenkins {
	t.Helper()
	s := httptest.NewServer(j)
	t.Cleanup(s.Close)
	j.url = s.URL + "/ci/"
	return j
}

// requests returns how many requests there were whose path and query hold a text.
func (j *fakeJenkins) requests(with string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, asked := range j.asked {
		if strings.Contains(asked, with) {
			n++
		}
	}
	return n
}

func (j *fakeJenkins) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked = append(j.asked, r.URL.RequestURI())
	w.Header().Set("X-Jenkins", "2.426.1")
	if j.answer != nil && j.answer(w, r) {
		return
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/ci/")
	if text, ok := j.files[path]; ok {
		w.Write([]byte(text)) //nolint:errcheck // the client will tell
		return
	}
	page, isAPI := strings.CutSuffix(path, "api/json")
	if j.pages[page] == nil || !isAPI {
		http.NotFound(w, r)
		return
	}
	rest := r.URL.Query().Get("tree")
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	json.NewEncoder(w).Encode(j.prune(j.pages[page], parseTree(&rest))) //nolint:errcheck // the client will tell
}

// field is what a tree query asks for: name[fields]{from,to}.
type field struct {
	name     string
	fields   []field
	from, to int
}

// parseTree parses fields, up to the end or the "]" behind them.
func parseTree(s *string) (out []field) {
	for *s != "" && (*s)[0] != ']' {
		n := strings.IndexAny(*s+",", ",[]{")
		f := field{name: (*s)[:n], to: 1 << 30}
		*s = (*s)[n:]
		if strings.HasPrefix(*s, "[") {
			*s = (*s)[1:]
			f.fields = parseTree(s)
			*s = (*s)[1:]
		}
		if strings.HasPrefix(*s, "{") {
			span, rest, _ := strings.Cut((*s)[1:], "}")
			from, to, _ := strings.Cut(span, ",")
			f.from, _ = strconv.Atoi(from)
			f.to, _ = strconv.Atoi(to)
			*s = rest
		}
		*s = strings.TrimPrefix(*s, ",")
		out = append(out, f)
	}
	return out
}

// prune returns of a value what a tree query asks for.
func (j *fakeJenkins) prune(v any, fields []field) any {
	switch v := v.(type) {
	case row:
		out := row{}
		for _, f := range fields {
			if value, ok := v[f.name]; ok || f.name == "allBuilds" {
				out[f.name] = j.field(v, value, f)
			}
		}
		if class, ok := v["_class"]; ok { // is always there
			out["_class"] = class
		}
		return out
	case []any:
		for i := range v {
			v[i] = j.prune(v[i], fields)
		}
	}
	return v
}

// field returns of a field of an object what is asked for.
func (j *fakeJenkins) field(of row, value any, f field) any {
	if f.name == "allBuilds" {
		value = of["builds"]
	}
	rows, isList := value.([]any)
	if !isList {
		return j.prune(value, f.fields)
	}
	if f.name == "builds" {
		rows = rows[:min(len(rows), 100)]
	}
	if !j.noRanges {
		rows = rows[min(f.from, len(rows)):min(f.to, len(rows))]
	}
	return j.prune(append([]any{}, rows...), f.fields)
}

// newClient returns a client that may read from servers on loopback.
func newClient(t *testing.T) *sources.Client {
	t.Helper()
	client, err := sources.NewClient(sources.ClientOptions{Typed: []string{"127.0.0.1"}, Retries: -1, PerSecond: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func mustSource(t *testing.T, o Options) *Source {
	t.Helper()
	o.Client = newClient(t)
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mustList reads all there is, without a problem.
func mustList(t *testing.T, o Options) sources.Listing {
	t.Helper()
	l, err := mustSource(t, o).Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range l.Problems {
		t.Errorf("problem: %v", problem)
	}
	return l
}

// sample returns a recorded answer.
func sample(t *testing.T, name string) row {
	t.Helper()
	data, err := os.ReadFile("../../../shared/samples/jenkins/" + name)
	if err != nil {
		t.Skip("recorded answers are not here: ", err)
	}
	var r row
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}
