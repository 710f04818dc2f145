//go:build unix

package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// logName is the name of each log: that of a job's main log.
const logName = "job-output.txt"

// A ruleSet is rules, in the forms that the contenders read.
type ruleSet struct {
	Rules   []classify.Rule `json:"rules"`
	Console []string        `json:"console,omitempty"` // of the Classifier

	file string // what readRules reads
	rg   string // a file of patterns, one a line
	list string // a file of sharedRules
}

// A sharedRule is a rule as ../shared/bench has it.
type sharedRule struct {
	ID      int    `json:"id"`
	Kind    string `json:"kind"` // "lit" or "re"
	Pattern string `json:"pat"`
}

// readRules reads a set from its file.
func readRules(file string) (*ruleSet, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set := &ruleSet{}
	return set, json.Unmarshal(text, set)
}

// classifier compiles the rules.
func (s *ruleSet) classifier() (*classify.Classifier, error) {
	c, err := classify.Compile(s.Rules)
	if err == nil {
		c.Console = s.Console
	}
	return c, err
}

// expression returns what a rule looks for as a regular expression.
func expression(r classify.Rule) string {
	return cmp.Or(r.Pattern, regexp.QuoteMeta(r.Literal))
}

// sharedSets are the names of the sets in ../shared/bench.
var sharedSets = []string{"rules.10", "rules.100", "rules.300", "rules.1000", "rules.300s", "nolit.1", "nolit.5", "nolit.20"}

// makeSets makes all sets, and their files.
func (b *bench) makeSets() error {
	for _, name := range sharedSets {
		list, err := readShared(filepath.Join(b.shared, "bench", name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			b.note("%s has no rules: those of the table are made up", b.shared)
			list, err = madeSet(name), nil
		}
		if err == nil {
			err = b.addSet(name, &ruleSet{Rules: plainRules(list)})
		}
		if err != nil {
			return err
		}
	}
	return b.addDefault()
}

// addDefault adds the default packs: as they are, their patterns alone, and as
// many rules of the largest plain set. Only those count that are on the log.
func (b *bench) addDefault() error {
	packs, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
	if err != nil {
		return err
	}
	console := packs.Files["console"]
	var bare []sharedRule
	for _, r := range packs.Rules {
		if slices.Contains(r.Files, logName) {
			bare = append(bare, sharedRule{len(bare), "re", expression(r)})
		}
	}
	many := b.sets["rules.1000"].Rules
	return errors.Join(
		b.addSet("default", &ruleSet{Rules: packs.Rules, Console: console}),
		b.addSet("default, bare", &ruleSet{Rules: plainRules(bare)}),
		b.addSet("as many plain", &ruleSet{Rules: many[:min(len(bare), len(many))]}),
		b.addSet("never", &ruleSet{Rules: plainRules(madeRules(300))}),
	)
}

// readShared reads a set of ../shared/bench.
func readShared(file string) ([]sharedRule, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var list []sharedRule
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

// plainRules returns rules that have a pattern and no more.
func plainRules(list []sharedRule) []classify.Rule {
	var rules []classify.Rule
	for i, r := range list {
		rule := classify.Rule{ID: strconv.Itoa(i), Files: []string{logName}, Message: "m", Tag: "t", Pattern: r.Pattern}
		if r.Kind == "lit" {
			rule.Pattern, rule.Literal = "", r.Pattern
		}
		rules = append(rules, rule)
	}
	return rules
}

// addSet checks a set and writes its files. Those of other contenders have the
// patterns of the rules that are on the log, and no conditions.
func (b *bench) addSet(name string, s *ruleSet) error {
	if _, err := s.classifier(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	base := b.path(strings.NewReplacer(" ", "-", ",", "").Replace(name))
	s.file, s.rg, s.list = base+".rules", base+".patterns", base+".json"
	var list []sharedRule
	for _, r := range s.Rules {
		if slices.Contains(r.Files, logName) {
			kind := "re"
			if r.Literal != "" {
				kind = "lit"
			}
			list = append(list, sharedRule{len(list), kind, cmp.Or(r.Pattern, r.Literal)})
		}
	}
	b.sets[name] = s
	lines := b.ripgrepLines(name, list)
	return errors.Join(writeJSON(s.file, s), writeJSON(s.list, list), os.WriteFile(s.rg, []byte(lines), 0o600))
}

// captureName is the beginning of a named group.
var captureName = regexp.MustCompile(`\(\?P?<\w+>`)

// ripgrepLines returns rules as ripgrep reads them. All are one expression to
// it, in which names must not come twice. Patterns that are not ASCII are left
// out: with them its expressions cannot be of bytes, and of text they are many
// times as slow.
func (b *bench) ripgrepLines(name string, list []sharedRule) string {
	var lines strings.Builder
	left := 0
	for _, r := range list {
		pattern := r.Pattern
		if r.Kind == "lit" {
			pattern = regexp.QuoteMeta(pattern)
		}
		if strings.IndexFunc(pattern, func(c rune) bool { return c >= utf8.RuneSelf }) >= 0 {
			left++
			continue
		}
		fmt.Fprintln(&lines, captureName.ReplaceAllString(pattern, "(?:"))
	}
	if left > 0 {
		b.note("%s: ripgrep is spared %d of %d patterns, which are not ASCII", name, left, len(list))
	}
	return lines.String()
}

func writeJSON(file string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// madeSet stands in for a set of ../shared/bench that is not there.
func madeSet(name string) []sharedRule {
	kind, size, _ := strings.Cut(name, ".")
	n, err := strconv.Atoi(strings.TrimSuffix(size, "s"))
	if err != nil {
		panic(err) // cannot be: the names are ours
	}
	if kind == "nolit" {
		return numbered(n, `^\d+-[A-Z]+%d .*\s(\d{7,})$`)
	}
	list := madeRules(n)
	if strings.HasSuffix(size, "s") {
		for _, word := range []string{"error", "ERROR", "failed", "FAIL", "size", "file", "warning", "object"} {
			list = append(list, sharedRule{len(list), "lit", word})
		}
	}
	return list
}

// madeRules returns n rules as people write them.
func madeRules(n int) []sharedRule {
	return numbered(n,
		`tool%d: (?:error|fatal) (\d+): (\S+) not found`,
		`^E%d: .* could not be (?:fetched|opened): (.+)$`,
		`(?i)unit-%d\.service: failed with result '([a-z-]+)'`,
		`\bmodule_%d\.(\w+)Error: (.*)`)
}

// numbered returns n rules of such forms, of which each has its number in it.
func numbered(n int, forms ...string) []sharedRule {
	var list []sharedRule
	for i := range n {
		list = append(list, sharedRule{i, "re", fmt.Sprintf(forms[i%len(forms)], i)})
	}
	return list
}
