package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

const rootHelp = `Watchcat tells why CI jobs failed. It lists the jobs of the day (from Gerrit,
Zuul, Jenkins and pages of periodic jobs), reads the logs of those that failed, finds known
patterns of failure in them, and reports the reason of each failure and what the
failures have in common. Without a command it does "watchcat run".`

// rootCommand returns the command with all its subcommands.
func (a *app) rootCommand() *cobra.Command {
	root := a.runCommand()
	root.Use = "watchcat"
	root.Short = "Tell why CI jobs failed"
	root.Long = rootHelp
	root.Example = firstSteps
	root.Args = noSuchCommand
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.PersistentPreRunE = func(*cobra.Command, []string) error { return a.start() }
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.status)
	root.SetHelpTemplate(root.HelpTemplate() + "\n" + exitHelp)
	root.AddCommand(
		a.runCommand(), a.classifyCommand(), a.rulesCommand(), a.initCommand(),
		a.configCommand(), a.sourcesCommand(), a.cacheCommand(), a.demoCommand(), a.versionCommand(),
	)
	root.SetHelpCommand(a.helpCommand(root))
	a.addGlobalFlags(root)
	return root
}

func (a *app) addGlobalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&a.global.config, "config", "", "configuration `file`")
	f.StringVar(&a.global.color, "color", "auto", "colours: auto, always or never; auto heeds $NO_COLOR")
	f.BoolVarP(&a.global.verbose, "verbose", "v", false, "tell on standard error what is being done")
	f.BoolVarP(&a.global.quiet, "quiet", "q", false, "no progress, and nothing on standard error but errors")
}

const firstSteps = `  watchcat demo              see the whole way on an embedded CI system
  watchcat classify LOG      say why the build behind a log failed
  watchcat init              write a configuration to start from
  watchcat sources check     does what it names answer?
  watchcat --days 2          the failures of two days, in the terminal
  watchcat -o index.html     the same as a page`

// noSuchCommand refuses arguments that name no subcommand.
func noSuchCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, err := os.Stat(args[0]); err == nil || strings.Contains(args[0], "://") {
		return fmt.Errorf("unknown command %q; did you mean: watchcat classify %[1]s", args[0])
	}
	root.SuggestionsMinimumDistance = 2
	if near := root.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %q?", args[0], near[0])
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// group returns a command that only holds others.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	g := &cobra.Command{Use: use, Short: short}
	g.AddCommand(commands...)
	g.Args = func(_ *cobra.Command, args []string) error {
		var names []string
		for _, c := range commands {
			names = append(names, c.Name())
		}
		if len(args) == 0 {
			return fmt.Errorf("which command of %q? it has: %s", use, strings.Join(names, ", "))
		}
		return fmt.Errorf("unknown command %q of %q; it has: %s", args[0], use, strings.Join(names, ", "))
	}
	g.RunE = func(*cobra.Command, []string) error { return errors.ErrUnsupported } // Args refuses whatever comes
	return g
}
