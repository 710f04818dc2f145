package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/lint"
	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/report"
)

const rulesLintHelp = `Find what is wrong with rules that load, and with those that do not: patterns that
never match or always do, rules that another one hides, the same thing twice,
plain text that is a regular expression by mistake, tests that are missing.
Without arguments the rules are those of --rules, else of the configuration,
else the default ones; rules that are named together are held against each other.

Each finding has a place, a code and what to do about it; --codes lists the codes.
E is an error, W a warning: where there is one, the exit status is 4. I, an
information, does not change it. A comment silences one place, at the end of its
line or above it, and says why:

    pattern = '^\d+ +(\S+)'   # lint: allow W014 the tool prints no words here

--fix mends what can be mended without a doubt, and keeps all else as it is;
--diff shows what it would do.`

// lintFlags are the flags of rules lint.
type lintFlags struct {
	rules            rulesFlag
	format           answerFormat
	fix, diff, codes bool
	jobs             string
	only, skip       []string
}

func (a *app) rulesLintCommand() *cobra.Command {
	var f lintFlags
	c := &cobra.Command{
		Use:     "lint [FILE|FOLDER]...",
		Short:   "Find mistakes in rules, and mend some of them",
		Long:    rulesLintHelp,
		Example: "  watchcat rules lint rules/\n  watchcat rules lint default rules/ --skip W021,W022\n  watchcat rules lint rules/ --diff\n  watchcat rules lint rules/ --fix\n  watchcat rules lint --codes",
		RunE: func(_ *cobra.Command, args []string) error {
			f.rules = append(f.rules, args...)
			return a.lintRules(&f)
		},
	}
	f.rules.add(c)
	f.format.add(c)
	flags := c.Flags()
	flags.BoolVar(&f.fix, "fix", false, "mend what can be, in the files")
	flags.BoolVar(&f.diff, "diff", false, "print what --fix would change, and change nothing")
	flags.BoolVar(&f.codes, "codes", false, "list the codes, and check nothing")
	flags.StringVar(&f.jobs, "jobs", "", "`file` with the names of all jobs, one a line or as --save-jobs writes them: globs that fit none are told")
	flags.StringSliceVar(&f.only, "only", nil, "only findings of these `codes`; W stands for all warnings")
	flags.StringSliceVar(&f.skip, "skip", nil, "no findings of these `codes`")
	return c
}

// lintRules finds what is wrong with the rules, mends it if it is to, and
// prints the rest.
func (a *app) lintRules(f *lintFlags) error {
	asJSON, err := f.format.asJSON()
	if err != nil {
		return err
	}
	if err := f.check(); err != nil {
		return err
	}
	if f.codes {
		return a.printCodes(asJSON)
	}
	set, found, err := a.lint(f)
	if err != nil {
		return err
	}
	switch {
	case f.diff:
		return a.printFixes(set, found)
	case f.fix:
		if err := a.applyFixes(set, found); err != nil {
			return err
		}
		if set, found, err = a.lint(f); err != nil {
			return err
		}
	}
	if err := a.printLint(set, found, asJSON); err != nil {
		return fmt.Errorf("print the findings: %w", err)
	}
	return gate(slices.ContainsFunc(found, func(f lint.Finding) bool { return f.Severity != lint.Info }))
}

// check looks at flags that cannot be.
func (f *lintFlags) check() error {
	for _, code := range slices.Concat(f.only, f.skip) {
		if !slices.ContainsFunc(lint.Checks, func(c lint.Check) bool { return strings.HasPrefix(c.Code, code) }) || code == "" {
			return usagef("%q is no code; watchcat rules lint --codes lists them", code)
		}
	}
	if f.fix && f.diff {
		return usagef("--fix and --diff contradict each other: first look, then mend")
	}
	return nil
}

// lint loads the rules and returns what is found in them. That no file could be
// read is an error; all else that is wrong with them is a finding.
func (a *app) lint(f *lintFlags) (*patterns.Set, []lint.Finding, error) {
	jobs, err := readJobNames(f.jobs)
	if err != nil {
		return nil, nil, err
	}
	conf, err := a.config()
	if err != nil {
		return nil, nil, err
	}
	set, err := f.rules.load(conf)
	mistakes, isMistakes := errors.AsType[strict.Mistakes](err)
	if err != nil && (set == nil || !isMistakes || len(set.Sources) <= 1) {
		return nil, nil, err
	}
	if !isMistakes {
		mistakes = nil
	}
	found := lint.Run(set, mistakes.Err(), lint.Options{Now: a.now(), Jobs: jobs})
	return set, slices.DeleteFunc(found, f.leftOut), nil
}

// leftOut reports whether a finding is not asked for.
func (f *lintFlags) leftOut(found lint.Finding) bool {
	is := func(code string) bool { return strings.HasPrefix(found.Code, code) }
	return len(f.only) > 0 && !slices.ContainsFunc(f.only, is) || slices.ContainsFunc(f.skip, is)
}

// readJobNames reads the names of jobs: one a line, or JSON lines with "job".
func readJobNames(name string) ([]string, error) {
	if name == "" {
		return nil, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, usagef("--jobs: %w", err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		var job struct {
			Name string `json:"job"`
		}
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &job) == nil {
			line = job.Name
		}
		if line != "" {
			names = append(names, line)
		}
	}
	if len(names) == 0 {
		return nil, usagef("--jobs %s: there is no job in it", name)
	}
	return names, nil
}

// printCodes lists the codes.
func (a *app) printCodes(asJSON bool) error {
	for _, c := range lint.Checks {
		if !asJSON {
			fmt.Fprintf(a.stdout, "%s  %-7s  %s\n", c.Code, c.Severity, c.Doc)
			continue
		}
		row := struct {
			Code     string        `json:"code"`
			Severity lint.Severity `json:"severity"`
			What     string        `json:"what"`
		}{c.Code, c.Severity, c.Doc}
		if err := encoder(a.stdout).Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// printLint prints what was found: as JSON lines, or for people.
func (a *app) printLint(set *patterns.Set, found []lint.Finding, asJSON bool) error {
	out := bufio.NewWriter(a.stdout)
	count, fixable := map[lint.Severity]int{}, 0
	for _, f := range found {
		if asJSON {
			if err := encoder(out).Encode(f); err != nil {
				return err
			}
			continue
		}
		count[f.Severity]++
		if f.Fixable {
			fixable++
		}
		printLintFinding(out, f)
	}
	if !asJSON {
		fmt.Fprintln(out, lintSummary(len(set.Rules), count, fixable))
	}
	return out.Flush()
}

// printLintFinding prints the place and what is wrong in one line, for editors and
// grep, and below it what to do.
func printLintFinding(out io.Writer, f lint.Finding) {
	place := cmp.Or(f.File, "rules")
	if f.Line > 0 {
		place = f.Place().String()
	}
	what := f.What
	if f.Rule != "" {
		what = f.Rule + ": " + what
	}
	fmt.Fprintln(out, printable(fmt.Sprintf("%s: %s %s", place, f.Code, what)))
	remedy := f.Remedy
	if f.Fixable {
		remedy += " (--fix does)"
	}
	if remedy != "" {
		fmt.Fprintln(out, printable("    "+remedy))
	}
	if f.Example != "" {
		fmt.Fprintln(out, printable("    line: "+f.Example))
	}
}

// lintSummary says in a line what was found.
func lintSummary(rules int, count map[lint.Severity]int, fixable int) string {
	if len(count) == 0 {
		return fmt.Sprintf("rules: %d, nothing found", rules)
	}
	text := fmt.Sprintf("rules: %d, errors: %d, warnings: %d, infos: %d", rules, count[lint.Error], count[lint.Warning], count[lint.Info])
	if fixable > 0 {
		text += fmt.Sprintf("; --fix mends %d of them, --diff shows how", fixable)
	}
	return text
}

// printFixes prints what --fix would change.
func (a *app) printFixes(set *patterns.Set, found []lint.Finding) error {
	any := false
	for _, s := range set.Sources {
		if s.Packed {
			continue
		}
		mended, count := lint.Fix(s.Name, s.Text, found)
		if count > 0 {
			any = true
			text := string(diff.Diff(s.Name, s.Text, s.Name+" (mended)", mended))
			for line := range strings.Lines(text) {
				fmt.Fprintln(a.stdout, printable(strings.TrimSuffix(line, "\n")))
			}
		}
	}
	if !any {
		a.infof("watchcat: there is nothing that --fix could mend")
	}
	return gate(any)
}

// applyFixes mends the files of the rules.
func (a *app) applyFixes(set *patterns.Set, found []lint.Finding) error {
	for _, s := range set.Sources {
		if s.Packed {
			continue
		}
		mended, count := lint.Fix(s.Name, s.Text, found)
		if count == 0 {
			continue
		}
		err := report.ReplaceFile(s.Name, func(w io.Writer) error {
			_, err := w.Write(mended)
			return err
		})
		if err != nil {
			return err
		}
		a.infof("%s: mended %d", s.Name, count)
	}
	return nil
}
