package convert

import (
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// both is a set of rules, and the original that they were made of.
type both struct {
	*reference
	ids    []string // of the rules, in the order of the patterns
	engine *classify.Classifier
}

// theLog is what the one log is called that all rules are tried on.
const theLog = "log"

// sovaBoth returns a real file of sova's form, as it is and as rules.
func sovaBoth(t *testing.T, format, name string) *both {
	t.Helper()
	path := samples(t, name)
	b := &both{reference: readReference(t, path, format == CollectLogs)}
	r := convertAll(t, format, path)
	var rules []classify.Rule
	for _, e := range r.Document.Entries {
		e.Rule.Files = []string{theLog}
		rules = append(rules, e.Rule)
		b.ids = append(b.ids, e.ID)
	}
	if len(rules) != len(b.patterns) {
		t.Fatalf("%d rules of %d patterns", len(rules), len(b.patterns))
	}
	var err error
	if b.engine, err = classify.Compile(rules); err != nil {
		t.Fatal(err)
	}
	return b
}

// difference is a rule that matches a log and a pattern that does not, or the
// other way round.
type difference struct {
	pattern  *referencePattern
	rule     string
	log      string
	original bool // the pattern matches
}

// differences returns where the rules and the original differ in a log, and how
// many patterns match.
func (b *both) differences(t *testing.T, log string) ([]difference, int) {
	t.Helper()
	messages := map[string][]string{}
	for _, m := range b.engine.Log(t.Context(), theLog, strings.NewReader(log)).Matches {
		messages[m.Rule] = append(messages[m.Rule], m.Message)
	}
	fired := b.fired(log)
	var all []difference
	for i, p := range b.patterns {
		group, original := fired[i]
		said := messages[b.ids[i]]
		switch {
		case original != (said != nil):
			all = append(all, difference{p, b.ids[i], log, original})
		case original && len(group) < 300 && !strings.Contains(log, "\x1b[0m") && !strings.Contains(log, "\r") && ascii(log) && !slices.Contains(said, message(p.msg, group)):
			t.Errorf("%s says %q, of %q in\n%q", b.ids[i], said, group, log)
		}
	}
	return all, len(fired)
}

// message returns what the original says, in one line.
func message(format, group string) string {
	return strings.Join(strings.Fields(strings.Replace(format, "{}", strings.TrimSpace(group), 1)), " ")
}

// known are the differences that are meant: defects of the original, and what
// means something else since rules see lines as a person does.
var known = []struct {
	why      string
	explains func(b *both, d difference) bool
}{
	{"colour: rules see lines without colours, so the original's \"1;31mError\" is \"Error\" at the beginning of a line or behind what is left of a colour code; the original takes any m before it for a colour", func(b *both, d difference) bool {
		return colourEnd.MatchString(d.pattern.text) && (d.original && !colouredLine.MatchString(d.log) || !d.original && plainLine.MatchString(d.log))
	}},
	{"blank: the blank that the text begins with may be that behind a time stamp, so the rule takes a line that begins with the text", func(_ *both, d difference) bool {
		return strings.HasPrefix(d.pattern.text, " ") && !d.original
	}},
	{"node: the text begins as the node does that may stand behind a time stamp, so a line without a node loses its beginning", func(_ *both, d difference) bool {
		return d.original && nodeFirst.MatchString(d.pattern.text)
	}},
	{"next line: the original's look-ahead at the next line decides nothing, so it takes what is ignored for a failure", func(b *both, d difference) bool {
		return looksAhead(d) && !b.whole && d.original && strings.Contains(d.log, "ignoring")
	}},
	{"last line: the original wants the end of the line, which the last one may lack", func(b *both, d difference) bool {
		return looksAhead(d) && !b.whole && !d.original && !strings.HasSuffix(d.log, "\n")
	}},
	{"first line: without the multiline flag the original sees the log's first line only, and wants one after it", func(b *both, d difference) bool {
		return looksAhead(d) && b.whole && !d.original
	}},
	{"several lines: [^0]+ of the original goes on over the ends of lines, up to the next 0", func(b *both, d difference) bool {
		return looksAhead(d) && b.whole && d.original
	}},
	{"escape sequence: one within the text hides it from the original", func(_ *both, d difference) bool {
		return !d.original && strings.Contains(d.log, "\x1b")
	}},
	{"carriage return: the original matches over it, where a terminal shows the second part only", func(b *both, d difference) bool {
		return !b.whole && d.original && strings.Contains(d.log, "\r")
	}},
	{"first match: the role looks at the first match only, and gives up if that is excluded", func(b *both, d difference) bool {
		return b.whole && !d.original && len(d.pattern.exclude) > 0 && strings.Count(d.log, "service failed") > 1
	}},
	{"empty capture: where the first group takes nothing, the original's match does not count; the rule asks for one in which it takes something", func(b *both, d difference) bool {
		return !d.original && b.capturesNothing(d)
	}},
	{"Unicode: \\s, \\w and \\d of Python know all of it, those of Go ASCII only", func(_ *both, d difference) bool {
		return !ascii(d.log) && d.pattern.search != nil
	}},
	{"several lines: a class such as [^ ] of the original matches the end of a line too", func(b *both, d difference) bool {
		return b.whole && d.original && d.pattern.search != nil && b.needsLineEnd(d)
	}},
}

var (
	colouredLine = regexp.MustCompile(`(?m)^(?:[0-9-]{10} [0-9:.]+ \| (?:node \| )?)?(?:\x1b)?\[[\d;]*mError: `)
	plainLine    = regexp.MustCompile(`(?m)(?:^|\r|\| |\[[\d;]*m)Error: `)
)

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}

func looksAhead(d difference) bool { return strings.HasSuffix(d.pattern.text, notIgnored) }

// needsLineEnd reports whether the original matches a log, but none of its lines.
func (b *both) needsLineEnd(d difference) bool {
	for line := range strings.FieldsFuncSeq(d.log, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if _, found := b.match(d.pattern, line); found {
			return false
		}
	}
	return true
}

// capturesNothing reports whether the original finds a match with an empty
// first group.
func (b *both) capturesNothing(d difference) bool {
	texts := slices.Collect(strings.SplitAfterSeq(d.log, "\n"))
	if b.whole {
		texts = []string{d.log}
	}
	return d.pattern.search != nil && slices.ContainsFunc(texts, func(text string) bool {
		group, groups, found := d.pattern.search(text)
		return found && groups && group == ""
	})
}

// check compares rules and original on a log, and counts what is known.
func (b *both) check(t *testing.T, log string, count map[string]int) int {
	t.Helper()
	all, fired := b.differences(t, log)
	for _, d := range all {
		i := slices.IndexFunc(known, func(k struct {
			why      string
			explains func(b *both, d difference) bool
		}) bool {
			return k.explains(b, d)
		})
		if i < 0 {
			t.Errorf("%s, of %q: the original matches: %v, the rule: %v, in\n%.500q", d.rule, d.pattern.text, d.original, !d.original, d.log)
			continue
		}
		count[known[i].why]++
	}
	return fired
}

// sovaSets are the real files of sova's form.
var sovaSets = []struct{ format, name string }{{Sova, "sova-patterns.yml"}, {CollectLogs, "collect-logs-sova-patterns.yml"}}

// TestSovaOnLogs holds the rules made of sova's files to the originals on real
// logs, each as it is and with a line in it that one of the patterns matches.
// All logs are read where CI is set, as it takes minutes; else every fifth.
func TestSovaOnLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("reads all real logs")
	}
	for _, set := range sovaSets {
		t.Run(set.format, func(t *testing.T) {
			t.Parallel()
			b, count := sovaBoth(t, set.format, set.name), map[string]int{}
			logs, fired, broken := 0, 0, 0
			random := rand.New(rand.NewPCG(1, 1))
			for log := range realLogs(t) {
				logs++
				if !utf8.ValidString(log) {
					broken++
				}
				fired += b.check(t, log, count)
				p := b.patterns[logs%len(b.patterns)]
				fired += b.check(t, insert(random, log, sample(t, random, p)), count)
			}
			t.Logf("%d logs (%d not in UTF-8, at which the original gives up), %d matches, known differences: %v", logs, broken, fired, count)
		})
	}
}

// insert puts a line into a log somewhere.
func insert(random *rand.Rand, log, line string) string {
	lines := strings.SplitAfter(log, "\n")
	at := random.IntN(len(lines))
	return strings.Join(lines[:at], "") + line + "\n" + strings.Join(lines[at:], "")
}

// TestSovaOnLines holds the rules made of sova's files to the originals on lines
// made of each pattern: such as it matches, and such as it just does not.
func TestSovaOnLines(t *testing.T) {
	rounds := 4 // lines of each pattern
	if testing.Short() {
		rounds = 1
	}
	explained := map[string]int{}
	for _, set := range sovaSets {
		t.Run(set.format, func(t *testing.T) {
			b := sovaBoth(t, set.format, set.name)
			logs, fired := 0, 0
			random := rand.New(rand.NewPCG(2, 2))
			for i, p := range b.patterns {
				matched := 0
				for range rounds {
					for _, log := range variations(random, sample(t, random, p), p) {
						logs++
						if _, ok := b.fired(log)[i]; ok {
							matched++
						}
						fired += b.check(t, log, explained)
					}
				}
				if matched == 0 && !testing.Short() {
					t.Errorf("no line made of %q is matched by it", p.text)
				}
			}
			t.Logf("%d logs of a line or some, %d matches", logs, fired)
		})
	}
	for _, k := range known {
		t.Logf("%6d  %s", explained[k.why], k.why)
		if explained[k.why] == 0 && !t.Failed() && len(explained) > 0 && !testing.Short() {
			t.Errorf("no difference is left that this explains: %s", k.why)
		}
	}
}

// variations returns logs with a line in them that a pattern most likely
// matches, as it is and changed in ways that may matter.
func variations(random *rand.Rand, line string, p *referencePattern) []string {
	const stamp = "2026-11-20 10:11:12.123456 | "
	at := random.IntN(len(line))
	logs := []string{
		line + "\n", line, stamp + line + "\n", stamp + "node | " + line + "\nnext\n", "xx " + line + " yy\n",
		line + " " + line + "\n", strings.ToUpper(line) + "\n", line[:at] + line[at+1:] + "\n", line[:at] + "_" + line[at:] + "\n",
		line[:at] + "\x1b[0m" + line[at:] + "\n", line + "\r\n" + line + "\r\n", "50%\r" + line + "\n", line[:at] + "\r" + line[at:] + "\n",
		line[:at] + "\n" + line[at:] + "\n", "a\n" + line + "\n...ignoring\nb\n", "a\n" + line + "\n\n...ignoring\nb\n", line + "\né\u00a0" + line,
		strings.Replace(line, `"cmd": "`, `"cmd": "set -o pipefail &&  `, 1) + "\n", strings.TrimSpace(line) + "\n", "x: " + line[:at] + "\n", line[at:] + "\n",
	}
	for _, text := range p.exclude {
		logs = append(logs, line+" "+text+"\n", strings.Replace(line, "systemd: ", "systemd: "+text, 1)+"\n",
			strings.Replace(line, "systemd: ", "systemd: "+text, 1)+"\n"+line+"\n")
	}
	return logs
}

// sample returns a line that a pattern matches.
func sample(t *testing.T, random *rand.Rand, p *referencePattern) string {
	t.Helper()
	if p.search == nil {
		return p.text
	}
	tree, err := syntax.Parse(strings.TrimSuffix(p.text, notIgnored), syntax.Perl)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	generate(random, tree, &out)
	line := out.String()
	if colourEnd.MatchString(p.text) {
		line = "\x1b[" + line // the colour's beginning, which the pattern leaves out
	}
	return line
}

// generate writes a text that a regular expression matches.
func generate(random *rand.Rand, tree *syntax.Regexp, out *strings.Builder) {
	times := func(least, most int) {
		for range least + random.IntN(most-least+1) {
			generate(random, tree.Sub[0], out)
		}
	}
	switch tree.Op {
	case syntax.OpLiteral:
		out.WriteString(string(tree.Rune))
	case syntax.OpCharClass:
		out.WriteRune(oneOf(random, tree.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		out.WriteByte("abz0 :/"[random.IntN(7)])
	case syntax.OpStar:
		times(0, 3)
	case syntax.OpPlus:
		times(1, 3)
	case syntax.OpQuest:
		times(0, 1)
	case syntax.OpRepeat:
		times(tree.Min, tree.Min+2)
	case syntax.OpAlternate:
		generate(random, tree.Sub[random.IntN(len(tree.Sub))], out)
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range tree.Sub {
			generate(random, sub, out)
		}
	}
}

// oneOf returns a character of a class that a line may well have.
func oneOf(random *rand.Rand, class []rune) rune {
	for {
		r := rune(' ' + random.IntN('~'-' '))
		if random.IntN(10) == 0 {
			r = []rune("é\u00a0\t")[random.IntN(3)]
		}
		for i := 0; i < len(class); i += 2 {
			if class[i] <= r && r <= class[i+1] {
				return r
			}
		}
	}
}

// realLogs yields the real logs there are.
func realLogs(t *testing.T) iter.Seq[string] {
	return func(yield func(string) bool) {
		var names []string
		for _, glob := range []string{"corpus/failing/*/*.gz", "corpus/passing/*.gz", "samples/zuul/*.txt", "samples/zuul/*.txt.gz", "samples/logs/*"} {
			some, _ := filepath.Glob(filepath.Join(shared, glob))
			names = append(names, some...)
		}
		if len(names) == 0 {
			t.Skip("no real logs here")
		}
		step := 5
		if os.Getenv("CI") != "" {
			step = 1
		}
		for i := 0; i < len(names); i += step {
			if !yield(readLog(t, names[i])) {
				return
			}
		}
	}
}

// readLog returns the text of a log, unpacked.
func readLog(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(text, []byte("\x1f\x8b")) {
		return string(text)
	}
	packed, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if text, err = io.ReadAll(packed); err != nil {
		t.Fatal(err)
	}
	return string(text)
}
