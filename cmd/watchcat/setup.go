package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/report"
	"github.com/watchcat-ci/watchcat/sources"
	"github.com/watchcat-ci/watchcat/sources/logs"
	"github.com/watchcat-ci/watchcat/sources/testreport"
)

// workFlags are the flags of all commands that look at logs.
type workFlags struct {
	rules   rulesFlag
	output  outputFlags
	offline bool
}

func (f *workFlags) add(c *cobra.Command) {
	f.rules.add(c)
	f.output.add(c)
	c.Flags().BoolVar(&f.offline, "offline", false, "logs from the cache alone, without the network")
}

// setup is what a command needs that looks at logs, made of the configuration
// and the flags. Its maker contacts nobody.
type setup struct {
	targets    []target
	set        *patterns.Set
	wrong      strict.Mistakes // of the rules that are not in set
	classifier *classify.Classifier
	client     *sources.Client
	logs       *logs.Logs
	cacheDir   string       // "": none
	about      report.About // when, in which zone, by which rules, and what is wrong with these
}

// access says which logs may be opened besides those of the configured hosts.
type access struct {
	typed []string // hosts that the user named on the command line
	local bool     // files of this machine
}

// setup makes what the configuration and the flags ask for. An error is the
// user's to correct.
func (a *app) setup(conf *config, f *workFlags, may access) (*setup, error) {
	targets, err := f.output.targets()
	if err != nil {
		return nil, err
	}
	location, err := f.output.location(conf)
	if err != nil {
		return nil, err
	}
	set, classifier, wrong, err := a.rules(f.rules, conf)
	if err != nil {
		return nil, err
	}
	classifier.Reports = conf.reports()
	client, err := a.client(conf, may.typed)
	if err != nil {
		return nil, err
	}
	opened, cacheDir, err := a.logs(conf, logs.Options{Client: client, Offline: f.offline, NoLocal: !may.local})
	if err != nil {
		return nil, err
	}
	about := report.About{
		Now: a.now(), Location: location, Rules: classifier.Hash(), Engine: classify.Version,
		Tags: set.Tags, Title: conf.Report.Title,
	}
	for _, m := range wrong {
		about.Problems = append(about.Problems, m.Error())
	}
	return &setup{targets, set, wrong, classifier, client, opened, cacheDir, about}, nil
}

// pagesDir returns the folder of a cache for what Zuul said of builds, "" for none.
func pagesDir(cacheDir string) string {
	if cacheDir == "" {
		return ""
	}
	return filepath.Join(cacheDir, "builds")
}

// client returns the HTTP client that a configuration asks for. The typed hosts
// are those that the user named on the command line.
func (a *app) client(c *config, typed []string) (*sources.Client, error) {
	o := sources.ClientOptions{
		Typed:   append(c.sourceHosts(), typed...),
		Timeout: c.Logs.Timeout,
		Total:   c.Logs.MaxTime,
		Retries: retries(c.Logs.Retries),
		PerHost: c.Logs.PerHost, PerSecond: c.Logs.PerSecond,
		CAFile:       c.file(c.Logs.CA),
		Certificates: c.certificates(),
		Log:          a.log,
	}
	for _, host := range c.Logs.Hosts {
		o.Hosts = append(o.Hosts, string(host))
	}
	if c.Logs.Credentials != "" {
		var err error
		if o.Credentials, err = sources.ReadCredentials(c.file(c.Logs.Credentials)); err != nil {
			return nil, usage(err)
		}
	}
	client, err := sources.NewClient(o)
	return client, usage(err)
}

// certificates returns the client certificates by host.
func (c *config) certificates() map[string]sources.Certificate {
	out := map[string]sources.Certificate{}
	for host, files := range c.Logs.Certificates {
		out[host] = sources.Certificate{Cert: c.file(files.Cert), Key: c.file(files.Key)}
	}
	return out
}

// retries turns the configuration's number, in which 0 means none, into the
// client's, in which 0 means its own default.
func retries(n *int) int {
	switch {
	case n == nil:
		return 0
	case *n == 0:
		return -1
	}
	return *n
}

// reports returns the globs for the test reports of jobs.
func (c *config) reports() []string {
	if c.Logs.Reports != nil {
		return *c.Logs.Reports
	}
	return testreport.DefaultGlobs()
}

// logs returns the door to logs that a configuration asks for, and the folder
// that it keeps what it downloads in, "" for none. What the configuration does
// not know stands in o.
func (a *app) logs(c *config, o logs.Options) (*logs.Logs, string, error) {
	var err error
	if o.CacheDir, err = a.cacheDir(c); err != nil && o.Offline {
		return nil, "", usage(err)
	}
	o.MaxBytes, o.MaxAge, o.MaxSize = int64(c.Logs.MaxSize), c.Logs.CacheAge, int64(c.Logs.CacheSize)
	o.Guesses, o.Log = c.reports(), a.log
	l, err := logs.New(o)
	if err != nil && c.Logs.Cache == nil && !o.Offline { // nobody asked for this folder
		a.notef("watchcat: %v; downloaded logs are not kept", err)
		o.CacheDir = ""
		l, err = logs.New(o)
	}
	return l, o.CacheDir, usage(err)
}

// cacheDir returns the folder that downloaded logs are kept in, "" for none.
func (a *app) cacheDir(c *config) (string, error) {
	if c.Logs.Cache != nil {
		return c.file(*c.Logs.Cache), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for downloaded logs: %w; name one with cache in [logs], or none with cache = \"\"", err)
	}
	return filepath.Join(dir, "watchcat"), nil
}
