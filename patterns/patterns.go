// Package patterns reads rules, the known patterns of failure, from TOML files
// and the packs that ship with the program; it checks them, reporting all
// mistakes of all files at once, and tries them on the lines they carry as
// tests.
//
// A rule file needs no more than this:
//
//	[[rule]]
//	id      = "pip-no-distribution"
//	file    = "console"      # a logical name, a path, a glob, or "@result"
//	pattern = 'No matching distribution found for (?P<requirement>\S+)'
//	message = "pip found no distribution for {requirement}"
//	tag     = "dependency"
//
// Instead of a pattern, a regular expression of Go's regexp package, there may
// be a literal, which is plain text. Rules see one line at a time, without its
// end, time stamp and escape sequences. In a message, {name} and {1} stand for
// what the pattern captured, {{ and }} for braces. A rule may also have a tier
// ("cause", or "symptom" for lines that only say that something failed), a
// priority (an integer, 0 if absent; the highest gives the reason), exclude (a
// list of plain texts that the line must not contain) and tests:
//
//	[[rule.test]]
//	log  = "No matching distribution found for foo==9"
//	want = "pip found no distribution for foo==9"   # "": must not match
//
// Tags and logical names are declared, in any of the files that are read
// together; default/base.toml declares those that every rule may use:
//
//	[tags]
//	kernel = "the kernel of the node, not the change"
//
//	[files]
//	syslog = ["var/log/messages", "*/syslog"]   # the first that exists is read
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
