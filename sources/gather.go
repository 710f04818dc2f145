package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
)

// Named is a source under the name that the configuration gives it.
type Named struct {
	Name   string
	Source Source
}

// Gathered is what all sources together know.
type Gathered struct {
	Jobs   []classify.Job // one a build, in the order of Sort
	States []State        // one a source, in the order in which they were given
}

// State says what became of one source.
type State struct {
	Name     string
	Jobs     int     // sightings that it listed, before those of one build became one job
	Changes  int     // changes, pages or builds that were looked at
	What     string  // which of these: "change", "page", "build"
	Cap      int     // how many of these the source was allowed to look at; zero: no cap
	Capped   bool    // there were more
	Problems []error // single items that could not be read
	Err      error   // why the source could not be read, or not to its end
}

// Gather asks all sources at once, waits for all of them, and makes one job of
// what they saw of one build (see Identify). A source that fails, or panics,
// costs what it did not list, and its State says so; it takes nothing from the
// others. Given the same answers it returns the same, whichever source was the
// faster. A job without a Source gets the name of the source that listed it.
func Gather(ctx context.Context, named ...Named) Gathered {
	listings := make([]Listing, len(named))
	states := make([]State, len(named))
	var g errgroup.Group
	for i, n := range named {
		g.Go(func() error {
			listing, err := list(ctx, n.Source)
			listings[i], states[i] = listing, stateOf(n.Name, listing, err)
			return nil
		})
	}
	_ = g.Wait() // the states hold the errors
	var jobs []classify.Job
	for i, n := range named {
		for _, j := range listings[i].Jobs {
			j.Source = cmp.Or(j.Source, n.Name)
			jobs = append(jobs, j)
		}
	}
	return Gathered{Jobs: Identify(jobs), States: states}
}

// stateOf says what became of a source that gave listing and err.
func stateOf(name string, l Listing, err error) State {
	return State{
		Name: name, Jobs: len(l.Jobs), Changes: l.Changes, What: l.What, Cap: l.Cap, Capped: l.Capped,
		Problems: l.Problems, Err: err,
	}
}

// list asks one source. A panic becomes an error that names its place.
func list(ctx context.Context, s Source) (l Listing, err error) {
	defer func() {
		if p := recover(); p != nil {
			l, err = Listing{}, fmt.Errorf("panic: %v (%s); this is a bug, please report it", p, panicPlace())
		}
	}()
	if s == nil {
		return Listing{}, errors.New("there is no source behind this name")
	}
	return s.Jobs(ctx)
}

// panicPlace returns file and line of what panicked. It is to be called by the
// deferred function.
func panicPlace() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)
		}
		if !more {
			return "place unknown"
		}
	}
}
