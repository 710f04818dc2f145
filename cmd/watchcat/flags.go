package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// countFlag is a flag whose value is a number from 1 on.
type countFlag struct {
	n    *int
	most int // zero: no bound
}

var _ pflag.Value = countFlag{}

// String returns the number, "" for none.
func (f countFlag) String() string {
	if f.n == nil || *f.n == 0 {
		return ""
	}
	return strconv.Itoa(*f.n)
}

// Set takes a number.
func (f countFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil || n < 1:
		return fmt.Errorf("must be a number from 1 on")
	case f.most > 0 && n > f.most:
		return fmt.Errorf("must be from 1 to %d", f.most)
	}
	*f.n = n
	return nil
}

// Type names the value in help texts that do not.
func (countFlag) Type() string { return "N" }
