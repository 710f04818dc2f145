package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
)

func (a *app) versionCommand() *cobra.Command {
	var rules rulesFlag
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the engine's, and the hash of the rule set",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			defer hurry()()
			set, err := rules.load(&config{})
			if err != nil {
				return err
			}
			classifier, err := compile(set)
			if err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "watchcat %s (%s %s/%s)\nengine %s\nrules %s\n",
				version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, classify.Version, classifier.Hash())
			return nil
		},
	}
	rules.add(c)
	return c
}

// version returns the version that the Go command stamped into the program.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return cmp.Or(info.Main.Version, "(devel)")
}
