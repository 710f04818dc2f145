package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/eval"
)

// print prints what changed, what was lost first, and the summary.
func (d *diffRun) print() error {
	if d.asJSON {
		return d.printJSON()
	}
	var b strings.Builder
	for i, c := range d.diff.Changes {
		if i == 0 || d.diff.Changes[i-1].Kind != c.Kind {
			fmt.Fprintf(&b, "%s (%d)\n", strings.ToUpper(string(c.Kind)), d.diff.Counts[c.Kind])
		}
		d.writeChange(&b, &c)
		if i+1 == len(d.diff.Changes) || d.diff.Changes[i+1].Kind != c.Kind {
			b.WriteByte('\n')
		}
	}
	d.writeSummary(&b)
	_, err := io.WriteString(d.stdout, printable(b.String()))
	return err
}

// writeChange writes a log and what was and is said of it.
func (d *diffRun) writeChange(b *strings.Builder, c *eval.Change) {
	b.WriteString(c.Log)
	if c.Effect == eval.Better || c.Effect == eval.Worse {
		fmt.Fprintf(b, "  (%s)", c.Effect)
	}
	fmt.Fprintf(b, "\n  - %s\n  + %s\n", oneLine(saying(&c.Old), d.width()-4), oneLine(saying(&c.New), d.width()-4))
}

// saying returns what a verdict says.
func saying(v *eval.Verdict) string {
	var b strings.Builder
	switch {
	case v.Rule == "" && v.Outcome == classify.OutcomeNoLogs:
		b.WriteString("no logs")
	case v.Rule == "":
		b.WriteString("no reason")
	default:
		b.WriteString(spot(v) + " " + v.Rule + " (" + v.Tag + "): " + v.Reason)
	}
	if v.Rule != "" && v.Outcome != classify.OutcomeMatched {
		b.WriteString(" (symptom)")
	}
	if v.Partial {
		b.WriteString(" (partly read)")
	}
	return b.String()
}

// spot returns where a reason stands: its line, with those that are shown where
// these are more, and the file where the job has several.
func spot(v *eval.Verdict) string {
	at := fmt.Sprint(v.Line)
	if v.In != filepath.Base(v.File) {
		at = v.In + ":" + at
	}
	if !slices.Equal(v.Shown, []eval.Range{{First: v.Line, Last: v.Line}}) {
		at += " [" + listed(v.Shown) + "]"
	}
	return at
}

// writeSummary writes the numbers.
func (d *diffRun) writeSummary(b *strings.Builder) {
	for i, name := range []string{"old", "new"} {
		s := d.sides[i]
		fmt.Fprintf(b, "%s: %s (%s), rules %s, engine %s\n", name, s.spec, counted(len(s.Verdicts), "log"),
			shortHashes(s.Rules), strings.Join(s.Engines, ", "))
	}
	if d.sameBy() {
		b.WriteString("both are by the same rules and engine\n")
	}
	for _, only := range []struct {
		side  string
		names []string
	}{{"old", d.diff.OnlyOld}, {"new", d.diff.OnlyNew}} {
		if n := len(only.names); n > 0 {
			fmt.Fprintf(b, "only in the %s: %s, the first %s\n", only.side, counted(n, "log"), only.names[0])
		}
	}
	fmt.Fprintln(b, d.diff)
	if e := d.diff.Effects; len(e) > 0 {
		fmt.Fprintf(b, "better %d, worse %d, neither %d\n", e[eval.Better], e[eval.Worse], e[eval.Neither])
	}
}

// sameBy reports whether both runs are by the same rules and the same engine.
func (d *diffRun) sameBy() bool {
	old, now := d.sides[0], d.sides[1]
	return len(old.Verdicts) > 0 && slices.Equal(old.Rules, now.Rules) && slices.Equal(old.Engines, now.Engines)
}

// shortHashes returns the beginnings of hashes.
func shortHashes(hashes []string) string {
	short := make([]string, len(hashes))
	for i, hash := range hashes {
		short[i] = fmt.Sprintf("%.19s", hash)
	}
	return strings.Join(short, ", ")
}

// diffSide is a side in JSON.
type diffSide struct {
	Spec    string   `json:"spec"`
	Logs    int      `json:"logs"`
	Rules   []string `json:"rules"`
	Engines []string `json:"engines"`
}

// diffSummary is the summary in JSON.
type diffSummary struct {
	Gained  int      `json:"gained"`
	Lost    int      `json:"lost"`
	Changed int      `json:"changed"`
	Same    int      `json:"same"`
	Better  int      `json:"better"`
	Worse   int      `json:"worse"`
	Neither int      `json:"neither"`
	OnlyOld []string `json:"only_old,omitempty"`
	OnlyNew []string `json:"only_new,omitempty"`
	Old     diffSide `json:"old"`
	New     diffSide `json:"new"`
}

// printJSON prints one object a line: {"change": …}, and at the end
// {"summary": …}.
func (d *diffRun) printJSON() error {
	var rows []any
	for _, c := range d.diff.Changes {
		rows = append(rows, map[string]eval.Change{"change": c})
	}
	counts, effects := d.diff.Counts, d.diff.Effects
	summary := diffSummary{
		Gained: counts[eval.Gained], Lost: counts[eval.Lost], Changed: counts[eval.Changed], Same: d.diff.Same,
		Better: effects[eval.Better], Worse: effects[eval.Worse], Neither: effects[eval.Neither],
		OnlyOld: d.diff.OnlyOld, OnlyNew: d.diff.OnlyNew,
		Old: d.sides[0].json(), New: d.sides[1].json(),
	}
	return d.printRows(append(rows, map[string]diffSummary{"summary": summary}))
}

func (s side) json() diffSide { return diffSide{s.spec, len(s.Verdicts), s.Rules, s.Engines} }
