package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

// sampleConfig is a configuration that shows every key.
//
//go:embed init.toml
var sampleConfig []byte

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration to start from",
		Long:  "Write a commented configuration to start from, as ./" + configName + " or FILE. A file that is there is left alone.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			path := configName
			if len(args) > 0 {
				path = args[0]
			}
			if err := createFile(path, sampleConfig); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "wrote %s; edit it, then: watchcat config check\n", path)
			return nil
		},
	}
}

// createFile writes a file that must not exist yet.
func createFile(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and was left as it is; remove it, or name another: watchcat init FILE", path)
	}
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}
