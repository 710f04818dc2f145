package literal

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write frequency.txt anew")

// shared is where the logs are.
const shared = "../../../../shared"

// corpus calls visit with each log of the corpus and its project.
func corpus(t testing.TB, visit func(project string, log []byte)) {
	t.Helper()
	failing, _ := filepath.Glob(filepath.Join(shared, "corpus/failing/*/*.gz"))
	passing, _ := filepath.Glob(filepath.Join(shared, "corpus/passing/*.gz"))
	if len(failing) == 0 || len(passing) == 0 {
		t.Skip("no logs beside the project, in ", shared)
	}
	build := regexp.MustCompile(`-\d+\.log\.gz$`)
	for _, name := range slices.Concat(failing, passing) {
		log, err := readLog(name)
		if err != nil {
			t.Fatal(err)
		}
		project := filepath.Base(filepath.Dir(name))
		if build.MatchString(name) {
			project = build.ReplaceAllString(filepath.Base(name), "")
		}
		visit(project, log)
	}
}

func readLog(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, err := gzip.NewReader(bufio.NewReader(file))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// A census counts the pairs of kinds of bytes, and words, of one project's logs.
type census struct {
	pairs [len(kinds)][len(kinds)]float64
	words []float64
	bytes float64
}

// take counts a log.
func (c *census) take(log []byte, counter *counter) {
	before := kindOf['\n']
	for _, b := range log {
		kind := kindOf[b]
		c.pairs[before][kind]++
		before = kind
	}
	c.bytes += float64(len(log))
	counter.count(log, c.words)
}

// A counter counts where texts begin, which are of three bytes or more and in
// small letters.
type counter struct {
	texts []string
	heads map[string][]int // by the first three bytes
	maybe [1 << 15]bool    // by a hash of these
}

func newCounter(texts []string) *counter {
	c := &counter{texts: texts, heads: map[string][]int{}}
	for i, text := range texts {
		c.heads[text[:3]] = append(c.heads[text[:3]], i)
		c.maybe[headHash(text)] = true
	}
	return c
}

func headHash[T string | []byte](text T) uint32 {
	return (uint32(text[0])<<16 | uint32(text[1])<<8 | uint32(text[2])) * 0x9E3779B1 >> 17
}

// count adds to counts how often each text is in a log.
func (c *counter) count(log []byte, counts []float64) {
	small := Fold(log)
	for i := 0; i+3 <= len(small); i++ {
		if !c.maybe[headHash(small[i:i+3])] {
			continue
		}
		for _, n := range c.heads[string(small[i:i+3])] {
			if bytes.HasPrefix(small[i:], []byte(c.texts[n])) {
				counts[n]++
			}
		}
	}
}

// shares are the shares of all positions of a project, the mean of all projects.
func shares(projects map[string]*census) *census {
	mean := &census{}
	for _, name := range slices.Sorted(maps.Keys(projects)) {
		p := projects[name]
		mean.words = slices.Grow(mean.words, len(p.words))[:len(p.words)]
		part := 1 / p.bytes / float64(len(projects))
		for i := range p.pairs {
			for j := range p.pairs[i] {
				mean.pairs[i][j] += p.pairs[i][j] * part
			}
		}
		for i := range p.words {
			mean.words[i] += p.words[i] * part
		}
	}
	return mean
}

// table returns the table of shares, in the form of frequency.txt.
func table(c *census, words []string) string {
	var size, of [len(kinds)]float64
	for b := range 256 {
		size[kindOf[b]]++
	}
	for i := 'A'; i <= 'Z'; i++ {
		size[kindOf[i]] = 1 // either case is the letter
	}
	total := 0.0
	for i := range c.pairs {
		for j := range c.pairs[i] {
			of[j] += c.pairs[i][j]
			total += c.pairs[i][j]
		}
	}
	const unseen = 1e-6 // what of a kind is taken to be followed as any other
	var b strings.Builder
	for i := range kinds {
		fmt.Fprintf(&b, "%c %c ", kinds[i], character(of[i]/total/size[i]))
		row := 0.0
		for _, n := range c.pairs[i] {
			row += n
		}
		for j, n := range c.pairs[i] {
			b.WriteByte(character((n + unseen*(of[j]+1e-6)) / (row + unseen) / size[j]))
		}
		b.WriteByte('\n')
	}
	for i, w := range words {
		chain, err := readChain(b.String())
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, "%.1f %q\n", max(chain.bits(w)+math.Log2(max(c.words[i], 1e-9)), 0), w)
	}
	return b.String()
}

// character is the reverse of figure.
func character(share float64) byte {
	return byte('!' + min(max(math.Round(-4*math.Log2(share)), 0), '~'-'!'))
}

// tableWords returns the words of the table, the shorter ones first.
func tableWords() []string {
	var words []string
	for _, first := range model().words {
		for _, second := range first {
			for _, w := range second {
				words = append(words, w.text)
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return slices.Compact(words)
}

// TestFrequencyTable holds the table against the logs that it was made of.
func TestFrequencyTable(t *testing.T) {
	words := tableWords()
	counter := newCounter(words)
	projects := map[string]*census{}
	corpus(t, func(p string, log []byte) {
		if projects[p] == nil {
			projects[p] = &census{words: make([]float64, len(words))}
		}
		projects[p].take(log, counter)
	})
	made := table(shares(projects), words)
	if *update {
		if err := os.WriteFile("frequency.txt", []byte(made), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(strings.Split(frequencyText, "\n"), strings.Split(made, "\n")); diff != "" {
		t.Errorf("the table is not that of the logs; -update writes it anew (-have +made):\n%s", diff)
	}
}

// TestFrequencyRanks holds the estimates for texts of rules, as a ranking,
// against how often the logs have them.
func TestFrequencyRanks(t *testing.T) {
	var texts []string
	for _, pattern := range benchPatterns(t) {
		for _, set := range Required(parse(t, pattern), 3) {
			for _, text := range set {
				texts = append(texts, folded(text.Text))
			}
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	counter, counts := newCounter(texts), make([]float64, len(texts))
	corpus(t, func(_ string, log []byte) { counter.count(log, counts) })
	var estimated, counted []float64
	for i, text := range texts {
		if counts[i] > 0 {
			estimated, counted = append(estimated, Frequency(text)), append(counted, counts[i])
		}
	}
	got := correlation(ranks(estimated), ranks(counted))
	t.Logf("%d texts that are in the logs, rank correlation %.2f", len(counted), got)
	if got < 0.4 {
		t.Errorf("rank correlation %.2f, want 0.4", got)
	}
}

// ranks returns the place of each value among all, equal ones sharing theirs.
func ranks(values []float64) []float64 {
	sorted := slices.Sorted(slices.Values(values))
	var ranks []float64
	for _, v := range values {
		first, _ := slices.BinarySearch(sorted, v)
		after, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
		ranks = append(ranks, float64(first+after-1)/2)
	}
	return ranks
}

// correlation is Pearson's; of ranks, it is Spearman's.
func correlation(x, y []float64) float64 {
	var sx, sy, xx, yy, xy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		xx, yy, xy = xx+x[i]*x[i], yy+y[i]*y[i], xy+x[i]*y[i]
	}
	n := float64(len(x))
	return (n*xy - sx*sy) / math.Sqrt((n*xx-sx*sx)*(n*yy-sy*sy))
}

func TestFrequency(t *testing.T) {
	order := []string{"e", "error", "failed", "failed to ", "undefined reference to", strings.Repeat("qxzj", 1000)}
	for i, text := range order[1:] {
		if often, seldom := Frequency(order[i]), Frequency(text); often <= seldom || seldom <= 0 {
			t.Errorf("%.30q: %g, %.30q: %g, which should be less but not 0", order[i], often, text, seldom)
		}
	}
	if Frequency("Error: 1 É") != Frequency("eRROR: 7 É") {
		t.Error("case or the digit makes a difference")
	}
	if got := Frequency(""); got != 1 {
		t.Errorf("the empty text: %g, want 1", got)
	}
}

func TestReadChain(t *testing.T) {
	for _, text := range []string{"", frequencyText[1:], frequencyText + "1.0 word\n", frequencyText + "x\n", frequencyText + "1 \"\"\n"} {
		if _, err := readChain(text); err == nil {
			t.Errorf("no error for a table that begins with %.20q", text)
		}
	}
}
