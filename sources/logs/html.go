package logs

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strconv"
	"strings"

	tokens "golang.org/x/net/html"
)

const (
	maxToken  = 1 << 20 // of HTML, held in memory; a longer text comes in pieces
	maxEntity = 40      // longer than any "&…;"
	maxTitle  = 80
)

// isHTML reports whether a log starts as an HTML document does. What may stand
// before: blanks, a byte order mark, comments, and the prologue of XHTML.
func isHTML(start []byte) bool {
	start = bytes.TrimPrefix(start, []byte("\ufeff"))
	for {
		start = bytes.TrimLeft(start, " \t\r\n\f")
		switch {
		case bytes.HasPrefix(start, []byte("<!--")):
			_, start, _ = bytes.Cut(start, []byte("-->"))
		case bytes.HasPrefix(start, []byte("<?xml")):
			_, start, _ = bytes.Cut(start, []byte("?>"))
		default:
			return startsHTML(start)
		}
	}
}

func startsHTML(start []byte) bool {
	start = bytes.ToLower(start[:min(len(start), 20)])
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body", "<pre"} {
		rest, ok := bytes.CutPrefix(start, []byte(tag))
		if ok && (len(rest) == 0 || bytes.ContainsAny(rest[:1], " \t\r\n\f/>")) {
			return true
		}
	}
	return false
}

// isTestPage reports whether a log starts as the page of subunit2html or of
// HTMLTestRunner does, by the names in its style sheet: testr_results.html.
func isTestPage(start []byte) bool {
	return isHTML(start) && bytes.Contains(start, []byte("failCase")) && bytes.Contains(start, []byte(".testcase"))
}

// htmlText returns the text of the <pre> elements of a page. Of the rest its
// line breaks are left, so that lines keep their numbers.
func htmlText(r io.Reader) (io.Reader, error) {
	t := &preText{}
	t.start(r)
	for t.read < maxToken && !t.seenPre && t.err == nil {
		t.next()
	}
	switch {
	case t.seenPre && isListing(t.title):
		return nil, notLog("an HTML page that lists a folder")
	case t.seenPre && !isErrorTitle(t.title):
		return t, nil
	case t.err != nil && t.err != io.EOF:
		return nil, fmt.Errorf("an HTML page, not a log, and cut short: %w", t.err)
	case t.title != "":
		return nil, notLog(fmt.Sprintf("an HTML page with the title %q", t.title))
	}
	return nil, notLog("an HTML page")
}

// notLog is the error of a page that is no log, and says what it is. Many
// servers send such a page, and say that all is well, for what they do not have.
type notLog string

func (n notLog) Error() string { return string(n) + ", not a log" }
func (n notLog) Unwrap() error { return fs.ErrNotExist }

// isXMLError reports whether a log starts as what object stores send for what
// they do not have or give, at times with the status of success: S3, Google's,
// Azure's and Swift's S3 say <Error><Code>NoSuchKey</Code>….
func isXMLError(start []byte) bool {
	if rest, ok := bytes.CutPrefix(bytes.TrimPrefix(start, []byte("\ufeff")), []byte("<?xml")); ok {
		_, start, _ = bytes.Cut(rest, []byte("?>"))
	}
	start, ok := bytes.CutPrefix(bytes.TrimSpace(start), []byte("<Error>"))
	return ok && bytes.HasPrefix(bytes.TrimSpace(start), []byte("<Code>"))
}

// xmlError names the code in an error's XML.
func xmlError(start []byte) error {
	_, rest, _ := bytes.Cut(start, []byte("<Code>"))
	code, _, _ := bytes.Cut(rest[:min(len(rest), maxTitle)], []byte("<"))
	return notLog(fmt.Sprintf("an object store's error %q", bytes.TrimSpace(code)))
}

// isListing knows the pages that web servers make for a folder: Apache, nginx and
// lighttpd, Python, IIS ("host - /logs/").
func isListing(title string) bool {
	title = strings.TrimSpace(title)
	return strings.HasPrefix(title, "Index of ") || strings.HasPrefix(title, "Directory listing for ") ||
		strings.Contains(title, " - /") && strings.HasSuffix(title, "/")
}

// isErrorTitle knows the pages that say the status of an error, some of which have
// the reason in a <pre> (Jetty, and so Jenkins; Tomcat).
func isErrorTitle(title string) bool {
	title = strings.TrimSpace(title)
	for _, word := range []string{"HTTP ", "Status ", "Error ", "ERROR "} {
		title = strings.TrimPrefix(title, word)
	}
	number, reason, _ := strings.Cut(title, " ")
	code, err := strconv.Atoi(number)
	text := http.StatusText(code)
	return err == nil && code >= 400 && text != "" && (reason == "" || strings.Contains(strings.ToLower(reason), strings.ToLower(text)))
}

// preText reads the text of <pre> elements out of HTML, in bounded memory.
type preText struct {
	src     io.Reader
	tok     *tokens.Tokenizer
	out     []byte // text of the last tokens
	handed  int    // how much of it was handed on
	read    int    // bytes of the page
	seenPre bool
	depth   int    // of <pre>
	raw     string // the element whose content is not shown as HTML: "script", "style", "title"
	title   string
	err     error
}

// Read hands on what the tokens so far have given.
func (t *preText) Read(p []byte) (int, error) {
	if t.handed == len(t.out) {
		t.out, t.handed = t.out[:0], 0
	}
	for t.handed == 0 && len(t.out) < len(p) && t.err == nil {
		t.next()
	}
	n := copy(p, t.out[t.handed:])
	t.handed += n
	if n == 0 && len(p) > 0 {
		return 0, t.err
	}
	return n, nil
}

// start reads on from r, with fresh tokens.
func (t *preText) start(r io.Reader) {
	t.src = r
	t.tok = tokens.NewTokenizer(r)
	t.tok.SetMaxBuf(maxToken)
}

// next reads one token. The tokenizer's own text is not used, because it makes
// line breaks of single carriage returns.
func (t *preText) next() {
	kind := t.tok.Next()
	raw := t.tok.Raw()
	t.read += len(raw)
	switch kind {
	case tokens.ErrorToken:
		t.end(raw)
	case tokens.TextToken:
		if len(raw) >= maxToken {
			raw = t.split(raw)
		}
		t.text(raw)
	case tokens.StartTagToken, tokens.EndTagToken, tokens.SelfClosingTagToken:
		name, _ := t.tok.TagName()
		t.tag(string(name), kind, raw)
	default:
		t.breaks(raw)
	}
}

// end goes on behind a token that was too long, or ends.
func (t *preText) end(raw []byte) {
	t.breaks(raw)
	if err := t.tok.Err(); !errors.Is(err, tokens.ErrBufferExceeded) {
		t.err = err
		return
	}
	t.start(io.MultiReader(bytes.NewReader(slices.Clone(t.tok.Buffered())), t.src))
}

// split ends a text that is too long before the tag or entity that it may have
// been cut in, and begins anew there.
func (t *preText) split(raw []byte) []byte {
	cut := len(raw)
	if at := bytes.LastIndexAny(raw[len(raw)-maxEntity:], "&<"); at >= 0 {
		cut += at - maxEntity
	}
	ahead := slices.Concat(raw[cut:], t.tok.Buffered())
	t.start(io.MultiReader(bytes.NewReader(ahead), t.src))
	return raw[:cut]
}

func (t *preText) text(raw []byte) {
	switch {
	case t.raw == "title":
		t.title = strings.ToValidUTF8(html.UnescapeString(string(raw[:min(len(raw), maxTitle)])), "")
		t.breaks(raw)
	case t.depth == 0 || t.raw != "":
		t.breaks(raw)
	case bytes.IndexByte(raw, '&') < 0:
		t.out = append(t.out, raw...)
	default:
		plain := strings.ReplaceAll(string(raw), "&nbsp;", " ")
		t.out = append(t.out, html.UnescapeString(plain)...)
	}
}

// tag looks at a tag. In a <pre> what is no tag of HTML is taken as text that
// nobody escaped: "<module>".
func (t *preText) tag(name string, kind tokens.TokenType, raw []byte) {
	shown := t.depth > 0 && t.raw == ""
	switch name {
	case "pre":
		t.pre(kind)
	case "script", "style", "title":
		t.raw = ""
		if kind == tokens.StartTagToken {
			t.raw = name
		}
	case "br", "p", "div", "li", "tr", "hr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6":
		if shown {
			t.out = append(t.out, '\r') // a new line to the eye, the same line of the file
		}
	case "a", "abbr", "b", "big", "body", "button", "center", "cite", "code", "del", "details", "em", "font", "footer",
		"form", "head", "html", "i", "img", "input", "ins", "kbd", "label", "link", "mark", "meta", "nobr", "noscript",
		"q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "svg", "path", "tbody",
		"td", "th", "thead", "time", "tt", "u", "var", "wbr":
	default:
		if shown {
			t.out = append(t.out, raw...)
			return
		}
	}
	t.breaks(raw)
}

func (t *preText) pre(kind tokens.TokenType) {
	switch kind {
	case tokens.StartTagToken:
		t.seenPre = true
		t.depth++
	case tokens.EndTagToken:
		t.depth = max(t.depth-1, 0)
	}
}

// breaks keeps the line breaks of what is left out.
func (t *preText) breaks(raw []byte) {
	for range bytes.Count(raw, []byte("\n")) {
		t.out = append(t.out, '\n')
	}
}
