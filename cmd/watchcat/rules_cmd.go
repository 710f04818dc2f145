package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

func (a *app) rulesListCommand() *cobra.Command {
	var rules rulesFlag
	var format answerFormat
	c := &cobra.Command{
		Use:   "list",
		Short: "List the rules: id, tag, tier, message and where each stands",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := a.ruleSet(rules)
			if err != nil {
				return err
			}
			asJSON, err := format.asJSON()
			switch {
			case err != nil:
				return err
			case asJSON:
				return a.printRulesJSON(set)
			}
			return a.printRules(set)
		},
	}
	rules.add(c)
	format.add(c)
	return c
}

// ruleSet loads the rules that the flag or the configuration names.
func (a *app) ruleSet(flag rulesFlag) (*patterns.Set, error) {
	conf, err := a.config()
	if err != nil {
		return nil, err
	}
	return flag.load(conf)
}

// printRules prints a table without borders, for people and for grep.
func (a *app) printRules(set *patterns.Set) error {
	ids, tags := 0, 0
	for _, r := range set.Rules {
		ids, tags = max(ids, len(r.ID)), max(tags, len(r.Tag))
	}
	for _, r := range set.Rules {
		tier := string(r.Tier)
		if tier == "" {
			tier = string(classify.TierCause)
		}
		line := fmt.Sprintf("%-*s  %-*s  %-7s  %s  (%s)", ids, r.ID, tags, r.Tag, tier, r.Message, set.Origin(r.ID))
		if _, err := fmt.Fprintln(a.stdout, printable(line)); err != nil {
			return err
		}
	}
	return nil
}

// printRulesJSON prints the rules as JSON lines.
func (a *app) printRulesJSON(set *patterns.Set) error {
	enc := encoder(a.stdout)
	for _, r := range set.Rules {
		row := struct {
			classify.Rule
			Origin string `json:"origin"`
		}{r, set.Origin(r.ID)}
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) rulesTestCommand() *cobra.Command {
	var rules rulesFlag
	c := &cobra.Command{
		Use:   "test [FILE|FOLDER]...",
		Short: "Try the rules on the lines they carry as tests",
		Long: `Try each rule on the lines that it carries as tests, and print those that it
does not do right. The exit status is 4 if there is one. Without arguments the
rules are those of --rules, else of the configuration, else the default ones.`,
		RunE: func(c *cobra.Command, args []string) error {
			set, err := a.ruleSet(append(rules, args...))
			if err != nil {
				return err
			}
			return a.testRules(c.Context(), set)
		},
	}
	rules.add(c)
	return c
}

// testRules runs the tests of a rule set and prints what they found.
func (a *app) testRules(ctx context.Context, set *patterns.Set) error {
	results, err := set.Test(ctx)
	if err != nil {
		return fmt.Errorf("test rules: %w", err)
	}
	failed := 0
	for _, r := range results {
		if !r.Passed() {
			failed++
			fmt.Fprintln(a.stdout, printable(r.String()))
		}
	}
	for _, u := range set.Untested() {
		a.infof("%s: rule %q: has no test that it must %s", u.Origin, u.Rule, lacking(u))
	}
	fmt.Fprintf(a.stdout, "rules: %d, tests: %d, failed: %d\n", len(set.Rules), len(results), failed)
	return gate(failed > 0)
}

// lacking says which tests a rule lacks.
func lacking(u patterns.Untested) string {
	var kinds []string
	if u.Positive {
		kinds = append(kinds, "match")
	}
	if u.Negative {
		kinds = append(kinds, "not match")
	}
	return strings.Join(kinds, ", nor one that it must ")
}
