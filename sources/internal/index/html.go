package index

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// titleExpr is how the titles of listings begin: of Apache, nginx, lighttpd and
// Zuul's upload roles; of Python; of Swift; of gcsweb.
var titleExpr = regexp.MustCompile(`^\s*(?:Index of|Directory listing for|Listing of|GCS browser:) `)

// page is an HTML page that is read.
type page struct {
	*list
	base    *url.URL // of relative links
	rows    map[*html.Node]*row
	found   []found
	outside bool // a link leads elsewhere
}

// found is what a link may name.
type found struct {
	Entry
	dated bool
}

// html reads an HTML page. Where a page does not say that it lists a folder, and
// has links that lead elsewhere, only those with a date beside them count.
func (l *list) html(text []byte, at *url.URL) error {
	doc, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	p := &page{list: l, base: at, rows: map[*html.Node]*row{}}
	p.head(doc)
	for n := range doc.Descendants() {
		if n.DataAtom == atom.A {
			p.link(n)
		}
	}
	for _, f := range p.found {
		if l.Known || !p.outside || f.dated {
			l.add(f.Entry)
		}
	}
	return nil
}

// head looks for what the page says of itself: its title, and what its links
// are relative to, which is the folder then.
func (p *page) head(doc *html.Node) {
	based := false
	for n := range doc.Descendants() {
		switch {
		case n.DataAtom == atom.Title && n.FirstChild != nil:
			p.Known = p.Known || titleExpr.MatchString(n.FirstChild.Data+" ")
		case n.DataAtom == atom.Base && !based:
			href, ok := attr(n, "href")
			u, err := p.base.Parse(href)
			if ok && err == nil {
				p.base, based = u, true
				p.folders, p.host = foldersAt(u), u.Host
			}
		}
	}
}

// link looks at a link. Each row of a page has one entry.
func (p *page) link(a *html.Node) {
	href, _ := attr(a, "href")
	switch href = strings.TrimSpace(href); {
	case href == "" || strings.HasPrefix(href, "#"):
		return
	case strings.HasPrefix(href, "javascript:"), strings.HasPrefix(href, "mailto:"):
		return
	}
	u, err := p.base.Parse(href)
	if err != nil {
		return
	}
	u.Fragment, u.RawFragment = "", ""
	name, at := p.locate(u)
	p.outside = p.outside || at == outside
	if at != below {
		return
	}
	r := p.rowOf(a)
	if r.used {
		return
	}
	r.used = true
	p.found = append(p.found, p.entry(u, name, r))
}

// entry makes an entry of a link and what stands beside it. The folder's links
// of servers end in "/"; on other pages a name without a dot, that has a date
// but no size, is taken for a folder.
func (p *page) entry(u *url.URL, name string, r *row) found {
	_, date, after := cutDate(r.text)
	e := Entry{Name: name}
	e.Name, e.Dir = strings.CutSuffix(name, "/")
	if !e.Dir && (r.dir || !p.Known && date != "" && !strings.Contains(name, ".") && !hasSize(after)) {
		e.Dir = true
		u = u.JoinPath("/")
	}
	e.URL = u.String()
	e.Modified, _ = Date(date, p.zone)
	return found{e, date != ""}
}

// sizeExpr is a file's size: 478, 7.0K, 4.7 KiB.
var sizeExpr = regexp.MustCompile(`(?:^|\s)\d[\d.,]*\s?(?:[KMGT]?i?B?|bytes)(?:\s|$)`)

func hasSize(text string) bool { return sizeExpr.MatchString(text) }

// row is what stands around a link.
type row struct {
	text string // beside links
	dir  bool   // its icon is that of a folder
	used bool   // its entry was found
}

// rowOf returns the row that a link stands in: of a table, a list, or a line of
// preformatted text.
func (p *page) rowOf(a *html.Node) *row {
	for n := range a.Ancestors() {
		switch n.DataAtom {
		case atom.Pre:
			return lineOf(a)
		case atom.Tr, atom.Li:
			r, ok := p.rows[n]
			if !ok {
				r = new(row)
				var text strings.Builder
				r.collect(&text, n)
				r.text = text.String()
				p.rows[n] = r
			}
			return r
		}
	}
	return new(row)
}

// collect gathers the text of a row, without that of links and of other rows
// inside it.
func (r *row) collect(text *strings.Builder, n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			text.WriteString(c.Data)
		case c.DataAtom == atom.A, c.DataAtom == atom.Table, c.DataAtom == atom.Tr, c.DataAtom == atom.Li, c.DataAtom == atom.Pre:
		case c.DataAtom == atom.Img:
			r.dir = r.dir || isDirIcon(c)
		case c.DataAtom == atom.Time:
			when, _ := attr(c, "datetime")
			text.WriteString(" " + when + " ")
		default:
			r.collect(text, c)
			text.WriteByte(' ') // between cells
		}
	}
}

// lineOf returns the line of preformatted text around a link.
func lineOf(a *html.Node) *row {
	r := new(row)
	if next := a.NextSibling; next != nil && next.Type == html.TextNode {
		r.text, _, _ = strings.Cut(next.Data, "\n")
	}
	before := a.PrevSibling
	if before != nil && before.Type == html.TextNode && strings.TrimSpace(before.Data) == "" {
		before = before.PrevSibling
	}
	r.dir = before != nil && before.DataAtom == atom.Img && isDirIcon(before)
	return r
}

// isDirIcon knows Apache's icon of a folder.
func isDirIcon(img *html.Node) bool {
	alt, _ := attr(img, "alt")
	return alt == "[DIR]"
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key && a.Namespace == "" {
			return a.Val, true
		}
	}
	return "", false
}
