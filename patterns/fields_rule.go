package patterns

import "github.com/watchcat-ci/watchcat/classify"

var fileFields = []Field{
	{Table: "file", Name: "tags", Type: TextTable,
		Meaning: `What tags mean: NAME = "meaning". A tag must be declared, in this file or in another that is read with it; base.toml, which always is, declares the common ones.`,
		Example: Example{
			Rules: "[tags]\nkernel = \"the kernel of the node, not the change\"\n[[rule]]\nliteral = \"Oops\"\nmessage = \"the kernel stumbled\"\ntag = \"kernel\"",
			Cases: []Case{{Log: "Oops: 0000 [#1]", Verdict: "the kernel stumbled"}},
		}},
	{Table: "file", Name: "files", Type: TextsTable,
		Meaning: `Logical names of files: NAME = [candidates], each a path, glob or ARCHIVE//MEMBER. The first that a job has is read. "console", a job's main log, is always declared.`,
		Example: Example{
			Rules: "[files]\nsyslog = [\"var/log/syslog\", \"var/log/messages\"]\n[[rule]]\nfile = \"syslog\"\nliteral = \"Out of memory\"",
			Cases: []Case{{Log: "node kernel: Out of memory: Killed process 5", Verdict: "match"}},
		}},
	{Table: "file", Name: "rule", Type: SubTables, Of: "rule", Meaning: "A known pattern of failure."},
	{Table: "file", Name: "override", Type: SubTables, Of: "override", Meaning: "A change to a rule of an earlier file."},
}

var ruleFields = []Field{
	{Table: "rule", Name: "id", Type: Text, Needed: true,
		Meaning: `The rule's name, which no other rule has: small letters, digits, ".", "_" and "-".`},
	{Table: "rule", Name: "file", Type: Text, Needed: true,
		Meaning: `The file to search: a logical name, a path below the job's logs, a glob ("**" stands for any folders), ARCHIVE//MEMBER, or "@result", which is one line: the result and its detail as the CI gave them. Of what a glob names each file is searched by itself. A compressed log is named as it lies, syslog.gz: a logical name can list both.`,
		Example: Example{
			Rules: "file = \"@result\"\nliteral = \"NODE_FAILURE\"",
			Cases: []Case{{Log: "NODE_FAILURE Node request 300-0001 failed", Verdict: "match"}},
		}},
	{Table: "rule", Name: "pattern", Type: Pattern,
		Meaning: `What a line must match, anywhere in it: a regular expression of Go (RE2). (?P<name>…) captures; (?i) makes case not count; ^ and $ hold at the line's ends. A rule has either this or literal.`,
		Example: Example{
			Rules: "pattern = '(?i)^error (?P<code>\\d+)$'\nmessage = \"error {code}\"",
			Cases: []Case{{Log: "Error 5", Verdict: "error 5"}, {Log: "an Error 5"}},
		}},
	{Table: "rule", Name: "literal", Type: Text,
		Meaning: "What a line must contain: plain text, in which case counts.",
		Example: Example{
			Rules: `literal = "a[0] is null"`,
			Cases: []Case{{Log: "fatal: a[0] is null.", Verdict: "match"}, {Log: "fatal: A[0] is null."}},
		}},
	{Table: "rule", Name: "message", Type: Text, Needed: true,
		Meaning: "The reason as reports give it, in one line. {name} and {1} stand for what the pattern captured, {0} for all that it matched; {{ and }} are braces. Lines that give the same message count as one match.",
		Example: Example{
			Rules: "pattern = 'HTTP (\\d+) from (?P<host>\\S+)'\nmessage = \"{host} answered {1}\"",
			Cases: []Case{{Log: "HTTP 503 from pypi.org", Verdict: "pypi.org answered 503"}},
		}},
	{Table: "rule", Name: "tag", Type: Text, Needed: true,
		Meaning: "The kind of reason, by which reports count; one of those that [tags] declares."},
	{Table: "rule", Name: "tier", Type: Word, Words: []string{"cause", "clue", "symptom"},
		Meaning: `How much the rule knows: "cause", if absent, names the reason; "clue" does so only in a step that failed, as the CI system or a build tool says below it, and is a symptom elsewhere; "symptom" only says that something failed, and is never the reason where a cause matched.`,
		Example: Example{
			Rules: "[[rule]]\nid = \"exit\"\nliteral = \"exit code 1\"\nmessage = \"exit code 1\"\ntier = \"symptom\"\n[[rule]]\nid = \"disk\"\nliteral = \"No space left\"\nmessage = \"the disk is full\"",
			Cases: []Case{{Log: "exit code 1\nNo space left", Verdict: "the disk is full"}, {Log: "exit code 1", Verdict: "exit code 1"}},
		}},
	{Table: "rule", Name: "priority", Type: Number,
		Meaning: "Which match is the reason among those of a tier: the highest, 0 if absent. Of equal ones it is that in the file that the rules name first, and there in the earliest line. Failed tests that a test report of the job names are a cause of priority 5.",
		Example: Example{
			Rules: "[[rule]]\nid = \"lost\"\nliteral = \"lost\"\nmessage = \"connection lost\"\n[[rule]]\nid = \"oom\"\nliteral = \"oom\"\nmessage = \"out of memory\"\npriority = 10",
			Cases: []Case{{Log: "lost\noom", Verdict: "out of memory"}},
		}},
}

var aroundFields = []Field{
	{Table: "rule", Name: "exclude", Type: Texts,
		Meaning: "Plain texts: a line that contains one is no match.",
		Example: Example{
			Rules: "literal = \"failed\"\nexclude = [\" 0 failed\", \"ignored\"]",
			Cases: []Case{{Log: "3 passed, 1 failed", Verdict: "match"}, {Log: "4 passed, 0 failed"}},
		}},
	{Table: "rule", Name: "next", Type: Pattern,
		Meaning: "What the line right after the match must match. The file's last line has none after it, so it does not.",
		Example: Example{
			Rules: "literal = \"failed:\"\nnext = '^  Traceback'",
			Cases: []Case{{Log: "failed:\n  Traceback (most recent call last):", Verdict: "match"}, {Log: "failed:\n\n  Traceback"}, {Log: "failed:"}},
		}},
	{Table: "rule", Name: "unless", Type: SubTables, Of: "unless",
		Meaning: "A match is none if one of these occurs within its reach, in the same file. Where the file was cut off within reach that is unknown, as for all.",
		Example: Example{
			Rules: "literal = \"connection lost\"\nunless = [{ literal = \"retrying\", within = \"next\" }]",
			Cases: []Case{{Log: "connection lost\ngiving up", Verdict: "match"}, {Log: "connection lost\nretrying in 5 s"}},
		}},
	{Table: "rule", Name: "all", Type: SubTables, Of: "condition",
		Meaning: "The rule matches only if all of these hold for the job. A file that is not there, while another of the job's logs could be read, makes a condition false. One that could not be read, or was cut off before the text was seen, leaves it unknown: then the rule does not match, and the result is partial.",
		Example: Example{
			Rules: "literal = \"test failed\"\nall = [{ file = \"var/log/syslog\", literal = \"Out of memory\" }]",
			Cases: []Case{
				{Log: "test failed", Files: map[string]string{"var/log/syslog": "Out of memory: Killed"}, Verdict: "match"},
				{Log: "test failed", Files: map[string]string{"var/log/syslog": "all quiet"}},
				{Log: "test failed"},
			},
		}},
	{Table: "rule", Name: "none", Type: SubTables, Of: "condition",
		Meaning: "The rule matches only if none of these holds for the job; what is unknown counts as for all.",
		Example: Example{
			Rules: "literal = \"connection lost\"\nnone = [{ literal = \"tests passed\" }, { file = \"logs/*.core\" }]",
			Cases: []Case{
				{Log: "connection lost", Verdict: "match"},
				{Log: "connection lost\n5 tests passed"},
				{Log: "connection lost", Files: map[string]string{"logs/a.core": "…"}},
			},
		}},
}

var evidenceFields = []Field{
	{Table: "rule", Name: "until", Type: Pattern,
		Meaning: "The evidence goes on to the first later line that matches this, inclusive; else to the file's end. It is 100 lines at most, of which the first 30 are shown.",
		Example: Example{
			Rules: "literal = \"FAILED\"\nuntil = '^=+$'",
			Cases: []Case{{Log: "ok\nFAILED test_x\n  assert 1 == 2\n====\nbye", Verdict: "match", Lines: "2-4"}, {Log: "FAILED test_x\n  assert", Verdict: "match", Lines: "1-2"}},
		}},
	{Table: "rule", Name: "context", Type: SubTable, Of: "context",
		Meaning: "How many lines around the match are evidence in any case. With until, only those before it. Without until the rule that names a job's reason shows the rest of its paragraph as well: the lines below that are not indented less, to a blank line or the end of the step, 30 at most.",
		Example: Example{
			Rules: "literal = \"Killed\"\ncontext = { before = 1, after = 2 }",
			Cases: []Case{{Log: "a\nb\nKilled\nc\nd\n\ne", Verdict: "match", Lines: "2-5"}, {Log: "Killed\nc", Verdict: "match", Lines: "1-2"}},
		}},
	{Table: "rule", Name: "occurrence", Type: Word, Words: []string{string(classify.OccurrenceFirst), string(classify.OccurrenceLast)},
		Meaning: `Which of several matches counts: "first", if absent, shows the first line of each message and takes the earliest match for the rule's reason; "last" the last line and the latest match. Of more than 20 messages the first, or the last, 20 are kept.`,
		Example: Example{
			Rules: "pattern = '^failed: (?P<step>.*)'\nmessage = \"{step} failed\"\noccurrence = \"last\"",
			Cases: []Case{{Log: "failed: setup\nfailed: build", Verdict: "build failed", Lines: "2-2"}},
		}},
	{Table: "rule", Name: "hides", Type: Texts,
		Meaning: "Ids of rules whose matches are consequences of this one's. In a job where this rule matches they are never the reason, nor is what they hide, in turn, where they match. They stay listed.",
		Example: Example{
			Rules: "[[rule]]\nid = \"build\"\nliteral = \"build failed\"\nmessage = \"build failed\"\npriority = 5\n[[rule]]\nid = \"compiler\"\nliteral = \"error:\"\nmessage = \"does not compile\"\nhides = [\"build\"]",
			Cases: []Case{{Log: "a.c:5: error: no\nbuild failed", Verdict: "does not compile"}, {Log: "build failed", Verdict: "build failed"}},
		}},
}

// globs says how the restrictions to jobs are written.
const globs = ` Globs: "*" stands for any text, also for "/", "?" for one character; one with "!" before it excludes; where all have it, the rest is allowed. What is not known of a job counts as "".`

var jobFields = []Field{
	{Table: "rule", Name: "jobs", Type: Texts,
		Meaning: "The rule is for jobs of these names only." + globs,
		Example: Example{
			Rules: "literal = \"failed\"\njobs = [\"unit-*\", \"!unit-docs\"]",
			Cases: []Case{
				{Log: "failed", Job: classify.Job{Name: "unit-py3"}, Verdict: "match"},
				{Log: "failed", Job: classify.Job{Name: "unit-docs"}},
				{Log: "failed", Job: classify.Job{Name: "tempest"}},
			},
		}},
	{Table: "rule", Name: "projects", Type: Texts,
		Meaning: "The rule is for jobs of these projects only; written as jobs.",
		Example: Example{
			Rules: "literal = \"failed\"\nprojects = [\"openstack/*\"]",
			Cases: []Case{{Log: "failed", Job: classify.Job{Project: "openstack/nova"}, Verdict: "match"}, {Log: "failed", Job: classify.Job{Project: "zuul/zuul"}}},
		}},
	{Table: "rule", Name: "branches", Type: Texts,
		Meaning: "The rule is for jobs on these branches only; written as jobs.",
		Example: Example{
			Rules: "literal = \"failed\"\nbranches = [\"!stable/*\"]",
			Cases: []Case{{Log: "failed", Job: classify.Job{Branch: "master"}, Verdict: "match"}, {Log: "failed", Job: classify.Job{Branch: "stable/1"}}},
		}},
	{Table: "rule", Name: "pipelines", Type: Texts,
		Meaning: "The rule is for jobs in these pipelines only; written as jobs.",
		Example: Example{
			Rules: "literal = \"failed\"\npipelines = [\"periodic*\"]",
			Cases: []Case{{Log: "failed", Job: classify.Job{Pipeline: "periodic-weekly"}, Verdict: "match"}, {Log: "failed", Job: classify.Job{Pipeline: "gate"}}},
		}},
}

var aboutFields = []Field{
	{Table: "rule", Name: "expires", Type: Day,
		Meaning: `The day from which on "watchcat rules lint" asks to look at the rule again. It matches all the same.`,
		Example: Example{
			Rules: "literal = \"certificate has expired\"\nexpires = 2020-01-31",
			Cases: []Case{{Log: "certificate has expired", Verdict: "match"}},
		}},
	{Table: "rule", Name: "url", Type: Text,
		Meaning: "The address of the known bug, http or https; every match carries it.",
		Example: Example{
			Rules: "literal = \"a[0] is null\"\nurl = \"https://bugs.example.org/5\"",
			Cases: []Case{{Log: "a[0] is null", Verdict: "match"}},
		}},
	{Table: "rule", Name: "description", Type: Text, Meaning: "What else there is to say of the rule, for those who read it."},
	{Table: "rule", Name: "test", Type: SubTables, Of: "test", Meaning: "What the rule must match and must not: one of each at least."},
}
