package classify

import (
	"slices"

	"github.com/watchcat-ci/watchcat/classify/internal/literal"
)

// gram is how many bytes of a line are looked up at once. Shorter literals are
// of no use to the filter.
const gram = 3

// filterBits is the size of the filter's table, as a power of two.
const filterBits = 14

// A filter says which probes may match a line, by the literals without which
// they cannot. It never leaves out one that matches.
type filter struct {
	always  []*probe               // those without a literal
	needles []needle               // by gram, linked
	heads   [1 << filterBits]int32 // by hash of a gram: 1 + index of the first needle
	unfold  [256]byte              // ASCII lower case of each byte
}

// A needle is a literal of a probe, found by its first gram.
type needle struct {
	text  string
	probe *probe
	next  int32 // 1 + index of the next needle with the same hash
}

// newFilter makes the filter of probes.
func newFilter(probes []*probe) *filter {
	f := &filter{}
	for i := range f.unfold {
		f.unfold[i] = literal.FoldByte(byte(i))
	}
	for _, p := range probes {
		if len(p.required) == 0 {
			f.always = append(f.always, p)
		}
		for _, text := range p.required {
			head := &f.heads[hashGram(text[0], text[1], text[2])]
			f.needles = append(f.needles, needle{text, p, *head})
			*head = int32(len(f.needles))
		}
	}
	return f
}

// hashGram returns the place of a gram in the table.
func hashGram(a, b, c byte) uint32 {
	return (uint32(a)<<16 | uint32(b)<<8 | uint32(c)) * 0x9E3779B1 >> (32 - filterBits)
}

// candidates appends to probes those that may match a line, each once.
func (f *filter) candidates(probes []*probe, line []byte) []*probe {
	probes = append(probes, f.always...)
	if len(line) < gram {
		return probes
	}
	a, b := f.unfold[line[0]], f.unfold[line[1]]
	for i := gram - 1; i < len(line); i++ {
		c := f.unfold[line[i]]
		for n := f.heads[hashGram(a, b, c)]; n > 0; {
			needle := &f.needles[n-1]
			if f.holds(line[i-gram+1:], needle.text) && !slices.Contains(probes, needle.probe) {
				probes = append(probes, needle.probe)
			}
			n = needle.next
		}
		a, b = b, c
	}
	return probes
}

// holds reports whether line begins with a text, but for ASCII case.
func (f *filter) holds(line []byte, text string) bool {
	if len(line) < len(text) {
		return false
	}
	for i := range len(text) {
		if f.unfold[line[i]] != text[i] {
			return false
		}
	}
	return true
}
