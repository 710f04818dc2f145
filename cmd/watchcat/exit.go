package main

import (
	"context"
	"errors"
	"fmt"
)

// The exit statuses, which every help text lists.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPartial     = 3
	exitGate        = 4
	exitInterrupted = 130
)

const exitHelp = `Exit status:
  0    done
  1    failed
  2    usage: the command line or the configuration is wrong, or no rule is right
  3    done, but something could not be read
  4    a gate said no (rules test, lint, explain, eval, diff)
  130  interrupted
`

// exitError is an error that decides the exit status. Its err may be nil: then
// all has been said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage marks err as the user's to correct.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{exitUsage, err}
}

func usagef(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

// partial ends the command with exitPartial, where something could not be
// read and has been reported.
func partial(incomplete bool) error {
	if !incomplete {
		return nil
	}
	return &exitError{code: exitPartial}
}

// exitCode returns the status that err ends the command with. Once ctx has
// ended no error says more than that.
func exitCode(ctx context.Context, err error) int {
	switch exit, ok := errors.AsType[*exitError](err); {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		return exitInterrupted
	case ok:
		return exit.code
	}
	return exitFailed
}
