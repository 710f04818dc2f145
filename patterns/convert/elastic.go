package convert

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// knownBug is the tag of the rules of elastic-recheck, which has none itself.
const knownBug = "known-bug"

// elastic reads a file of elastic-recheck: the query of the bug that the file is
// called by. A query hits where one event of Logstash, in most logs a line, has
// all that it asks for. See elastic_recheck in opendev.org/opendev/elastic-recheck.
func (c *converter) elastic(f File) error {
	c.Read++
	if c.Read == 1 {
		c.elasticHead()
	}
	bug := strings.TrimSuffix(strings.TrimSuffix(path.Base(strings.ReplaceAll(f.Name, `\`, "/")), ".yaml"), ".yml")
	top, err := readYAML(f)
	if err != nil {
		c.find(1, Lost, nil, "%v", errors.Unwrap(err))
		return nil
	}
	value, _ := top.get("query")
	text, _ := value.text()
	if strings.TrimSpace(text) == "" {
		c.find(top.Line, Lost, nil, "there is no query")
		return nil
	}
	b := elasticBug{converter: c, node: top, line: value.Line, bug: bug}
	found, made := len(c.Findings), len(c.Document.Entries)
	if err := b.rules(text); err != nil {
		c.find(value.Line, Lost, nil, "%v", err)
	}
	c.assign(found, made)
	return nil
}

// assign says of the findings from one on that they are about the rules from
// one on, where they do not say so themselves.
func (c *converter) assign(findings, entries int) {
	var ids []string
	for _, e := range c.Document.Entries[entries:] {
		ids = append(ids, e.ID)
	}
	for i := range c.Findings[findings:] {
		if f := &c.Findings[findings+i]; f.Rules == nil {
			f.Rules = ids
		}
	}
}

// elasticHead sets what is the same for all files.
func (c *converter) elasticHead() {
	c.Document.Comment = "Queries of elastic-recheck, carried over. Each rule is a known bug."
	c.Document.Tags = map[string]string{knownBug: "a failure that a bug was filed for"}
	c.Document.Files = map[string][]string{}
	name := c.file
	defer func() { c.file = name }()
	c.file = ""
	c.find(0, Note, nil, "Elasticsearch looks for the words of a phrase and takes no notice of case, blanks and punctuation; rules take no notice of case, and ask for the rest as it is written, between the ends of words")
	c.find(0, Note, nil, "an event of Logstash is several lines where one line of an OpenStack service's log goes on in others (a traceback); for a rule it is one line")
	c.find(0, Note, nil, "elastic-recheck looks at jobs that vote, but for queries with allow-nonvoting; rules do not know which do")
}

// elasticBug is the file of one bug.
type elasticBug struct {
	*converter
	node
	line int // of the query
	bug  string
}

// hit is what one rule asks for.
type hit struct {
	any    [][]string // each a list of texts that must be on the line
	none   []string   // texts that must not be
	file   string
	limits limits
}

// limits are globs of names, by the field of the query that they come from.
type limits struct{ jobs, projects, branches, pipelines []string }

// rules makes the rules of a query.
func (b *elasticBug) rules(text string) error {
	q, err := parseQuery(text)
	if err != nil {
		return fmt.Errorf("the query cannot be read: %w", err)
	}
	if q.anyMixed() {
		b.find(b.line, Changed, nil, "AND stands beside OR without brackets, which Lucene takes as a matter of the order; here AND goes before OR")
	}
	all, err := q.normal(false)
	if err != nil {
		return err
	}
	var hits []hit
	for _, terms := range all {
		h, err := b.hit(terms)
		switch {
		case err != nil && len(all) > 1:
			b.find(b.line, Defect, nil, "one of its alternatives is left out: %v", err)
		case err != nil:
			return err
		default:
			hits = append(hits, h)
		}
	}
	if len(hits) == 0 {
		return errors.New("nothing is left of its alternatives")
	}
	for _, h := range merge(hits) {
		b.rule(h)
	}
	return nil
}

// hit takes the terms of one alternative apart.
func (b *elasticBug) hit(terms []literalTerm) (hit, error) {
	var h hit
	var texts, files []string
	for _, t := range terms {
		if t.odd != "" && t.quoted {
			return h, fmt.Errorf("in Lucene %s is the letter, so that %q never matches", t.odd, t.text)
		}
		switch t.field {
		case "", "message":
			b.text(t, &texts, &h.none)
		case "module", "loglevel":
			b.find(b.line, Changed, nil, "%s:%q asks for a field of the event; the rule asks for the text on the line", t.field, t.text)
			b.text(t, &texts, &h.none)
		case "tags", "filename":
			if t.not {
				return h, fmt.Errorf("NOT %s:%q cannot be asked for: a rule names the logs that it looks at", t.field, t.text)
			}
			files = append(files, b.log(t.text))
		case "build_name":
			h.limits.jobs = append(h.limits.jobs, glob(t))
		case "project":
			h.limits.projects = append(h.limits.projects, glob(t))
		case "build_branch":
			h.limits.branches = append(h.limits.branches, glob(t))
		case "build_queue":
			h.limits.pipelines = append(h.limits.pipelines, glob(t))
		case "build_status", "voting":
			b.find(b.line, Changed, nil, "%s:%q is left out: a rule is tried on every job that failed", t.field, t.text)
		default:
			return h, fmt.Errorf("there is nothing like the field %q", t.field)
		}
	}
	if len(texts) == 0 {
		return h, errors.New("it asks for no text")
	}
	h.any = [][]string{withoutParts(texts)}
	var err error
	if h.file, err = b.oneLog(files); err == nil {
		err = h.limits.possible()
	}
	return h, err
}

// text takes in a text that must be on the line, or must not be.
func (b *elasticBug) text(t literalTerm, texts, none *[]string) {
	phrase := phrasePattern(t.term)
	list := texts
	if t.not {
		list = none
	}
	if !slices.Contains(*list, phrase) {
		*list = append(*list, phrase)
	}
}

// phrasePattern returns the regular expression of a text.
func phrasePattern(t term) string {
	text := strings.Join(strings.Fields(t.text), " ")
	pattern := regexp.QuoteMeta(text)
	if !t.quoted {
		pattern = strings.NewReplacer(`\*`, `\S*`, `\?`, `\S`).Replace(pattern)
	}
	if text != "" && isWord(rune(text[0])) {
		pattern = `\b` + pattern
	}
	if text != "" && isWord(rune(text[len(text)-1])) {
		pattern += `\b`
	}
	return pattern
}

func isWord(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || r == '_'
}

// withoutParts returns texts without those that another one holds.
func withoutParts(texts []string) []string {
	var whole []string
	for i, text := range texts {
		part := slices.ContainsFunc(texts, func(other string) bool {
			return len(other) > len(text) && strings.Contains(strings.ToLower(other), strings.ToLower(text))
		})
		if !part && !slices.Contains(texts[:i], text) {
			whole = append(whole, text)
		}
	}
	return whole
}

// consoles are the tags and names under which Logstash has a job's console.
var consoles = []string{"console", "console.html", "job-output.txt"}

// log returns the logical name of the log that has a tag or name, and declares it.
func (b *elasticBug) log(tag string) string {
	if slices.Contains(consoles, tag) {
		return "console"
	}
	name := slug(strings.TrimSuffix(path.Base(tag), ".txt"))
	files := []string{"**/" + path.Base(tag), "**/" + path.Base(tag) + ".gz"}
	if tag == "screen" {
		files = []string{"**/screen-*.txt", "**/screen-*.txt.gz"}
	}
	b.Document.Files[name] = files
	return name
}

// oneLog returns the log that has all of the tags and names asked for.
func (b *elasticBug) oneLog(files []string) (string, error) {
	slices.Sort(files)
	switch files = slices.Compact(files); len(files) {
	case 0:
		b.find(b.line, Changed, nil, "the query looks at all logs, the rule at the console only")
		return "console", nil
	case 1:
		return files[0], nil
	}
	return "", fmt.Errorf("it asks for an event of two logs at once: %s", strings.Join(files, " and "))
}

// glob returns a name as the lists of rules have it.
func glob(t literalTerm) string {
	text := t.text
	if t.not {
		return "!" + text
	}
	return text
}

// possible returns an error if a job would have to have two names at once.
func (l limits) possible() error {
	for _, list := range [][]string{l.jobs, l.projects, l.branches, l.pipelines} {
		var positive []string
		for _, g := range list {
			if !strings.HasPrefix(g, "!") && !slices.Contains(positive, g) {
				positive = append(positive, g)
			}
		}
		if len(positive) > 1 {
			return fmt.Errorf("it asks for a job that is %s at once", strings.Join(positive, " and "))
		}
	}
	return nil
}

// merge makes one of hits that differ in one thing only: in the names of jobs,
// projects, branches or pipelines, or in the texts.
func merge(hits []hit) []hit {
	for _, field := range []func(*hit) *[]string{
		func(h *hit) *[]string { return &h.limits.jobs },
		func(h *hit) *[]string { return &h.limits.projects },
		func(h *hit) *[]string { return &h.limits.branches },
		func(h *hit) *[]string { return &h.limits.pipelines },
	} {
		hits = mergeBy(hits, func(h *hit) bool { return onlyPositive(*field(h)) },
			func(h *hit) { *field(h) = nil }, func(into, h *hit) { *field(into) = union(*field(into), *field(h)) })
	}
	return mergeBy(hits, func(*hit) bool { return true }, func(h *hit) { h.any = nil },
		func(into, h *hit) { into.any = append(into.any, h.any...) })
}

// mergeBy makes one of hits that may be merged and that are the same once
// without takes away what they may differ in.
func mergeBy(hits []hit, may func(*hit) bool, without func(*hit), add func(into, h *hit)) []hit {
	var merged []hit
	at := map[string]int{}
	for _, h := range hits {
		rest := h
		without(&rest)
		key := fmt.Sprintf("%q", rest)
		if i, there := at[key]; there && may(&h) {
			add(&merged[i], &h)
			continue
		}
		if may(&h) {
			at[key] = len(merged)
		}
		merged = append(merged, h)
	}
	return merged
}

func onlyPositive(globs []string) bool {
	return len(globs) > 0 && !slices.ContainsFunc(globs, func(g string) bool { return strings.HasPrefix(g, "!") })
}

func union(a, b []string) []string {
	for _, text := range b {
		if !slices.Contains(a, text) {
			a = append(slices.Clip(a), text)
		}
	}
	return a
}

// rule makes a rule.
func (b *elasticBug) rule(h hit) {
	number, url := b.bug, ""
	if strings.Trim(b.bug, "0123456789") == "" {
		number, url = "lp-"+b.bug, "https://bugs.launchpad.net/bugs/"+b.bug
	}
	r := classify.Rule{
		ID: b.id(number), Files: []string{h.file}, Tag: knownBug, URL: url,
		Jobs: h.limits.jobs, Projects: h.limits.projects, Branches: h.limits.branches, Pipelines: h.limits.pipelines,
	}
	r.Pattern = b.pattern(h, r.ID)
	r.Message = fmt.Sprintf("bug %s: %s", b.bug, plain(excerpt(h.any[0])))
	for _, text := range h.none {
		r.Unless = append(r.Unless, classify.Unless{Pattern: "(?i)" + text})
	}
	b.keys(&r)
	b.Document.Entries = append(b.Document.Entries, patterns.Entry{Rule: r, Comment: b.comment()})
}

// pattern returns a regular expression for the lines that have one list of
// texts of a hit.
func (b *elasticBug) pattern(h hit, id string) string {
	var orders []string
	for _, texts := range h.any {
		if len(texts) > 3 {
			b.find(b.line, Changed, []string{id}, "%d texts on one line, in any order; the rule asks for them in the order of the query", len(texts))
			orders = union(orders, []string{strings.Join(texts, ".*")})
			continue
		}
		for _, order := range permutations(texts) {
			orders = union(orders, []string{strings.Join(order, ".*")})
		}
	}
	return "(?i)" + strings.Join(orders, "|")
}

// permutations returns the orders that texts can stand in.
func permutations(texts []string) [][]string {
	if len(texts) <= 1 {
		return [][]string{texts}
	}
	var all [][]string
	for i, first := range texts {
		rest := slices.Concat(texts[:i:i], texts[i+1:])
		for _, order := range permutations(rest) {
			all = append(all, append([]string{first}, order...))
		}
	}
	return all
}

// maxExcerpt is how many characters of the texts a message has.
const maxExcerpt = 100

// excerpt returns texts as a person reads them.
func excerpt(texts []string) string {
	text := strings.ReplaceAll(strings.Join(texts, " … "), `\b`, "")
	text = strings.ReplaceAll(text, `\S*`, "*")
	text = quoted.ReplaceAllString(text, "$1")
	if runes := []rune(text); len(runes) > maxExcerpt {
		text = string(runes[:maxExcerpt]) + "…"
	}
	return text
}

var quoted = regexp.MustCompile(`\\(.)`)

// keys takes in what a file says besides its query.
func (b *elasticBug) keys(r *classify.Rule) {
	var said []string
	for _, p := range b.pairs() {
		switch p.key.Value {
		case "query":
		case "suppress-graph", "suppress-notification", "allow-nonvoting":
			said = append(said, p.key.Value)
		case "test_ids":
			b.failedTests(p, r)
		default:
			b.find(p.key.Line, Note, []string{r.ID}, "the key %q is none that is known, and left out", p.key.Value)
		}
	}
	if len(said) > 0 {
		r.Description = "elastic-recheck: " + strings.Join(said, ", ")
	}
}

// failedTests asks that one of some tests failed.
func (b *elasticBug) failedTests(p pair, r *classify.Rule) {
	var ids []string
	for _, item := range p.value.items() {
		ids = append(ids, regexp.QuoteMeta(item.Value))
	}
	if len(ids) == 0 {
		return
	}
	b.find(p.key.Line, Changed, []string{r.ID}, "elastic-recheck knows from the tests' results that one of test_ids failed; the rule asks for a line in the console that says so")
	r.All = append(r.All, classify.Condition{Files: []string{"console"}, Pattern: `\b(?:` + strings.Join(ids, "|") + `)\b.*\bFAILED\b`})
}

// comment returns the comment at the head of the file.
func (b *elasticBug) comment() string {
	var lines []string
	text := cmp.Or(b.HeadComment, b.Content[0].HeadComment)
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(strings.TrimLeft(line, "#")))
	}
	return strings.Join(lines, "\n")
}
