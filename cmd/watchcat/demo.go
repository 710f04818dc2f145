package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/cmd/watchcat/internal/democi"
	"github.com/watchcat-ci/watchcat/report"
)

const demoHelp = `Start a CI system on this machine's loopback, with planted faults, and report on
it as on a real one: over SSH as from a Gerrit, from pages of periodic jobs, and
with logs from a log server. Nothing is installed and nothing else is contacted.
The exit status is 0 if the planted faults, and no others, were reported.`

// demoNext are the commands to try after the demo.
const demoNext = `Try next:
  watchcat classify LOG      why did the build behind this log fail?
  watchcat demo --keep       leave the demo's CI system up, and ask it yourself
  watchcat init              write a configuration for your own CI
`

func (a *app) demoCommand() *cobra.Command {
	var keep bool
	var output string
	c := &cobra.Command{
		Use:   "demo",
		Short: "See the whole way on an embedded CI system",
		Long:  demoHelp,
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.demo(c.Context(), output, keep) },
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the CI system up until ctrl-C, and print a configuration for it")
	c.Flags().StringVarP(&output, "output", "o", "watchcat-report.html", "`file` to write the report to (.html .json .jsonl .csv .md .txt)")
	return c
}

// demo starts the CI system, reports on it, and checks the report.
func (a *app) demo(ctx context.Context, output string, keep bool) (err error) {
	page, err := fileTarget(output)
	if err != nil {
		return usage(err)
	}
	dir, err := os.MkdirTemp("", "watchcat-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	world, err := democi.Start(democi.Options{Now: a.now(), Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()

	o, err := a.demoReport(ctx, world)
	if err != nil {
		return err
	}
	a.noteProblems(o)
	if err := a.write([]target{{format: "table"}, page}, reportRenderer(o.report, false)); err != nil {
		return err
	}
	if err := a.demoEnd(world, o.report, page.path); err != nil {
		return err
	}
	if keep {
		return a.demoKeep(ctx, world)
	}
	return nil
}

// demoReport goes the way that run goes, with the demo's configuration.
func (a *app) demoReport(ctx context.Context, world *democi.World) (*outcome, error) {
	a.global.config = world.Config()
	conf, err := a.config()
	if err != nil {
		return nil, err
	}
	var f runFlags
	f.filter.All = true
	p, err := a.pipeline(conf, &f)
	if err != nil {
		return nil, err
	}
	defer p.client.Close()
	return p.run(ctx)
}

// demoEnd says where the page is and what to try next, or in what the report
// differs from what was planted.
func (a *app) demoEnd(world *democi.World, r *report.Report, page string) error {
	if abs, err := filepath.Abs(page); err == nil {
		page = abs
	}
	fmt.Fprintf(a.stdout, "\nThe page: %s\n", printable(page))
	differences := world.Check(r.Results)
	if len(differences) > 0 {
		return fmt.Errorf("the report is not what was planted:\n%w", errors.Join(differences...))
	}
	fmt.Fprintf(a.stdout, "All planted faults were reported, and no others.\n\n%s", demoNext)
	return nil
}

// demoKeep leaves the CI system up until the user has enough of it.
func (a *app) demoKeep(ctx context.Context, world *democi.World) error {
	text, err := os.ReadFile(world.Config())
	if err != nil {
		return fmt.Errorf("read the demo's configuration: %w", err)
	}
	fmt.Fprintf(a.stdout, "\nThe CI system stays up until ctrl-C. Its configuration:\n\n%s\nIn another terminal:\n  watchcat --config %s\n", text, world.Config())
	<-ctx.Done()
	return nil
}
