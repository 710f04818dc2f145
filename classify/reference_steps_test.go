package classify_test

import (
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// where says of a line of a file 'f' if the step that it is of failed, 'a' if it
// did not and the CI system tells of another that did, 0 otherwise.
func (e *evaluator) where(name string, no int) byte {
	ends, ci := e.ends(name, false)
	if !ci {
		ends, _ = e.ends(name, true)
	}
	other := byte('a')
	if !ci || !strings.Contains(string(ends), "f") {
		other = 0
	}
	for _, end := range ends[no:] {
		if end != 0 {
			if end == 'f' {
				return 'f'
			}
			break
		}
	}
	return other
}

// ends returns for each line of a file, from 1, how the step ended of which it is
// the last, by the marks of tools or by those of CI systems, 0 if it is none's
// last; and whether there is a mark.
func (e *evaluator) ends(name string, tool bool) (ends []byte, any bool) {
	lines := e.lines(name)
	if len(lines) == 0 {
		return nil, false
	}
	ends = make([]byte, lines[len(lines)-1].no+1)
	for _, l := range lines {
		for _, m := range classify.Marks() {
			if m.Tool != tool || !expression(m.Pattern, "").MatchString(l.text) {
				continue
			}
			if m.End == 'i' {
				if i := strings.LastIndexAny(string(ends), "fwu"); i >= 0 {
					ends[i] = 'w'
				}
				continue
			}
			last := l.no
			if m.End == 'u' {
				last--
			}
			if any = true; ends[last] == 0 && ends[l.no] == 0 {
				ends[last] = m.End
			}
		}
	}
	return ends, any
}
