package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// Want is what a .want file holds. What is nil is not checked.
type Want struct {
	Outcome *string `toml:"outcome" json:"outcome,omitempty"`
	Rule    *string `toml:"rule" json:"rule,omitempty"`
	Reason  *string `toml:"reason" json:"reason,omitempty"`
	File    *string `toml:"file" json:"file,omitempty"`
	Line    *int    `toml:"line" json:"line,omitempty"`

	// What the CI tells of the job; empty: nothing.
	Job      string `toml:"job" json:"job,omitempty"`
	Project  string `toml:"project" json:"project,omitempty"`
	Branch   string `toml:"branch" json:"branch,omitempty"`
	Pipeline string `toml:"pipeline" json:"pipeline,omitempty"`
	Result   string `toml:"result" json:"result,omitempty"`
	Detail   string `toml:"detail" json:"detail,omitempty"`
}

// read reads the .want file of a case.
func (c *Case) read() {
	text, err := os.ReadFile(c.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.Unwanted = true
	case err != nil:
		c.Err = fmt.Errorf("read case: %w", err)
	default:
		c.decode(text)
	}
}

// decode takes in the text of a .want file.
func (c *Case) decode(text []byte) {
	c.text = text
	c.index, c.Err = strict.Decode(c.File, text, &c.Want)
	if c.Err != nil {
		return
	}
	var wrong strict.Mistakes
	if o := c.Want.Outcome; o != nil && !slices.Contains(classify.Outcomes(), classify.Outcome(*o)) {
		wrong = append(wrong, c.index.Mistake([]any{"outcome"}, fmt.Sprintf("there is no outcome %q", *o), suggest(*o)))
	}
	if n := c.Want.Line; n != nil && *n < 0 {
		wrong = append(wrong, c.index.Mistake([]any{"line"}, fmt.Sprintf("line %d is none", *n), "lines count from 1; 0: none"))
	}
	if c.Want.checks() == 0 {
		wrong = append(wrong, c.index.Mistake(nil, "nothing is expected", "give a rule, a reason, a line or an outcome"))
	}
	c.Err = wrong.Err()
}

// suggest returns a remedy for an outcome that is none.
func suggest(outcome string) string {
	var known []string
	for _, o := range classify.Outcomes() {
		known = append(known, string(o))
	}
	return strict.Suggest(outcome, known)
}

// checks returns how many things are expected.
func (w *Want) checks() int {
	n := 0
	for _, v := range w.values() {
		if v.given {
			n++
		}
	}
	return n
}

// Difference is something that is not as expected. Want and Got are TOML values.
type Difference struct {
	Key  string `json:"key"`            // of the .want file
	Want string `json:"want,omitempty"` // empty: nothing
	Got  string `json:"got"`
}

// value is what stands behind a key of a .want file, as TOML.
type value struct {
	key, text string
	given     bool
}

// values returns what is expected, in the order in which it is written.
func (w *Want) values() []value {
	text := func(key string, s *string) value {
		if s == nil {
			return value{key: key}
		}
		return value{key, quote(*s), true}
	}
	line := value{key: "line"}
	if w.Line != nil {
		line = value{"line", strconv.Itoa(*w.Line), true}
	}
	return []value{text("outcome", w.Outcome), text("rule", w.Rule), text("reason", w.Reason), text("file", w.File), line}
}

// Verdict returns all that a case may expect, as a result has it.
func Verdict(r *classify.Result) Want {
	outcome := string(r.Outcome)
	file, line := "", 0
	if len(r.Matches) > 0 && r.Rule != "" {
		file, line = r.Matches[0].File, r.Matches[0].Line
	}
	return Want{Outcome: &outcome, Rule: &r.Rule, Reason: &r.Reason, File: &file, Line: &line}
}

// Check returns in what a result is not as the case expects. Of a case that
// is Unwanted that is all that the result tells, with nothing in Want.
func (c *Case) Check(r *classify.Result) []Difference {
	if c.Unwanted {
		return told(r)
	}
	got := Verdict(r)
	values := got.values()
	var out []Difference
	for i, want := range c.Want.values() {
		if want.given && want.text != values[i].text {
			out = append(out, Difference{want.key, want.text, values[i].text})
		}
	}
	return out
}

// Apply sets what the case says that the CI tells of its job.
func (c *Case) Apply(job *classify.Job) {
	w := &c.Want
	for _, f := range []struct {
		from string
		into *string
	}{
		{w.Job, &job.Name}, {w.Project, &job.Project}, {w.Branch, &job.Branch},
		{w.Pipeline, &job.Pipeline}, {w.Result, &job.Result}, {w.Detail, &job.Detail},
	} {
		if f.from != "" {
			*f.into = f.from
		}
	}
}

// Update returns the text of the .want file that expects what a result has. Of
// a file that is there it changes the values that differ and nothing else: what
// it does not check it will not, and its comments stay. A new one checks
// everything that the result tells.
func (c *Case) Update(r *classify.Result) []byte {
	differences := c.Check(r)
	if c.Unwanted {
		var b bytes.Buffer
		for _, d := range differences {
			fmt.Fprintf(&b, "%-7s = %s\n", d.Key, d.Got)
		}
		return b.Bytes()
	}
	lines := strings.SplitAfter(string(c.text), "\n")
	for _, d := range differences {
		at, _ := c.index.At(d.Key)
		end := at + extent(lines[at-1:])
		lines[at-1] = d.Key + " = " + d.Got + "\n"
		for i := at; i < end; i++ {
			lines[i] = ""
		}
	}
	return []byte(strings.Join(lines, ""))
}

// told returns what a result tells that is worth expecting.
func told(r *classify.Result) []Difference {
	verdict := Verdict(r)
	var out []Difference
	for _, v := range verdict.values() {
		if v.text != `""` && v.text != "0" && (v.key != "file" || strings.HasSuffix(r.LogURL, "/")) {
			out = append(out, Difference{Key: v.key, Got: v.text})
		}
	}
	return out
}

// extent returns how many more lines the value of the key in the first line
// takes: only a string in three quotes takes more than its own.
func extent(lines []string) int {
	_, first, _ := strings.Cut(lines[0], "=")
	first = strings.TrimLeft(first, " \t")
	for _, quotes := range []string{`"""`, `'''`} {
		rest, open := strings.CutPrefix(first, quotes)
		if !open || strings.Contains(rest, quotes) {
			continue
		}
		for i, line := range lines[1:] {
			if strings.Contains(line, quotes) {
				return i + 1
			}
		}
	}
	return 0
}

// quote returns s as a TOML string.
func quote(s string) string {
	text, err := toml.Marshal(map[string]string{"s": strings.ToValidUTF8(s, "\ufffd")})
	if err != nil {
		panic(err) // cannot be: any text is a string
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), "s = "))
}
