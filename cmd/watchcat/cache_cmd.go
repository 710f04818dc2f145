package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/sources/logs"
	"github.com/watchcat-ci/watchcat/sources/zuul"
)

const cacheHelp = `Downloaded logs are kept in a folder, so that each is downloaded once: that which
cache in [logs] names, else watchcat's below the user's cache folder. Runs prune
it by themselves, at most once an hour, by cache_age and cache_size in [logs].`

func (a *app) cacheCommand() *cobra.Command {
	command := func(use, short string, run func(dir string, conf *config) error) *cobra.Command {
		return &cobra.Command{
			Use: use, Short: short, Long: short + ".\n\n" + cacheHelp, Args: cobra.NoArgs,
			RunE: func(*cobra.Command, []string) error { return a.withCache(run) },
		}
	}
	return group("cache", "Look at the logs that were downloaded, or remove some",
		command("info", "Tell what is in the cache", a.cacheInfo),
		command("prune", "Remove from the cache what is old or too much", a.pruneCache),
		command("clear", "Remove all from the cache", a.clearCache))
}

// withCache calls run with the folder of the cache.
func (a *app) withCache(run func(dir string, conf *config) error) error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	dir, err := a.cacheDir(conf)
	if err != nil {
		return usage(err)
	}
	if dir == "" {
		return usagef("%s says cache = \"\": downloaded logs are not kept", conf.path)
	}
	return run(dir, conf)
}

func (a *app) cacheInfo(dir string, _ *config) error {
	info, err := logs.CacheInfo(dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %s, %s; known not to be there: %d\n", printable(info.Dir),
		counted(info.Blobs, "log"), size(info.Bytes), info.Absent)
	if !info.Oldest.IsZero() {
		const day = "2006-01-02 15:04"
		fmt.Fprintf(a.stdout, "last used between %s and %s\n", info.Oldest.Format(day), info.Newest.Format(day))
	}
	return nil
}

func (a *app) pruneCache(dir string, conf *config) error {
	gone, err := logs.PruneCache(dir, logs.PruneOptions{MaxAge: conf.Logs.CacheAge, MaxSize: int64(conf.Logs.CacheSize)})
	fmt.Fprintf(a.stdout, "removed %s, %s\n", counted(gone.Entries, "log"), size(gone.Bytes))
	return err
}

func (a *app) clearCache(dir string, _ *config) error {
	return errors.Join(logs.ClearCache(dir), zuul.ClearCache(pagesDir(dir)))
}
