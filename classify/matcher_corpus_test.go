package classify_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"golang.org/x/sync/errgroup"
)

// TestMatcherOnCorpus holds the engine to the oracle on real logs, with a
// thousand plain rules and with those that ship. It takes the ends of some of the
// logs; STRIDE=1 in the environment makes it take each and all of it, which takes
// long, STRIDE=10 every tenth.
func TestMatcherOnCorpus(t *testing.T) {
	stride, most := 8, 8<<10
	if raced {
		stride, most = 60, 2<<10
	}
	if n, err := strconv.Atoi(os.Getenv("STRIDE")); err == nil && n > 0 {
		stride, most = n, math.MaxInt
	}
	for name, rules := range map[string][]classify.Rule{
		"rules.1000": benchRules(t, "rules.1000"), "rules.300s": benchRules(t, "rules.300s"), "nolit.20": benchRules(t, "nolit.20"), "default": defaultRules(t),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			size, matches := compareLogs(t, rules, corpusFiles(t, stride), most)
			t.Logf("%d rules, %.1f MB, %d messages, %v", len(rules), float64(size)/1e6, matches, time.Since(start).Round(time.Millisecond))
			if matches == 0 && !raced {
				t.Error("no rule matched")
			}
		})
	}
}

// compareLogs compares both ways on the last bytes of logs, several at a time
// with one engine. It returns how many bytes and how many messages there were.
func compareLogs(t *testing.T, rules []classify.Rule, files []string, most int) (size, matches int64) {
	c, err := classify.Compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	oracle := newOracle(rules)
	var bytes, messages atomic.Int64
	var workers errgroup.Group
	workers.SetLimit(2)
	for _, file := range files {
		workers.Go(func() error {
			log, err := unzipped(file)
			if err != nil {
				return err
			}
			log = settled(log[max(0, len(log)-most):])
			want := oracle.tell(log)
			bytes.Add(int64(len(log)))
			messages.Add(int64(len(want)))
			got := sightings(c, rules, &chunkReader{text: log, sizes: []int{32 << 10, 1, 100_000}})
			if diff := compareSightings(want, got); diff != "" {
				return fmt.Errorf("%s: oracle (-), engine (+): %s", file, diff)
			}
			return nil
		})
	}
	if err := workers.Wait(); err != nil {
		t.Error(err)
	}
	return bytes.Load(), messages.Load()
}

// corpusFiles returns every so many-th log of the corpus.
func corpusFiles(t *testing.T, stride int) []string {
	files, _ := filepath.Glob("../../shared/corpus/*/*.gz")
	more, _ := filepath.Glob("../../shared/corpus/*/*/*.gz")
	if files = append(files, more...); len(files) == 0 {
		t.Skip("no shared data beside the project")
	}
	var some []string
	for i := 0; i < len(files); i += stride {
		some = append(some, files[i])
	}
	return some
}

// unzipped returns the text of a log.
func unzipped(file string) (string, error) {
	packed, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(z)
	return string(text), err
}

// benchRules returns a rule set of the benchmark.
func benchRules(t testing.TB, name string) []classify.Rule {
	text, err := os.ReadFile("../../shared/bench/" + name + ".json")
	if err != nil {
		t.Skip("no shared data beside the project")
	}
	var set []struct {
		ID        int
		Kind, Pat string
	}
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	var rules []classify.Rule
	for _, s := range set {
		r := classify.Rule{ID: fmt.Sprint(s.ID), Files: []string{"x"}, Literal: s.Pat, Message: "m"}
		if s.Kind == "re" {
			r.Literal, r.Pattern, r.Message = "", s.Pat, "{0}"
		}
		rules = append(rules, r)
	}
	return rules
}

// defaultRules returns the rules that ship, as rules on one log: without what
// they ask of other files and of the job.
func defaultRules(t *testing.T) []classify.Rule {
	set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rules []classify.Rule
	for _, r := range set.Rules {
		if slices.Contains(r.Files, classify.ResultFile) {
			continue
		}
		elsewhere := func(c classify.Condition) bool { return c.Files != nil && !slices.Equal(c.Files, r.Files) }
		r.All, r.None = slices.DeleteFunc(slices.Clone(r.All), elsewhere), slices.DeleteFunc(slices.Clone(r.None), elsewhere)
		for _, c := range [][]classify.Condition{r.All, r.None} {
			for i := range c {
				c[i].Files = nil
			}
		}
		r.Files, r.Hides = []string{"x"}, nil
		r.Jobs, r.Projects, r.Branches, r.Pipelines = nil, nil, nil, nil
		rules = append(rules, r)
	}
	return rules
}
