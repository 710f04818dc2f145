package main

import (
	"errors"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// rulesFlag is --rules.
type rulesFlag []string

func (f *rulesFlag) add(c *cobra.Command) {
	c.Flags().StringArrayVar((*[]string)(f), "rules", nil, "rule `file`, folder, glob or \"default\", may be pinned: NAME@sha256:HEX; repeatable (default: the configuration's, else the default rules)")
}

// specs returns what names the rules: the flag, else the configuration, else
// the default ones.
func (f rulesFlag) specs(c *config) []string {
	specs := []string(f)
	if len(specs) == 0 {
		for _, spec := range c.Rules {
			if name, _, _ := patterns.SplitPin(spec); name != patterns.Default {
				spec = c.file(spec)
			}
			specs = append(specs, spec)
		}
	}
	if len(specs) == 0 {
		specs = []string{patterns.Default}
	}
	return specs
}

// load loads the rules that specs names. A mistake in any is the user's to
// correct; the set holds the rules that are right.
func (f rulesFlag) load(c *config) (*patterns.Set, error) {
	set, err := patterns.Load(f.specs(c), patterns.Options{})
	return set, usage(err)
}

// compile makes a classifier of a rule set.
func compile(set *patterns.Set) (*classify.Classifier, error) {
	c, err := classify.Compile(set.Rules)
	if err != nil {
		return nil, usage(err)
	}
	c.Console = set.Files["console"]
	return c, nil
}

// hurry lets garbage pile up until the function is called that it returns. While
// rules are loaded there is little on the heap, so that collecting it again and
// again would take as long as the loading.
func hurry() (end func()) {
	before := debug.SetGCPercent(800)
	return func() { debug.SetGCPercent(before) }
}

// rules returns the rules to go by, the classifier made of them, and the
// mistakes in rule files: a broken rule costs that rule only, unless there is
// no other.
func (a *app) rules(flag rulesFlag, c *config) (*patterns.Set, *classify.Classifier, strict.Mistakes, error) {
	defer hurry()()
	set, wrong, err := tolerant(flag.load(c))
	if err != nil {
		return nil, nil, nil, err
	}
	classifier, err := compile(set)
	if err != nil {
		return nil, nil, nil, err
	}
	a.log.Info("rules", "count", len(set.Rules), "hash", classifier.Hash())
	return set, classifier, wrong, nil
}

// tolerant takes what a load returned apart: mistakes are an error only where
// no rule is right.
func tolerant(set *patterns.Set, err error) (*patterns.Set, strict.Mistakes, error) {
	if wrong, ok := errors.AsType[strict.Mistakes](err); ok && len(set.Rules) > 0 {
		return set, wrong, nil
	}
	return set, nil, err
}

// ruleSet loads the rules that the flag or the configuration names, and returns
// with those that are right the mistakes of the others, which it does not tell.
func (a *app) ruleSet(flag rulesFlag) (*patterns.Set, strict.Mistakes, error) {
	conf, err := a.config()
	if err != nil {
		return nil, nil, err
	}
	return tolerant(flag.load(conf))
}

// noteMistakes tells on standard error what is wrong with rules, and ends the
// command with exitPartial if there is something.
func (a *app) noteMistakes(wrong strict.Mistakes) error {
	for _, m := range wrong {
		a.notef("watchcat: %v", m)
	}
	return partial(len(wrong) > 0)
}

// findRule returns the rule with an id. An id that no rule has is an error, and
// so is that of a rule which is wrong.
func findRule(id string, all []listedRule, wrong strict.Mistakes) (*listedRule, error) {
	if i := slices.IndexFunc(all, func(r listedRule) bool { return r.ID == id }); i >= 0 {
		return &all[i], nil
	}
	if slices.ContainsFunc(wrong, func(m strict.Mistake) bool { return patterns.RuleOf(m) == id }) {
		return nil, usagef("rule %q is not used, for its mistake: see above", id)
	}
	return nil, usagef("no rule has the id %q%s", id, nearIDs(id, all))
}

const rulesHelp = `What watchcat knows of failures stands in rules. Look at those there are with
list and show; when a log gets a wrong reason or none, explain says why, and new
writes a rule for a line of it. Before it lands, lint and test say whether it is
right, eval and diff which other verdicts it changes. import makes rules of those
that other tools have, and schema helps an editor with writing them.

"watchcat help rules" tells how rules are written, and what each key means.`

// rulesCommand returns the commands below rules, in the order in which one works.
func (a *app) rulesCommand() *cobra.Command {
	g := group(rulesTopic, "List, explain, write and test rules",
		a.rulesListCommand(),
		a.rulesShowCommand(),
		a.rulesTestCommand(),
		a.rulesLintCommand(),
		a.rulesExplainCommand(),
		a.rulesNewCommand(),
		a.rulesEvalCommand(),
		a.rulesDiffCommand(),
		a.rulesImportCommand(),
		a.rulesSchemaCommand(),
	)
	g.Long = rulesHelp
	return g
}
