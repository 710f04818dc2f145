package classify

import (
	"io"
	"slices"
)

// A scan tries rules on the lines of one file, in one pass, and keeps what they
// find. Its memory is bounded by what the rules ask for, whatever the file.
type scan struct {
	name    string
	order   int      // how early the file was read among those of the job
	known   findings // of the files of the job that were read before
	tracks  []*track
	conds   []*watch // conditions of rules on other files as well
	excerpt *excerpt // nil if none is wanted

	filter *filter
	maybe  []*probe // those that the filter lets through for the current piece
	wait   []*track // rules with matches on which the next lines decide
	open   []*block // evidence that the next lines belong to
	pieces int      // that were put into evidence
	recent recent   // lines that may become evidence
	last   int      // index of the last line that was seen whole
	cut    bool     // the file was not read to its end
}

// A probe is one of the things that a scan looks for on every line. It tells
// its taker of each piece that matches, until the taker wants no more.
type probe struct {
	*matcher
	taker
}

// A taker is told of the pieces that a probe may match, and asks it.
type taker interface{ take(p piece) }

// newScan prepares the scan of a file for rules, and for conditions of rules on
// other files.
func newScan(name string, rules []*rule, conds []*condition) *scan {
	s := &scan{name: name}
	var probes []*probe
	for _, r := range rules {
		t := newTrack(s, r)
		s.tracks = append(s.tracks, t)
		probes = append(probes, t.probes()...)
		s.recent.keep = max(s.recent.keep, r.Context.Before)
	}
	for _, c := range conds {
		w := &watch{condition: c, scan: s}
		s.conds = append(s.conds, w)
		if c.matcher != nil {
			probes = append(probes, &probe{c.matcher, w})
		}
	}
	s.filter = newFilter(probes)
	return s
}

// read reads a log to its end. It returns r's error if that is not io.EOF.
func (s *scan) read(r io.Reader) error {
	err := readPieces(r, s.try)
	s.cut = err != nil
	for _, t := range s.tracks {
		t.finish()
	}
	return err
}

// try tries on a piece everything that may match it.
func (s *scan) try(p piece) {
	s.collect(p)
	for _, t := range s.wait {
		t.follow(p)
	}
	s.maybe = s.filter.candidates(s.maybe[:0], p.text)
	for _, probe := range s.maybe {
		probe.take(p)
	}
	if s.excerpt != nil {
		s.excerpt.add(p)
	}
	if p.last && !p.torn {
		s.endLine(p)
	}
	s.recent.add(p)
}

// endLine decides on the matches for which the line that ends was the last to
// wait for.
func (s *scan) endLine(p piece) {
	s.last = p.index
	for _, t := range s.wait {
		for len(t.queue) > 0 && t.queue[0].index+t.ahead <= p.index {
			t.decide(t.queue[0], Yes)
			t.queue = slices.Delete(t.queue, 0, 1)
		}
	}
	s.wait = slices.DeleteFunc(s.wait, func(t *track) bool { return len(t.queue) == 0 })
}

// A watch notes whether a condition is met by a line of the file.
type watch struct {
	*condition
	scan *scan
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
	if !w.seen && w.matches(p) {
		w.seen, w.at = true, w.scan.place(p)
	}
}

// place returns where a piece is.
func (s *scan) place(p piece) place { return place{s.name, p.line, lineText(p.text, 0, 0)} }
