package classify

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// A rule is a Rule ready to be tried.
type rule struct {
	Rule
	place   int // in the rule set
	main    *matcher
	exclude [][]byte
	message message
	next    *matcher // nil: any line may follow
	until   *matcher // nil: the evidence is no block
	unless  []unless // that reach some lines
	own     []*condition
	others  []*condition // on files of their own
	reach   int          // how many lines after a match an unless looks at
	ahead   int          // how many lines after a match decide on it
	follows bool         // the line after a match decides on it
	after   int          // how many lines after a match are evidence, at most
	fixed   bool         // the message is the same for all matches
	hides   []*rule
	hidden  bool // another rule hides it
}

// fileRules are what is looked for in the files of one list of candidates.
type fileRules struct {
	place int // in Classifier.files
	files []string
	rules []*rule
	conds []*condition // of rules on other files as well

	restricted bool // some of them are not for every job
}

// Compile makes a Classifier of rules. The error joins one error for each rule
// that cannot be used; it names the rule and what is wrong with it.
func Compile(rules []Rule) (*Classifier, error) {
	c := &Classifier{}
	ready, wrong := c.compileRules(rules)
	var errs []error
	known := map[string]*rule{}
	for i, r := range rules {
		compiled, err := ready[i], wrong[i]
		if err == nil && known[r.ID] != nil {
			err = errors.New("another rule has this id")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("rule %q: %w", r.ID, err))
			continue
		}
		known[r.ID] = compiled
		compiled.place = i
		c.add(compiled)
	}
	errs = append(errs, hide(c.ordered, known)...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	for _, r := range c.ordered {
		c.addConditions(r)
	}
	return c, nil
}

// compileRules makes each rule ready, or says what is wrong with it, and finds
// their hash: on all processors, as programs wait for it when they start.
func (c *Classifier) compileRules(rules []Rule) ([]*rule, []error) {
	const share = 32 // fewer are not worth a goroutine
	ready, wrong := make([]*rule, len(rules)), make([]error, len(rules))
	var workers errgroup.Group
	workers.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < len(rules); from += share {
		workers.Go(func() error {
			for i := from; i < min(from+share, len(rules)); i++ {
				ready[i], wrong[i] = compileRule(rules[i])
			}
			return nil
		})
	}
	c.hash = hashRules(rules)
	workers.Wait()
	return ready, wrong
}

// add puts a rule with those that name the same files.
func (c *Classifier) add(r *rule) {
	c.ordered = append(c.ordered, r)
	f := c.files[c.group(r.Files)]
	f.rules = append(f.rules, r)
	f.restricted = f.restricted || r.isRestricted()
}

// addConditions puts the conditions of a rule with what is looked for in the
// same files.
func (c *Classifier) addConditions(r *rule) {
	for _, cond := range r.others {
		cond.group = c.group(cond.Files)
		f := c.files[cond.group]
		f.conds = append(f.conds, cond)
		f.restricted = f.restricted || r.isRestricted()
	}
}

// group returns the place of what is looked for in the files of a list.
func (c *Classifier) group(files []string) int {
	i := slices.IndexFunc(c.files, func(f *fileRules) bool { return slices.Equal(f.files, files) })
	if i < 0 {
		i = len(c.files)
		c.files = append(c.files, &fileRules{place: i, files: files})
	}
	return i
}

// hide finds the rules that each rule hides. The errors name those that are not
// there, and circles.
func hide(rules []*rule, known map[string]*rule) []error {
	var errs []error
	for _, r := range rules {
		for _, id := range r.Hides {
			hidden := known[id]
			if hidden == nil {
				errs = append(errs, fmt.Errorf("rule %q: hides %q, which is no rule", r.ID, id))
				continue
			}
			r.hides, hidden.hidden = append(r.hides, hidden), true
		}
	}
	for _, r := range rules {
		if r.reaches(r, map[*rule]bool{}) {
			errs = append(errs, fmt.Errorf("rule %q: hides itself, maybe by way of others", r.ID))
		}
	}
	return errs
}

// reaches reports whether a rule hides another, maybe by way of others; those
// in seen were asked already.
func (r *rule) reaches(other *rule, seen map[*rule]bool) bool {
	for _, hidden := range r.hides {
		if hidden == other {
			return true
		}
		if !seen[hidden] {
			seen[hidden] = true
			if hidden.reaches(other, seen) {
				return true
			}
		}
	}
	return false
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
	compiled := &rule{Rule: r}
	compiled.Tier, compiled.Occurrence = tierOf(r), occurrenceOf(r)
	if err := compiled.check(); err != nil {
		return nil, err
	}
	for _, text := range r.Exclude {
		compiled.exclude = append(compiled.exclude, []byte(text))
	}
	if err := compiled.compilePatterns(); err != nil {
		return nil, err
	}
	var err error
	compiled.message, err = parseMessage(r.Message, compiled.main.groups)
	compiled.fixed = len(References(r.Message)) == 0
	return compiled, err
}

// tierOf returns a rule's tier, the zero value resolved.
func tierOf(r Rule) Tier {
	if r.Tier == "" {
		return TierCause
	}
	return r.Tier
}

// occurrenceOf returns a rule's occurrence, the zero value resolved.
func occurrenceOf(r Rule) Occurrence {
	if r.Occurrence == "" {
		return OccurrenceFirst
	}
	return r.Occurrence
}

// compilePatterns compiles all patterns of a rule.
func (r *rule) compilePatterns() error {
	var err error
	if r.main, err = newMatcher(r.Pattern, r.Literal); err != nil {
		return err
	}
	if r.Next != "" {
		r.ahead, r.follows = 1, true
		if r.next, err = patternMatcher(r.Next); err != nil {
			return fmt.Errorf("next: %w", err)
		}
	}
	r.after = r.Context.After
	if r.Until != "" {
		r.after = MaxBlock - 1
		if r.until, err = patternMatcher(r.Until); err != nil {
			return fmt.Errorf("until: %w", err)
		}
	}
	for i, u := range r.Unless {
		if err := r.compileUnless(i, u); err != nil {
			return fmt.Errorf("unless %d: %w", i+1, err)
		}
	}
	return errors.Join(r.compileConditions("all", r.All), r.compileConditions("none", r.None))
}
