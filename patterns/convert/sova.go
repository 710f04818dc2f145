package convert

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

// sovaDialect is how a program reads sova's file of patterns.
type sovaDialect struct {
	prefix string // of the rules' ids
	whole  bool   // it searches the whole text of a log for the first match, not each line
}

// sova reads sova's file. sova takes each line of a log in turn, its end
// included, and tries on it every pattern of the log's section: plain text that
// must be in the line, or the name of a regular expression that is searched for
// in it; exclude lists plain texts that must not be in the line. In the message,
// {} stands for the first group. A pattern whose first group is empty does not
// count. See tripleoci/analysis.py in github.com/sshnaidm/sova.
func (c *converter) sova(f File) error {
	return c.sovaFile(f, sovaDialect{prefix: "sova"})
}

// collectLogs reads the file of the Ansible role collect-logs, which has sova's
// form. The role searches the whole text of a log at once and looks at the first
// match only; exclude lists plain texts that must not be in the first group of
// that match; a regular expression with multiline has ^ and $ at the ends of
// lines. See plugins/module_utils/sova_lib.py in openstack/ansible-role-collect-logs.
func (c *converter) collectLogs(f File) error {
	return c.sovaFile(f, sovaDialect{prefix: "collect-logs", whole: true})
}

// sovaRegex is one of the regexes of a file.
type sovaRegex struct {
	name, text string
	line       int
	multiline  int // the line of a multiline flag that is set; 0: none
	used       bool
}

// sovaPattern is one of the patterns of a file.
type sovaPattern struct {
	node
	section  string
	id       string
	text     string // what to look for: plain text, or the text of regex
	regex    *sovaRegex
	msg, tag string
	exclude  []string
	rule     string // the id of the rule made of it; "": none
}

// place returns the line of a key, else that of the pattern.
func (p *sovaPattern) place(key string) int {
	if value, there := p.get(key); there {
		return value.Line
	}
	return p.Line
}

// sovaReader reads one file.
type sovaReader struct {
	*converter
	sovaDialect
	regexes  map[string]*sovaRegex
	names    []string // of the regexes, in the order of the file
	patterns []*sovaPattern
	used     map[string]bool // tags
}

func (c *converter) sovaFile(f File, d sovaDialect) error {
	top, err := readYAML(f)
	if err != nil {
		return err
	}
	r := &sovaReader{converter: c, sovaDialect: d, regexes: map[string]*sovaRegex{}, used: map[string]bool{}}
	for _, p := range top.pairs() {
		switch p.key.Value {
		case "regexes":
			r.readRegexes(p.value)
		case "patterns":
		default:
			c.find(p.key.Line, Note, nil, "the key %q is none that is known, and left out", p.key.Value)
		}
	}
	sections, there := top.get("patterns")
	if !there {
		return fmt.Errorf("%s: no patterns in it", f.Name)
	}
	for _, section := range sections.pairs() {
		r.readSection(section)
	}
	for _, p := range r.patterns {
		r.rule(p)
	}
	r.declare(f.Name)
	r.defects()
	return nil
}

func (r *sovaReader) readRegexes(list node) {
	for _, item := range list.items() {
		x := &sovaRegex{name: item.string("name"), text: item.string("regex"), line: item.Line}
		if line, yes := item.truth("multiline"); yes {
			x.multiline = line
		}
		if first := r.regexes[x.name]; first != nil {
			r.find(x.line, Defect, nil, "the regex %q is there twice; the first, in line %d, is never used", x.name, first.line)
		} else {
			r.names = append(r.names, x.name)
		}
		r.regexes[x.name] = x
		for _, p := range item.pairs() {
			if !slices.Contains([]string{"name", "regex", "multiline", "compile"}, p.key.Value) {
				r.find(p.key.Line, Note, nil, "the key %q of regex %q is none that is known, and left out", p.key.Value, x.name)
			}
		}
	}
}

// sovaKeys are the keys of a pattern.
var sovaKeys = []string{"id", "msg", "pattern", "tag", "exclude", "logstash"}

func (r *sovaReader) readSection(section pair) {
	for _, item := range section.value.items() {
		r.Read++
		p := &sovaPattern{node: item, section: section.key.Value, id: item.string("id"), msg: item.string("msg"), tag: item.string("tag")}
		for _, key := range item.pairs() {
			if !slices.Contains(sovaKeys, key.key.Value) {
				r.find(key.key.Line, Note, nil, "the key %q of a pattern is none that is known, and left out", key.key.Value)
			}
		}
		p.text = item.string("pattern")
		if x := r.regexes[p.text]; x != nil {
			p.regex, p.text, x.used = x, x.text, true
		}
		if list, there := item.get("exclude"); there {
			for _, text := range list.items() {
				p.exclude = append(p.exclude, text.Value)
			}
		}
		r.patterns = append(r.patterns, p)
	}
}

// rule makes a rule of a pattern.
func (r *sovaReader) rule(p *sovaPattern) {
	if p.text == "" {
		r.find(p.Line, Lost, nil, "pattern %s has nothing to look for", cmp.Or(p.id, "without an id"))
		return
	}
	got, err := r.carry(p)
	if err != nil {
		r.find(r.origin(p), Lost, nil, "pattern %s: %v", p.id, err)
		return
	}
	p.rule = r.id(r.prefix + "-" + cmp.Or(p.id, p.msg))
	e := patterns.Entry{Rule: classify.Rule{
		ID: p.rule, Files: []string{sectionFile(p.section)}, Pattern: got.pattern, Literal: got.literal,
		Next: got.next, Unless: got.unless,
	}}
	for _, what := range got.changed {
		r.find(r.origin(p), Changed, []string{p.rule}, "%s", what)
	}
	r.message(p, &e.Rule)
	r.exclude(p, &e.Rule)
	r.tag(p, &e.Rule)
	r.Document.Entries = append(r.Document.Entries, e)
}

// origin returns the line that says what a pattern looks for.
func (r *sovaReader) origin(p *sovaPattern) int {
	if p.regex != nil {
		return p.regex.line
	}
	return p.place("pattern")
}

// carry carries over what a pattern looks for.
func (r *sovaReader) carry(p *sovaPattern) (carried, error) {
	text, coloured := uncoloured(p.text)
	blank := strings.HasPrefix(text, " ")
	text = strings.TrimPrefix(text, " ")
	begin := ""
	switch {
	case coloured:
		begin = `(?:^|\[[\d;]*m)`
	case blank:
		begin = "(?:^| )"
	}
	var got carried
	switch {
	case p.regex != nil:
		var err error
		if got, err = fromPython(text); err != nil {
			return got, err
		}
		got.pattern = begin + got.pattern
		got.fillGroup()
	case strings.Contains(strings.TrimSuffix(text, "\n"), "\n"):
		return got, fmt.Errorf("the text goes over the end of a line")
	case begin != "" || strings.HasSuffix(text, "\n"):
		got.pattern = begin + regexp.QuoteMeta(strings.TrimSuffix(text, "\n"))
		if strings.HasSuffix(text, "\n") {
			got.pattern += "$"
		}
	default:
		got.literal = text
	}
	if coloured {
		got.changed = append(got.changed, fmt.Sprintf("%q is the end of a colour code, and rules see lines without colours: what stands behind it is asked for at the beginning of a line instead", p.text[:len(p.text)-len(text)]))
	}
	if blank && !coloured {
		got.changed = append(got.changed, "the blank that it begins with may be the one after the time stamp, which rules do not see: the text may stand at the beginning of a line too")
	}
	if nodeFirst.MatchString(text) {
		got.changed = append(got.changed, "the text begins as the name of a node does behind a time stamp, which rules do not see: after a time stamp without a node the rule does not match")
	}
	return got, got.compiles()
}

// nodeFirst is what looks like the name of a node before a line of Zuul's.
var nodeFirst = regexp.MustCompile(`^[\w.-]+ \| `)

// colourEnd is what is left of a colour code at the beginning of a text; the
// letter after it belongs to the text.
var colourEnd = regexp.MustCompile(`^(?:(?:\x1b|\\x1b|\\e|\\033)?\\?\[|)(?:\d{1,2};)*\d{0,2}m([A-Z])`)

// uncoloured returns text without what is left of a colour code at its beginning.
func uncoloured(text string) (string, bool) {
	at := colourEnd.FindStringSubmatchIndex(text)
	if at == nil {
		return text, false
	}
	return text[at[2]:], true
}

// emptyGroup is a group that holds one thing any number of times.
var emptyGroup = regexp.MustCompile(`^(\((?:\?P<\w+>)?(?:\\.|\[\^?\]?[^\]]*\]|[^\\\[\](){}*+?|^$]))\*(\??\))$`)

// fillGroup makes the first group ask for something, since a match in which it
// is empty does not count.
func (c *carried) fillGroup() {
	tree, err := syntax.Parse(c.pattern, syntax.Perl)
	if err != nil || !emptyCapture(tree) {
		return
	}
	for i := 0; i < len(c.pattern); i += atomLen(c.pattern[i:]) {
		atom := c.pattern[i : i+atomLen(c.pattern[i:])]
		captures := atom[0] == '(' && (!strings.HasPrefix(atom, "(?") || strings.HasPrefix(atom, "(?P<"))
		if !captures {
			continue
		}
		if parts := emptyGroup.FindStringSubmatch(atom); parts != nil {
			c.pattern = c.pattern[:i] + parts[1] + "+" + parts[2] + c.pattern[i+len(atom):]
			return
		}
		break
	}
	c.changed = append(c.changed, "a match whose first group is empty did not count, and does now")
}

// emptyCapture reports whether the first group of a regular expression may be
// empty or take no part in a match.
func emptyCapture(re *syntax.Regexp) bool {
	compiled, err := regexp.Compile(re.String())
	if err != nil || compiled.NumSubexp() == 0 {
		return false
	}
	group, certain := firstCapture(re, true)
	if group == nil || !certain {
		return true
	}
	inner, err := regexp.Compile("^(?:" + group.Sub[0].String() + ")$")
	return err == nil && inner.MatchString("")
}

// firstCapture returns the first group, and whether it takes part in every match.
func firstCapture(re *syntax.Regexp, certain bool) (*syntax.Regexp, bool) {
	switch re.Op {
	case syntax.OpCapture:
		if re.Cap == 1 {
			return re, certain
		}
	case syntax.OpStar, syntax.OpQuest, syntax.OpAlternate:
		certain = false
	case syntax.OpRepeat:
		certain = certain && re.Min > 0
	}
	for _, sub := range re.Sub {
		if group, sure := firstCapture(sub, certain); group != nil {
			return group, sure
		}
	}
	return nil, false
}

// message sets a rule's message. In the original it is a format of Python.
func (r *sovaReader) message(p *sovaPattern, rule *classify.Rule) {
	fields := 0
	rule.Message = formatField.ReplaceAllStringFunc(p.msg, func(field string) string {
		switch {
		case field == "{{" || field == "}}":
			return field
		case field != "{}" && field != "{0}":
			r.find(p.place("msg"), Defect, []string{p.rule}, "the message has %s, of which only {} stands for something", field)
			return plain(field)
		case captures(rule.Next):
			return "…"
		case !captures(rule.Pattern):
			r.find(p.place("msg"), Defect, []string{p.rule}, "the message has %s, but nothing is captured: it says \"True\" there", field)
			return "…"
		}
		if fields++; fields > 1 && field == "{}" {
			r.find(p.place("msg"), Defect, []string{p.rule}, "the message has a second {}, for which there is nothing")
		}
		return "{1}"
	})
	if strings.TrimSpace(rule.Message) == "" {
		r.find(p.place("msg"), Defect, []string{p.rule}, "there is no message")
		rule.Message = plain(cmp.Or(strings.TrimSpace(p.text), rule.ID))
	}
	rule.Message = strings.Join(strings.Fields(rule.Message), " ")
}

var formatField = regexp.MustCompile(`\{\{|\}\}|\{[^{}]*\}`)

// exclude sets what a rule leaves out.
func (r *sovaReader) exclude(p *sovaPattern, rule *classify.Rule) {
	switch {
	case len(p.exclude) == 0:
	case !r.whole:
		rule.Exclude = p.exclude
	case p.regex == nil || !captures(rule.Pattern):
		r.find(p.place("exclude"), Defect, []string{p.rule}, "exclude is looked at only where a group captures, so never here; it is left out")
	default:
		r.find(p.place("exclude"), Defect, []string{p.rule},
			"only the first match in a log is looked at: where exclude holds for that one, later ones do not count; here each line counts by itself")
		for _, text := range p.exclude {
			r.excludeCapture(p, rule, text)
		}
	}
}

func captures(pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.NumSubexp() > 0
}

// repeated is a group that holds one thing any number of times.
var repeated = regexp.MustCompile(`\((\\.|\[\^?\]?[^\]]*\]|\.)[*+]\??\)`)

// excludeCapture lets no line match whose first group holds a text.
func (r *sovaReader) excludeCapture(p *sovaPattern, rule *classify.Rule, text string) {
	at := repeated.FindStringSubmatchIndex(rule.Pattern)
	if at == nil || strings.Contains(rule.Pattern[:at[0]], "(") {
		rule.Exclude = append(rule.Exclude, text)
		r.find(p.place("exclude"), Changed, []string{p.rule}, "no line counts that holds %q; in the original, only what the group captures may not hold it", text)
		return
	}
	class := rule.Pattern[at[2]:at[3]]
	pattern := rule.Pattern[:at[0]] + class + "*" + regexp.QuoteMeta(text) + class + "*" + rule.Pattern[at[1]:]
	rule.Unless = append(rule.Unless, unless(pattern, classify.WithinLine))
}

// sovaTags are the tags that sova knows, and what they mean.
var sovaTags = map[string]string{
	"infra": "the CI system, its machines or its network, not the change",
	"code":  "the change under test, or the code that it runs with",
	"info":  "says how the job went, but names no reason",
}

// unknownTag is the tag of rules of which the original does not say whose fault
// it is.
const unknownTag = "unknown"

// tag sets a rule's tag and what follows from it: sova takes a failure for one
// of the infrastructure as soon as one of its messages is, and calls one that
// has only "info" not found.
func (r *sovaReader) tag(p *sovaPattern, rule *classify.Rule) {
	rule.Tag = p.tag
	switch {
	case p.tag == "infra":
		rule.Priority = 1
	case p.tag == "info":
		rule.Tier = classify.TierSymptom
	case sovaTags[p.tag] != "":
	case r.regexes[p.tag] != nil:
		r.find(p.place("tag"), Defect, []string{p.rule}, "the tag %q is the name of a regex, not a tag: most likely a slip; the rule gets the tag %q", p.tag, unknownTag)
		rule.Tag = unknownTag
	case p.tag == "":
		r.find(p.Line, Defect, []string{p.rule}, "there is no tag; the rule gets the tag %q", unknownTag)
		rule.Tag = unknownTag
	default:
		r.find(p.place("tag"), Note, []string{p.rule}, "the tag %q is none of %s", p.tag, strings.Join(slices.Sorted(maps.Keys(sovaTags)), ", "))
		rule.Tag = slug(p.tag)
	}
	r.used[rule.Tag] = true
}

// sovaFiles holds the logs that sova's sections stand for, as TripleO's jobs
// upload them, each packed or not.
var sovaFiles = map[string][]string{
	"errors":           {"logs/undercloud/var/log/extra/errors.txt.txt", "logs/undercloud/var/log/extra/errors.txt"},
	"ironic-conductor": {"logs/undercloud/var/log/containers/ironic/ironic-conductor.log.txt", "logs/undercloud/var/log/ironic/ironic-conductor.txt"},
	"syslog":           {"logs/undercloud/var/log/journal.txt", "logs/undercloud/var/log/messages"},
	"logstash":         {"logs/undercloud/var/log/extra/logstash.txt"},
	"bmc":              {"logs/bmc-console.log"},
	"selinux":          {"logs/undercloud/var/log/extra/denials.txt"},
	"registry_log":     {"logs/undercloud/var/log/extra/podman/containers/docker_registry/stdout.log"},
	"postci":           {"logs/postci.txt"},
}

// sectionFile returns what the rules of a section have as file: the path, if the
// section is called by one, as it was in sova's first years, else a logical name.
func sectionFile(section string) string {
	if path := strings.TrimLeft(section, "/"); path != section || strings.Contains(path, "/") {
		return path
	}
	return slug(section)
}

// declare declares the tags and logs of the rules.
func (r *sovaReader) declare(file string) {
	d := &r.Document
	d.Comment = "Rules of " + file + ", carried over from the format of " + r.prefix + ". A failure is one of the\n" +
		"infrastructure as soon as one of its matches is: hence the priority of those."
	d.Tags, d.Files = map[string]string{}, map[string][]string{}
	for tag := range r.used {
		d.Tags[tag] = cmp.Or(sovaTags[tag], "neither infra nor code: the rules do not say whose fault it is")
	}
	for _, e := range d.Entries {
		name := e.Files[0]
		if name == "console" || strings.Contains(name, "/") || d.Files[name] != nil {
			continue
		}
		paths := sovaFiles[name]
		if paths == nil {
			paths = []string{"**/" + name, "**/" + name + ".txt", "**/" + name + ".log"}
		}
		for _, path := range paths {
			d.Files[name] = append(d.Files[name], path, path+".gz")
		}
	}
}
