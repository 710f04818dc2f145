package democi

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

func startWorld(t *testing.T) *World {
	t.Helper()
	w, err := Start(Options{Now: noon, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// get fetches a page as it is sent.
func get(t *testing.T, url string) (*http.Response, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return transport.RoundTrip(request)
}

// TestStores downloads a console of each kind of store.
func TestStores(t *testing.T) {
	w := startWorld(t)
	seen := map[store]bool{}
	for _, b := range w.facts.builds {
		if b.store == storeNone || seen[b.store] {
			continue
		}
		seen[b.store] = true
		t.Run(string(b.store), func(t *testing.T) { checkStore(t, w, b) })
	}
	for _, want := range []store{storePlain, storeGzip, storeEncoded, storeCut, storeMissing, storeDown} {
		if !seen[want] {
			t.Errorf("no log is stored as %s", want)
		}
	}
}

func checkStore(t *testing.T, w *World, b *build) {
	base := w.site.url
	if b.store == storeDown {
		base = w.down.url()
	}
	response, err := get(t, base+b.dir()+b.file())
	if b.store == storeDown {
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Fatalf("the host that is down answered with %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if b.store == storeMissing {
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("got %s, want 404", response.Status)
		}
		return
	}
	got, err := readAll(response.Body, b.store != storePlain)
	if want := b.store == storeCut; errors.Is(err, io.ErrUnexpectedEOF) != want {
		t.Errorf("reading ended with %v", err)
	}
	if want := text(t, w.facts, b); len(got) < len(want)/2 || !strings.Contains(got, "harbour") {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
	if encoded := response.Header.Get("Content-Encoding") == "gzip"; encoded != (b.store == storeEncoded) {
		t.Errorf("Content-Encoding is %q", response.Header.Get("Content-Encoding"))
	}
}

func readAll(r io.Reader, zipped bool) (string, error) {
	if zipped {
		unzipped, err := gzip.NewReader(r)
		if err != nil {
			return "", err
		}
		r = unzipped
	}
	data, err := io.ReadAll(r)
	return string(data), err
}

func TestStartNeedsAFolder(t *testing.T) {
	_, err := Start(Options{Now: noon, Dir: t.TempDir() + "/absent"})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want one that says the folder is not there", err)
	}
}

func TestConfigNamesWhatIsThere(t *testing.T) {
	w := startWorld(t)
	data, err := os.ReadFile(w.Config())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		page := strings.Trim(strings.TrimSpace(line), `",`)
		if !strings.HasPrefix(page, "http") {
			continue
		}
		response, err := get(t, page)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if rows := strings.Count(string(body), `alt="[DIR]"`); err != nil || rows != periodicRuns {
			t.Errorf("%s: %d rows, error %v; want %d rows", page, rows, err, periodicRuns)
		}
	}
}

// asPlanted returns what a watchcat that makes no mistake reports.
func asPlanted(w *World) []classify.Result {
	var all []classify.Result
	for _, e := range w.Expected() {
		r := classify.Result{Outcome: e.Outcome, Rule: e.Rule, Partial: e.Partial}
		r.Name, r.Change, r.PatchSet, r.Superseded = e.Job, e.Change, e.PatchSet, e.Superseded
		if e.Build != "" {
			r.LogURL = w.site.url + "/" + e.Build + "/"
		}
		if e.Point != "" {
			r.Evidence = []classify.Evidence{{Text: []string{"… " + e.Point + " …"}}}
		}
		all = append(all, r)
	}
	return all
}

func TestCheck(t *testing.T) {
	w := startWorld(t)
	matched := func(r *classify.Result) bool { return r.Outcome == classify.OutcomeMatched }
	tests := []struct {
		name   string
		change func(all []classify.Result) []classify.Result
		want   string // of the only error; empty: none
	}{
		{"as planted", func(all []classify.Result) []classify.Result { return all }, ""},
		{"one is lacking", func(all []classify.Result) []classify.Result { return all[1:] }, "was not reported"},
		{"one twice", func(all []classify.Result) []classify.Result { return append(all, all[0]) }, "twice"},
		{"nobody's", func(all []classify.Result) []classify.Result {
			return append(all, classify.Result{Outcome: classify.OutcomeNoLogs})
		}, "nobody planted"},
		{"one without logs, at an address", func(all []classify.Result) []classify.Result {
			forged := *first(all, func(r *classify.Result) bool { return r.LogURL == "" })
			forged.LogURL = "http://127.0.0.1/logs/forged/"
			return append(all, forged)
		}, "nobody planted"},
		{"nobody's, and no failure", func(all []classify.Result) []classify.Result {
			return append(all, classify.Result{Outcome: classify.OutcomeSkipped})
		}, ""},
		{"wrong outcome", func(all []classify.Result) []classify.Result {
			first(all, matched).Outcome = classify.OutcomeUnmatched
			return all
		}, "outcome"},
		{"wrong rule", func(all []classify.Result) []classify.Result { first(all, matched).Rule = "other"; return all }, "rule is other"},
		{"wrong line", func(all []classify.Result) []classify.Result { first(all, matched).Evidence = nil; return all }, "evidence"},
		{"not superseded", func(all []classify.Result) []classify.Result {
			first(all, func(r *classify.Result) bool { return r.Superseded }).Superseded = false
			return all
		}, "superseded"},
		{"not partial", func(all []classify.Result) []classify.Result {
			first(all, func(r *classify.Result) bool { return r.Partial }).Partial = false
			return all
		}, "partial"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			errs := w.Check(test.change(asPlanted(w)))
			switch {
			case test.want == "" && len(errs) > 0:
				t.Errorf("got %v, want no errors", errs)
			case test.want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), test.want)):
				t.Errorf("got %v, want one error with %q", errs, test.want)
			}
		})
	}
}

// first returns the first result that is so.
func first(all []classify.Result, so func(*classify.Result) bool) *classify.Result {
	for i := range all {
		if so(&all[i]) {
			return &all[i]
		}
	}
	return nil
}
