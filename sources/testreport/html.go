package testreport

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// maxHTMLToken is how long a tag or a text of a page may be: what a test printed is
// one text.
const maxHTMLToken = 8 << 20

// htmlReport reads the pages of subunit2html, as OpenStack's jobs leave them under the
// name of testr_results.html, and of HTMLTestRunner, from which it stems. A table has
// a row for each class and one for each test, whose id is "pt1.2" or "ft1.2".
type htmlReport struct {
	tok  *html.Tokenizer
	line int // on which the next token begins

	suite string
	test  *record // the open one
	in    htmlPart
	text  []byte // of the open part
	from  int    // line on which that begins
	ended bool   // the page has come to its end
}

// htmlPart is a part of a page whose text is of interest.
type htmlPart int

const (
	nowhere  htmlPart = iota
	inSuite           // the first cell of a class
	inName            // of a test
	inStatus          // the rest of its row
	inOutput          // what it printed
)

var (
	htmlStart = regexp.MustCompile(`^(?i:<!doctype html|<html|<\?xml)(?s:.*)\bfailCase\b(?s:.*)\.testcase\b`)
	htmlTest  = regexp.MustCompile(`^[a-z]t\d+(?:\.\d+)+$`)
	htmlLead  = regexp.MustCompile(`^[a-z]t\d+(?:\.\d+)+: ?`) // before what a test printed
)

func newHTMLReport(r *bufio.Reader) *htmlReport {
	h := &htmlReport{tok: html.NewTokenizer(r), line: 1}
	h.tok.SetMaxBuf(maxHTMLToken)
	return h
}

func (h *htmlReport) at() int { return h.line }

func (h *htmlReport) next() (record, error) {
	for {
		kind := h.tok.Next()
		line := h.line
		raw := h.tok.Raw()
		h.line += bytes.Count(raw, []byte("\n"))
		switch kind {
		case html.ErrorToken:
			return h.end()
		case html.TextToken:
			if h.in != nowhere && len(h.text) < maxRun {
				text := h.tok.Text()
				h.text = append(h.text, text[:min(len(text), maxRun-len(h.text))]...)
			}
		case html.StartTagToken:
			h.open(h.tok.Token(), line)
		case html.EndTagToken:
			if rec, ok := h.close(h.tok.Token().Data); ok {
				return rec, nil
			}
		}
	}
}

// end says why there are no more tokens. A test that is open is told first.
func (h *htmlReport) end() (record, error) {
	if rec, ok := h.close("tr"); ok {
		return rec, nil
	}
	switch err := h.tok.Err(); {
	case errors.Is(err, html.ErrBufferExceeded):
		return record{}, fmt.Errorf("line %d: a text of more than %d MiB", h.line, maxHTMLToken>>20)
	case err == io.EOF && h.ended:
		return record{}, io.EOF
	case err == io.EOF:
		return record{}, fmt.Errorf("line %d: the report is not complete: %w", h.line, io.ErrUnexpectedEOF)
	default:
		return record{}, fmt.Errorf("line %d: %w", h.line, err)
	}
}

// open begins an element.
func (h *htmlReport) open(tag html.Token, line int) {
	class := htmlAttr(tag, "class")
	switch {
	case tag.Data == "tr" && htmlTest.MatchString(htmlAttr(tag, "id")):
		h.test = &record{Test: Test{Suite: h.suite, ReportLine: line}}
	case tag.Data == "tr" && strings.HasSuffix(class, "Class"):
		h.suite = ""
		h.begin(inSuite, line)
	case h.test == nil:
	case tag.Data == "td" && (class == "failCase" || class == "errorCase"):
		h.test.verdict = failed
	case tag.Data == "div" && class == "testcase":
		h.begin(inName, line)
	case tag.Data == "pre":
		h.begin(inOutput, line)
	}
}

func (h *htmlReport) begin(part htmlPart, line int) {
	h.in, h.text, h.from = part, h.text[:0], line
}

// close ends an element, and with it perhaps a test.
func (h *htmlReport) close(tag string) (record, bool) {
	text := string(h.text)
	switch {
	case tag == "html":
		h.ended = true
	case tag == "td" && h.in == inSuite:
		h.suite = cut(strings.TrimSpace(text), maxName)
		h.in = nowhere
	case h.test == nil:
	case tag == "div" && h.in == inName:
		h.test.Name = cut(strings.TrimSpace(text), maxName)
		h.begin(inStatus, h.line)
	case tag == "a" && h.in == inStatus, tag == "td" && h.in == inStatus && strings.TrimSpace(text) != "":
		h.status(strings.TrimSpace(text))
	case tag == "pre" && h.in == inOutput:
		h.output(text)
	case tag == "tr":
		rec := *h.test
		h.test, h.in = nil, nowhere
		return rec, true
	}
	return record{}, false
}

// status takes the word for what became of a test.
func (h *htmlReport) status(word string) {
	h.in = nowhere
	if word == "skip" && h.test.verdict == passed {
		h.test.verdict = skipped
	}
}

// output takes what a test printed, which begins with its id.
func (h *htmlReport) output(text string) {
	h.in = nowhere
	lead := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	line := h.from + strings.Count(text[:lead], "\n")
	text = htmlLead.ReplaceAllString(text[lead:], "")
	h.test.tell(line, strings.ReplaceAll(text, "\r", ""))
	h.test.Message = cut(raised(text), maxMessage)
}

func htmlAttr(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
