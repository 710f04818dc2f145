package periodic

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/watchcat-ci/watchcat/classify"
)

// entry is a row of a web server's index of a folder.
type entry struct {
	link   *url.URL
	date   string
	folder bool
}

// index reads a web server's index of a folder: a table (Apache's fancy one) or
// preformatted lines (Apache's older one, nginx). The runs are the folders in
// it, or, if there is none, the files that look like logs.
func (r *reading) index(doc *goquery.Document) {
	entries := append(r.tableEntries(doc), r.lineEntries(doc)...)
	runs := slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return !e.folder })
	if len(runs) == 0 {
		runs = slices.DeleteFunc(slices.Clone(entries), func(e entry) bool { return !looksLikeLog(e.link.Path) })
	}
	if len(runs) == 0 && (len(entries) > 0 || !isEmptyIndex(doc)) {
		r.err = errors.New("no table of runs is in it: rows with a link to a run's folder and a date such as " +
			"09-Aug-2016 12:34; if it shows its runs in another way, write selectors for it (row, link, date, …)")
		return
	}
	seen := map[string]bool{}
	for _, e := range runs {
		if link := r.urlOf(e.link, e.folder); !seen[link] {
			seen[link] = true
			r.add(classify.Job{Time: r.time(e.date), URL: link, LogURL: link})
		}
	}
}

// tableEntries returns the rows of tables that have a link and a date.
func (r *reading) tableEntries(doc *goquery.Document) (out []entry) {
	doc.Find("tr").Each(func(_ int, row *goquery.Selection) {
		if row.Find("tr").Length() > 0 { // a table around tables
			return
		}
		links := row.Find("a[href]")
		rest := row.Clone()
		rest.Find("a").Remove()
		icon, _ := row.Find("img").First().Attr("alt")
		for i := range links.Length() {
			if e, ok := r.entry(links.Eq(i), icon+" "+rest.Text()); ok {
				out = append(out, e)
				return
			}
		}
	})
	return out
}

// lineEntries returns the lines of preformatted text that have a link and a
// date.
func (r *reading) lineEntries(doc *goquery.Document) (out []entry) {
	doc.Find("pre a[href]").Each(func(_ int, a *goquery.Selection) {
		next := a.Nodes[0].NextSibling
		if next == nil || next.Type != html.TextNode {
			return
		}
		line, _, _ := strings.Cut(next.Data, "\n")
		if e, ok := r.entry(a, line); ok {
			out = append(out, e)
		}
	})
	return out
}

// entry makes an entry of a link and the text beside it. Links that sort the
// table, or lead to the page itself or above it, are none.
func (r *reading) entry(a *goquery.Selection, beside string) (entry, bool) {
	href, _ := a.Attr("href")
	u := r.link(href)
	before, date, after := cutDate(beside)
	parent := strings.Contains(before, "[PARENTDIR]") || strings.HasPrefix(strings.TrimSpace(a.Text()), "Parent Directory")
	if u == nil || date == "" || u.RawQuery != "" || parent || r.isAbove(u) {
		return entry{}, false
	}
	folder := strings.HasSuffix(u.Path, "/") || strings.Contains(before, "[DIR]") ||
		!strings.Contains(path.Base(u.Path), ".") && !slices.ContainsFunc(strings.Fields(after), isSize)
	return entry{link: u, date: date, folder: folder}, true
}

// isAbove reports whether a URL is the page's own or that of a folder around it.
func (r *reading) isAbove(u *url.URL) bool {
	return u.Host == r.base.Host && strings.HasPrefix(strings.TrimRight(r.base.Path, "/")+"/", strings.TrimRight(u.Path, "/")+"/")
}

// isSize reports whether a word is a file's size: 478, 7.0K, 2247845.
func isSize(word string) bool {
	digits := strings.TrimRight(word, "KMGTB")
	return digits != "" && strings.Trim(digits, "0123456789.") == ""
}

// looksLikeLog reports whether a file's name is that of a log.
func looksLikeLog(name string) bool {
	name = strings.ToLower(path.Base(name))
	for _, packed := range []string{".gz", ".xz", ".bz2", ".zst"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch path.Ext(name) {
	case ".log", ".txt", ".out":
		return true
	}
	return strings.HasPrefix(name, "console")
}

// isEmptyIndex reports whether a page is a web server's index at all, though
// one of no run.
func isEmptyIndex(doc *goquery.Document) bool {
	return strings.HasPrefix(strings.TrimSpace(doc.Find("title").First().Text()), "Index of ")
}
