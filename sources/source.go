// Package sources lists the jobs of CI systems and selects the ones to look at.
//
// Each folder below it reads one kind of system. Gather asks all configured
// sources at once and tells which of the jobs they saw are the same; Filter
// selects.
package sources

import (
	"context"

	"github.com/watchcat-ci/watchcat/classify"
)

// Source lists the jobs of one CI system. Jobs may be called once at a time.
type Source interface {
	// Jobs lists what there is. An error does not void the listing: it holds
	// what could be read until then.
	Jobs(ctx context.Context) (Listing, error)
}

// Listing is what a source answered.
type Listing struct {
	Jobs     []classify.Job
	Changes  int     // changes, pages or builds that were looked at
	What     string  // which of these: "change", "page", "build"
	Cap      int     // how many of these the source was allowed to look at; zero: no cap
	Capped   bool    // there were more
	Problems []error // single items that could not be read
}

// Completer is an optional ability of a Source: it fills in what only a job's
// own pages or logs tell, such as the status of a periodic job. It leaves jobs
// of other sources, and jobs that lack nothing, alone. It is called by several
// goroutines at once.
type Completer interface {
	Complete(ctx context.Context, logs classify.Logs, job *classify.Job) error
}

// Server is what a source can tell of the system that it asks.
type Server struct {
	Version string // software and version: "Gerrit 3.10.2"; "" if it does not tell
	Account string // as whom it was asked; "": as nobody
}

// Prober is an optional ability of a Source: it asks the server who it is, by
// requests that cost next to nothing. An error says that it cannot be reached,
// or does not let us in, and what to do.
type Prober interface {
	Probe(ctx context.Context) (Server, error)
}

// Ender is an optional ability of what a classify.Logs opens. A Completer that
// read a log to its end and learned there that the job has ended says so by
// Ended, before Close: the log may then be remembered for good.
type Ender interface{ Ended() }
