// Package patterns reads rules, the known patterns of failure, from TOML files
// and the packs that ship with the program; it checks them, reporting all
// mistakes of all files at once, and tries them on the lines they carry as
// tests.
//
// A rule file needs no more than this:
//
//	[[rule]]
//	id      = "pip-no-distribution"
//	file    = "console"
//	pattern = 'No matching distribution found for (?P<requirement>\S+)'
//	message = "pip found no distribution for {requirement}"
//	tag     = "dependency"
//
//	[[rule.test]]
//	log  = "No matching distribution found for foo==9"
//	want = "pip found no distribution for foo==9"
//
// A line, here, is what a person sees of one: without escape sequences, time
// stamps and prefixes of runners, each part between carriage returns a line of
// its own. An empty line is one too. Rules see one line at a time.
//
// # A rule file
//
// A rule file is TOML and has some of these:
//
//	tags  table of texts
//	    What tags mean: NAME = "meaning". A tag must be declared, in this
//	    file or in another that is read with it; base.toml, which always is,
//	    declares the common ones.
//	files  table of lists of texts
//	    Logical names of files: NAME = [candidates], each a path, glob or
//	    ARCHIVE//MEMBER. The first that a job has is read. "console", a
//	    job's main log, is always declared.
//	rule  list of tables
//	    A known pattern of failure.
//	override  list of tables
//	    A change to a rule of an earlier file.
//
// # A rule
//
// A [[rule]] says what a line means that stands in the logs of a failed job:
//
//	id  text, needed
//	    The rule's name, which no other rule has: small letters, digits,
//	    ".", "_" and "-".
//	file  text, needed
//	    The file to search: a logical name, a path below the job's logs, a
//	    glob ("**" stands for any folders), ARCHIVE//MEMBER, or "@result",
//	    which is one line: the result and its detail as the CI gave them. Of
//	    what a glob names each file is searched by itself. A compressed log
//	    is named as it lies, syslog.gz: a logical name can list both.
//	pattern  regular expression
//	    What a line must match, anywhere in it: a regular expression of Go
//	    (RE2). (?P<name>…) captures; (?i) makes case not count; ^ and $ hold
//	    at the line's ends. A rule has either this or literal.
//	literal  text
//	    What a line must contain: plain text, in which case counts.
//	message  text, needed
//	    The reason as reports give it, in one line. {name} and {1} stand for
//	    what the pattern captured, {0} for all that it matched; {{ and }}
//	    are braces. Lines that give the same message count as one match.
//	tag  text, needed
//	    The kind of reason, by which reports count; one of those that [tags]
//	    declares.
//	tier  "cause" or "clue" or "symptom"
//	    How much the rule knows: "cause", if absent, names the reason;
//	    "clue" does so only in a step that failed, as the CI system or a
//	    build tool says below it, and is a symptom elsewhere; "symptom" only
//	    says that something failed, and is never the reason where a cause
//	    matched.
//	priority  number
//	    Which match is the reason among those of a tier: the highest, 0 if
//	    absent. Of equal ones it is that in the file that the rules name
//	    first, and there in the earliest line. Failed tests that a test
//	    report of the job names are a cause of priority 5.
//	exclude  list of texts
//	    Plain texts: a line that contains one is no match.
//	next  regular expression
//	    What the line right after the match must match. The file's last line
//	    has none after it, so it does not.
//	unless  list of tables
//	    A match is none if one of these occurs within its reach, in the same
//	    file. Where the file was cut off within reach that is unknown, as
//	    for all.
//	all  list of tables
//	    The rule matches only if all of these hold for the job. A file that
//	    is not there, while another of the job's logs could be read, makes a
//	    condition false. One that could not be read, or was cut off before
//	    the text was seen, leaves it unknown: then the rule does not match,
//	    and the result is partial.
//	none  list of tables
//	    The rule matches only if none of these holds for the job; what is
//	    unknown counts as for all.
//	until  regular expression
//	    The evidence goes on to the first later line that matches this,
//	    inclusive; else to the file's end. It is 100 lines at most, of which
//	    the first 30 are shown.
//	context  table
//	    How many lines around the match are evidence in any case. With
//	    until, only those before it. Without until the rule that names a
//	    job's reason shows the rest of its paragraph as well: the lines
//	    below that are not indented less, to a blank line or the end of the
//	    step, 30 at most.
//	occurrence  "first" or "last"
//	    Which of several matches counts: "first", if absent, shows the first
//	    line of each message and takes the earliest match for the rule's
//	    reason; "last" the last line and the latest match. Of more than 20
//	    messages the first, or the last, 20 are kept.
//	hides  list of texts
//	    Ids of rules whose matches are consequences of this one's. In a job
//	    where this rule matches they are never the reason, nor is what they
//	    hide, in turn, where they match. They stay listed.
//	jobs  list of texts
//	    The rule is for jobs of these names only. Globs: "*" stands for any
//	    text, also for "/", "?" for one character; one with "!" before it
//	    excludes; where all have it, the rest is allowed. What is not known
//	    of a job counts as "".
//	projects  list of texts
//	    The rule is for jobs of these projects only; written as jobs.
//	branches  list of texts
//	    The rule is for jobs on these branches only; written as jobs.
//	pipelines  list of texts
//	    The rule is for jobs in these pipelines only; written as jobs.
//	expires  day
//	    The day from which on "watchcat rules lint" asks to look at the rule
//	    again. It matches all the same.
//	url  text
//	    The address of the known bug, http or https; every match carries it.
//	description  text
//	    What else there is to say of the rule, for those who read it.
//	test  list of tables
//	    What the rule must match and must not: one of each at least.
//
// # An element of unless
//
// It has either pattern or literal:
//
//	pattern  regular expression
//	    A regular expression that no line within reach may match.
//	literal  text
//	    Plain text that no line within reach may contain.
//	within  "line", "next", "file" or a number from 1 to 1000
//	    The reach: "line", if absent, is the match's own line; "next" the
//	    line right after it, and that only; a number so many lines before
//	    and after it, and itself; "file" any line of the file. Beyond the
//	    file's first and last line there is nothing.
//
// # A condition
//
// An element of all or none has a file, or either pattern or literal, or both:
//
//	file  text
//	    Where to look, written as a rule's file; if absent, in the file in
//	    which the rule matched. A glob stands for any of the files it names.
//	    Without pattern and literal the condition holds if the file exists.
//	pattern  regular expression
//	    A regular expression that a line of the file matches.
//	literal  text
//	    Plain text that a line of the file contains.
//
// # The context of a match
//
// It has one of these at least:
//
//	before  number from 0 to 100
//	    Lines before the match, fewer at the file's start.
//	after  number from 0 to 100
//	    Lines after the match, fewer at the file's end; none with until. The
//	    rest of the match's paragraph is shown in any case.
//
// # A test
//
// A [[rule.test]] stands below its rule; "watchcat rules test" runs it:
//
//	log  text, needed
//	    The text of the rule's file: a line, or several.
//	want  text, needed
//	    The message that the rule must give; "" if it must not match.
//	files  table of texts
//	    Other files of the job: NAME = "text", NAME as a condition has it,
//	    or a name that its glob matches; "@result" too. What is not given is
//	    not there.
//	job  text
//	    The job's name. If absent, the rule's jobs are not heeded.
//	project  text
//	    The job's project, likewise.
//	branch  text
//	    The job's branch, likewise.
//	pipeline  text
//	    The job's pipeline, likewise.
//
// # An override
//
// An [[override]] changes a rule of a file that is named earlier. Besides
// these it has keys of a rule, which replace the rule's own: lists as a whole,
// a pattern a literal and the other way round, tests all tests. One that
// changes the message gives new tests too.
//
//	id  text, needed
//	    The id of the rule to change.
//	off  true or false
//	    Whether the rule is switched off; then there is no other key. A
//	    later override may switch it on again with off = false.
package patterns

import (
	"embed"

	"github.com/watchcat-ci/watchcat/classify"
)

// Default is the name under which Load knows the packs that ship with the program.
const Default = "default"

// packs holds base.toml, which every rule set begins with, and the default packs.
//
//go:embed default/*.toml
var packs embed.FS

// Options say how Load finds files.
type Options struct {
	// Dir is the folder that relative names start from. Empty: the current one.
	Dir string
}

// Set is a set of rules that were read together. It does not change once Load
// has returned it.
type Set struct {
	// Rules are the rules without mistakes, in the order of the files that were
	// named and of the lines in them, as overrides have left them. Their Files,
	// and those of their conditions, are resolved: paths and globs, no logical
	// names. Their Hides name rules of the set only.
	Rules []classify.Rule

	// Tags holds what each tag means.
	Tags map[string]string

	// Files holds the candidates behind each logical file name.
	Files map[string][]string

	// Tests are the tests that the rules carry, in the order of Rules.
	Tests []Test

	// Off are the rules that an override switched off, in the order in which
	// they would stand in Rules.
	Off []classify.Rule

	// Sources are the rule files that were read, in their order.
	Sources []Source

	drafts map[string]*draft // by id: where the rules come from
}

// Source is a rule file that was read.
type Source struct {
	Name   string // as it was found: relative to the current folder, or absolute
	Packed bool   // it ships with the program: no file of that name is on the disk
	Text   []byte // its contents
	Pack   string // the spec that named it first; Default for base.toml
	SHA256 string // of Text, in hexadecimal
}

// Test is a line or more of a log, and what a rule makes of it.
type Test struct {
	Rule   string // id of the rule that carries it
	Origin string // where it stands: "file:line:col"
	Log    string // the log's text
	Want   string // the message; empty: the rule must not match

	// Files are the other files of the job, by the name that the rule's
	// conditions give them; those not listed are not there.
	Files map[string]string

	// What the job is. Where one is empty, the rule's restriction to such jobs
	// is not checked.
	Job, Project, Branch, Pipeline string
}

// Load reads rule files. A spec is Default, a file, a folder (its *.toml files,
// not those of folders in it) or a glob; a file that several specs name is read
// once, where it is named first. The tags and logical files of default/base.toml
// are always there; other packs may declare them anew, and other files what the
// packs declare.
//
// A spec may be pinned to what it names: "default@sha256:HEX". Of a file that is
// the SHA-256 of its bytes; of Default, a folder or a glob it is that of a line
// "HEX  NAME" for each file in the order of names, without their folders, which
// is what "sha256sum *.toml | sha256sum" prints.
//
// The error is of type strict.Mistakes and holds every mistake of every file.
// The Set is never nil and holds what is left without mistakes: one broken rule
// costs that rule only, a broken override that override only, broken syntax that
// file only, a wrong pin what it pins.
func Load(specs []string, o Options) (*Set, error) {
	l := newLoader()
	l.find(specs, o.Dir)
	return l.finish()
}
