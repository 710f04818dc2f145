package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A query is what a Lucene query string asks for: all or one of other queries,
// not another, or a text in a field.
type query struct {
	op     queryOp
	subs   []query // of and, or, not
	term   term    // of isTerm
	mixed  bool    // and stands beside or, without brackets to say which comes first
	within string  // the field of a group: message:(a OR b)
}

type queryOp int

const (
	isTerm queryOp = iota
	isAnd
	isOr
	isNot
)

// A term is a text in a field.
type term struct {
	field  string // "" if none is named
	text   string
	quoted bool   // a phrase: * and ? stand for themselves
	odd    string // an escaped letter, such as \n: in Lucene that is the letter itself
}

// maxNesting is how deep brackets may nest.
const maxNesting = 50

// parseQuery parses a query string of Elasticsearch, in the syntax of Lucene's
// classic query parser. AND goes before OR; two queries side by side are
// alternatives, as Elasticsearch takes them. It does not know ranges, regular
// expressions and fuzzy terms.
func parseQuery(text string) (query, error) {
	p := queryParser{rest: text}
	q, err := p.alternatives(0)
	if err != nil {
		return query{}, err
	}
	if p.blanks(); p.rest != "" {
		return query{}, fmt.Errorf("there is a %q too much", p.rest[:1])
	}
	return q, nil
}

// queryParser holds what is left of a query string.
type queryParser struct{ rest string }

func (p *queryParser) blanks() { p.rest = strings.TrimLeft(p.rest, " \t\r\n\u3000") }

// take takes one of words off the rest, if it begins with it.
func (p *queryParser) take(words ...string) bool {
	p.blanks()
	for _, w := range words {
		rest, ok := strings.CutPrefix(p.rest, w)
		letters := w[0] >= 'A' && w[0] <= 'Z'
		if ok && (!letters || rest == "" || strings.ContainsAny(rest[:1], " \t\r\n()\"")) {
			p.rest = rest
			return true
		}
	}
	return false
}

// ends reports whether nothing more belongs to the brackets that are open.
func (p *queryParser) ends() bool {
	p.blanks()
	return p.rest == "" || p.rest[0] == ')'
}

// alternatives parses queries with OR or nothing between them.
func (p *queryParser) alternatives(depth int) (query, error) {
	if depth > maxNesting {
		return query{}, errors.New("the brackets nest too deep")
	}
	q := query{op: isOr}
	for {
		sub, err := p.together(depth)
		if err != nil {
			return query{}, err
		}
		q.subs = append(q.subs, sub)
		if !p.take("OR", "||") && p.ends() {
			break
		}
	}
	if len(q.subs) == 1 {
		return q.subs[0], nil
	}
	q.mixed = slices.ContainsFunc(q.subs, func(s query) bool { return s.op == isAnd && s.within == "" })
	return q, nil
}

// together parses queries with AND between them, and such as must not match.
func (p *queryParser) together(depth int) (query, error) {
	q := query{op: isAnd}
	for {
		sub, err := p.single(depth)
		if err != nil {
			return query{}, err
		}
		q.subs = append(q.subs, sub)
		if p.take("AND", "&&") {
			continue
		}
		if p.ends() || !p.forbids() {
			break
		}
	}
	if len(q.subs) == 1 {
		return q.subs[0], nil
	}
	return q, nil
}

// forbids reports whether what comes next must not match.
func (p *queryParser) forbids() bool {
	before := *p
	defer func() { *p = before }()
	return p.take("NOT", "!", "-")
}

// single parses one query: in brackets, negated, or a term.
func (p *queryParser) single(depth int) (query, error) {
	switch {
	case p.take("NOT", "!", "-"):
		sub, err := p.single(depth + 1)
		if err == nil && depth > maxNesting {
			err = errors.New("too many negations")
		}
		return query{op: isNot, subs: []query{sub}}, err
	case p.take("+"):
		return p.single(depth)
	case p.take("("):
		return p.group("", depth)
	}
	return p.field(depth)
}

// group parses what is in brackets, of which the first is taken; field is the
// one that they stand behind.
func (p *queryParser) group(field string, depth int) (query, error) {
	q, err := p.alternatives(depth + 1)
	if err != nil {
		return query{}, err
	}
	if !p.take(")") {
		return query{}, errors.New("a bracket is not closed")
	}
	q.within = "()"
	setField(&q, field)
	return q, p.suffix()
}

// setField gives the terms of a group that name no field that of the group.
func setField(q *query, field string) {
	if q.op == isTerm && q.term.field == "" {
		q.term.field = field
	}
	for i := range q.subs {
		setField(&q.subs[i], field)
	}
}

// field parses a term, with or without its field.
func (p *queryParser) field(depth int) (query, error) {
	p.blanks()
	if p.rest == "" || p.rest[0] == ')' {
		return query{}, errors.New("something is missing at the end, or before a bracket")
	}
	if p.rest[0] == '"' {
		return p.phrase("")
	}
	word, err := p.word()
	if err != nil {
		return query{}, err
	}
	if !strings.HasPrefix(p.rest, ":") {
		return query{term: word}, p.suffix()
	}
	p.rest = p.rest[1:]
	p.blanks()
	switch {
	case strings.HasPrefix(p.rest, `"`):
		return p.phrase(word.text)
	case p.take("("):
		return p.group(word.text, depth)
	}
	value, err := p.word()
	value.field = word.text
	if err == nil {
		err = p.suffix()
	}
	return query{term: value}, err
}

// word parses a word without quotes.
func (p *queryParser) word() (term, error) {
	if strings.HasPrefix(p.rest, "/") {
		return term{}, errors.New("regular expressions in queries are not read")
	}
	if strings.HasPrefix(p.rest, "[") || strings.HasPrefix(p.rest, "{") {
		return term{}, errors.New("ranges of values are not read")
	}
	t, n := p.unescape(" \t\r\n()\":^~")
	if n == 0 {
		return term{}, fmt.Errorf("a word is missing before %q", p.rest)
	}
	p.rest = p.rest[n:]
	return t, nil
}

// phrase parses a text in quotes, of which the first is there.
func (p *queryParser) phrase(field string) (query, error) {
	p.rest = p.rest[1:]
	t, n := p.unescape(`"`)
	if n == len(p.rest) {
		return query{}, errors.New("a quote is not closed")
	}
	p.rest = p.rest[n+1:]
	t.field, t.quoted = field, true
	return query{term: t}, p.suffix()
}

// unescape returns the text up to the first of some characters without a
// backslash before it, and how long it is in the query.
func (p *queryParser) unescape(ends string) (term, int) {
	var t term
	var out strings.Builder
	i := 0
	for i < len(p.rest) && !strings.ContainsRune(ends, rune(p.rest[i])) {
		if p.rest[i] == '\\' && i+1 < len(p.rest) {
			i++
			if c := p.rest[i] | 0x20; c >= 'a' && c <= 'z' {
				t.odd = p.rest[i-1 : i+1]
			}
		}
		out.WriteByte(p.rest[i])
		i++
	}
	t.text = out.String()
	return t, i
}

// suffix passes over a boost, which decides the order of hits only.
func (p *queryParser) suffix() error {
	if strings.HasPrefix(p.rest, "~") {
		return errors.New("fuzzy terms are not read")
	}
	if strings.HasPrefix(p.rest, "^") {
		p.rest = strings.TrimLeft(p.rest[1:], "0123456789.")
	}
	return nil
}

// maxConjunctions is how many alternatives a query may have.
const maxConjunctions = 64

// A literalTerm is a term, or that it must not be there.
type literalTerm struct {
	term
	not bool
}

// normal returns a query as alternatives, each a list of terms that must all be
// there or not be there.
func (q query) normal(not bool) ([][]literalTerm, error) {
	switch {
	case q.op == isTerm:
		return [][]literalTerm{{{q.term, not}}}, nil
	case q.op == isNot:
		return q.subs[0].normal(!not)
	case (q.op == isAnd) != not:
		return q.product(not)
	}
	var all [][]literalTerm
	for _, s := range q.subs {
		some, err := s.normal(not)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(all) > maxConjunctions {
		return nil, fmt.Errorf("the query has more than %d alternatives", maxConjunctions)
	}
	return all, nil
}

// product returns the alternatives of queries that must all hold.
func (q query) product(not bool) ([][]literalTerm, error) {
	all := [][]literalTerm{nil}
	for _, s := range q.subs {
		some, err := s.normal(not)
		if err != nil {
			return nil, err
		}
		if len(all)*len(some) > maxConjunctions {
			return nil, fmt.Errorf("the query has more than %d alternatives", maxConjunctions)
		}
		var next [][]literalTerm
		for _, a := range all {
			for _, b := range some {
				next = append(next, append(slices.Clip(a), b...))
			}
		}
		all = next
	}
	return all, nil
}

// anyMixed reports whether somewhere in a query AND stands beside OR without
// brackets.
func (q query) anyMixed() bool {
	return q.mixed || slices.ContainsFunc(q.subs, query.anyMixed)
}
