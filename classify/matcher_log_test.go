package classify_test

import (
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// What stands around the texts that rules look for.
var (
	madeStamps = []string{"2026-11-20 10:11:12.123456 | node-1 | ", "2026-11-20 10:11:12.123 | ", "2026-11-20T10:11:12.1234567Z ", "[2026-11-20T10:11:12.123Z] ",
		"2026-11-20T10:11:12.123456Z 00O+", "10:11:12  ", "[10:11:12] ", "[10:11:12]W:  [Step 1/2] ", "DEBUG util.py:446:  ", "travis_fold:start:x\r", "section_end:1:x\r",
		"2026-11-20 10:11:12", "2026-11-20T10:11:12,5+01:00 ", "10:11:12", "2026-11-20 10:11:1", "[10:11:12", "travis_time:end:1", "2026-11-20 10:11:12 |", "INFO a.py:1:", "2026-11-20 | "}
	madeEscapes = []string{"\x1b[31m", "\x1b[0m", "\x1b[0;1;31m", "\x1b[K", "\x1b(B", "\x1b]0;title\a", "\x1b]8;;http://x/\x1b\\", "\x1bP1$r\x1b\\", "\x1b_bk;t=1\a", "\x1b=", "\x1b", "\x1b[",
		"\x1b[31", "\x1b]open", "\x1b\x1b[1m", "\x1b[m\x0f", "\x1b#8", "\x1b]a\x1b\x1b[1m", "\x1b[1\x1b[0m", "\x1bc"}
	madeControls = []string{"\x00", "\b", "\a", "\x7f", "\x01", "\v", "\f", "\x0f", "\x00\x00\x00\x00"}
	madeNoise    = []string{"", " ", "foo ", "a", "the ", "xyz-", "\t", "_", "é", "\xff", "0", "aaaa", "k", "\u212a", "  | ", "10:11:12 ", "error"}
	madeFillers  = []string{"some line of no interest\n", "\n", "a line with an error in it, and of some length that is more than that of others\n", "1234567890123456789\r\n"}
	madeEnds     = []string{"\n", "\n", "\n", "\n", "\n", "\n", "\r\n", "\r\n", "\r", "\r\r\n", "\n\n", " \n", "\x1b[0m\n", "\n\r\n"}
)

// matcherLog makes a log of what rules look for, and of what is like it.
func (d *dice) matcherLog(rules []classify.Rule) string {
	makers := makersOf(rules)
	var b strings.Builder
	if d.chance(32) {
		b.WriteString("\xef\xbb\xbf")
	}
	long := d.chance(48) && len(rules) < 20
	for i := range 1 + d.roll(24) {
		if long && i == 1 { // longer than what an engine may read at once
			b.WriteString(strings.Repeat(pick(d, madeFillers), 10_000+d.roll(256)*8))
		}
		line := d.line(makers)
		switch kind := d.roll(32); kind {
		case 31:
			b.WriteString(strings.Repeat(line, 90+d.roll(20)))
		case 30:
			for i := range 15 + d.roll(30) {
				b.WriteString(strings.Repeat(line[:len(line)-1], 1+i%3) + string(rune('a'+i)) + "\n")
			}
		case 29:
			b.WriteString(strings.Repeat(pick(d, madeFillers), d.roll(100)) + line)
		default:
			b.WriteString(line)
		}
	}
	log := b.String()
	log = log[:min(len(log), 1<<20/len(rules))] // which bounds what the oracle does
	if d.chance(4) {                            // no last LF
		log += pick(d, makers)(d)
	}
	if d.chance(6) {
		log = strings.ReplaceAll(log, "\n", "\r\n")
	}
	return settled(log)
}

// settled takes away lines that are not judged.
func settled(log string) string {
	if judged(log) {
		return log
	}
	var b strings.Builder
	for line := range strings.Lines(log) {
		if judged(line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// line makes a line, with its end.
func (d *dice) line(makers []maker) string {
	s := pick(d, madeNoise)
	for range 1 + d.roll(2) {
		s += d.edited(pick(d, makers)(d)) + pick(d, madeNoise)
	}
	if d.chance(16) {
		s = strings.Repeat(pick(d, []string{"-", "a", "ab ", "é", "10%\r", "\xff"}), 20*d.roll(50)) + s
	}
	if d.chance(8) {
		s = d.coloured(s)
	}
	if d.chance(6) {
		s = pick(d, madeStamps) + s
	}
	if d.chance(12) {
		s = pick(d, madeEscapes) + s
	}
	if d.chance(8) {
		s = pick(d, madeControls) + s
	}
	return s + pick(d, madeEnds)
}

// edited changes a text in a place or two, or does not.
func (d *dice) edited(s string) string {
	for range pick(d, []int{0, 0, 0, 0, 1, 1, 2, 5}) {
		s = d.edit(s)
	}
	return s
}

// edit changes a text in one place.
func (d *dice) edit(s string) string {
	if s == "" {
		return s
	}
	at := d.roll(min(len(s), 256))
	before, here, after := s[:at], s[at:at+1], s[at+1:]
	switch d.roll(10) {
	case 1:
		return before + after
	case 2:
		return before + pick(d, madeNoise) + here + after
	case 3:
		return strings.ToUpper(before) + here + after
	case 4:
		return before + string([]byte{here[0] ^ 0x20}) + after // the other case, of letters
	case 5:
		return before + pick(d, madeEscapes) + here + after
	case 6:
		return before + "\r" + here + after
	case 7:
		return before + here
	case 8:
		return before + pick(d, madeControls) + here + after
	case 9:
		return before + string([]byte{here[0] ^ 0x80}) + after
	}
	return before + string([]byte{byte(' ' + d.roll(95))}) + after
}

// coloured puts colours into a text, after every so many bytes.
func (d *dice) coloured(s string) string {
	var b strings.Builder
	step, colour := 1+d.roll(12), pick(d, madeEscapes[:5])
	for i := range len(s) {
		if i%step == 0 {
			b.WriteString(colour)
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// A chunkReader returns a text in reads of the sizes given, in turn. At a size of
// zero it returns nothing, and no error.
type chunkReader struct {
	text  string
	sizes []int // not all zero
	turn  int
	early bool // io.EOF comes with the last bytes
}

func (r *chunkReader) Read(p []byte) (int, error) {
	if r.text == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.sizes[r.turn%len(r.sizes)])], r.text)
	r.turn++
	r.text = r.text[n:]
	if r.text == "" && r.early {
		return n, io.EOF
	}
	return n, nil
}

// chunks makes a reader without a text.
func (d *dice) chunks() chunkReader {
	sizes := []int{1 << 20}
	switch d.roll(6) {
	case 1:
		sizes = []int{1}
	case 2:
		sizes = []int{1 + d.roll(256), 0, 1 + d.roll(256), 1 + d.roll(16), 0, 1}
	case 3:
		sizes = []int{1 << d.roll(18), 1 << d.roll(18)}
	case 4:
		sizes = []int{4096, 0, 1}
	case 5:
		sizes = []int{1 + d.roll(8), 1 + d.roll(256)*256}
	}
	return chunkReader{sizes: sizes, early: d.chance(2)}
}
