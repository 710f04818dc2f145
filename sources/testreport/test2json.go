package testreport

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	maxHeld = 32 << 20 // bytes that are held of tests which have not ended
	notEnd  = "did not end"
)

// goEvent is a line of "go test -json", see go doc cmd/test2json.
type goEvent struct {
	Action, Package, ImportPath, Test, Output, FailedBuild string
	Elapsed                                                float64 // in seconds
}

// test2json reads the output of "go test -json". A test with subtests is counted
// only if it failed and none of them did. A package that failed without a
// failed test is one failed test without a name.
type test2json struct {
	line   int               // number of the present one
	tests  map[goKey]*goTest // those which have not ended, and, without Test, the packages
	builds map[string]*record
	begun  int // tests so far
	held   int // bytes
	built  int // of these, what builds printed
	queue  []record
	bad    bool // the last line that was not empty is no whole event
}

type goKey struct{ pkg, test string }

type goTest struct {
	record
	order           int
	subs, subFailed bool
	silent          bool // it is a package that nobody said anything of
}

func newTest2JSON() *test2json {
	return &test2json{tests: map[goKey]*goTest{}, builds: map[string]*record{}}
}

// take takes a line. One that is no event was printed by others.
func (g *test2json) take(n int, line []byte) []record {
	g.line = n
	if len(line) == 0 {
		return nil
	}
	var e goEvent
	if err := json.Unmarshal(line, &e); err == nil {
		g.bad = false
		g.event(e)
	} else {
		g.bad = line[0] == '{'
	}
	return g.told()
}

// told returns the tests that are complete, each once.
func (g *test2json) told() []record {
	told := g.queue
	g.queue = nil
	return told
}

// finish tells the tests that have no end.
func (g *test2json) finish() ([]record, error) {
	maps.DeleteFunc(g.tests, func(_ goKey, t *goTest) bool { return t.silent })
	if len(g.tests) == 0 && !g.bad {
		return nil, io.EOF
	}
	g.unended(func(goKey) bool { return true })
	clear(g.tests)
	return g.told(), fmt.Errorf("line %d: the report is not complete: %w", g.line, io.ErrUnexpectedEOF)
}

func (g *test2json) event(e goEvent) {
	key := goKey{cut(e.Package, maxName), cut(e.Test, maxName)}
	switch e.Action {
	case "start", "run":
		g.open(key)
	case "output":
		g.output(g.open(key), e.Output)
	case "build-output":
		g.buildOutput(cut(e.ImportPath, maxName), e.Output)
	case "pass", "skip", "fail":
		verdict := map[string]verdict{"pass": passed, "skip": skipped, "fail": failed}[e.Action]
		if e.Test == "" {
			g.endPackage(key, e)
		} else {
			g.end(key, verdict, e.Elapsed)
		}
		delete(g.tests, key)
	}
	if len(g.tests) == 0 {
		g.held = g.built
	}
}

// open returns a test that has not ended; one of its own where too much is held.
func (g *test2json) open(key goKey) *goTest {
	if t := g.tests[key]; t != nil {
		return t
	}
	g.begun++
	t := &goTest{order: g.begun}
	t.Suite, t.Name = key.pkg, key.test
	if g.spend(512 + len(key.pkg) + len(key.test)) {
		g.tests[key] = t
	}
	if parent := g.parent(key); parent != nil {
		parent.subs = true
	}
	return t
}

func (g *test2json) spend(n int) bool {
	if g.held+n > maxHeld {
		return false
	}
	g.held += n
	return true
}

// parent returns the open test whose subtest this is, if it is one.
func (g *test2json) parent(key goKey) *goTest {
	at := strings.LastIndexByte(key.test, '/')
	if at < 0 {
		return nil
	}
	return g.tests[goKey{key.pkg, key.test[:at]}]
}

// end ends a test.
func (g *test2json) end(key goKey, v verdict, elapsed float64) {
	t := g.open(key)
	if v == failed {
		g.failed(key)
	}
	if t.subs && (v != failed || t.subFailed) {
		return
	}
	t.verdict, t.Duration, t.ReportLine = v, duration(elapsed, true), g.line
	t.retry = retry{suite: key.pkg, name: key.test}
	g.queue = append(g.queue, t.record)
}

// failed notes with its parents and its package that a test failed.
func (g *test2json) failed(key goKey) {
	if parent := g.parent(key); parent != nil {
		parent.subFailed = true
	}
	pkg := goKey{pkg: key.pkg}
	if g.tests[pkg] == nil { // before Go 1.20 nobody said that a package begins
		g.open(pkg).silent = true
	}
	g.open(pkg).subFailed = true
}

// endPackage ends a package: what of it has no end did not end.
func (g *test2json) endPackage(key goKey, e goEvent) {
	open := func(k goKey) bool { return k.pkg == key.pkg && k.test != "" }
	if e.Action == "fail" {
		g.unended(open)
		g.failedPackage(g.open(key), cut(e.FailedBuild, maxName))
	}
	maps.DeleteFunc(g.tests, func(k goKey, _ *goTest) bool { return open(k) })
}

// unended tells tests that have no end as failed, those begun first first.
func (g *test2json) unended(which func(goKey) bool) {
	keys := slices.DeleteFunc(slices.Collect(maps.Keys(g.tests)), func(k goKey) bool { return k.test == "" || !which(k) })
	slices.SortFunc(keys, func(a, b goKey) int { return cmp.Compare(g.tests[a].order, g.tests[b].order) })
	for _, key := range keys {
		if t := g.tests[key]; !t.subs {
			t.Message = cmp.Or(t.Message, notEnd)
			g.end(key, failed, 0)
		}
	}
}

// failedPackage tells of a package that failed, unless a test of it did.
func (g *test2json) failedPackage(t *goTest, build string) {
	if t.subFailed {
		return
	}
	if b := g.builds[build]; b != nil {
		t.parts, t.size, t.File, t.Line, t.Message = b.parts, b.size, b.File, b.Line, b.Message
	}
	t.verdict, t.ReportLine = failed, g.line
	g.queue = append(g.queue, t.record)
}

var (
	goFrame  = regexp.MustCompile(`^\s*(\S+\.go):(\d+):(?:\d+:)? (.*\S)`)
	goChatty = regexp.MustCompile(`^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:PASS|FAIL|SKIP|BENCH):|(?:ok|FAIL|PASS)\s*(?:\t|$))`)
)

// output adds what a test printed. The first message that names a line is taken
// as the reason, or that of a panic.
func (g *test2json) output(t *goTest, text string) {
	if goChatty.MatchString(text) {
		return
	}
	if strings.HasPrefix(text, "panic: ") && !strings.HasPrefix(t.Message, "panic: ") {
		t.Message, t.File, t.Line = cut(text, maxMessage), "", 0
	}
	tellGo(&t.record, g.line, text, g.spend)
}

func (g *test2json) buildOutput(build, text string) {
	before := g.held
	defer func() { g.built += g.held - before }()
	b := g.builds[build]
	if b == nil {
		if b = new(record); !g.spend(512 + len(build)) {
			return
		}
		g.builds[build] = b
	}
	if !strings.HasPrefix(text, "# ") {
		tellGo(b, g.line, text, g.spend)
	}
}

// tellGo adds a line of output. It stands on a line of the report with its event,
// so its end is a CR here.
func tellGo(r *record, line int, text string, spend func(int) bool) {
	if m := goFrame.FindStringSubmatch(text); m != nil && r.Message == "" {
		r.File, r.Message = m[1], cut(m[3], maxMessage)
		r.Line, _ = strconv.Atoi(m[2])
	}
	if text = cut(text, maxRun); spend(len(text)) {
		r.tell(line, strings.ReplaceAll(text, "\n", "\r"))
	}
}
