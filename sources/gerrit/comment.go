package gerrit

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// parseComment returns the jobs whose results a CI's comment reports, in the
// order of the comment. It reads what Zuul 1 to 11 and the Jenkins Gerrit Trigger
// write, and passes over all other text:
//
//	URL : RESULT[ (skipped)][ <<<, the detail in lines of its own, >>>]
//	Logs: URL
//	- NAME URL : RESULT[ DETAIL][ in 1h 02m 03s][ (non-voting)]
//	- URL : RESULT…
//	pipeline-build-result: RESULT (job: NAME, build: NUMBER)
//
// The first two are Jenkins', the third is Zuul's from 2.5 on, the fourth that of
// Zuuls which do not name jobs, the last is Wikimedia's PipelineLib's.
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
	succeeded bool   // the text above the jobs says so of all that vote
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
	if strings.HasPrefix(strings.ToLower(line), "build succe") {
		p.succeeded = true
	}
}

// job reads the line of a job; false if it is none.
func (p *commentParser) job(line string) bool {
	l, ok := parseJobLine(line)
	if !ok {
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
