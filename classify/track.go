package classify

import "bytes"

// A track follows one rule through a file.
type track struct {
	*rule
	scan  *scan
	line  int          // index of the last line that counts as a match
	queue []*candidate // matches not decided on yet, in the order of the lines
	hits  []hit        // by unless: where it matched last
	own   []*watch     // conditions on this file
	told  *Explanation // nil unless one is wanted
	tried int          // matches that were to be explained
	found kept
	off   bool // the rule is not for the job

	asked int  // by scan.pieces: of which piece ended tells
	ended bool // the rule's until matched it
}

// A candidate is a match on which lines still to come decide.
type candidate struct {
	match  Match
	index  int    // of the cleaned line
	block  *block // its evidence; nil if only the count is of interest
	next   bool   // the next line matched as it must
	broken bool   // something took the match away

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
	c := t.candidate(p, loc)
	c.attempt = attempt
	if t.ahead == 0 && !p.torn {
		t.decide(c, Yes)
		return
	}
	if len(t.queue) == 0 {
		t.scan.wait = append(t.scan.wait, t)
	}
	t.queue = append(t.queue, c)
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

// locate returns where the rule's pattern matches a piece, nil if it does not. Of
// what will only be counted the place does not matter.
func (t *track) locate(p piece) []int {
	if !t.counted() {
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

// candidate makes a match of a piece. Of one that will only be counted, or not
// even that, no more is kept than its message.
func (t *track) candidate(p piece, loc []int) *candidate {
	r := t.rule
	message := lineText([]byte(r.message.render(p.text, loc)), 0, 0)
	c := &candidate{index: p.index, match: Match{Rule: r.ID, Message: message, Count: 1}}
	if r.Occurrence == OccurrenceFirst && (t.knows(message) || len(t.found.list) >= t.limit(message)) {
		return c
	}
	text := lineText(p.text, loc[0], loc[1])
	c.block = t.evidence(p, text)
	c.match = Match{
		Rule: r.ID, Tag: r.Tag, Tier: r.Tier, URL: r.URL,
		Message: message, Captures: r.main.captures(p.text, loc),
		File: t.scan.name, Line: p.line, EndLine: p.line, Text: text, Count: 1,
	}
	return c
}

// knows reports whether a message was found already.
func (t *track) knows(message string) bool {
	return t.found.index(message) >= 0 || t.scan.known[t.rule].index(message) >= 0
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
	}
	for _, u := range t.unless {
		if u.within == WithinNext && u.matches(p) {
			c.takeAway()
			c.attempt.line(u.name, No, t.scan, p)
		}
	}
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
			c.takeAway()
			c.attempt.step(u.name, No, at)
		}
	}
}

// asks reports whether the rule has a match on which the line with an index
// decides, or the line after that.
func (t *track) asks(index int) bool {
	if !t.follows || len(t.queue) == 0 {
		return false
	}
	last := t.queue[len(t.queue)-1].index
	return index-1 <= last && last <= index
}

// takeAway sees to it that a candidate is dropped, and its evidence at once.
func (c *candidate) takeAway() {
	c.broken = true
	c.block.close()
	c.block = nil
}

// decide keeps a candidate or drops it. All that could take it away was seen,
// or, if the answer is unknown, may have been cut off with the file.
func (t *track) decide(c *candidate, a Answer) {
	if c.attempt != nil {
		t.settle(c)
	}
	if c.broken || a != Yes || t.next != nil && !c.next {
		c.block.close()
		return
	}
	t.keep(&finding{Match: c.match, rule: t.rule, file: t.scan.order, index: c.index, block: c.block})
}

// finish decides on what waited for lines after the last one, and on the
// conditions on the file as a whole.
func (t *track) finish() {
	for _, c := range t.queue {
		t.decide(c, t.reached(c))
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
func (t *track) keep(f *finding) { t.found.add(f, t.limit(f.Message)) }

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
