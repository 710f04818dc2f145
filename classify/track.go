package classify

import (
	"bytes"
	"math"
	"slices"
)

// A track follows one rule through a file.
type track struct {
	*rule
	scan  *scan
	line  int          // index of the last line that counts as a match
	queue []*candidate // matches not decided on yet, in the order of the lines
	fresh []*candidate // those of them that may be kept, not just counted; nil for OccurrenceLast
	hits  []hit        // by unless: where it matched last
	own   []*watch     // conditions on this file
	told  *Explanation // nil unless one is wanted
	tried int          // matches that were to be explained
	found kept
	off   bool // the rule is not for the job

	asked int   // by scan.pieces: of which piece ended tells
	ended bool  // the rule's until matched it
	ends  []int // indexes of the lines that until matched since something waits
}

// A candidate is a match on which lines still to come decide. A rule may have
// MaxWindow of them and one more, so each is a few words only. With OccurrenceFirst
// no more than maxMessages of them have a match of their own; with OccurrenceLast
// it is made of the piece, which all rules share (up to 4 MiB for a scan), when it
// is decided on, or at once of a piece over maxHeld: a few KiB each. Evidence is
// found among the recent lines of the scan (about 1.2 MiB) for those that are kept.
type candidate struct {
	match   *Match // nil until it is made of the piece
	piece   *piece // nil if the match was made
	index   int    // of the cleaned line
	counted bool   // the match's message is that of another, and only counts
	next    bool   // the next line matched as it must
	broken  bool   // something took the match away

	attempt *Attempt // nil unless an explanation is wanted
}

// hit is the last line that an unless matched.
type hit struct {
	index int // of the cleaned line, from 1; 0: none yet
	at    place
}

func newTrack(s *scan, r *rule) *track {
	t := &track{rule: r, scan: s, told: s.told[r], off: r.Restricted(s.job), hits: make([]hit, len(r.unless))}
	for _, c := range r.own {
		t.own = append(t.own, &watch{condition: c, scan: s})
	}
	return t
}

// take tries the rule on a piece. A rule counts once a cleaned line, though
// pieces of it overlap.
func (t *track) take(p piece) {
	if t.line == p.index || t.done() {
		return
	}
	loc := t.locate(p)
	if loc == nil {
		return
	}
	attempt := t.attempt(p)
	if t.takenAway(p, attempt) {
		t.told.add(attempt)
		return
	}
	t.line = p.index
	if t.Context.Before > 0 && t.shows() {
		t.scan.recall(t.scan.text.here.from, t.scan.text.here)
	}
	c := t.candidate(p, loc)
	if c == nil {
		return
	}
	c.attempt = attempt
	if t.ahead == 0 && !p.torn {
		t.decide(c, c.index, Yes)
		return
	}
	t.await(c)
}

// await puts a candidate in the queue.
func (t *track) await(c *candidate) {
	if len(t.queue) == 0 {
		t.scan.wait = append(t.scan.wait, t)
	}
	t.queue = append(t.queue, c)
	if t.Occurrence == OccurrenceFirst && c.match != nil && !c.counted {
		t.fresh = append(t.fresh, c)
	}
}

// done reports whether more matches of the rule in the file would change nothing:
// its message is always the same, and was counted as often as counts go.
func (t *track) done() bool {
	return t.counted() && t.found.list[0].Count == MoreThan100 && t.told == nil
}

// counted reports whether more matches of the rule in the file are only counted.
func (t *track) counted() bool {
	return t.fixed && t.Occurrence == OccurrenceFirst && len(t.found.list) > 0
}

// later reports whether a match of a piece is not made until it is decided on. Of
// those that OccurrenceLast asks for, each that waits may be the one that is kept.
func (t *track) later(p piece) bool {
	return t.Occurrence == OccurrenceLast && t.ahead > 0 && len(p.text) <= maxHeld
}

// locate returns where the rule's pattern matches a piece, nil if it does not. Of
// what will only be counted the place does not matter, and of what is made later.
func (t *track) locate(p piece) []int {
	if !t.counted() && !t.later(p) {
		return t.main.locate(p)
	}
	if t.main.matches(p) {
		return []int{0, 0}
	}
	return nil
}

// attempt begins to explain a match. It returns nil, which takes no steps, if no
// explanation is wanted or there are enough of the file.
func (t *track) attempt(p piece) *Attempt {
	if t.told == nil {
		return nil
	}
	if t.tried++; t.tried > maxAttempts {
		t.told.More++
		return nil
	}
	at := t.scan.place(p)
	return &Attempt{File: at.file, Line: at.line, Text: at.text}
}

// takenAway reports whether a piece, or a line before it, has what the rule's
// matches must not have.
func (t *track) takenAway(p piece, a *Attempt) bool {
	for i, text := range t.exclude {
		if bytes.Contains(p.text, text) {
			if a != nil {
				a.line(excludeName(i), No, t.scan, p)
			}
			return true
		}
	}
	for i, u := range t.unless {
		switch hit := t.hits[i]; {
		case u.within == WithinLine && u.matches(p):
			a.line(u.name, No, t.scan, p)
			return true
		case u.within > 0 && hit.index > 0 && hit.index >= p.index-int(u.within):
			a.step(u.name, No, hit.at)
			return true
		}
	}
	return false
}

// candidate makes a match of a piece, or notes that one is to be made. Of one
// that will only be counted no more is kept than its message. It returns nil if
// the match would change nothing.
func (t *track) candidate(p piece, loc []int) *candidate {
	c := &candidate{index: p.index}
	if t.later(p) {
		c.piece = t.scan.hold(p)
		return c
	}
	message := t.says(p, loc)
	if t.Occurrence == OccurrenceFirst {
		sure := t.sure(p)
		if c.match = t.same(message, sure); c.match != nil {
			c.counted = true
			return c
		}
		if len(t.found.list)+len(sure) >= t.limit(message) {
			if t.told == nil {
				return nil
			}
			c.match, c.counted = &Match{Message: message}, true
			return c
		}
	}
	c.match = t.make(p, loc, message)
	c.match.Text = t.scan.shown(p, loc[0], loc[1])
	return c
}

// says returns the message of a match.
func (t *track) says(p piece, loc []int) string {
	message := t.message.render(p.text, loc)
	if len(message) <= maxText && isPlain(message) {
		return message
	}
	return lineText([]byte(message), 0, 0)
}

// make makes a match, but for its text.
func (t *track) make(p piece, loc []int, message string) *Match {
	return &Match{
		Rule: t.ID, Tag: t.Tag, Tier: t.Tier, URL: t.URL,
		Message: message, Captures: t.main.captures(p.text, loc),
		File: t.scan.name, Line: p.line, EndLine: p.line, Count: 1,
	}
}

// sure returns the matches that wait, not just to be counted, and that are kept
// if one of a piece is: all that may still take one away lies behind the piece,
// and takes away what is near it, thus the latest matches.
func (t *track) sure(p piece) []*candidate {
	n := len(t.fresh)
	for t.follows && n > 0 && t.fresh[n-1].index >= p.index-1 {
		n--
	}
	return t.fresh[:n]
}

// same returns a match with a message, of those that were found or are sure to
// be; nil if there is none.
func (t *track) same(message string, sure []*candidate) *Match {
	for _, found := range []*kept{&t.found, t.scan.known[t.rule]} {
		if i := found.index(message); i >= 0 {
			return &found.list[i].Match
		}
	}
	for _, c := range sure {
		if c.match.Message == message {
			return c.match
		}
	}
	return nil
}

// follow looks at a piece of the line after a match, if the rule has one there.
func (t *track) follow(p piece) {
	c := t.queue[len(t.queue)-1]
	if c.index == p.index && len(t.queue) > 1 { // a piece before matched as well
		c = t.queue[len(t.queue)-2]
	}
	if c.index != p.index-1 {
		return
	}
	if t.next != nil && !c.next {
		c.next = t.next.matches(p)
		if c.next || p.last {
			c.attempt.line(nextName, answerTo(c.next, false), t.scan, p)
		}
		if p.last && !c.next {
			c.broken = true
		}
	}
	for _, u := range t.unless {
		if u.within == WithinNext && u.matches(p) {
			c.broken = true
			c.attempt.line(u.name, No, t.scan, p)
		}
	}
	t.freshen()
}

// near notes a piece that the i-th unless of the rule may match: it takes away
// the matches close to it.
func (t *track) near(i int, p piece) {
	u := t.unless[i]
	if t.hits[i].index == p.index || !u.matches(p) {
		return
	}
	at := place{}
	if t.told != nil {
		at = t.scan.place(p)
	}
	t.hits[i] = hit{p.index, at}
	for _, c := range t.queue {
		if c.index >= p.index-int(u.within) {
			c.broken = true
			c.attempt.step(u.name, No, at)
		}
	}
	t.freshen()
}

// freshen drops from the fresh matches those that were taken away.
func (t *track) freshen() {
	t.fresh = slices.DeleteFunc(t.fresh, func(c *candidate) bool { return c.broken })
}

// asks reports whether the rule has a match on which the line with an index
// decides, or the line after that, or of which it is evidence.
func (t *track) asks(index int) bool {
	if len(t.queue) == 0 {
		return false
	}
	last := t.queue[len(t.queue)-1].index
	return t.follows && index-1 <= last && last <= index || t.wants(index)
}

// decide keeps a candidate or drops it. All that could take it away was seen,
// or, if the answer is unknown, may have been cut off with the file. The lines
// up to that with an index went by.
func (t *track) decide(c *candidate, upTo int, a Answer) {
	drop := c.broken || a != Yes || t.next != nil && !c.next
	if c.piece != nil && (!drop || c.attempt != nil) {
		t.catchUp(c)
	}
	if c.attempt != nil {
		t.settle(c)
	}
	if len(t.fresh) > 0 && t.fresh[0] == c {
		t.fresh = t.fresh[1:]
	}
	switch {
	case drop:
	case c.counted:
		t.keep(&finding{Match: Match{Rule: t.ID, Message: c.match.Message, Count: 1}, rule: t.rule})
	default:
		t.keep(&finding{Match: *c.match, rule: t.rule, file: t.scan.order, index: c.index, block: t.evidence(c, upTo)})
	}
}

// catchUp makes the match of a candidate of its piece.
func (t *track) catchUp(c *candidate) {
	p := *c.piece
	loc := t.main.locate(p)
	c.match = t.make(p, loc, t.says(p, loc))
	c.match.Text = lineText(p.text, loc[0], loc[1])
}

// finish decides on what waited for lines after the last one, and on the
// conditions on the file as a whole.
func (t *track) finish() {
	for _, c := range t.queue {
		t.decide(c, math.MaxInt, t.reached(c))
	}
	t.queue = nil
	matched := len(t.found.list) > 0
	for _, w := range t.own {
		holds := w.meets(answerTo(w.seen, t.scan.cut))
		if matched {
			t.told.condition(w.name, holds, w.at)
		}
		if holds != Yes {
			t.found = kept{}
		}
	}
}

// reached says whether the file, cut short or not, went on for long enough to
// show all that could take a match away.
func (t *track) reached(c *candidate) Answer {
	if t.scan.cut && len(t.unless) > 0 && c.index+t.reach > t.scan.last {
		return Unknown
	}
	return Yes
}

// keep counts a match, and keeps it if its message is new or the last one
// counts.
func (t *track) keep(f *finding) {
	if n := len(t.found.list); t.Occurrence == OccurrenceLast && t.Tier != TierClue && !t.scan.several && n > 0 {
		t.found.list[n-1].block.strip() // the last of a rule goes before its others
	}
	t.found.add(f, t.limit(f.Message))
}

// limit returns how many messages may be kept, with a given one among them. Of
// a message that the job has already only the count grows: there is room for
// all of these, and they take no new one's place.
func (t *track) limit(message string) int {
	limit := maxMessages
	if known := t.scan.known[t.rule]; known != nil && t.Occurrence == OccurrenceFirst {
		limit += len(known.list)
		if known.index(message) >= 0 {
			limit += len(known.list)
		}
	}
	return limit
}
