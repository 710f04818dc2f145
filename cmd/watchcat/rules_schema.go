package main

import (
	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns"
)

const rulesSchemaHelp = `Print a JSON Schema for rule files. Editors that know Taplo (Even Better TOML) or
tombi complete the keys by it, show what each means, and mark those that are none:
write the schema beside the rules, and name it in the first line of each file:

    #:schema ./watchcat-rules.json

What a schema cannot tell, such as whether a pattern is right, "watchcat rules
lint" says.`

func (a *app) rulesSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print a JSON Schema for rule files, for editors",
		Long:    rulesSchemaHelp,
		Example: "  watchcat rules schema > rules/watchcat-rules.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(patterns.Schema())
			return err
		},
	}
}
