package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// answerFormat is the --format of the commands below rules: text for people,
// or JSON lines for programs.
type answerFormat struct {
	name string
	json bool
}

func (f *answerFormat) add(c *cobra.Command) {
	c.Flags().StringVar(&f.name, "format", "text", "what to print: text, json (one object a line)")
	c.Flags().BoolVar(&f.json, "json", false, "short for --format json")
}

// asJSON reports whether JSON is asked for.
func (f *answerFormat) asJSON() (bool, error) {
	if f.name != "text" && f.name != "json" {
		return false, usagef("--format %q: must be text or json", f.name)
	}
	return f.json || f.name == "json", nil
}

// encoder returns what writes one JSON object a line to w.
func encoder(w io.Writer) *json.Encoder {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc
}

// gate ends a command with exitGate, where its answer is no and has been told.
func gate(no bool) error {
	if !no {
		return nil
	}
	return &exitError{code: exitGate}
}
