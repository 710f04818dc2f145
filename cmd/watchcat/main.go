// Watchcat tells the people who look after a CI system why its jobs failed: it
// lists the jobs of the day, reads the logs of those that failed, and reports
// the reason of each failure and what the failures have in common.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // --timezone works where the system has no zones

	"github.com/spf13/cobra"
)

// grace is how long an interrupted command may take to put things away.
const grace = 800 * time.Millisecond

// gcPercent is how much the heap may grow before garbage is collected, in percent
// of what is in use, unless GOGC says. A log takes little that lasts, but each
// collection goes over all rules: with Go's 100 that takes a tenth of the time.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	done := make(chan int, 1)
	log.SetOutput(io.Discard)          // net/http speaks of odd servers there; what matters comes as an error
	cobra.EnableCommandSorting = false // they stand in the order in which one needs them
	go func() {
		a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: time.Now}
		done <- a.main(ctx, os.Args[1:])
	}()
	os.Exit(wait(ctx, stop, done))
}

// wait returns the command's exit status, or exitInterrupted where an interrupt
// came and the command is still busy after its grace: a read from a terminal,
// for one, cannot be called back.
func wait(ctx context.Context, stop func(), done <-chan int) int {
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
		stop() // a second interrupt ends the process at once
	}
	select {
	case code := <-done:
		return code
	case <-time.After(grace):
		return exitInterrupted
	}
}
