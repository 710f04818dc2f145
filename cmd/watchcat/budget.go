package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// budget is the time that a run may take. The zero value is unlimited.
type budget struct {
	length time.Duration
	end    time.Time
}

// newBudget begins now to count. Zero: there is no limit.
func newBudget(length time.Duration) budget {
	if length <= 0 {
		return budget{}
	}
	return budget{length: length, end: time.Now().Add(length)}
}

// overError says that the time was over before something was reached. It wraps
// classify.ErrUnreachable: what else a job has is not reached either.
type overError struct{ length time.Duration }

func (e *overError) Error() string {
	return fmt.Sprintf("not reached: the run's time budget of %s (--deadline) was used up", e.length)
}

func (e *overError) Unwrap() error { return classify.ErrUnreachable }

// context returns a context that ends with the budget.
func (b budget) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if b.end.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, b.end, &overError{b.length})
}

// blame returns the error that says so if err came from the end of the budget,
// else err.
func blame(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if over, ok := errors.AsType[*overError](context.Cause(ctx)); ok {
		return over
	}
	return err
}
