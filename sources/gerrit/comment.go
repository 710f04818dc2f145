package gerrit

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// What CI systems write, by the version that began to. Every line that is none of
// these is passed over.
//
//	Gerrit           Patch Set 3: Verified-1
//	                 (2 comments)
//	                 Copied votes on follow-up patch sets have been updated:
//	                 * one a vote, which looks like a job but is none
//	Zuul     1       - URL : RESULT[ in 1h 02m 03s]
//	         2.5     - NAME URL : RESULT[ in 1h 02m 03s][ (non-voting)]
//	                 - NAME NAME : RESULT…, of a job without a URL
//	         3       - NAME URL : RESULT[ DETAIL][ in 1h 02m 03s][ (non-voting)]
//	         4.7     the URL is that of the build's page, before that of its logs
//	         4.10.3  … (truncated), behind which nothing of a long comment comes
//	         6.2     the URL of the buildset, above the jobs
//	                 Warning:, behind the jobs, and what it warns of
//	Jenkins' Gerrit Trigger
//	                 URL : RESULT[ (skipped)][ DETAIL][ <<<, causes in lines of their own, >>>]
//	                 Logs: URL
//	Wikimedia        - URL : RESULT…
//	                 pipeline-build-result: RESULT (job: NAME, build: NUMBER)
//
// The result of a Zuul job may also be the job's own message for it. Some CIs
// write "*" for "-", and some no URL at all.

// parseComment returns the jobs whose results a comment reports, in the order of
// the comment.
func parseComment(message string) []classify.Job {
	if len(message) > maxComment {
		message = strings.Clone(message[:strings.LastIndexByte(message[:maxComment], '\n')+1]) // what jobs hold of it holds it all
	}
	p := commentParser{lines: strings.Split(strings.TrimRight(message, " \t\r\n"), "\n")}
	p.dropCut()
	for len(p.lines) > 0 {
		line := strings.TrimRight(p.lines[0], " \t\r")
		p.lines = p.lines[1:]
		p.line(line)
	}
	patchSet := patchSetOf(message)
	for i := range p.jobs {
		job := &p.jobs[i]
		job.PatchSet = cmp.Or(patchSet, job.PatchSet)
		job.Pipeline = cmp.Or(p.pipeline, job.Pipeline)
	}
	return p.jobs
}

// patchSetOf reads the number from "Patch Set 3: Verified-1", with which Gerrit
// begins every comment; zero if it is not there.
func patchSetOf(message string) int {
	rest, begins := strings.CutPrefix(message, "Patch Set ")
	digits, _, ends := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if !begins || !ends || err != nil || n < 0 {
		return 0
	}
	return n
}

// commentParser goes through a comment line by line.
type commentParser struct {
	lines []string // still to be read
	cut   bool     // what the last line said behind its result is lost

	jobs      []classify.Job
	pipeline  string // as the text above the jobs names it
	report    bool   // the text above the jobs is one that CIs write
	succeeded bool   // and says so of all that vote
}

// dropCut removes the mark of a comment that was cut for its length, and what
// cannot be trusted of the line that it stands on.
func (p *commentParser) dropCut() {
	last := len(p.lines) - 1
	text, found := strings.CutSuffix(p.lines[last], "(truncated)")
	if !found {
		return
	}
	p.lines = p.lines[:last]
	target, rest, found := strings.Cut(strings.TrimRight(text, " .…"), " : ")
	word, _, whole := strings.Cut(rest, " ")
	if p.cut = found && whole && isResult(word); p.cut {
		p.lines = append(p.lines, target+" : "+word)
	}
}

// line reads one line, and those behind it that belong to it.
func (p *commentParser) line(line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case word == "Logs:":
		p.logs(strings.TrimSpace(rest))
	case word == "pipeline-build-result:":
		p.pipelineLib(rest)
	case strings.HasPrefix(line, "Copied votes on "):
		p.skipBullets()
	case line == "Warning:" && len(p.jobs) > 0:
		p.lines = nil
	default:
		if !p.job(line) && len(p.jobs) == 0 {
			p.header(line)
		}
	}
}

// skipBullets passes over a list that is none of jobs.
func (p *commentParser) skipBullets() {
	for len(p.lines) > 0 && strings.HasPrefix(p.lines[0], "* ") {
		p.lines = p.lines[1:]
	}
}

// header reads a line above the jobs: "Build failed (check pipeline).  For …".
func (p *commentParser) header(line string) {
	before, _, found := strings.Cut(line, " pipeline)")
	if open := strings.LastIndexByte(before, '('); found && open >= 0 && !strings.Contains(before[open:], " ") {
		p.pipeline = clean(before[open+1:], maxName)
	}
	line = strings.ToLower(line)
	p.succeeded = p.succeeded || strings.Contains(line, "build succe")
	for _, words := range []string{"build succe", "build fail", " pipeline)", "verified+", "verified-"} {
		p.report = p.report || strings.Contains(line, words)
	}
}

// job reads the line of a job; false if it is none.
func (p *commentParser) job(line string) bool {
	l, ok := parseJobLine(line)
	if !ok || !l.isJob(p.report) {
		return false
	}
	job := classify.Job{Name: l.name, Result: l.result, Detail: l.detail, Duration: l.duration, Voting: l.voting}
	if l.block {
		job.Detail = cmp.Or(p.block(), job.Detail)
	}
	if p.cut && len(p.lines) == 0 {
		job.Voting = nil
	}
	if !isResult(job.Result) && p.succeeded && job.Voting != nil && *job.Voting {
		job.Result, job.Detail = "SUCCESS", job.Result
	}
	parseLink(l.url).describe(&job)
	if job.Name == "" {
		return false
	}
	p.jobs = append(p.jobs, job)
	return true
}

// block reads the lines up to ">>>": why Jenkins' Failure Analyzer thinks that
// the build failed. A block without an end is none.
func (p *commentParser) block() string {
	end := slices.IndexFunc(p.lines, func(line string) bool {
		return strings.HasSuffix(strings.TrimSpace(line), ">>>")
	})
	if end < 0 {
		return ""
	}
	text := strings.Join(p.lines[:end+1], " ")
	p.lines = p.lines[end+1:]
	return clean(strings.Trim(text, "<>‹› \t\r"), maxDetail)
}

// logs gives a URL of logs to the job it belongs to: the one whose name and
// number it ends in, else the only one that has no logs of its own yet. Where
// neither is certain it is passed over: wrong logs are worse than none.
func (p *commentParser) logs(url string) {
	logs := parseLink(url).logs
	var named, bare []*classify.Job
	for i := range p.jobs {
		job := &p.jobs[i]
		if job.LogURL != "" && job.LogURL != job.URL {
			continue
		}
		bare = append(bare, job)
		if build := buildPath(job.URL); build != "" && strings.HasSuffix(logs, build) {
			named = append(named, job)
		}
	}
	switch {
	case logs == "":
	case len(named) > 0:
		named[0].LogURL = logs
	case len(bare) == 1:
		bare[0].LogURL = logs
	}
}

// pipelineLib reads "FAILURE (job: NAME, build: 12)".
func (p *commentParser) pipelineLib(text string) {
	result, rest, _ := strings.Cut(strings.TrimSpace(text), " (job: ")
	name, _, found := strings.Cut(rest, ", build: ")
	if name = clean(name, maxName); found && name != "" && isResult(result) {
		p.jobs = append(p.jobs, classify.Job{Name: name, Result: result})
	}
}

// jobLine is the line of a job in a comment.
type jobLine struct {
	bullet    bool
	name, url string // at least one is there
	twice     bool   // the name stands in the place of the URL, too
	result    string // "FAILURE", or the job's own message instead of it
	detail    string
	duration  classify.Seconds
	voting    *bool // nil: not said
	block     bool  // the detail follows in lines of its own
}

// parseJobLine reads the line of a job; false if it has not the form of one.
func parseJobLine(line string) (l jobLine, ok bool) {
	text, bullet := strings.CutPrefix(line, "- ")
	if !bullet {
		text, bullet = strings.CutPrefix(line, "* ")
	}
	target, result, found := strings.Cut(text, " : ")
	if !found || target == "" || target[0] == ' ' {
		return l, false
	}
	l.bullet = bullet
	l.setTarget(target)
	l.setResult(result)
	return l, true
}

// isJob reports whether a line is believed to be a job's: the less of it looks so,
// the better known must be what does. Only in a report of builds, or where a time
// is said, any result is: Zuul's, or a job's own message instead of it. A new
// result in capitals needs neither behind a name and a URL.
func (l *jobLine) isJob(report bool) bool {
	word, known := !strings.Contains(l.name, " "), isKnown(l.result)
	switch {
	case !l.bullet:
		return l.name == "" && known
	case l.url == "" && !l.twice:
		return word && known && l.detail == ""
	case known:
		return word || l.detail == ""
	}
	if l.name != "" && l.url != "" && isResult(l.result) && l.detail == "" {
		return word
	}
	first, _, _ := strings.Cut(l.result, " ")
	return word && (report || l.duration > 0) && first != "" && !strings.Contains(first, "://")
}

// setTarget reads what stands before the colon: a name, a URL, or both. Where a
// job has no URL, Zuul writes its name twice, which makes sure that it is a name.
func (l *jobLine) setTarget(target string) {
	i := strings.LastIndexByte(target, ' ')
	if last := target[i+1:]; strings.Contains(last, "://") {
		l.name, l.url = clean(target[:max(i, 0)], maxName), last
		return
	}
	half := len(target) / 2
	if l.twice = target[half] == ' ' && target[:half] == target[half+1:]; l.twice {
		target = target[:half]
	}
	l.name = clean(target, maxName)
}

// setResult reads what stands behind the colon.
func (l *jobLine) setResult(text string) {
	text = strings.TrimSpace(text)
	for _, mark := range []string{"<<<", "<<‹"} {
		if rest, found := strings.CutSuffix(text, mark); found {
			text, l.block = strings.TrimSpace(rest), true
		}
	}
	if l.bullet {
		l.voting = new(true)
	}
	for _, mark := range []string{"(non-voting)", "(skipped)"} {
		if rest, found := strings.CutSuffix(text, mark); found {
			text, l.voting = strings.TrimSpace(rest), new(false)
		}
	}
	text, l.duration = cutDuration(text)
	word, rest, _ := strings.Cut(text, " ")
	if !isResult(word) {
		word, rest = text, ""
	}
	l.result, l.detail = clean(word, maxDetail), clean(rest, maxDetail)
}

// cutDuration removes " in 1h 02m 03s" from the end of a text.
func cutDuration(text string) (rest string, d classify.Seconds) {
	i := strings.LastIndex(text, " in ")
	if i < 0 {
		return text, 0
	}
	units := map[byte]classify.Seconds{'s': 1, 'm': 60, 'h': 3600}
	for word := range strings.FieldsSeq(text[i+len(" in "):]) {
		last := len(word) - 1
		n, err := strconv.ParseUint(word[:last], 10, 20)
		if err != nil || units[word[last]] == 0 {
			return text, 0
		}
		d += classify.Seconds(n) * units[word[last]]
	}
	return strings.TrimSpace(text[:i]), d
}

// isResult reports whether the word has the form of a result: "NODE_FAILURE".
func isResult(word string) bool {
	return len(word) > 1 && len(word) <= maxResult &&
		strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}

// isKnown reports whether the word is a result of Jenkins or Zuul.
func isKnown(word string) bool {
	switch word {
	case "SUCCESS", "FAILURE", "UNSTABLE", "NOT_BUILT", "ABORTED",
		"RETRY", "RETRY_LIMIT", "POST_FAILURE", "SKIPPED", "NODE_FAILURE", "MERGE_CONFLICT",
		"MERGER_FAILURE", "MERGE_FAILURE", "CONFIG_ERROR", "TIMED_OUT", "CANCELED", "ERROR",
		"DISK_FULL", "NO_JOBS", "NOT_REGISTERED", "DISCONNECT", "LOST", "EXCEPTION", "NO_HANDLE":
		return true
	}
	return false
}
