package classify

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// A rule is a Rule ready to be tried.
type rule struct {
	Rule
	place   int            // in the rule set
	re      *regexp.Regexp // nil for a literal
	head    lazyRegexp     // re for the first piece of an overlong line: "$" does not hold
	tail    lazyRegexp     // re for the last piece: "^" does not hold
	inner   lazyRegexp     // re for a piece between them: neither holds
	literal []byte
	exclude [][]byte
	message message

	// required are texts in ASCII lower case, of which each line that the rule
	// matches holds one; none if there is no such set.
	required []string
}

// A lazyRegexp is compiled when it is first asked for: overlong lines are rare.
// It gives nil for what never matches.
type lazyRegexp func() *regexp.Regexp

// fileRules are the rules that name the same files.
type fileRules struct {
	files []string
	rules []*rule
}

// Compile makes a Classifier of rules. The error joins one error for each rule
// that cannot be used; it names the rule and what is wrong with it.
func Compile(rules []Rule) (*Classifier, error) {
	c := &Classifier{hash: hashRules(rules)}
	var errs []error
	ids := map[string]bool{}
	for i, r := range rules {
		compiled, err := compileRule(r)
		if err == nil && ids[r.ID] {
			err = errors.New("another rule has this id")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("rule %q: %w", r.ID, err))
			continue
		}
		ids[r.ID] = true
		compiled.place = i
		c.add(compiled)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

// add puts a rule with those that name the same files.
func (c *Classifier) add(r *rule) {
	for i := range c.files {
		if slices.Equal(c.files[i].files, r.Files) {
			c.files[i].rules = append(c.files[i].rules, r)
			return
		}
	}
	c.files = append(c.files, fileRules{files: r.Files, rules: []*rule{r}})
}

// hashRules returns the name of a rule set: the hash of its rules in their order.
func hashRules(rules []Rule) string {
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // cannot be: strings and numbers
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(text))
}

// compileRule checks a rule and makes it ready.
func compileRule(r Rule) (*rule, error) {
	compiled := &rule{Rule: r, literal: []byte(r.Literal)}
	compiled.Tier = tierOf(r)
	if err := compiled.check(); err != nil {
		return nil, err
	}
	if len(r.Literal) >= gram {
		compiled.required = []string{string(literal.Fold(compiled.literal))}
	}
	if r.Pattern != "" {
		if err := compiled.compilePattern(); err != nil {
			return nil, err
		}
	}
	for _, text := range r.Exclude {
		compiled.exclude = append(compiled.exclude, []byte(text))
	}
	var err error
	compiled.message, err = parseMessage(r.Message, compiled.re)
	return compiled, err
}

// tierOf returns a rule's tier, the zero value resolved.
func tierOf(r Rule) Tier {
	if r.Tier == "" {
		return TierCause
	}
	return r.Tier
}

// check looks for what makes a rule unusable, the pattern and message apart.
func (r *rule) check() error {
	switch {
	case r.ID == "":
		return errors.New("no id")
	case len(r.Files) == 0 || slices.Contains(r.Files, ""):
		return errors.New("no file")
	case (r.Pattern == "") == (r.Literal == ""):
		return errors.New("needs a pattern or a literal, and not both")
	case r.Tier != TierCause && r.Tier != TierSymptom:
		return fmt.Errorf("tier %q is neither %q nor %q", r.Tier, TierCause, TierSymptom)
	case slices.Contains(r.Exclude, ""):
		return errors.New("an empty exclude excludes every line")
	}
	if len(r.Files) > 1 && slices.Contains(r.Files, ResultFile) {
		return fmt.Errorf("file %q stands for no log: it cannot be one of several", ResultFile)
	}
	for _, file := range r.Files {
		if _, err := path.Match(file, ""); err != nil {
			return fmt.Errorf("file %q: %w", file, err)
		}
	}
	return nil
}

// compilePattern compiles the pattern, and its forms for the pieces of overlong
// lines, and finds what it requires.
func (r *rule) compilePattern() error {
	var err error
	if r.re, err = regexp.Compile(r.Pattern); err != nil {
		return err
	}
	tree, err := syntax.Parse(r.Pattern, syntax.Perl)
	if err != nil {
		return err
	}
	r.required = literal.Required(tree, gram)
	r.head = without(r.re, syntax.OpEndText, syntax.OpEndLine)
	r.tail = without(r.re, syntax.OpBeginText, syntax.OpBeginLine)
	r.inner = without(r.re, syntax.OpEndText, syntax.OpEndLine, syntax.OpBeginText, syntax.OpBeginLine)
	return nil
}

// without returns re in a form in which the operators never match.
func without(re *regexp.Regexp, never ...syntax.Op) lazyRegexp {
	return sync.OnceValue(func() *regexp.Regexp {
		tree, err := syntax.Parse(re.String(), syntax.Perl)
		if err != nil || !forbid(tree, never) {
			return re
		}
		if neverMatches(tree) {
			return nil // regexp would look for it at every byte
		}
		changed, err := regexp.Compile(tree.String())
		if err != nil {
			return re // cannot be: only operators that take no argument changed
		}
		return changed
	})
}

// forbid makes the operators in tree match nothing, and says whether there were any.
func forbid(tree *syntax.Regexp, never []syntax.Op) bool {
	if slices.Contains(never, tree.Op) {
		*tree = syntax.Regexp{Op: syntax.OpNoMatch}
		return true
	}
	found := false
	for _, sub := range tree.Sub {
		found = forbid(sub, never) || found
	}
	return found
}

// neverMatches reports whether nothing can match tree, as it needs what never matches.
func neverMatches(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpNoMatch:
		return true
	case syntax.OpConcat:
		return slices.ContainsFunc(tree.Sub, neverMatches)
	case syntax.OpCapture, syntax.OpPlus:
		return neverMatches(tree.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(tree.Sub, func(sub *syntax.Regexp) bool { return !neverMatches(sub) })
	}
	return false
}

// find returns where the rule matches in a piece, in the form of
// regexp.FindSubmatchIndex; nil if it does not.
func (r *rule) find(p piece) []int {
	loc := r.locate(p)
	if loc == nil {
		return nil
	}
	for _, text := range r.exclude {
		if bytes.Contains(p.text, text) {
			return nil
		}
	}
	return loc
}

// locate is find without the exclusions.
func (r *rule) locate(p piece) []int {
	switch {
	case r.re == nil:
		if i := bytes.Index(p.text, r.literal); i >= 0 {
			return []int{i, i + len(r.literal)}
		}
		return nil
	case p.first && p.last:
		return r.re.FindSubmatchIndex(p.text)
	case p.first:
		return r.head.locate(p.text)
	case p.last:
		return r.tail.locate(p.text)
	}
	return r.inner.locate(p.text)
}

func (l lazyRegexp) locate(text []byte) []int {
	if re := l(); re != nil {
		return re.FindSubmatchIndex(text)
	}
	return nil
}

// captures returns what the named groups of a match hold, nil if none does.
func (r *rule) captures(text []byte, loc []int) map[string]string {
	if r.re == nil {
		return nil
	}
	var named map[string]string
	for i, name := range r.re.SubexpNames() {
		if name == "" || loc[2*i] < 0 {
			continue
		}
		if named == nil {
			named = map[string]string{}
		}
		named[name] = cutText(strings.ToValidUTF8(group(text, loc, i), "\uFFFD"), maxText)
	}
	return named
}
