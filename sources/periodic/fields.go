package periodic

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// fields are Selectors made ready.
type fields struct {
	row                                           cascadia.Selector
	name, link, log, date, result, branch, length *field // nil: not selected
}

// compileFields parses selectors. It reports all mistakes at once.
func compileFields(s Selectors) (*fields, error) {
	f := new(fields)
	var errs []error
	var err error
	if s.Row == "" {
		errs = append(errs, errors.New(`row: missing; want the CSS selector of an element a run, such as "table.runs tr"`))
	} else if f.row, err = cascadia.Compile(s.Row); err != nil {
		errs = append(errs, fmt.Errorf("row %q: %w", s.Row, err))
	}
	link := s.Link
	if link == "" {
		link = "a@href"
	}
	for _, part := range []struct {
		key, text string
		to        **field
	}{
		{"name", s.Name, &f.name}, {"link", link, &f.link}, {"log", s.Log, &f.log}, {"date", s.Date, &f.date},
		{"result", s.Result, &f.result}, {"branch", s.Branch, &f.branch}, {"length", s.Length, &f.length},
	} {
		if *part.to, err = parseField(part.text); err != nil {
			errs = append(errs, fmt.Errorf("%s %q: %w", part.key, part.text, err))
		}
	}
	return f, errors.Join(errs...)
}

// field says where a value stands; see Selectors.
type field struct {
	text string            // as configured
	css  cascadia.Selector // nil: the row itself
	attr string            // "": the text
	expr *regexp.Regexp    // nil: all of it
}

// parseField parses "CSS-SELECTOR@ATTRIBUTE /REGEXP/"; nil for "".
func parseField(text string) (_ *field, err error) {
	if text == "" {
		return nil, nil
	}
	f := &field{text: text}
	rest, expr, found := strings.Cut(" "+text, " /")
	if found {
		expr, found = strings.CutSuffix(expr, "/")
		if !found {
			return nil, errors.New(`a regular expression ends in "/"`)
		}
		if f.expr, err = regexp.Compile(expr); err != nil {
			return nil, err
		}
	}
	css := strings.TrimSpace(rest)
	if i := strings.LastIndex(css, "@"); i >= 0 && isAttribute(css[i+1:]) {
		css, f.attr = strings.TrimSpace(css[:i]), css[i+1:]
	}
	if css == "" {
		return f, nil
	}
	f.css, err = cascadia.Compile(css)
	return f, err
}

// isAttribute reports whether a word may be the name of an attribute.
func isAttribute(word string) bool {
	return word != "" && !strings.ContainsAny(word, "\"'<>/= ]()\t\n")
}

// in returns the first value that is not empty in an element, "" if there is
// none. It is nil-safe.
func (f *field) in(row *goquery.Selection) string {
	if f == nil {
		return ""
	}
	found := row
	if f.css != nil {
		found = row.FindMatcher(f.css)
	}
	for i := range found.Length() {
		if v := f.value(found.Eq(i)); v != "" {
			return v
		}
	}
	return ""
}

// name returns the name in a row, or in the nearest element around it that has
// one. What an element around rows holds is looked up once for all of them.
func (r *reading) name(row *goquery.Selection) string {
	name := r.fields.name.in(row)
	if r.fields.name == nil {
		return ""
	}
	for around := row.Parent(); name == "" && around.Length() > 0; around = around.Parent() {
		node, known := around.Nodes[0], false
		if name, known = r.names[node]; !known {
			name = r.fields.name.in(around)
			r.names[node] = name
		}
	}
	return name
}

// value returns the value of one element.
func (f *field) value(e *goquery.Selection) string {
	text := ""
	if f.attr != "" {
		text, _ = e.Attr(f.attr)
	} else {
		text = e.Text()
	}
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "\uFFFD")
	if f.expr == nil {
		return text
	}
	switch groups := f.expr.FindStringSubmatch(text); len(groups) {
	case 0:
		return ""
	case 1:
		return strings.TrimSpace(groups[0])
	default:
		return strings.TrimSpace(groups[1])
	}
}

// rows reads a page by its selectors.
func (r *reading) rows(doc *goquery.Document) {
	found := doc.FindMatcher(r.fields.row)
	if found.Length() == 0 {
		r.err = fmt.Errorf("no element matches row %q", r.Select.Row)
		return
	}
	found.Each(func(_ int, row *goquery.Selection) { r.row(row) })
	if len(r.jobs) == 0 {
		r.err = fmt.Errorf("%d elements match row %q, but none of them has a link (%q), log (%q) or date (%q)",
			found.Length(), r.Select.Row, r.fields.link.text, r.Select.Log, r.Select.Date)
	}
}

// row makes a job of a row that has a link or a date; headings have neither.
func (r *reading) row(row *goquery.Selection) {
	f := r.fields
	link, log := r.link(f.link.in(row)), r.link(f.log.in(row))
	date := f.date.in(row)
	if link == nil && log == nil && date == "" {
		return
	}
	j := classify.Job{
		Name:   r.name(row),
		Branch: f.branch.in(row),
		Result: r.result(f.result.in(row)),
	}
	if f.log == nil && link != nil && sources.BuildID(link.String()) == "" {
		log = link
	}
	j.URL, j.LogURL = r.urlOf(link, false), r.urlOf(log, r.Folder)
	j.Duration, _ = parseLength(f.length.in(row))
	if f.date != nil {
		j.Time = r.time(date)
	}
	r.add(j)
}

// result returns the result that a page's text stands for, "" if none is known.
func (r *reading) result(text string) string {
	if result, ok := r.Results[text]; ok || len(r.Results) > 0 {
		return result
	}
	word := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToUpper(text))
	if strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" {
		return ""
	}
	return word
}
