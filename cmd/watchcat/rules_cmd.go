package main

import (
	"fmt"

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
