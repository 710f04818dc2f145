package testreport

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

const maxTAPLevel = 16 // of subtests

// tap reads the Test Anything Protocol. A test with subtests is counted only if
// it failed and none of them did.
type tap struct {
	line   int // number of the present one
	levels [maxTAPLevel + 1]tapLevel
	test   *record // the last one, whose diagnostics may follow
	yaml   string  // indentation of the open YAML block
	inYAML bool
	plan   int // -1: there was a bail-out
	top    int // tests of the top level
}

// tapLevel is what is known of the tests at a depth since the last one above.
type tapLevel struct {
	name, suite   string // of the next test, told before it; of these
	tests, failed bool
}

var (
	tapTest    = regexp.MustCompile(`^(not )?ok\b(?: +(\d+)\b)? *(?:- *)?(.*)$`)
	tapDirect  = regexp.MustCompile(`(?i)(?:^|\s)#\s*(skip|todo)\S*\s*(.*)$`)
	tapPlan    = regexp.MustCompile(`^1\.\.(\d{1,9})\s*(?:#.*)?$`)
	tapMessage = regexp.MustCompile(`^\s*(?:message|error):\s*["']?(.*?)["']?\s*$`)
	tapAt      = regexp.MustCompile(`\bat (\S+) line (\d{1,9})\.?$`)
)

func (p *tap) take(n int, line []byte) []record {
	p.line = n
	if done := p.read(cut(string(line), maxRun)); done != nil {
		return []record{*done}
	}
	return nil
}

// finish tells the last test, and holds the number of tests to the plan.
func (p *tap) finish() (last []record, err error) {
	if p.test != nil {
		last = []record{*p.test}
		p.test = nil
	}
	if p.top < p.plan {
		return last, fmt.Errorf("%d of %d tests: the report is not complete: %w", p.top, p.plan, io.ErrUnexpectedEOF)
	}
	return last, io.EOF
}

// read takes a line, and returns the test before it if that is complete.
func (p *tap) read(line string) *record {
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	level := min(indent/4, maxTAPLevel)
	if p.inYAML || text == "---" && p.test != nil {
		p.diagnose(line, text)
		return nil
	}
	switch {
	case indent%4 == 0 && (strings.HasPrefix(text, "ok") || strings.HasPrefix(text, "not ok")):
		if m := tapTest.FindStringSubmatch(text); m != nil {
			return p.begin(level, m)
		}
	case strings.HasPrefix(line, "Bail out!"):
		done := p.test
		p.plan = -1
		p.test = &record{verdict: failed, Test: Test{Name: "Bail out!", Message: cut(strings.TrimSpace(line[len("Bail out!"):]), maxMessage), ReportLine: p.line}}
		return done
	case strings.HasPrefix(text, "# Subtest"):
		_, name, _ := strings.Cut(text, ":")
		p.levels[level].name = cut(strings.TrimSpace(name), maxName)
	case strings.HasPrefix(text, "#"):
		p.comment(line, text)
	case indent == 0:
		if m := tapPlan.FindStringSubmatch(text); m != nil && p.plan == 0 {
			p.plan, _ = strconv.Atoi(m[1])
		}
	}
	return nil
}

// begin begins a test.
func (p *tap) begin(level int, m []string) (done *record) {
	done, p.test = p.test, nil
	if level == 0 {
		p.top++
	} else if here := &p.levels[level]; !here.tests {
		here.suite = cmp.Or(p.levels[level-1].name, here.name)
	}
	p.levels[level].name = ""
	rec := &record{Test: Test{Name: cut(m[3], maxName), Suite: p.levels[level].suite, ReportLine: p.line}}
	if m[1] != "" {
		rec.verdict = failed
	}
	if d := tapDirect.FindStringSubmatchIndex(m[3]); d != nil {
		rec.Name = cut(strings.TrimSpace(m[3][:d[0]]), maxName)
		if rec.verdict = passed; strings.EqualFold(m[3][d[2]:d[3]], "skip") {
			rec.verdict = skipped
		}
	}
	if rec.Name == "" {
		rec.Name = strings.TrimSpace("test " + m[2])
	}
	if !p.isParent(level, rec.verdict == failed) {
		p.test = rec
	}
	return done
}

// isParent notes a test, and reports whether its subtests were told in its stead.
func (p *tap) isParent(level int, bad bool) bool {
	here := &p.levels[level]
	here.tests, here.failed = true, here.failed || bad
	if level == maxTAPLevel {
		return false
	}
	below := p.levels[level+1]
	clear(p.levels[level+1:])
	return below.tests && (!bad || below.failed)
}

// diagnose takes a line of a YAML block.
func (p *tap) diagnose(line, text string) {
	if !p.inYAML {
		p.inYAML, p.yaml = true, line[:len(line)-len(text)]
		return
	}
	if text == "..." && strings.TrimSuffix(line, text) == p.yaml {
		p.inYAML = false
		return
	}
	if m := tapMessage.FindStringSubmatch(line); m != nil && p.test.Message == "" && !strings.HasPrefix(m[1], "|") {
		p.test.Message = cut(m[1], maxMessage)
	}
	p.test.tell(p.line, cut(strings.TrimPrefix(line, p.yaml), maxRun)+"\n")
}

// comment takes a comment, which tells of the test before it, if that failed.
func (p *tap) comment(line, text string) {
	if p.test == nil || p.test.verdict != failed {
		return
	}
	if m := tapAt.FindStringSubmatch(text); m != nil && p.test.File == "" {
		p.test.File = m[1]
		p.test.Line, _ = strconv.Atoi(m[2])
	}
	p.test.tell(p.line, cut(line, maxRun)+"\n")
}
