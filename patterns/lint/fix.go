package lint

import (
	"cmp"
	"regexp"
	"slices"
)

// fix is how to mend a pattern: edits of it, and where it stands.
type fix struct {
	pattern string
	edits   []edit
}

// edit replaces a part of a pattern, given by offsets.
type edit struct {
	start, end int
	text       string
}

// Fix returns the text of a rule file with all that can be mended in it mended,
// and how many findings that were. All that is not part of a mended pattern is
// kept byte for byte. Findings of other files are passed over.
func Fix(file string, text []byte, found []Finding) ([]byte, int) {
	type job struct {
		Finding
		start, end int
		pattern    string
		edits      []edit
		count      int
	}
	var jobs []*job
	for _, f := range found {
		if f.File != file || f.fix == nil {
			continue
		}
		start, end, is, ok := value(string(text), f.Place())
		if !ok || is != f.fix.pattern {
			continue
		}
		i := slices.IndexFunc(jobs, func(j *job) bool { return j.start == start })
		if i < 0 {
			i = len(jobs)
			jobs = append(jobs, &job{Finding: f, start: start, end: end, pattern: is})
		}
		if !overlap(jobs[i].edits, f.fix.edits) {
			jobs[i].edits = append(jobs[i].edits, f.fix.edits...)
			jobs[i].count++
		}
	}
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(b.start, a.start) }) // from the end: offsets stay
	out, count := slices.Clone(text), 0
	for _, j := range jobs {
		mended := apply(j.pattern, j.edits)
		if _, err := regexp.Compile(mended); err == nil {
			out = slices.Replace(out, j.start, j.end, []byte(quote(mended))...)
			count += j.count
		}
	}
	return out, count
}

// overlap reports whether edits touch the same part of a pattern.
func overlap(a, b []edit) bool {
	return slices.ContainsFunc(a, func(x edit) bool {
		return slices.ContainsFunc(b, func(y edit) bool { return x.start < y.end && y.start < x.end || x.start == y.start })
	})
}

// apply returns a pattern with edits made.
func apply(pattern string, edits []edit) string {
	for _, e := range slices.SortedFunc(slices.Values(edits), func(a, b edit) int { return cmp.Compare(b.start, a.start) }) {
		pattern = pattern[:e.start] + e.text + pattern[e.end:]
	}
	return pattern
}

// fixable offers edits of a pattern as a fix, if they are safe: what comes out
// compiles, captures the same, and does the same on the lines of the rule's tests.
func (p *pass) fixable(f *Finding, r *rule, t *text, edits ...edit) {
	src := p.sources[f.File]
	if src == nil || src.Packed || t.tokens == nil {
		return
	}
	if _, _, is, ok := value(string(src.Text), f.Place()); !ok || is != t.pattern {
		return
	}
	mended, err := regexp.Compile(apply(t.pattern, edits))
	if err != nil {
		return
	}
	for _, test := range r.tests {
		for _, line := range test.lines {
			if mended.MatchString(line) != t.re.MatchString(line) {
				return
			}
		}
	}
	f.fix, f.Fixable = &fix{t.pattern, edits}, true
}
