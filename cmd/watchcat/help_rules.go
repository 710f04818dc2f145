package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// The chapters of "watchcat help rules" before those that tell of each key.
var (
	//go:embed help_rules.txt
	helpRules string

	//go:embed help_rules_walk.txt
	helpRulesWalk string

	//go:embed help_rules_keys.txt
	helpRulesKeys string
)

// rulesTopic is the name of the help topic, and of the command.
const rulesTopic = "rules"

// helpCommand returns the command that prints help: that of a command, or the
// chapters on rules.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND | rules [KEY]...]",
		Short:   "Help on a command, or on how rules are written",
		Long:    "Print the help text of a command, or tell how rules are written and what each key of them means.",
		Example: "  watchcat help rules\n  watchcat help rules unless within\n  watchcat help rules test     (the command of that name)",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 && args[0] == rulesTopic {
				if c, rest, err := root.Find(args); err == nil && c.Name() == rulesTopic {
					return a.helpOnRules(rest)
				}
			}
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("no help on %q; watchcat --help lists the commands", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// helpOnRules prints how rules are written, or what the keys of those names mean.
func (a *app) helpOnRules(keys []string) error {
	var b strings.Builder
	if len(keys) == 0 {
		b.WriteString(helpRules + "\n" + helpRulesWalk + "\n" + helpRulesKeys)
		for _, table := range patterns.Tables {
			helpOnTable(&b, table, patterns.FieldsOf(table.Name))
		}
		b.WriteString("\nThe commands are in watchcat rules --help.\n")
	}
	for _, key := range keys {
		before := b.Len()
		for _, table := range patterns.Tables {
			var named []patterns.Field
			for _, f := range patterns.FieldsOf(table.Name) {
				if f.Name == key {
					named = append(named, f)
				}
			}
			helpOnTable(&b, table, named)
		}
		if b.Len() == before {
			return usagef("rules have no key %q; %s", key, nearestKey(key))
		}
	}
	_, err := io.WriteString(a.stdout, strings.TrimPrefix(b.String(), "\n"))
	return err
}

// nearestKey returns a remedy for a key that there is not.
func nearestKey(key string) string {
	var known []string
	for _, f := range patterns.Fields {
		known = append(known, f.Name)
	}
	if near := strict.Nearest(key, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "watchcat help rules tells of all"
}

// helpOnTable writes what keys of a table mean.
func helpOnTable(b *strings.Builder, table patterns.Table, fields []patterns.Field) {
	if len(fields) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n\n%s", strings.ToUpper(table.Title), table.Intro())
	for _, f := range fields {
		b.WriteByte('\n')
		for line := range strings.Lines(f.Text(true)) {
			b.WriteString(strings.TrimRight("  "+line, " \n") + "\n")
		}
	}
}
