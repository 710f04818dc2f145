package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/convert"
	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/report"
)

const rulesImportHelp = `Turn the rules of another tool into a rule file. The rules go to standard output
or, with -o, to a file; what could not be carried over, what means something else
now and what looks like a defect of the original is told on standard error, each
with its place.

The formats of --from:

    sova             the patterns of sova, the CI monitor of TripleO (YAML)
    collect-logs     those of the Ansible role that took them over, and reads
                     them otherwise (YAML)
    elastic-recheck  a Lucene query for each bug (a YAML file each, or a folder)
    pytorch          the rules of PyTorch's log classifier (TOML)

Each finding is one of

    lost     there is no rule for it
    defect   the original most likely does not do what it was meant to
    changed  the rule does something else, in the case that the finding names
    note     what else is good to know

With --format json the findings go to standard output, one object a line, and -o
must name a file for the rules. The exit status is 3 if a rule was lost, or is
one that rule files do not take.`

// importFlags are the flags of rules import.
type importFlags struct {
	from   string
	output string
	format answerFormat
}

func (a *app) rulesImportCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import --from FORMAT FILE|FOLDER...",
		Short: "Turn the rules of another tool into a rule file",
		Long:  rulesImportHelp,
		Example: "  watchcat rules import --from sova patterns.yml -o rules/sova.toml\n" +
			"  watchcat rules import --from elastic-recheck queries/ > rules/bugs.toml\n" +
			"  watchcat rules lint rules/",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.importRules(&f, args) },
	}
	c.Flags().StringVar(&f.from, "from", "", "the `format` of the rules: "+strings.Join(convert.Formats(), ", "))
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the rules to `file` instead of printing them")
	f.format.add(c)
	return c
}

func (a *app) importRules(f *importFlags, args []string) error {
	asJSON, err := f.format.asJSON()
	switch {
	case err != nil:
		return err
	case !slices.Contains(convert.Formats(), f.from):
		return usagef("--from %q: must be one of %s", f.from, strings.Join(convert.Formats(), ", "))
	case asJSON && f.output == "":
		return usagef("--format json prints the findings: name a file for the rules with -o")
	case f.output != "":
		if err := writableFile("-o", f.output); err != nil {
			return err
		}
	}
	files, err := importFiles(args, f.output)
	if err != nil {
		return err
	}
	result, err := convert.Convert(f.from, files)
	if err != nil {
		return usage(err)
	}
	if len(result.Document.Entries) == 0 {
		_ = a.printFindings(&result, asJSON) // that rules were lost is said below
		return usagef("no rule came of %s; is it of the format %q?", strings.Join(args, ", "), f.from)
	}
	text := patterns.Format(result.Document)
	if err := a.writeRules(f.output, text); err != nil {
		return err
	}
	if err := a.printFindings(&result, asJSON); err != nil {
		return err
	}
	return a.checkImported(text)
}

// checkImported tells what Load has against rules that were made.
func (a *app) checkImported(text []byte) (err error) {
	dir, err := os.MkdirTemp("", "watchcat-import-*")
	if err != nil {
		return fmt.Errorf("check the rules: %w", err)
	}
	defer func() { err = cmp.Or(err, os.RemoveAll(dir)) }()
	name := filepath.Join(dir, "imported.toml")
	if err := os.WriteFile(name, text, 0o600); err != nil {
		return fmt.Errorf("check the rules: %w", err)
	}
	_, err = patterns.Load([]string{name}, patterns.Options{})
	mistakes, _ := errors.AsType[strict.Mistakes](err)
	for _, m := range mistakes {
		m.File = "the rules"
		a.notef("%v", m)
	}
	return partial(len(mistakes) > 0)
}

// importFiles reads the files and folders that are named; output is none of
// them.
func importFiles(args []string, output string) ([]convert.File, error) {
	var files []convert.File
	for _, arg := range args {
		names := []string{arg}
		if info, err := os.Stat(arg); err == nil && info.IsDir() {
			if names, err = rulesIn(arg); err != nil {
				return nil, err
			}
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, usage(err)
			}
			if sameFile(name, output) {
				return nil, usagef("-o %q would overwrite what it is made of", output)
			}
			files = append(files, convert.File{Name: name, Text: text})
		}
	}
	return files, nil
}

// rulesIn returns the files of a folder that may hold another tool's rules.
func rulesIn(folder string) ([]string, error) {
	var names []string
	for _, glob := range []string{"*.yaml", "*.yml", "*.toml"} {
		some, err := filepath.Glob(filepath.Join(folder, glob))
		if err != nil {
			return nil, usagef("folder %q: %w", folder, err)
		}
		names = append(names, some...)
	}
	if len(names) == 0 {
		return nil, usagef("folder %q has no file that ends in .yaml, .yml or .toml", folder)
	}
	slices.Sort(names)
	return names, nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

// writeRules writes a rule file, or prints it.
func (a *app) writeRules(path string, text []byte) error {
	if path == "" {
		_, err := io.WriteString(a.stdout, printable(string(text)))
		return err
	}
	return report.ReplaceFile(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// finding is a finding of rules import as JSON.
type finding struct {
	File  string   `json:"file,omitempty"`
	Line  int      `json:"line,omitzero"`
	Kind  string   `json:"kind"`
	Rules []string `json:"rules,omitempty"`
	What  string   `json:"what"`
}

// printFindings tells what an import found.
func (a *app) printFindings(result *convert.Result, asJSON bool) error {
	count := map[convert.Kind]int{}
	enc := encoder(a.stdout)
	for _, f := range result.Findings {
		count[f.Kind]++
		if !asJSON {
			a.notef("%s", f)
			continue
		}
		if err := enc.Encode(finding{f.Place.File, f.Place.Line, string(f.Kind), f.Rules, f.What}); err != nil {
			return err
		}
	}
	a.infof("%d read, %d carried over as %d rules; %d lost, %d defects, %d changed, %d notes", result.Read, result.Kept(),
		len(result.Document.Entries), count[convert.Lost], count[convert.Defect], count[convert.Changed], count[convert.Note])
	return partial(count[convert.Lost] > 0)
}
