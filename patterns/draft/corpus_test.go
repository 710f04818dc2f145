package draft_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/draft"
	"github.com/watchcat-ci/watchcat/patterns/lint"
)

// shared is where the shared data lies; the tests that read it skip without it.
const shared = "../../../shared"

// seedVariable names an environment variable for the seed of TestCorpus.
const seedVariable = "WATCHCAT_DRAFT_SEED"

// label is a log of the corpus and the lines that are its reason.
type label struct {
	Log   string
	Lines [][2]int
}

// labels returns the labels of the corpus.
func labels(tb testing.TB) []label {
	tb.Helper()
	f, err := os.Open(filepath.Join(shared, "corpus/failing.jsonl"))
	if err != nil {
		tb.Skip("the corpus is not there: ", err)
	}
	defer f.Close()
	var all []label
	for in := bufio.NewScanner(f); in.Scan(); {
		var l label
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			tb.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// unpacked returns the text of a gzip file.
func unpacked(tb testing.TB, name string) string {
	tb.Helper()
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return string(text)
}

// lines returns a log that is a text.
func lines(text string) draft.Log {
	return func() iter.Seq2[classify.Line, error] { return classify.Lines(strings.NewReader(text)) }
}

// pick is a line of the corpus.
type pick struct {
	log  string
	line int
	text string
}

// picks returns labelled lines, any that hold letters, at random.
func picks(tb testing.TB, rnd *rand.Rand) iter.Seq[pick] {
	all := labels(tb)
	return func(yield func(pick) bool) {
		for {
			l := all[rnd.IntN(len(all))]
			r := l.Lines[rnd.IntN(len(l.Lines))]
			p := pick{log: filepath.Join(shared, "corpus", l.Log), line: r[0] + rnd.IntN(r[1]-r[0]+1)}
			for line := range lines(unpacked(tb, p.log))() {
				if line.Number == p.line {
					p.text = line.Text
				}
			}
			if strings.ContainsFunc(p.text, unicode.IsLetter) && !yield(p) {
				return
			}
		}
	}
}

// TestCorpus drafts rules for labelled lines of real logs: they load, do their
// tests right, and hardly one matches in a log of a build that passed.
func TestCorpus(t *testing.T) {
	seed, err := strconv.ParseUint(cmp.Or(os.Getenv(seedVariable), "5"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	const wanted = 50
	document := patterns.Document{}
	from := map[string]pick{}
	refused := 0
	for p := range picks(t, rand.New(rand.NewPCG(seed, seed))) {
		if len(from) == wanted {
			break
		}
		o := draft.Options{Taken: func(id string) bool { _, taken := from[id]; return taken }}
		d, err := draft.New(t.Context(), lines(unpacked(t, p.log)), p.line, p.line, o)
		if err != nil {
			refused++
			t.Logf("refused: %s:%d: %q", strings.TrimPrefix(p.log, shared), p.line, p.text)
			continue
		}
		e, err := d.Entry()
		if err != nil {
			t.Errorf("%s:%d: %q: %v", p.log, p.line, p.text, err)
			continue
		}
		from[e.ID] = p
		document.Entries = append(document.Entries, e)
	}
	set := load(t, document)
	green := greenHits(t, set)
	for _, r := range set.Rules {
		verdict := "ok"
		if green[r.ID] != "" {
			verdict = "GREEN " + green[r.ID]
		}
		t.Logf("%s: %s:%d: %q\n    %s\n    %s | %s | %s | %s", verdict, strings.TrimPrefix(from[r.ID].log, shared), from[r.ID].line, from[r.ID].text, r.Pattern, r.ID, r.Message, r.Tag, r.Tier)
	}
	t.Logf("seed %d: %d rules, %d lines refused, %d match a log that passed", seed, len(set.Rules), refused, len(green))
	if len(green) > wanted/10 || refused > wanted/5 {
		t.Errorf("%d of %d rules match in logs of builds that passed, %d lines were refused", len(green), wanted, refused)
	}
}

// load loads rules as they are printed, runs their tests, and lints each by
// itself.
func load(t *testing.T, d patterns.Document) *patterns.Set {
	t.Helper()
	for _, e := range d.Entries {
		for _, found := range lint.Run(written(t, patterns.Document{Entries: []patterns.Entry{e}}), nil, lint.Options{}) {
			t.Errorf("lint: %s: %s; %s: %s", found.Code, found.What, found.Remedy, e.Pattern)
		}
	}
	set := written(t, d)
	passes(t, set)
	return set
}

// passes runs the tests of rules.
func passes(t *testing.T, set *patterns.Set) {
	t.Helper()
	results, err := set.Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Passed() {
			t.Error(r)
		}
	}
}

// written writes rules to a file, and loads that.
func written(t *testing.T, d patterns.Document) *patterns.Set {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(name, patterns.Format(d), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := patterns.Load([]string{name}, patterns.Options{})
	if err != nil {
		t.Error(err)
	}
	return set
}

// greenHits returns the rules that match in logs of builds that passed, and
// where.
func greenHits(t *testing.T, set *patterns.Set) map[string]string {
	t.Helper()
	c, err := classify.Compile(set.Rules)
	if err != nil {
		t.Fatal(err)
	}
	names, _ := filepath.Glob(filepath.Join(shared, "corpus/passing/*.gz"))
	if len(names) == 0 {
		t.Fatal("there are no logs of builds that passed")
	}
	hits, read := map[string]string{}, 0
	for _, name := range names {
		text := unpacked(t, name)
		read += len(text)
		for _, m := range c.Log(t.Context(), "log", strings.NewReader(text)).Matches {
			hits[m.Rule] = fmt.Sprintf("%s:%d: %q", filepath.Base(name), m.Line, m.Text)
		}
	}
	t.Logf("tried on %d logs of builds that passed, %d MB", len(names), read>>20)
	return hits
}
