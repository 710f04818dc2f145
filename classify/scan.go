package classify

import (
	"bytes"
	"io"
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/search"
	"github.com/watchcat-ci/watchcat/classify/internal/stream"
)

// A scan tries rules on the lines of one file, in one pass, and keeps what they
// find. Its memory is bounded by what the rules ask for, whatever the file.
//
// Package stream gives the file in blocks, without escape sequences. Package
// search finds in a block, all at once, the literals without which no rule
// matches. Only a line that holds one is looked at, and those near a match that
// its rule asks for: it is found by the line ends around it, counted by a cursor,
// and cleaned (lines.go). There the rules of its literals are tried: further
// literals and an automaton of package dfa rule most of them out, regexp says
// where the others match (matcher.go). A track follows each rule that has come by
// so far, with the matches on which later lines decide (track.go). If a rule has
// no literal, every line is looked at.
//
// What holds: a line that matches a rule has a hit of it, for a literal lies
// within a line, where nothing was cleaned away but at the ends; tracks are told
// of pieces in the order of the file; and when a piece comes, all matches are
// decided on for which it comes too late.
type scan struct {
	*plan
	name    string
	order   int      // how early the file was read among those of the job
	job     *Job     // for which rules may not be
	known   findings // of the files of the job that were read before
	told    map[*rule]*Explanation
	spool   *spool   // nil if the file is not wanted once more
	several bool     // there may be other files for the same rules
	tracks  []*track // by rule of the plan; nil: it has not matched anything yet
	watches []*watch // by condition of the plan
	steps   steps    // of the file

	hits   []search.Hit // in the block, those not looked at yet
	room   []search.Hit // what hits lies in
	maybe  []int32      // probes that may match the current piece
	noted  []int        // by probe: the piece for which it is in maybe
	met    []int        // by text: the piece in which it was met
	pieces int          // looked at

	textOf    int    // by pieces: of which one textShown is
	textShown string // as evidence shows it
	heldOf    int    // by pieces: of which one held is
	held      *piece // a copy
	found     []int

	wait   []*track // rules with matches on which the next lines decide
	open   []*block // evidence that the next lines belong to
	text   cursor
	back   cursor // goes behind text, for lines before a match
	recent recent // lines that may become evidence
	last   int    // index of the last line that was seen whole, if the file is cut
	cut    bool   // the file was not read to its end
}

// newScan prepares the scan of a file.
func (p *plan) newScan(name string, job *Job) *scan {
	s := &scan{plan: p, name: name, job: job, text: newCursor(p.exact)}
	s.tracks, s.watches = make([]*track, len(p.rules)), make([]*watch, len(p.conds))
	s.noted, s.met = make([]int, len(p.probes)), make([]int, len(p.byText))
	s.recent.keep = p.recent
	return s
}

// read reads a log to its end. It returns r's error if that is not io.EOF.
func (s *scan) read(r io.Reader) error {
	in := stream.NewReader(r)
	defer in.Close()
	err := s.readBlocks(in)
	s.cut = err != nil
	for _, t := range s.tracks {
		if t != nil {
			t.finish()
		}
	}
	return err
}

// readBlocks reads a log block by block.
func (s *scan) readBlocks(in *stream.Reader) error {
	for {
		b, err := in.Next()
		if err != nil {
			return err
		}
		begin := s.text
		s.text.enter(b)
		s.back = s.text
		s.look(b.Text)
		last := s.text.leave()
		s.settle(s.text.index - 1)
		s.recall(len(b.Text), last)
		if s.last = s.text.index; s.text.here.torn {
			s.last--
		}
		err = b.Err
		s.spool.keep(b, begin)
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// look looks at the lines of a block that may matter.
func (s *scan) look(text []byte) {
	s.room = s.literals.Find(text, s.room[:0])
	s.hits = s.room
	line := &s.text.here
	for s.nextLine() {
		asked := s.waits() && s.asked(line.index)
		for from := line.from; ; {
			p, next := s.text.piece(from)
			if s.candidates(p, from); len(s.maybe) > 0 || asked {
				s.try(p)
			}
			if next == line.to {
				break
			}
			from = next
		}
	}
}

// nextLine goes to the next line that may matter: the next one of all where
// every line may, else that of the next hit.
func (s *scan) nextLine() bool {
	if len(s.slow) > 0 || s.waits() && s.asked(s.text.following()) {
		return s.text.next()
	}
	for len(s.hits) > 0 && int(s.hits[0].At) < s.text.pos {
		s.hits = s.hits[1:]
	}
	if len(s.hits) == 0 {
		return false
	}
	return s.text.seek(int(s.hits[0].At))
}

// waits reports whether lines still to come matter for matches that were found.
func (s *scan) waits() bool { return len(s.open)+len(s.wait) > 0 }

// asked reports whether a rule wants to see the line with an index, whatever it
// holds: as evidence, or because the line after a match decides on it.
func (s *scan) asked(index int) bool {
	return slices.ContainsFunc(s.open, func(b *block) bool { return b.left > 0 }) ||
		slices.ContainsFunc(s.wait, func(t *track) bool { return t.asks(index) })
}

// candidates notes the probes that may match a piece, which begins at a place of
// the block.
func (s *scan) candidates(p piece, from int) {
	s.maybe = s.maybe[:0]
	s.pieces++
	for len(s.hits) > 0 && int(s.hits[0].At) < from {
		s.hits = s.hits[1:]
	}
	for _, h := range s.hits {
		if int(h.At) >= p.end {
			break
		}
		if s.met[h.ID] != s.pieces {
			s.met[h.ID] = s.pieces
			s.note(s.byText[h.ID])
		}
	}
	for _, slow := range s.slow {
		s.found = slow.Matches(p.text, s.found[:0])
		for _, i := range s.found {
			s.maybe = append(s.maybe, slow.probes[i])
		}
	}
}

// note notes probes that may match the current piece, each once.
func (s *scan) note(probes []int32) {
	for _, i := range probes {
		if s.noted[i] != s.pieces {
			s.noted[i] = s.pieces
			s.maybe = append(s.maybe, i)
		}
	}
}

// try tries on a piece the probes that may match it.
func (s *scan) try(p piece) {
	if s.waits() {
		s.settle(p.index - 1)
		s.collect(p)
		for _, t := range s.wait {
			t.follow(p)
		}
	}
	for _, i := range s.maybe {
		if probe := &s.probes[i]; probe.could(p.text) {
			s.take(probe, p)
		}
	}
}

// take tells whom a probe is for of a piece that it may match.
func (s *scan) take(probe *probe, p piece) {
	switch probe.of {
	case ofCondition:
		s.watch(probe.owner).take(p)
		return
	case ofMark:
		if probe.matches(p) {
			s.steps.note(marks[probe.owner], p.line)
		}
		return
	}
	t := s.track(probe.owner)
	switch {
	case t.off:
	case probe.of == ofRule:
		t.take(p)
	case probe.of == ofUnless:
		t.near(probe.nth, p)
	case probe.of == ofOwn:
		t.own[probe.nth].take(p)
	}
}

// track returns the track of a rule of the plan.
func (s *scan) track(i int) *track {
	if s.tracks[i] == nil {
		s.tracks[i] = newTrack(s, s.rules[i])
	}
	return s.tracks[i]
}

// watch returns the watch for a condition of the plan.
func (s *scan) watch(i int) *watch {
	if s.watches[i] == nil {
		c := s.plan.conds[i]
		s.watches[i] = &watch{condition: c, scan: s, off: c.rule.Restricted(s.job)}
	}
	return s.watches[i]
}

// settle decides on the matches for which the lines up to that with an index
// were all there was to wait for.
func (s *scan) settle(index int) {
	for _, t := range s.wait {
		n := 0
		for n < len(t.queue) && t.queue[n].index+t.ahead <= index {
			t.decide(t.queue[n], index, Yes)
			n++
		}
		clear(t.queue[:n])
		t.queue = t.queue[n:]
		t.ends = slices.DeleteFunc(t.ends, func(end int) bool { return len(t.queue) == 0 || end <= t.queue[0].index })
	}
	s.wait = slices.DeleteFunc(s.wait, func(t *track) bool { return len(t.queue) == 0 })
}

// A watch notes whether a condition is met by a line of the file.
type watch struct {
	*condition
	scan *scan
	off  bool // the rule is not for the job
	seen bool
	at   place // where it was seen first
}

// place is a line of a file, and its text.
type place struct {
	file string
	line int
	text string
}

func (w *watch) take(p piece) {
	if !w.off && !w.seen && w.matches(p) {
		w.seen, w.at = true, w.scan.place(p)
	}
}

// place returns where a piece is.
func (s *scan) place(p piece) place { return place{s.name, p.line, lineText(p.text, 0, 0)} }

// recall brings to mind the lines of the block before a place, at which a line
// begins: as many as may be asked for. They are counted back from a segment.
func (s *scan) recall(to int, known segment) {
	if s.before == 0 || to <= s.back.pos {
		return
	}
	if from := linesBefore(s.back.Text, s.back.pos, to, s.before); from > s.back.pos {
		s.back.goBack(from, known)
	}
	for s.back.pos < to && s.back.next() {
		p, _ := s.back.piece(s.back.here.from)
		s.recent.add(p)
	}
}

// linesBefore returns where the n lines of a text begin that end before a place
// in it, not before from.
func linesBefore(text []byte, from, to, n int) int {
	for ; n >= 0; n-- { // once more for the line that the place is in
		lf := bytes.LastIndexByte(text[from:to], '\n')
		if lf < 0 {
			return from
		}
		to = from + lf
	}
	return to + 1
}
