package classify_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// Dice make rule sets and logs of bytes: equal bytes make equal things, fewer
// bytes or smaller ones simpler things, and where the bytes end all is zero.
type dice struct{ bytes []byte }

// roll returns a number below n, at most 256.
func (d *dice) roll(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

// chance is true once in n times, and never where the bytes have ended.
func (d *dice) chance(n int) bool { return d.roll(n) == n-1 }

func pick[T any](d *dice, of []T) T { return of[d.roll(len(of))] }

// some returns up to n things.
func some[T any](d *dice, n int, next func() T) []T {
	var all []T
	for range d.roll(n + 1) {
		all = append(all, next())
	}
	return all
}

// The vocabulary: patterns that often match some of the lines.
var (
	madePatterns = []string{`err`, `^err (\w+)`, `(?P<w>\w+) failed`, `\d+`, `^(ok|warn)\b`, `^$`, `(?i)ERR`, `.*`, `end$`, `^=+$`,
		`retry|again`, `[a-c]\d`, `e.*r`, `\S+$`, `^T\d+ (?P<w>\w+)`, `never there`}
	madeLiterals = []string{"err", "retry", "=", "ok", "end", "err 1", "failed", "."}
	madeLines    = []string{"err", "", "ok", "err a", "err b", "warn 1", "will retry", "end", "====", "x failed", "y failed", "a1 err", "Err",
		"ok err again", "foo", "the end", "err a\rok", "10%\r20%\rerr b\r", "\r", "ok\r", "\r\rx failed\r\r", "\x1b[31merr a\x1b[0m", stamp + "err b", "T1 x", "b2",
		`The command "x" exited with 1.`, `" exited with 0.`, "make: *** [x] Error 2", "TASK [x] ***", "fatal: [x]: FAILED!", "...ignoring"}
	madeFiles = []string{"a", "b", "x.log", "d/y.log", "c", "0.log"}
	madeAsked = []string{"a", "a", "b", "x.log", "*.log", "c", "**/*.log", "d/*", "0.log", "no*", "gone", classify.ResultFile}
)

// world makes a job and its logs.
func (d *dice) world() world {
	w := world{Files: map[string]text{}, Listed: !d.chance(4)}
	if d.chance(4) {
		w.Console = "a"
	}
	w.Job = classify.Job{Result: pick(d, []string{"FAILURE", "NODE_FAILURE", "RETRY_LIMIT err"}), Detail: pick(d, []string{"", "err 1", "will retry"}), LogURL: "http://logs/1/"}
	w.Job.Name = pick(d, []string{"unit-centos-9-x", "lint", ""})
	w.Job.Project, w.Job.Branch, w.Job.Pipeline = pick(d, []string{"org/p", "", "q"}), pick(d, []string{"main", "stable/1", ""}), pick(d, []string{"check", "gate", ""})
	for _, name := range madeFiles {
		switch kind := d.roll(12); kind {
		case 11, 10:
		case 9:
			w.Files[name] = text{Bad: true}
		case 8:
			w.Files[name] = d.cut(d.log())
		default:
			w.Files[name] = text{Text: d.log()}
		}
	}
	return w
}

// log makes a text of some dozen lines, seldom of more than a hundred.
func (d *dice) log() string {
	var b strings.Builder
	for range 1 + d.roll(24) {
		switch kind := d.roll(64); kind {
		case 63:
			b.WriteString(strings.Repeat("foo\n", 40+10*d.roll(9)))
		case 62:
			b.WriteString(strings.Repeat(pick(d, madeLines)+"\n", 95+d.roll(12)))
		case 61:
			for i := range 15 + d.roll(30) {
				fmt.Fprintf(&b, "T%d x%d failed\n", i%2, i%40)
			}
		case 60, 59:
			fmt.Fprintf(&b, "err %d\nT2 x%d failed\n", d.roll(30), d.roll(30))
		default:
			b.WriteString(madeLines[kind%len(madeLines)] + "\n")
		}
	}
	log := b.String()
	if d.chance(4) {
		log = strings.TrimSuffix(log, "\n") + "."
	}
	if d.chance(6) {
		log = strings.ReplaceAll(log, "\n", "\r\n")
	}
	return log
}

// cut cuts a text off, but not within a colour or a time stamp.
func (d *dice) cut(s string) text {
	s = s[:len(s)-min(d.roll(32), len(s)-1)]
	start := strings.LastIndexByte(s, '\n') + 1
	if line := s[start:]; strings.HasPrefix(line, "\x1b") || strings.HasPrefix(line, "20") {
		s = s[:start] + "err"
	}
	return text{Text: s, Cut: true}
}

// rules makes a rule set.
func (d *dice) rules() []classify.Rule {
	rules := make([]classify.Rule, 1+d.roll(6))
	backwards := d.chance(2)
	for i := range rules {
		rules[i] = d.rule()
		rules[i].ID = fmt.Sprint("r", i)
		if d.chance(3) && len(rules) > 1 {
			rules[i].Hides = d.hides(i, len(rules), backwards)
		}
	}
	return rules
}

// hides names rules behind a rule, or all before it: so there is no circle. Seldom
// it names any.
func (d *dice) hides(i, n int, backwards bool) []string {
	var ids []string
	for range 1 + d.roll(2) {
		j := i + 1 + d.roll(n)
		if backwards {
			j = i - 1 - d.roll(n)
		}
		if d.chance(64) {
			j = d.roll(n)
		}
		if id := fmt.Sprint("r", j); 0 <= j && j < n && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// rule makes a rule without an id.
func (d *dice) rule() classify.Rule {
	r := classify.Rule{Files: d.files(), Message: "m"}
	r.Pattern, r.Literal = d.expression()
	if r.Pattern != "" && d.chance(2) {
		r.Message = pick(d, []string{"{0}", "<{0}>"})
		if strings.Contains(r.Pattern, "?P<w>") {
			r.Message = "{w}"
		}
	}
	if d.chance(3) {
		r.Tier = pick(d, []classify.Tier{classify.TierSymptom, classify.TierClue})
	}
	if d.chance(4) {
		r.Priority = pick(d, []int{1, -1, 50})
	}
	if d.chance(3) {
		r.Occurrence = pick(d, []classify.Occurrence{classify.OccurrenceLast, classify.OccurrenceLast, classify.OccurrenceFirst})
	}
	if d.chance(8) {
		d.restrict(&r)
	}
	d.near(&r)
	d.evidence(&r)
	if d.chance(3) {
		r.All = some(d, 2, d.condition)
	}
	if d.chance(3) {
		r.None = some(d, 2, d.condition)
	}
	return r
}

// files makes the candidates of a rule. The result stands for itself.
func (d *dice) files() []string {
	files := []string{pick(d, madeAsked)}
	for d.chance(4) && len(files) < 3 {
		files = append(files, pick(d, madeAsked))
	}
	if slices.Contains(files, classify.ResultFile) {
		return []string{classify.ResultFile}
	}
	return files
}

func (d *dice) expression() (pattern, literal string) {
	if d.chance(3) {
		return "", pick(d, madeLiterals)
	}
	return pick(d, madePatterns), ""
}

// restrict says for which jobs a rule is.
func (d *dice) restrict(r *classify.Rule) {
	globs := func(of ...string) []string { return some(d, 2, func() string { return pick(d, of) }) }
	r.Jobs = globs("*", "*-centos-9-*", "!lint", "un?t*", "!*")
	r.Projects = globs("org/*", "!q", "*")
	r.Branches = globs("*", "!stable/*", "main")
	r.Pipelines = globs("check", "!gate", "*")
}

// near says what must be near a match, or must not be. Where a rule is tried on
// the result, which is one line, nothing is next to it.
func (d *dice) near(r *classify.Rule) {
	result := r.Files[0] == classify.ResultFile
	if d.chance(4) {
		r.Exclude = []string{pick(d, []string{"a", "T1", "again", "5"})}
	}
	if d.chance(5) && !result {
		r.Next = pick(d, madePatterns)
	}
	reaches := []classify.Within{classify.WithinLine, classify.WithinFile, classify.WithinNext, 1, 2, 3, 7, 100, classify.MaxWindow}
	if result {
		reaches = reaches[:1]
	}
	if d.chance(3) {
		r.Unless = some(d, 3, func() classify.Unless {
			u := classify.Unless{Within: pick(d, reaches)}
			u.Pattern, u.Literal = d.expression()
			return u
		})
	}
}

// evidence says which lines a match shows.
func (d *dice) evidence(r *classify.Rule) {
	if r.Files[0] == classify.ResultFile {
		return
	}
	sizes := []int{0, 1, 2, 3, 30, classify.MaxBlock}
	if d.chance(4) {
		r.Until = pick(d, madePatterns)
	}
	if d.chance(4) {
		r.Context.Before = pick(d, sizes)
		if r.Until == "" {
			r.Context.After = pick(d, sizes)
		}
	}
}

// condition asks for something in the file of the match, or in others.
func (d *dice) condition() classify.Condition {
	var c classify.Condition
	if !d.chance(3) {
		c.Files = d.files()
	}
	exists := d.chance(4) && c.Files != nil && c.Files[0] != classify.ResultFile
	if !exists {
		c.Pattern, c.Literal = d.expression()
	}
	return c
}

// random returns dice that a number makes.
func random(seed uint64) *dice {
	r := rand.New(rand.NewPCG(seed, 1))
	b := make([]byte, 1500)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return &dice{b}
}
