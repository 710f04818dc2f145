package lint

// Checks are all kinds of findings, in the order of their codes.
var Checks = []Check{
	{"E001", Error, "the rule file has a mistake: it does not load, or not wholly"},
	{"E002", Error, "look-ahead, look-behind or a reference back, which patterns (RE2) do not have"},
	{"E003", Error, "a test of the rule fails"},
	{"E004", Error, "the pattern can never match a line, or never does what the rule needs of it"},

	{"W001", Warning, "the same pattern twice, however written"},
	{"W002", Warning, "another rule hides this one: it matches each line that this one does, and goes first"},
	{"W003", Warning, "two rules of the same rank give one line different tags"},
	{"W004", Warning, "in each of its own tests another rule takes the line from this one"},
	{"W005", Warning, "a group that the message does not use"},
	{"W006", Warning, "the pattern captures, and the message names no capture"},
	{"W007", Warning, "an unescaped dot in what looks like plain text"},
	{"W008", Warning, "unescaped parentheses in what looks like plain text"},
	{"W009", Warning, "a class of characters that looks like a word or a number, or a range that holds more than letters"},
	{"W010", Warning, "a class such as [^0] or [^error] that does not mean \"not this number, not this word\""},
	{"W011", Warning, "an anchored time stamp, which lines no longer have when rules see them"},
	{"W012", Warning, "the rest of an escape sequence, which lines no longer have when rules see them"},
	{"W013", Warning, "the pattern matches ordinary lines"},
	{"W014", Warning, "no text to search for: the pattern is tried on every line, which is slow"},
	{"W015", Warning, "the end of a line in a pattern: rules see one line at a time"},
	{"W016", Warning, "a flag that does nothing on one line: (?m), (?s)"},
	{"W017", Warning, "the rule has expired"},
	{"W018", Warning, "the file is no logical name, and does not look like a file"},
	{"W019", Warning, "a glob of jobs that fits none of the known jobs"},
	{"W020", Warning, "a tag that is nearly another tag or a rule's id: most likely a slip"},
	{"W021", Warning, "no tests, or none that the rule must match"},
	{"W022", Warning, "tests, but none that the rule must not match"},
	{"W023", Warning, "hides a rule that is never tried on the same job"},
	{"W024", Warning, "an override that changes nothing"},
	{"W025", Warning, "a lazy repeat at the end of the pattern, which takes the least it can"},
	{"W026", Warning, "a comment that allows a finding and does not say which or why"},
	{"W027", Warning, "a comment that allows a finding which is not there"},
	{"W028", Warning, "a part of the pattern that can never match"},

	{"I001", Info, "the rule expires within 30 days"},
	{"I002", Info, "a tag or logical file that is declared, and that no rule uses"},
	{"I003", Info, "an id that is nearly another rule's"},
	{"I004", Info, "a part at an end of the pattern that does nothing"},
}

// finders are what the codes are found by, each for a family of them. They are
// independent of one another but for order: a finding may stop a later one that
// says the same in weaker words.
var finders = []func(*pass){
	(*pass).same, (*pass).hidden, (*pass).twoTags, (*pass).taken,
	each((*pass).captures), eachText((*pass).plainText), eachText((*pass).classes),
	eachText((*pass).stamps), eachText((*pass).escapes),
	each((*pass).broad), each((*pass).slow), eachText((*pass).ends), eachText((*pass).flags),
	each((*pass).never), each((*pass).idle), each((*pass).expiry), each((*pass).file), each((*pass).jobs),
	(*pass).names, each((*pass).hides), (*pass).overrides, each((*pass).tests), (*pass).failing,
}

// each makes a finder of one that looks at one rule.
func each(find func(*pass, *rule)) func(*pass) {
	return func(p *pass) {
		for _, r := range p.rules {
			find(p, r)
		}
	}
}

// eachText makes a finder of one that looks at one pattern of a rule.
func eachText(find func(*pass, *rule, *text)) func(*pass) {
	return each(func(p *pass, r *rule) {
		for _, t := range r.texts {
			find(p, r, t)
		}
	})
}

// has reports whether a code was found for a rule.
func (p *pass) has(code, id string) bool {
	for _, f := range p.found {
		if f.Code == code && f.Rule == id {
			return true
		}
	}
	return false
}
