package classify

import (
	"slices"
	"sort"
	"strings"
	"sync"
)

// A mark is a line that ends a step, the part of a log that one command printed.
// CI systems and build tools write such lines; one more is a line in marks.
type mark struct {
	by      markedBy
	end     ending
	pattern string
}

// markedBy says who writes a mark.
type markedBy int

const (
	byCI   markedBy = iota // who runs the commands: its marks count alone where there are some
	byTool                 // a tool that runs others
)

// ending says how a step ended.
type ending int

const (
	failed  ending = iota // it failed
	well                  // it did not
	unknown               // the line begins another step, which is all that is said
	ignored               // the failure told of last is to be ignored
)

// marks are all marks that are known.
var marks = []mark{
	// Travis
	{byCI, failed, `^The command .* failed \d+ times\.$|" (?:failed and )?exited with [1-9]\d*(?: during .*)?\.$`},
	{byCI, well, `" exited with 0\.$`},
	// GitHub, Azure
	{byCI, failed, `^(?:##\[error\]|Error: )(?:Process completed with exit code [1-9]\d*|The process '.*' failed with exit code [1-9]\d*|\S+ exited with code '[1-9]\d*'|The operation was canceled)\.?$`},
	{byCI, unknown, `^##\[(?:group\]Run |section\](?:Starting|Finishing): )`},
	// GitLab
	{byCI, failed, `^ERROR: Job failed: `},
	{byCI, unknown, `^Executing "(?:step|build)_script" stage of the job script$`},
	// Jenkins
	{byCI, failed, `^ERROR: script returned exit code [1-9]\d*$|^Build step '.*' (?:marked build as failure|changed build result to FAILURE)$|^Finished: (?:FAILURE|ABORTED)$`},
	// CircleCI, AppVeyor, Buildkite
	{byCI, failed, `^(?:Exited with code (?:exit status )?[1-9]\d*|Command exited with code [1-9]\d*|.*Error: The command exited with status [1-9]\d*)$`},
	// Zuul, Ansible
	{byCI, failed, `^\s+"rc": [1-9]\d*,?$|^\s+"unreachable": true,?$|^fatal: \[.*\]: (?:FAILED|UNREACHABLE)!|^(?:PRE-|POST-)?RUN END RESULT_(?:TIMED_OUT|UNREACHABLE|DISK_FULL|FAILURE|ABORTED)\b`},
	{byCI, ignored, `^(?:\.\.\.ignoring|ERROR: Ignoring Errors)$`},
	{byCI, unknown, `^(?:TASK|RUNNING HANDLER|PLAY) \[.*\](?: \*+)?$`},

	{byTool, failed, `^\s*g?make(?:\[\d+\])?: \*\*\* .*\b(?:Error \d+|Killed|Terminated|Segmentation fault.*|Aborted.*)$`},
	{byTool, failed, `^npm (?:ERR!|error) (?:code ELIFECYCLE|Test failed\.|Lifecycle script .* failed)|^error Command failed with exit code [1-9]\d*\.`},
	{byTool, failed, `^ninja: build stopped: |^error: could not compile |^\[ERROR\] Failed to execute goal |^BUILD FAILED\b|^FAILURE: Build failed `},
	{byTool, failed, `^ERROR: InvocationError for command |^The command '.*' returned a non-zero code: |did not complete successfully: exit code: [1-9]`},
	// rpmbuild, Debian's debhelper, Arch's makepkg, Alpine's abuild, BitBake
	{byTool, failed, `^\s*(?:error: )?Bad exit status from \S+ \(%\w+\)$`},
	{byTool, failed, `^dh_auto_\w+: error: .* returned exit code [1-9]|^dpkg-buildpackage: error: .* subprocess returned exit status [1-9]`},
	{byTool, failed, `^==> ERROR: A failure occurred in \w+\(\)\.$|^>>> ERROR: \S+: \w+ failed$|^ERROR: Task \(.*\) failed with exit code `},
	{byTool, unknown, `^Executing\(%\w+\): `},
}

// markMatchers returns the matchers of marks.
var markMatchers = sync.OnceValue(func() []*matcher {
	var all []*matcher
	for _, m := range marks {
		matcher, err := patternMatcher(m.pattern)
		if err != nil {
			panic(err) // cannot be: a test compiles them
		}
		all = append(all, matcher)
	}
	return all
})

// steps are the steps of a log, by the marks that end them. The zero value is a
// log without marks.
type steps struct {
	ends [2][]stepEnd // by markedBy
}

// A stepEnd is where a step ends.
type stepEnd struct {
	line int // its last
	end  ending
}

// maxSteps is how many ends of steps are kept: the last ones.
const maxSteps = 1 << 14

// note notes that a line is a mark. Lines come in their order; the first mark of
// a line counts.
func (s *steps) note(m mark, line int) {
	if m.end == unknown {
		line--
	}
	ends := s.ends[m.by]
	n := len(ends)
	switch {
	case m.end == ignored:
		if n > 0 {
			ends[n-1].end = well
		}
		return
	case n > 0 && ends[n-1].line >= line:
		return
	}
	if n == maxSteps {
		ends = slices.Delete(ends, 0, maxSteps/2)
	}
	s.ends[m.by] = append(ends, stepEnd{line, m.end})
}

// A whereabouts says what is known of the step that a line is of.
type whereabouts int

const (
	anywhere whereabouts = iota // the log does not tell of a step that failed
	inFailed                    // the step failed
	aside                       // it did not, as far as the CI system tells, but another did
)

// An outline tells of a log which step a line is of. The zero value knows of no
// step that failed.
type outline struct {
	ends []stepEnd // in the order of their lines
	by   markedBy
}

// outline returns what the marks tell of steps that failed: those of the CI system,
// or, where it has none, those of tools, which leave open what lies between.
func (s *steps) outline() outline {
	by := byCI
	if len(s.ends[byCI]) == 0 {
		by = byTool
	}
	if !slices.ContainsFunc(s.ends[by], func(e stepEnd) bool { return e.end == failed }) {
		return outline{}
	}
	return outline{s.ends[by], by}
}

// step returns the index of the end of a line's step: of ends, or one beyond.
func (o outline) step(line int) int {
	return sort.Search(len(o.ends), func(i int) bool { return o.ends[i].line >= line })
}

// at returns what is known of the step of a line.
func (o outline) at(line int) whereabouts {
	i := o.step(line)
	switch {
	case i < len(o.ends) && o.ends[i].end == failed:
		return inFailed
	case len(o.ends) == 0 || o.by == byTool:
		return anywhere
	}
	return aside
}

// name returns the number of the line that names the step of a line, if that step
// failed: the mark that begins it, or where there is none the mark that ends it. It
// returns 0 if nothing tells that it failed.
func (o outline) name(line int) int {
	if o.at(line) != inFailed {
		return 0
	}
	i := o.step(line)
	if i > 0 && o.ends[i-1].end == unknown {
		return o.ends[i-1].line + 1
	}
	return o.ends[i].line
}

// step returns the mark that names the failed step of the first of some places of
// which the log tells it, "" if there is none, if it is among the places, or if it
// names nothing: neither a step begins there, nor does it quote the command or the
// task that failed.
func (l *look) step(places []Evidence) string {
	for _, p := range places {
		i := l.kept(p.File)
		if i < 0 {
			continue
		}
		if name := l.seen[i].steps.name(p.Line); name > 0 {
			text := l.seen[i].spool.mark(name)
			if showing(places).has(p.File, name) || name > p.Line && !strings.ContainsAny(text, `"'[(`) {
				return ""
			}
			return text
		}
	}
	return ""
}

// mark returns the mark on a line as it is shown, "" if it is not kept.
func (s *spool) mark(line int) (text string) {
	s.read(line, func(p piece) bool {
		if p.line == line && endsStep(p) {
			text = lineText(p.text, 0, 0)
		}
		return p.line == line && text == ""
	})
	return text
}
