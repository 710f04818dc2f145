package logs

import "context"

const (
	// smallWindow is what "xz", "zstd -19" and most others ask for at most.
	smallWindow = 8 << 20

	// largeLogs is how many logs may be open at once whose windows are larger.
	largeLogs = 2
)

// turns bounds the memory that the windows of all logs take together that are
// being decompressed: a few large ones at once, and small ones as many as are
// open.
type turns chan struct{}

// turn is that of one opened log, for the windows of all its layers, so that who
// has one never waits for another. It is for one goroutine at a time; nil has no
// bound.
type turn struct {
	ctx  context.Context
	all  turns
	have bool
}

func newTurns() turns { return make(turns, largeLogs) }

func (ts turns) turn(ctx context.Context) *turn { return &turn{ctx: ctx, all: ts} }

// grant waits until there is memory for a window.
func (t *turn) grant(window uint64) error {
	if t == nil || t.have || window <= smallWindow {
		return nil
	}
	select {
	case t.all <- struct{}{}:
		t.have = true
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// end gives back what was granted.
func (t *turn) end() {
	if t != nil && t.have {
		t.have = false
		<-t.all
	}
}
