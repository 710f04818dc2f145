package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

const sourcesCheckHelp = `Ask each configured source for its jobs, and tell in a line: whether it answers,
its version, as whom it was asked, how much it lists and whether that is all, and
the hosts that its logs are on. A host that is not on the list of [logs] hosts
is named; nothing is fetched from it.`

func (a *app) sourcesCommand() *cobra.Command {
	var globs []string
	check := &cobra.Command{
		Use:     "check",
		Short:   "Tell what answers, as whom, and what is refused",
		Long:    sourcesCheckHelp,
		Example: "  watchcat sources check\n  watchcat sources check --source review",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.checkSources(c.Context(), globs) },
	}
	check.Flags().StringArrayVar(&globs, "source", nil, "only sources whose name matches `GLOB`")
	return group("sources", "Check the configured sources", check)
}

// checkSources asks all sources and prints a line for each.
func (a *app) checkSources(ctx context.Context, globs []string) error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	if conf.path == "" {
		return usagef("there is no configuration yet. To begin with:\n%s", firstSteps)
	}
	client, err := a.client(conf, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	named, err := conf.sources(sourceOptions{client: client, since: a.now().Add(-24 * time.Hour)})
	if err != nil {
		return err
	}
	if named, err = selectSources(named, globs); err != nil {
		return err
	}
	c := sourceCheck{client: client, checked: make([]checked, len(named))}
	a.status.set(fmt.Sprintf("asking %d of the CI's servers", len(named)), 0)
	stop := a.status.show()
	c.ask(ctx, named)
	stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	for _, s := range c.checked {
		fmt.Fprintln(a.stdout, printable(s.line()))
		for _, problem := range s.problems() {
			a.notef("watchcat: %s: %s", s.state.Name, problem)
		}
	}
	return partial(slices.ContainsFunc(c.checked, func(s checked) bool { return len(s.problems()) > 0 }))
}

// sourceCheck asks sources.
type sourceCheck struct {
	client  *sources.Client
	checked []checked // one a source
}

// checked is what is known of a source now.
type checked struct {
	server sources.Server // nothing where it does not tell
	state  sources.State
	failed int       // jobs that failed
	open   int       // jobs of which only their logs tell how they ended
	hosts  []logHost // of both, sorted
	asked  error     // why a build page could not be asked for its logs
}

// logHost is a host that logs are on, or build pages that tell where they are.
type logHost struct {
	name    string
	refused error // nil: it is on the list
}

// ask asks all sources at once.
func (c *sourceCheck) ask(ctx context.Context, named []sources.Named) {
	var g errgroup.Group
	for i, n := range named {
		g.Go(func() error {
			c.checked[i] = c.source(ctx, n)
			return nil
		})
	}
	_ = g.Wait() // the errors are in checked
}

// source asks one.
func (c *sourceCheck) source(ctx context.Context, n sources.Named) checked {
	var s checked
	if p, ok := n.Source.(sources.Prober); ok {
		s.server, _ = p.Probe(ctx) // a server that lets us list but not ask its version is fine
	}
	gathered := sources.Gather(ctx, n)
	s.state = gathered.States[0]
	failed := slices.DeleteFunc(gathered.Jobs, func(j classify.Job) bool { return j.Status() != classify.Failed })
	for i := range failed {
		if failed[i].Result == "" {
			s.open++
		}
	}
	s.failed = len(failed) - s.open
	s.asked = c.resolve(ctx, failed)
	s.hosts = c.hostsOf(failed)
	return s
}

// resolve asks one build page of each host for its logs, so that it is known
// where these are.
func (c *sourceCheck) resolve(ctx context.Context, failed []classify.Job) error {
	completer := zuul.New(zuul.Options{Client: c.client})
	done := map[string]bool{}
	var first error
	for i := range failed {
		host := hostOf(failed[i].URL)
		if failed[i].LogURL != "" || host == "" || done[host] || c.client.Check(failed[i].URL) != nil {
			continue
		}
		done[host] = true
		first = cmp.Or(first, completer.Complete(ctx, nil, &failed[i]))
	}
	return first
}

// hostsOf returns the hosts that must be asked for the logs of jobs.
func (c *sourceCheck) hostsOf(jobs []classify.Job) []logHost {
	var hosts []logHost
	for i := range jobs {
		at := cmp.Or(jobs[i].LogURL, jobs[i].URL)
		name := hostOf(at)
		known := func(h logHost) bool { return h.name == name }
		if name != "" && !slices.ContainsFunc(hosts, known) {
			hosts = append(hosts, logHost{name, c.client.Check(at)})
		}
	}
	slices.SortFunc(hosts, func(a, b logHost) int { return strings.Compare(a.name, b.name) })
	return hosts
}

// hostOf returns the host of a URL of http or https, "" of any other.
func hostOf(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Host
}

// line tells of the source in a line.
func (s checked) line() string {
	words := []string{s.state.Name + ": "}
	switch {
	case s.state.Err != nil && s.state.Changes == 0:
		return words[0] + "cannot be read"
	case s.server.Version != "" && s.server.Account != "":
		words = append(words, s.server.Version, " as ", s.server.Account, ", ")
	case s.server.Version != "":
		words = append(words, s.server.Version, ", ")
	case s.server.Account != "":
		words = append(words, "as ", s.server.Account, ", ")
	}
	words = append(words, s.amount(), ", ", counted(s.state.Jobs, "job"), s.failures(), s.logs())
	return strings.Join(words, "")
}

// amount tells how much the source listed, and whether that is all.
func (s checked) amount() string {
	text := counted(s.state.Changes, cmp.Or(s.state.What, "item"))
	switch {
	case s.state.Capped:
		return text + fmt.Sprintf(" of more (cap %d)", s.state.Cap)
	case s.state.Err != nil:
		return text + " until it failed"
	case s.state.Cap > 0:
		return text + fmt.Sprintf(" (cap %d)", s.state.Cap)
	}
	return text
}

// failures tells how many jobs failed, where that is known without their logs.
func (s checked) failures() string {
	switch {
	case s.open == 0:
		return fmt.Sprintf(", of which %d failed", s.failed)
	case s.failed == 0:
		return ", whose logs tell how they ended"
	}
	return fmt.Sprintf(", of which %d failed, and the logs of %d tell how they ended", s.failed, s.open)
}

// counted returns "1 job" or "2 jobs".
func counted(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprint(n, " ", word)
}

// logs tells the hosts that logs are on.
func (s checked) logs() string {
	if len(s.hosts) == 0 {
		return ""
	}
	words := make([]string, len(s.hosts))
	for i, h := range s.hosts {
		words[i] = h.name + " (allowed)"
		if h.refused != nil {
			words[i] = h.name + " (refused)"
		}
	}
	return "; logs on " + strings.Join(words, ", ")
}

// problems returns what is wrong.
func (s checked) problems() []string {
	var out []string
	add := func(err error) {
		if err != nil && !slices.Contains(out, err.Error()) {
			out = append(out, err.Error())
		}
	}
	add(s.state.Err)
	for _, problem := range s.state.Problems {
		add(problem)
	}
	add(s.asked)
	for _, h := range s.hosts {
		add(h.refused)
	}
	return out
}
