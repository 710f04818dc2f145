package democi

import (
	"bufio"
	"io"
	"math/rand/v2"
	"strings"
	"time"
)

// console writes the console of one build: head, what the tool prints with the
// fault near its end, and tail. The clock of its time stamps goes from the
// build's start to its end, with the bytes written.
type console struct {
	w               *bufio.Writer
	err             error // the first of writing
	filler          filler
	known           map[string]field
	names           *strings.Replacer
	style           style
	prefix          string    // of what the node under test prints
	midnight        time.Time // of now
	date            []byte    // of now, as time stamps have it
	now, start, end time.Time
	written         int
	size            int
	line            []byte
}

// writeConsole writes the build's console to w: always the same.
func (f *facts) writeConsole(w io.Writer, b *build, at addresses) error {
	rng := b.source()
	node := choose(rng, []string{"ubuntu-noble", "centos-9-stream", "debian-bookworm"})
	c := &console{
		w:      bufio.NewWriterSize(w, 64<<10),
		filler: filler{rng: rng, words: f.words, word: f.words[0]},
		known:  fields(),
		names:  b.namesIn(node, at),
		style:  b.style,
		start:  b.started(),
		now:    b.started(),
		end:    b.ended,
		size:   b.size,
	}
	if b.style == styleZuul3 {
		c.prefix = node + " | "
	}
	c.frame(f.frames[string(b.style)+"-head"])
	c.body(f.body(b, c), c.stencils(b.faultLines()), faultPlace(rng))
	c.tail(f, b)
	if c.err != nil {
		return c.err
	}
	return c.w.Flush()
}

// namesIn replaces the names in a frame by what they are for this build.
func (b *build) namesIn(node string, at addresses) *strings.Replacer {
	changeURL, subject := at.logs+"/periodic/"+b.job.name+"/", "Merge the changes of the day"
	if b.run != nil {
		changeURL, subject = at.change(b.run.change), b.run.change.subject
	}
	code, phase := "0", "NORMAL"
	if b.fault != nil {
		code = "1"
	}
	if b.result() == "TIMED_OUT" {
		phase = "TIMED_OUT"
	}
	return strings.NewReplacer(
		"<job>", b.job.name, "<project>", b.job.project.name, "<tool>", b.job.tool, "<branch>", b.branch(),
		"<pipeline>", b.pipeline(), "<change-url>", changeURL, "<subject>", subject, "<node>", node,
		"<log-url>", at.logs+b.dir(), "<result>", b.result(), "<code>", code, "<phase>", phase,
		"<day>", b.ended.Format("Jan _2"), "<date>", b.ended.Format(time.DateOnly),
		"<slashed>", b.ended.Format("2006/01/02"), "<end>", b.ended.Format("2006-01-02 15:04:05.000000"),
	)
}

func (b *build) faultLines() []string {
	if b.fault == nil {
		return nil
	}
	return b.fault.lines
}

// faultPlace says after which part of the console the fault stands, in
// thousandths: late most often, as builds stop where they fail.
func faultPlace(rng *rand.Rand) int {
	if rng.IntN(4) == 0 {
		return 400 + rng.IntN(500)
	}
	return 970
}

// groups are the groups of lines that a build's tool prints, and groups of one
// line each that look bad and are not.
type groups struct{ usual, noise [][]stencil }

func (f *facts) body(b *build, c *console) groups {
	var g groups
	for _, lines := range f.tools[b.job.tool].groups() {
		g.usual = append(g.usual, c.stencils(lines))
	}
	for _, name := range []string{"any", b.job.tool} {
		for _, line := range f.noise[name].lines {
			g.noise = append(g.noise, c.stencils([]string{line}))
		}
	}
	return g
}

func (c *console) stencils(lines []string) []stencil {
	return parseStencils(lines, c.names, c.known)
}

// noiseEvery is how many groups stand between two that look bad.
const noiseEvery = 150

// body writes groups until the console is as long as it should be, and the
// fault on the way.
func (c *console) body(g groups, fault []stencil, place int) {
	tail := 3000
	faultAt := c.size / 1000 * place
	for n := 0; c.written < c.size-tail && c.err == nil; n++ {
		if fault != nil && c.written >= faultAt {
			c.out(fault)
			fault = nil
		}
		c.filler.percent = min(99, uint64(c.written)*100/uint64(c.size))
		if n%noiseEvery == 20 {
			c.out(choose(c.filler.rng, g.noise))
			continue
		}
		c.out(choose(c.filler.rng, g.usual))
	}
	c.out(fault)
}

// tail writes how the console ends.
func (c *console) tail(f *facts, b *build) {
	if c.style == styleZuul3 {
		switch b.result() {
		case "SUCCESS":
			c.frame(f.frames["zuul3-passed"])
		case "FAILURE":
			c.frame(f.frames["zuul3-failed"])
		}
	}
	c.frame(f.frames[string(c.style)+"-tail"])
	c.start = c.end
	c.write(c.stencils([]string{lastWords(c.style)})[0], "")
}

// lastWords is the last line of a console. It bears the time of the end.
func lastWords(s style) string {
	switch s {
	case styleJenkins:
		return "Finished: <result>"
	case styleZuul2:
		return "[Zuul] Job complete, result: <result>"
	}
	return "TASK [upload-logs : Upload logs to the log server]"
}

// frame writes the lines of a head or tail. Those behind "> " come from the node.
func (c *console) frame(s section) {
	for _, line := range s.lines {
		text, fromNode := strings.CutPrefix(line, "> ")
		prefix := ""
		if fromNode {
			prefix = c.prefix
		}
		c.write(parseStencil(c.names.Replace(text), c.known), prefix)
	}
}

// out writes lines that the node under test prints.
func (c *console) out(lines []stencil) {
	c.filler.word = choose(c.filler.rng, c.filler.words)
	for _, t := range lines {
		c.write(t, c.prefix)
	}
}

// write writes one line.
func (c *console) write(t stencil, prefix string) {
	if c.err != nil {
		return
	}
	c.tick()
	c.line = c.line[:0]
	if c.style != styleJenkins {
		c.line = c.appendStamp(c.line)
		c.line = append(c.line, " | "...)
	}
	c.line = append(c.line, prefix...)
	c.line = append(c.filler.append(c.line, t), '\n')
	var n int
	n, c.err = c.w.Write(c.line)
	c.written += n
}

// tick moves the clock by some milliseconds, and on to where it should be after
// so many bytes; never past the end.
func (c *console) tick() {
	part := float64(c.written) / float64(c.size)
	due := c.start.Add(time.Duration(part * float64(c.end.Sub(c.start))))
	c.now = c.now.Add(time.Duration(c.filler.rng.Int64N(int64(3 * time.Millisecond))))
	if c.now.Before(due) {
		c.now = due
	}
	if c.now.After(c.end) {
		c.now = c.end
	}
	if c.date == nil || c.now.Sub(c.midnight) >= day {
		c.midnight = c.now.Truncate(day)
		c.date = c.now.AppendFormat(nil, "2006-01-02 ")
	}
	c.filler.at = c.now.Sub(c.midnight)
}

// appendStamp writes the time as "2006-01-02 15:04:05.000000"; Zuul 2 had
// milliseconds.
func (c *console) appendStamp(dst []byte) []byte {
	dst = appendClock(append(dst, c.date...), c.filler.at)
	fraction := int(c.filler.at % time.Second / time.Microsecond)
	if c.style == styleZuul2 {
		return appendPadded(append(dst, '.'), fraction/1000, 3)
	}
	return appendPadded(append(dst, '.'), fraction, 6)
}
