package periodic

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// Complete reads the console of a job of this source whose result is not known,
// and fills in what it tells of result, branch, begin and length; what is known
// already stays. The error wraps fs.ErrNotExist where the job has no console. If
// the console was cut short, what it told until then is filled in, and the error
// says so.
//
// A whole console without a result is that of a job that still runs, if its
// last time stamp (or, where it has none, the job's Time) is of the last hour:
// the result is "RUNNING". Otherwise it is "UNKNOWN", and an error.
//
// The result is the last line "[Zuul] Job complete, result: FAILURE", or
// Jenkins' "Finished: FAILURE" near the end, with nothing but a time stamp
// before it; the branch stands in "+ export ZUUL_BRANCH=main"; begin and length
// are the time stamps of the first and last line, taken as UTC where they name
// no zone.
func (s *Source) Complete(ctx context.Context, logs classify.Logs, job *classify.Job) error {
	if job.Source != s.name || job.Result != "" || job.LogURL == "" {
		return nil
	}
	r, err := s.open(ctx, logs, *job)
	if err != nil {
		return fmt.Errorf("complete %s: %w", job.Name, err)
	}
	defer r.Close() //nolint:errcheck // nothing was written
	told, err := readConsole(ctx, r)
	told.fill(job, err == nil)
	switch {
	case err != nil:
		return fmt.Errorf("complete %s from its console %s: %w", job.Name, job.LogURL, err)
	case job.Result != "":
		if log, ok := r.(sources.Ender); ok && job.Status() != classify.Unending {
			log.Ended()
		}
		return nil
	case s.justNow(told.last) || told.last.IsZero() && s.justNow(job.Time):
		job.Result = "RUNNING"
		return nil
	}
	job.Result = "UNKNOWN"
	return fmt.Errorf("complete %s (%s): its console tells no result; if these jobs never do, say where the page shows it: select.result",
		job.Name, cmp.Or(job.URL, job.LogURL))
}

// justNow reports whether a time is of the last hour, also by a clock that is
// ahead.
func (s *Source) justNow(t time.Time) bool { return s.now().Sub(t).Abs() <= time.Hour }

// open opens the first candidate of a job's console that is there.
func (s *Source) open(ctx context.Context, logs classify.Logs, job classify.Job) (io.ReadCloser, error) {
	candidates := s.console
	if !strings.HasSuffix(job.LogURL, "/") {
		candidates = candidates[:1] // a job of one file, whatever it is called
	}
	var absent error
	for _, file := range candidates {
		r, err := logs.Open(ctx, job, file)
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return r, err
		}
		if absent == nil {
			absent = err
		}
	}
	return nil, fmt.Errorf("no console: %w (tried %s)", absent, strings.Join(candidates, ", "))
}

// Bounds of what is read of a console.
const (
	consoleBuffer = 64 << 10
	maxLine       = 1 << 10 // of a line, what is looked at
	jenkinsTail   = 64      // lines that may follow Jenkins' last word: what publishes the log
)

// console is what a console tells.
type console struct {
	zuul, jenkins         string // results
	zuulLine, jenkinsLine int
	lines                 int
	branch                string
	first, last           time.Time
}

// readConsole reads a console to its end, in bounded memory.
func readConsole(ctx context.Context, r io.Reader) (c console, err error) {
	br := bufio.NewReaderSize(r, consoleBuffer)
	for {
		line, err := readLine(br)
		if len(line) > 0 {
			c.line(line)
		}
		switch {
		case errors.Is(err, io.EOF):
			return c, nil
		case err != nil:
			return c, err
		case c.lines%1024 == 0 && ctx.Err() != nil:
			return c, ctx.Err()
		}
	}
}

// readLine returns the beginning of the next line, up to maxLine bytes. It is
// valid until the next call.
func readLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	line = line[:min(len(line), maxLine)]
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	line = bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = br.ReadSlice('\n')
	}
	return line, err
}

// line takes up what a line tells.
func (c *console) line(line []byte) {
	c.lines++
	text := trimMarkup(line)
	if t, rest, ok := cutStamp(text); ok {
		if c.first.IsZero() {
			c.first = t
		}
		c.last = t
		text = trimMarkup(rest)
	}
	if rest, ok := bytes.CutPrefix(text, []byte("[Zuul] Job complete, result: ")); ok {
		if word := resultWord(rest); word != "" {
			c.zuul, c.zuulLine = word, c.lines
		}
	}
	if rest, ok := bytes.CutPrefix(text, []byte("Finished: ")); ok {
		if word := resultWord(rest); word != "" {
			c.jenkins, c.jenkinsLine = word, c.lines
		}
	}
	if c.branch == "" {
		c.branch = branchOf(text)
	}
}

// fill fills in what the job does not know. Of a console that was cut short the
// end is not known, so neither are Jenkins' last word and the length; nor is the
// length of a job that may still run.
func (c *console) fill(job *classify.Job, whole bool) {
	result := c.zuul
	if whole && c.lines-c.jenkinsLine <= jenkinsTail && c.jenkinsLine > c.zuulLine {
		result = c.jenkins
	}
	fill(&job.Result, result)
	fill(&job.Branch, c.branch)
	if job.Start.IsZero() {
		job.Start = c.first
	}
	if !whole || c.last.Before(c.first) {
		return
	}
	if job.Duration == 0 && job.Result != "" {
		job.Duration = classify.Seconds(c.last.Sub(c.first) / time.Second)
	}
	if job.Time.IsZero() {
		job.Time = c.last
	}
}

// resultWord returns the word that a line ends in, if it is a result.
func resultWord(rest []byte) string {
	if i := bytes.IndexByte(rest, '<'); i >= 0 { // what closes the markup
		rest = rest[:i]
	}
	word := string(bytes.TrimSpace(rest))
	if len(word) > 40 || strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return ""
	}
	return word
}

// branchOf returns the branch of a line "+ export ZUUL_BRANCH=main", in which
// the shell's "+" and quotes may be absent. A value that names another variable
// tells nothing.
func branchOf(text []byte) string {
	text = bytes.TrimLeft(bytes.TrimLeft(text, "+"), " ")
	value, ok := bytes.CutPrefix(text, []byte("export ZUUL_BRANCH="))
	if !ok {
		return ""
	}
	if len(value) > 0 && (value[0] == '\'' || value[0] == '"') {
		end := bytes.IndexByte(value[1:], value[0])
		if end < 0 {
			return ""
		}
		value = value[1 : 1+end]
	} else if end := bytes.IndexAny(value, " \t\r\n;<"); end >= 0 {
		value = value[:end]
	}
	if bytes.ContainsFunc(value, notInBranch) {
		return ""
	}
	return printable.Line(string(value), maxName)
}

// notInBranch reports whether a character is in no branch's name: what Git
// refuses, what the shell would have replaced, and bytes that are no UTF-8.
func notInBranch(r rune) bool {
	return strings.ContainsRune("$`'\"\\", r) || unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError
}
