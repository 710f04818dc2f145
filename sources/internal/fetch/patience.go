package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// TimeoutError says that a server kept us waiting for too long.
type TimeoutError struct {
	After time.Duration
	Total bool // all waits together, rather than this one
}

// Error says how long the wait was.
func (e *TimeoutError) Error() string {
	if e.Total {
		return fmt.Sprintf("too slow: not done after %s of waiting", e.After)
	}
	return fmt.Sprintf("time-out: the server said nothing for %s", e.After)
}

// Timeout is true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// patience ends a request when its server is silent for too long, or too slow
// altogether. Only time spent waiting for the server counts, not the time
// that the reader of the body takes for itself.
type patience struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence time.Duration
	total   time.Duration
	asked   *asked        // counts what was spent, through all tries and redirects
	most    time.Duration // that may be spent; less than total for what nobody wants to read
}

func newPatience(ctx context.Context, o Options) (context.Context, *patience) {
	a := askedIn(ctx)
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &patience{ctx: ctx, cancel: cancel, silence: o.Timeout, total: o.Total, asked: a, most: o.Total}
}

// hurry leaves one silence's time for all of a body that is no answer: what is
// said beside an error, or a redirect.
func (p *patience) hurry() { p.most = min(p.total, p.asked.spent+p.silence) }

// during bounds one wait for the server.
func (p *patience) during(wait func()) {
	limit, why := p.silence, &TimeoutError{After: p.silence}
	if left := p.most - p.asked.spent; left < limit {
		limit = max(left, 0)
		if p.most == p.total {
			why = &TimeoutError{After: p.total, Total: true}
		}
	}
	start := time.Now()
	timer := time.AfterFunc(limit, func() { p.cancel(why) })
	wait()
	timer.Stop()
	p.asked.spent += time.Since(start)
}

// blame returns the time-out if that is what the error came from.
func (p *patience) blame(err error) error {
	if late, ok := errors.AsType[*TimeoutError](context.Cause(p.ctx)); ok {
		return late
	}
	return err
}

func (p *patience) end() { p.cancel(nil) }

// body is the body of an answer, which must not keep its reader waiting.
type body struct {
	rc       io.ReadCloser
	url      string
	patience *patience
	leave    func()
	server   *server // learns whether its answer arrived; nil: it does not
	asked    *asked
	ended    sync.Once
}

func (b *body) Read(buf []byte) (n int, err error) {
	b.patience.during(func() { n, err = b.rc.Read(buf) })
	switch {
	case err == nil:
		return n, nil
	case err == io.EOF:
		b.end(nil)
		return n, io.EOF
	}
	ours := b.patience.ctx.Err() != nil // we gave up, or the caller
	err = b.patience.blame(err)
	b.end(err)
	switch {
	case ours:
		return n, fmt.Errorf("reading %s: %w", b.url, err)
	case err == io.ErrUnexpectedEOF:
		return n, fmt.Errorf("the connection ended in the middle of %s: %w", b.url, err)
	}
	return n, fmt.Errorf("the connection ended in the middle of %s: %w: %w", b.url, io.ErrUnexpectedEOF, err)
}

func (b *body) Close() error {
	b.end(nil)
	return b.rc.Close()
}

// end gives back what the body held. A body that nobody reads to its end is no
// fault of the host's.
func (b *body) end(err error) {
	b.ended.Do(func() {
		b.patience.end()
		b.leave()
		switch {
		case b.server == nil:
		case err == nil:
			b.server.answered(b.asked)
		case isType[*TimeoutError](err):
			b.server.failed(b.asked, err)
		}
	})
}
