package testreport

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// jobOutput reads Zuul's job-output.json, as its callback zuul_json writes it: a
// list of playbooks, with plays, tasks, and for each host the result. That a task
// failed says the result; whether that was ignored or rescued, only the statistics
// at the playbook's end.
type jobOutput struct {
	src   *jsonClip
	dec   *json.Decoder
	stack []level

	play   string
	result hostResult   // the open one
	task   taskAbout    // what stands behind the results
	hosts  []hostResult // of the open task
	failed []hostResult // of the open playbook
	bad    map[string]int
	stats  bool // bad is known
	queue  []record
	err    error // why reading ended
}

// level is an open object or list.
type level struct {
	object bool
	key    string // of the object, "" when one is due
	due    bool   // a key comes next
}

// hostResult is what a task did on a host.
type hostResult struct {
	record
	host, action string
	item         bool // the open item of a loop failed
}

type taskAbout struct {
	name, role string
	start, end time.Time
}

const (
	maxHosts = 10_000 // results that are held until their task or playbook ends
	maxTold  = 100    // of these, with what they printed
)

// Depths in the file: [ { plays: [ { tasks: [ { hosts: { HOST: { and, in results, [ {.
const (
	inPlaybook = 2
	inStats    = 4
	inPlay     = 5
	inEntry    = 6
	inHosts    = 7 // or in task, in role
	inResult   = 8 // or in duration
	inValues   = 9
	inItem     = 10
)

func newJobOutput(r *bufio.Reader) *jobOutput {
	src := &jsonClip{in: r, line: 1}
	j := &jobOutput{src: src, dec: json.NewDecoder(src), bad: map[string]int{}}
	j.dec.UseNumber()
	return j
}

func (j *jobOutput) at() int { return j.src.lineOf(j.dec.InputOffset()) }

func (j *jobOutput) next() (record, error) {
	for len(j.queue) == 0 {
		if j.err != nil {
			return record{}, j.err
		}
		token, err := j.dec.Token()
		if err == nil {
			err = j.token(token)
		}
		if err != nil {
			j.err = j.ended(err)
		}
	}
	rec := j.queue[0]
	j.queue = j.queue[1:]
	return rec, nil
}

// ended says why there are no more tokens. Failures of a playbook without an end
// are told first.
func (j *jobOutput) ended(err error) error {
	if j.result.verdict == failed {
		j.endHost()
	}
	j.endTask()
	j.endPlaybook()
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF && len(j.stack) > 0 {
		return fmt.Errorf("line %d: the report is not complete: %w", j.at(), io.ErrUnexpectedEOF)
	}
	if err == io.EOF {
		return io.EOF
	}
	return fmt.Errorf("line %d: %w", j.at(), err)
}

// token takes the next token.
func (j *jobOutput) token(token json.Token) error {
	delim, isDelim := token.(json.Delim)
	switch {
	case isDelim && (delim == '}' || delim == ']'):
		j.close()
		j.stack = j.stack[:len(j.stack)-1]
		j.valued()
	case isDelim:
		if len(j.stack) >= maxDepth {
			return fmt.Errorf("more than %d values in one another", maxDepth)
		}
		j.stack = append(j.stack, level{object: delim == '{', due: delim == '{'})
		j.open()
	default:
		if top := j.top(); top != nil && top.due {
			key, _ := token.(string)
			top.key, top.due = cut(key, maxName), false
			return nil
		}
		j.scalar(token)
		j.valued()
	}
	return nil
}

func (j *jobOutput) top() *level {
	if len(j.stack) == 0 {
		return nil
	}
	return &j.stack[len(j.stack)-1]
}

// valued ends a value: of an object, the next key is due.
func (j *jobOutput) valued() {
	if top := j.top(); top != nil && top.object {
		top.due = true
	}
}

// key returns the key of the open object at a depth.
func (j *jobOutput) key(depth int) string {
	if depth > len(j.stack) {
		return ""
	}
	return j.stack[depth-1].key
}

// inTasks reports whether what is open belongs to a task, and there to a key.
func (j *jobOutput) inTasks(key string) bool {
	return j.key(inPlaybook) == "plays" && j.key(4) == "tasks" && j.key(inEntry) == key
}

func (j *jobOutput) open() {
	if len(j.stack) == inResult && j.inTasks("hosts") {
		j.result = hostResult{host: j.key(inHosts)}
		j.result.ReportLine = j.at()
	}
}

func (j *jobOutput) close() {
	switch depth := len(j.stack); {
	case depth == inResult && j.inTasks("hosts"):
		j.endHost()
	case depth == inItem && j.inTasks("hosts"):
		j.result.item = false
	case depth == inEntry && j.key(inPlaybook) == "plays" && j.key(4) == "tasks":
		j.endTask()
	case depth == inPlaybook:
		j.endPlaybook()
	}
}

// scalar takes a string, a number, true, false or null.
func (j *jobOutput) scalar(token json.Token) {
	text, _ := token.(string)
	depth := len(j.stack)
	switch {
	case depth == inStats && j.key(inPlaybook) == "stats":
	case depth == inPlay && j.key(4) == "play" && j.key(inPlay) == "name":
		j.play = cut(text, maxName)
	case depth == inHosts && j.inTasks("task") && j.key(depth) == "name":
		j.task.name = text
	case depth == inHosts && j.inTasks("role") && j.key(depth) == "name":
		j.task.role = text
	case depth == inResult && j.inTasks("task") && j.key(inHosts) == "duration":
		j.time(text)
	case j.inTasks("hosts"):
		j.ofHost(token, text)
		return
	}
	if n, ok := token.(json.Number); ok && depth == inStats && j.key(inPlaybook) == "stats" {
		j.count(n)
	}
}

// count adds up how often a host failed for good.
func (j *jobOutput) count(n json.Number) {
	j.stats = true
	if key := j.key(inStats); key == "failures" || key == "unreachable" {
		if times, err := n.Int64(); err == nil && times > 0 && len(j.bad) < MaxFailures {
			j.bad[j.key(3)] += int(min(times, MaxFailures))
		}
	}
}

func (j *jobOutput) time(text string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return
	}
	switch j.key(inResult) {
	case "start":
		j.task.start = at
	case "end":
		j.task.end = at
	}
}

// ofHost takes a value of a host's result, or of an item of its loop.
func (j *jobOutput) ofHost(token json.Token, text string) {
	depth, key := len(j.stack), j.key(len(j.stack))
	yes := token == true
	switch {
	case depth == inResult && (key == "failed" || key == "unreachable") && yes:
		j.result.verdict = failed
	case depth == inResult && key == "skipped" && yes && j.result.verdict == passed:
		j.result.verdict = skipped
	case depth == inResult && key == "action":
		j.result.action = cut(text, maxName)
	case depth == inResult && key == "msg":
		j.result.Message = cut(text, maxMessage)
		j.tell(text)
	case depth == inResult && isOutput(key), depth == inValues && j.key(inResult) == "msg":
		j.tell(text)
	case depth == inItem && j.key(inResult) == "results" && key == "failed":
		j.result.item = yes
	case depth == inItem && j.key(inResult) == "results" && j.result.item && (isOutput(key) || key == "msg"):
		j.tell(text)
	}
}

func isOutput(key string) bool {
	switch key {
	case "exception", "module_stderr", "module_stdout", "stderr", "stdout", "reason":
		return true
	}
	return false
}

// tell adds a text, which stands on one line of the file whatever lines it has.
func (j *jobOutput) tell(text string) {
	if text != "" {
		j.result.tell(j.at(), strings.ReplaceAll(strings.TrimRight(text, "\n")+"\n", "\n", "\r"))
	}
}

// endHost ends the result of a host. Only the first failures are held with their
// texts.
func (j *jobOutput) endHost() {
	r := j.result
	j.result = hostResult{}
	if r.verdict != failed || len(j.hosts)+len(j.failed) >= maxTold {
		r.parts = nil
	}
	if j.hosts = append(j.hosts, r); len(j.hosts) >= maxHosts {
		j.endTask()
	}
}

// endTask names the results of a task. Those that did not fail are told.
func (j *jobOutput) endTask() {
	for _, r := range j.hosts {
		r.Name = cut(cmp.Or(j.task.name, r.action), maxName)
		r.Suite = cut(cmp.Or(j.task.role, j.play), maxName)
		if !j.task.start.IsZero() {
			r.Duration = duration(j.task.end.Sub(j.task.start).Seconds(), !j.task.end.IsZero())
		}
		if r.verdict == failed && len(j.failed) < maxHosts {
			j.failed = append(j.failed, r)
		} else {
			j.queue = append(j.queue, r.record)
		}
	}
	j.hosts, j.task = j.hosts[:0], taskAbout{}
}

// endPlaybook tells what failed. A host that fails is out of the play, so its
// last failures are those that were neither ignored nor rescued.
func (j *jobOutput) endPlaybook() {
	for i := len(j.failed) - 1; i >= 0 && j.stats; i-- {
		r := &j.failed[i]
		if j.bad[r.host] > 0 {
			j.bad[r.host]--
		} else {
			r.verdict = passed
		}
	}
	for _, r := range j.failed {
		j.queue = append(j.queue, r.record)
	}
	j.failed, j.stats = nil, false
	clear(j.bad)
}
