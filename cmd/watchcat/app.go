package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// app is what the command stands on: all that it reads and writes beside
// files and the network.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	now            func() time.Time

	global  globalFlags
	started bool // the command line was right
	status  *status
	log     *slog.Logger
}

// globalFlags are those that every subcommand has.
type globalFlags struct {
	config  string
	color   string
	verbose bool
	quiet   bool
}

// main runs the command and returns its exit status.
func (a *app) main(ctx context.Context, args []string) int {
	a.status = newStatus(a.stderr, isTerminal(a.stderr) && a.env("TERM") != "dumb")
	a.log = slog.New(slog.DiscardHandler)
	root := a.rootCommand()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.started {
		err = usage(err)
	}
	code := exitCode(ctx, err)
	a.explain(err, code)
	return code
}

// explain says on standard error why the command ends as it does.
func (a *app) explain(err error, code int) {
	switch exit, ok := err.(*exitError); {
	case code == exitDone || ok && exit.err == nil:
	case code == exitInterrupted:
		a.notef("watchcat: interrupted")
	default:
		a.notef("%s", complaint(err))
		if code == exitUsage && !a.started {
			a.notef("watchcat --help tells more")
		}
	}
}

// complaint returns what to say of an error. Mistakes in files begin with their
// place, everything else with the program's name.
func complaint(err error) string {
	if _, ok := errors.AsType[strict.Mistakes](err); ok {
		return err.Error()
	}
	return "watchcat: " + err.Error()
}

// start sets up what the global flags decide.
func (a *app) start() error {
	a.started = true
	switch a.global.color {
	case "auto", "always", "never":
	default:
		return usagef("--color %q: must be auto, always or never", a.global.color)
	}
	level := slog.LevelWarn
	switch {
	case a.global.verbose && a.global.quiet:
		return usagef("--verbose and --quiet contradict each other")
	case a.global.verbose:
		level = slog.LevelDebug
	case a.global.quiet:
		level = slog.LevelError
	}
	a.status.quiet = a.global.quiet
	a.log = slog.New(slog.NewTextHandler(a.status, &slog.HandlerOptions{Level: level}))
	return nil
}

// notef writes a line to standard error. What strangers wrote cannot steer the
// terminal from it.
func (a *app) notef(format string, args ...any) {
	fmt.Fprintln(a.status, printable(fmt.Sprintf(format, args...)))
}

// infof is notef for what --quiet leaves out.
func (a *app) infof(format string, args ...any) {
	if !a.global.quiet {
		a.notef(format, args...)
	}
}

// colored reports whether what goes to standard output is to have colours.
func (a *app) colored() bool {
	switch a.global.color {
	case "always":
		return true
	case "never":
		return false
	}
	return isTerminal(a.stdout) && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
}

// pipeWidth is the width of text that does not go to a terminal.
const pipeWidth = 200

// width returns how many columns standard output has: $COLUMNS, else the
// terminal's width, else pipeWidth.
func (a *app) width() int {
	if n, err := strconv.Atoi(a.env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	if f, ok := a.stdout.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return pipeWidth
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// columns returns how many columns a list may take that is for people and for
// grep: $COLUMNS, else the terminal's width; 0, any number, where standard
// output is no terminal.
func (a *app) columns() int {
	if a.env("COLUMNS") == "" && !isTerminal(a.stdout) {
		return 0
	}
	return a.width()
}
