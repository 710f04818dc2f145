package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/report"
)

// formats are the values of --format.
var formats = []string{"table", "json", "csv", "md", "html"}

// extensions tell the format of a file by its name.
var extensions = map[string]string{
	".txt": "table", ".json": "json", ".jsonl": "json", ".csv": "csv", ".md": "md", ".html": "html",
}

// outputFlags say where a report goes, in which form and zone.
type outputFlags struct {
	format   string
	json     bool
	files    []string
	utc      bool
	timezone string
}

func (o *outputFlags) add(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.format, "format", "", "what to print: "+strings.Join(formats, ", ")+" (default table)")
	f.BoolVar(&o.json, "json", false, "short for --format json")
	f.StringArrayVarP(&o.files, "output", "o", nil, "write to `file` (.html .json .jsonl .csv .md .txt) instead of printing, or with --format as well; repeatable")
	f.BoolVar(&o.utc, "utc", false, "times in UTC")
	f.StringVar(&o.timezone, "timezone", "", "times in the `zone` of that name, such as Europe/Prague")
}

// target is a place that a report is written to, in a format.
type target struct {
	path   string // "": standard output
	format string
}

// targets returns where the report goes.
func (o *outputFlags) targets() ([]target, error) {
	format := o.format
	if o.json {
		if format != "" && format != "json" {
			return nil, usagef("--json and --format %s contradict each other", format)
		}
		format = "json"
	}
	if format != "" && !slices.Contains(formats, format) {
		return nil, usagef("--format %q: must be one of %s", format, strings.Join(formats, ", "))
	}
	var targets []target
	if format != "" || len(o.files) == 0 {
		targets = append(targets, target{format: cmp.Or(format, "table")})
	}
	for _, path := range o.files {
		t, err := fileTarget(path)
		if err != nil {
			return nil, usage(err)
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// fileTarget tells a file's format by its name, and whether there is a folder
// to write it to: better before the work than after it.
func fileTarget(path string) (target, error) {
	format, ok := extensions[strings.ToLower(filepath.Ext(path))]
	if !ok {
		return target{}, fmt.Errorf("-o %q: the name tells no format; end it in .html, .json, .jsonl, .csv, .md or .txt", path)
	}
	return target{path, format}, writableFile("-o", path)
}

// writableFile reports whether a flag names a file in a folder that is there.
func writableFile(flag, path string) error {
	folder := filepath.Dir(path)
	switch info, err := os.Stat(folder); {
	case err != nil:
		return usagef("%s %q: %w; make the folder first: mkdir -p %s", flag, path, err, folder)
	case !info.IsDir():
		return usagef("%s %q: %q is not a folder", flag, path, folder)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usagef("%s %q: is a folder; name a file in it", flag, path)
	}
	return nil
}

// notInput refuses to write a report over a log that is to be read.
func (o *outputFlags) notInput(args []string) error {
	for _, path := range o.files {
		to, err := os.Stat(path)
		if err != nil {
			continue
		}
		for _, arg := range args {
			if from, err := os.Stat(arg); err == nil && os.SameFile(from, to) {
				return usagef("-o %q would overwrite the log %q", path, arg)
			}
		}
	}
	return nil
}

// location returns the zone of all times in the output: that of the flags, else
// of the configuration, else of the machine.
func (o *outputFlags) location(c *config) (*time.Location, error) {
	switch {
	case o.utc && o.timezone != "":
		return nil, usagef("--utc and --timezone contradict each other")
	case o.utc:
		return time.UTC, nil
	case o.timezone != "":
		location, err := loadZone(o.timezone)
		return location, usage(err)
	}
	return cmp.Or(c.Timezone.Location, time.Local), nil
}

// renderer writes what a command found in a format; o says how tables look.
type renderer func(w io.Writer, format string, o report.TableOptions) error

// write writes to all targets. Files are replaced as a whole or not at all.
func (a *app) write(targets []target, render renderer) error {
	for _, t := range targets {
		if t.path == "" {
			o := report.TableOptions{Width: a.width(), Color: a.colored()}
			if err := render(a.stdout, t.format, o); err != nil {
				return fmt.Errorf("print the report: %w", err)
			}
			continue
		}
		o := report.TableOptions{Width: pipeWidth}
		err := report.ReplaceFile(t.path, func(w io.Writer) error { return render(w, t.format, o) })
		if err != nil {
			return err
		}
		a.infof("watchcat: wrote %s", t.path)
	}
	return nil
}

// reportRenderer writes a report; all says whether tables list the jobs that
// did not fail.
func reportRenderer(r *report.Report, all bool) renderer {
	return func(w io.Writer, format string, o report.TableOptions) error {
		switch format {
		case "json":
			return r.WriteJSON(w)
		case "csv":
			return r.WriteCSV(w)
		case "md":
			return r.WriteMarkdown(w)
		case "html":
			return r.WriteHTML(w)
		}
		o.All = all
		return r.WriteTable(w, o)
	}
}
