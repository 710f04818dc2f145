package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

func (a *app) configCommand() *cobra.Command {
	check := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Tell whether the configuration is right, or all that is wrong with it",
		Long:  "Tell whether the configuration is right, or all that is wrong with it: with file,\nline and column. Nothing is contacted.\n\n" + configHelp,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				a.global.config = args[0]
			}
			return a.checkConfig()
		},
	}
	return group("config", "Check the configuration", check)
}

// checkConfig checks the configuration, its rules, and that the files are there
// that it names.
func (a *app) checkConfig() error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	if conf.path == "" {
		return usagef("there is no configuration; watchcat init writes one\n\n%s", configHelp)
	}
	set, err := rulesFlag(nil).load(conf)
	if err := errors.Join(conf.checkFiles().Err(), err); err != nil {
		return usage(err)
	}
	client, err := a.client(conf, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	named, err := conf.sources(sourceOptions{client: client})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s is right: %s, %s\n", printable(conf.path), counted(len(named), "source"), counted(len(set.Rules), "rule"))
	return nil
}

// checkFiles reports the files that a configuration names and that cannot be read.
func (c *config) checkFiles() strict.Mistakes {
	var mistakes strict.Mistakes
	file := func(name string, path ...any) {
		if name == "" {
			return
		}
		f, err := os.Open(c.file(name))
		if err != nil {
			mistakes = append(mistakes, c.index.Mistake(path, err.Error(), "name a file that can be read"))
			return
		}
		f.Close()
	}
	for i, g := range c.Gerrit {
		file(g.Key, "gerrit", i, "key")
		file(g.KnownHosts, "gerrit", i, "known_hosts")
	}
	file(c.Logs.CA, "logs", "ca")
	file(c.Logs.Credentials, "logs", "credentials")
	for _, host := range slices.Sorted(maps.Keys(c.Logs.Certificates)) {
		certificate := c.Logs.Certificates[host]
		file(certificate.Cert, "logs", "certificates", host, "cert")
		file(certificate.Key, "logs", "certificates", host, "key")
	}
	return mistakes
}
