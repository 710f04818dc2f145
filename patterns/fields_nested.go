package patterns

import "github.com/watchcat-ci/watchcat/classify"

var nestedFields = []Field{
	{Table: "unless", Name: "pattern", Type: Pattern, Meaning: "A regular expression that no line within reach may match.",
		Example: Example{
			Rules: "literal = \"failed\"\nunless = [{ pattern = '(?i)expected' }]",
			Cases: []Case{{Log: "failed", Verdict: "match"}, {Log: "failed as Expected"}},
		}},
	{Table: "unless", Name: "literal", Type: Text, Meaning: "Plain text that no line within reach may contain.",
		Example: Example{
			Rules: "literal = \"failed\"\nunless = [{ literal = \"(expected)\" }]",
			Cases: []Case{{Log: "failed expected", Verdict: "match"}, {Log: "failed (expected)"}},
		}},
	{Table: "unless", Name: "within", Type: Reach, Words: []string{"line", "next", "file"}, Range: [2]int{1, classify.MaxWindow},
		Meaning: `The reach: "line", if absent, is the match's own line; "next" the line right after it, and that only; a number so many lines before and after it, and itself; "file" any line of the file. Beyond the file's first and last line there is nothing.`,
		Example: Example{
			Rules: "literal = \"failed\"\nunless = [{ literal = \"retry\", within = 2 }]",
			Cases: []Case{{Log: "retry\na\nb\nfailed", Verdict: "match"}, {Log: "retry\na\nfailed"}, {Log: "failed\na\nretry"}},
		}},

	{Table: "condition", Name: "file", Type: Text,
		Meaning: "Where to look, written as a rule's file; if absent, in the file in which the rule matched. A glob stands for any of the files it names. Without pattern and literal the condition holds if the file exists.",
		Example: Example{
			Rules: "literal = \"failed\"\nall = [{ file = \"logs/**/*.core\" }]",
			Cases: []Case{{Log: "failed", Files: map[string]string{"logs/a/b.core": "…"}, Verdict: "match"}, {Log: "failed"}},
		}},
	{Table: "condition", Name: "pattern", Type: Pattern, Meaning: "A regular expression that a line of the file matches.",
		Example: Example{
			Rules: "literal = \"failed\"\nall = [{ pattern = '^started on (node|host)' }]",
			Cases: []Case{{Log: "failed\nstarted on node 5", Verdict: "match"}, {Log: "failed"}},
		}},
	{Table: "condition", Name: "literal", Type: Text, Meaning: "Plain text that a line of the file contains.",
		Example: Example{
			Rules: "literal = \"failed\"\nnone = [{ file = \"@result\", literal = \"TIMED_OUT\" }]",
			Cases: []Case{{Log: "failed", Job: classify.Job{Result: "FAILURE"}, Verdict: "match"}, {Log: "failed", Job: classify.Job{Result: "TIMED_OUT"}}},
		}},

	{Table: "context", Name: "before", Type: Number, Range: [2]int{0, classify.MaxBlock}, Meaning: "Lines before the match, fewer at the file's start.",
		Example: Example{
			Rules: "literal = \"Killed\"\ncontext = { before = 2 }",
			Cases: []Case{{Log: "a\nb\nc\nKilled\n\nd", Verdict: "match", Lines: "2-4"}, {Log: "c\nKilled", Verdict: "match", Lines: "1-2"}},
		}},
	{Table: "context", Name: "after", Type: Number, Range: [2]int{0, classify.MaxBlock}, Meaning: "Lines after the match, fewer at the file's end; none with until. The rest of the match's paragraph is shown in any case.",
		Example: Example{
			Rules: "literal = \"Killed\"\ncontext = { after = 1 }",
			Cases: []Case{{Log: "a\nKilled\nb\n\nc", Verdict: "match", Lines: "2-3"}, {Log: "a\nKilled\n\nb", Verdict: "match", Lines: "2-3"}, {Log: "Killed\n  b\n  c\nd\n\ne", Verdict: "match", Lines: "1-4"}},
		}},
}

var testFields = []Field{
	{Table: "test", Name: "log", Type: Text, Needed: true, Meaning: "The text of the rule's file: a line, or several."},
	{Table: "test", Name: "want", Type: Text, Needed: true, Meaning: `The message that the rule must give; "" if it must not match.`,
		Example: Example{
			Rules: "pattern = 'error (\\d+)'\nmessage = \"error {1}\"\n[[rule.test]]\nlog = \"error 5\"\nwant = \"error 5\"\n[[rule.test]]\nlog = \"errors: 5\"\nwant = \"\"",
			Cases: []Case{{Log: "error 5", Verdict: "error 5"}, {Log: "errors: 5"}},
		}},
	{Table: "test", Name: "files", Type: TextTable,
		Meaning: `Other files of the job: NAME = "text", NAME as a condition has it, or a name that its glob matches; "@result" too. What is not given is not there.`,
		Example: Example{
			Rules: "literal = \"failed\"\nall = [{ file = \"syslog\", literal = \"oom\" }]\n[[rule.test]]\nlog = \"failed\"\nfiles = { syslog = \"oom\" }\nwant = \"match\"\n[[rule.test]]\nlog = \"failed\"\nwant = \"\"",
			Cases: []Case{{Log: "failed", Files: map[string]string{"syslog": "oom"}, Verdict: "match"}, {Log: "failed"}},
		}},
	{Table: "test", Name: "job", Type: Text, Meaning: "The job's name. If absent, the rule's jobs are not heeded.",
		Example: Example{
			Rules: "literal = \"failed\"\njobs = [\"unit-*\"]\n[[rule.test]]\nlog = \"failed\"\nwant = \"match\"\n[[rule.test]]\nlog = \"failed\"\njob = \"tempest\"\nwant = \"\"",
			Cases: []Case{{Log: "failed", Job: classify.Job{Name: "unit-py3"}, Verdict: "match"}, {Log: "failed", Job: classify.Job{Name: "tempest"}}},
		}},
	{Table: "test", Name: "project", Type: Text, Meaning: "The job's project, likewise."},
	{Table: "test", Name: "branch", Type: Text, Meaning: "The job's branch, likewise."},
	{Table: "test", Name: "pipeline", Type: Text, Meaning: "The job's pipeline, likewise."},
}

var overrideFields = []Field{
	{Table: "override", Name: "id", Type: Text, Needed: true, Meaning: "The id of the rule to change.",
		Example: Example{
			Rules: "id = \"lost\"\nliteral = \"lost\"\nmessage = \"connection lost\"",
			Later: "[[override]]\nid = \"lost\"\npattern = '(?i)connection lost'\nmessage = \"no network\"",
			Cases: []Case{{Log: "Connection lost", Verdict: "no network"}, {Log: "lost"}},
		}},
	{Table: "override", Name: "off", Type: Bool, Meaning: "Whether the rule is switched off; then there is no other key. A later override may switch it on again with off = false.",
		Example: Example{
			Rules: "id = \"lost\"\nliteral = \"lost\"",
			Later: "[[override]]\nid = \"lost\"\noff = true",
			Cases: []Case{{Log: "lost"}},
		}},
}
