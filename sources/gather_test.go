package sources

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/watchcat-ci/watchcat/classify"
)

// sourceFunc is a source that is a function.
type sourceFunc func(context.Context) (Listing, error)

func (f sourceFunc) Jobs(ctx context.Context) (Listing, error) { return f(ctx) }

// after returns a source that answers after a while.
func after(d time.Duration, l Listing, err error) Source {
	return sourceFunc(func(context.Context) (Listing, error) {
		time.Sleep(d)
		return l, err
	})
}

func TestGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("connection lost")
		problem := errors.New("change 9: no comment could be read")
		one := Listing{Jobs: []classify.Job{{ID: "1", Name: "a", Time: at(9, 0)}}, Changes: 3, Cap: 3, Capped: true, Problems: []error{problem}}
		two := Listing{Jobs: []classify.Job{{ID: "2", Name: "b", Time: at(10, 0)}, {ID: "1", Name: "a", Branch: "main", Source: "own", Time: at(9, 0)}}}
		begin := time.Now()
		got := Gather(t.Context(),
			Named{"slow", after(3*time.Second, one, broken)},
			Named{"panics", sourceFunc(func(context.Context) (Listing, error) { var s []int; return Listing{}, errors.New(string(rune(s[3]))) })},
			Named{"nothing", nil},
			Named{"fast", after(time.Second, two, nil)},
		)
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("took %v, as long as all sources one after the other", took)
		}
		want := []classify.Job{{ID: "2", Name: "b", Source: "fast", Time: at(10, 0)}, {ID: "1", Name: "a", Source: "own", Branch: "main", Time: at(9, 0)}}
		if diff := cmp.Diff(want, got.Jobs); diff != "" {
			t.Errorf("jobs: -want +got\n%s", diff)
		}
		wantStates := []State{
			{Name: "slow", Jobs: 1, Changes: 3, Cap: 3, Capped: true, Problems: []error{problem}, Err: broken},
			{Name: "panics", Err: cmpopts.AnyError},
			{Name: "nothing", Err: cmpopts.AnyError},
			{Name: "fast", Jobs: 2},
		}
		if diff := cmp.Diff(wantStates, got.States, cmpopts.EquateErrors()); diff != "" {
			t.Errorf("states: -want +got\n%s", diff)
		}
		if msg := got.States[1].Err.Error(); !strings.Contains(msg, "index out of range") || !strings.Contains(msg, "gather_test.go:") {
			t.Errorf("a panic's error names neither what nor where: %s", msg)
		}
	})
}

func TestGatherNothing(t *testing.T) {
	if got := Gather(t.Context()); len(got.Jobs) != 0 || len(got.States) != 0 {
		t.Errorf("got %+v of no source", got)
	}
}
