package classify

import "github.com/watchcat-ci/watchcat/classify/internal/stream"

// maxSpool is how many blocks of a log are kept for its excerpt: 8 MiB.
const maxSpool = 32

// A spool keeps the last blocks of a log, for a second look at it. Nil keeps
// nothing.
type spool struct {
	blocks []*stream.Block
	begin  []cursor // by block: before it
	over   bool     // the log is longer than what is kept
}

// keep takes over a block, with a cursor before it.
func (s *spool) keep(b *stream.Block, before cursor) {
	if s == nil {
		b.Release()
		return
	}
	if len(s.blocks) == maxSpool {
		s.over = true
		s.blocks[0].Release()
		s.blocks, s.begin = append(s.blocks[:0], s.blocks[1:]...), append(s.begin[:0], s.begin[1:]...)
	}
	s.blocks, s.begin = append(s.blocks, b), append(s.begin, before)
}

// excerpt returns the excerpt of what is kept.
func (s *spool) excerpt() *excerpt {
	if len(s.blocks) == 0 {
		return &excerpt{}
	}
	e := newExcerpt(s.begin[0])
	for _, b := range s.blocks {
		e.read(b)
	}
	return e
}

// release gives back the memory of what is kept.
func (s *spool) release() {
	if s == nil {
		return
	}
	for _, b := range s.blocks {
		b.Release()
	}
	s.blocks, s.begin = nil, nil
}
