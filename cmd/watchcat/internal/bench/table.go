//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// rows returns the rows on one core, as far as they are asked for.
func (b *bench) rows() []row {
	all := []row{
		{name: "10 rules", set: "rules.10", text: "text"},
		{name: "100 rules", set: "rules.100", text: "text"},
		{name: "300 rules", set: "rules.300", text: "text", goal: "4 × ripgrep, 0.95 × the prototype"},
		{name: "1000 rules", set: "rules.1000", text: "text", goal: "4 × ripgrep"},
		{name: "300s: and 12 short, frequent words", set: "rules.300s", text: "text", goal: "2 × ripgrep"},
		{name: "1 rule without a literal", set: "nolit.1", text: "part"},
		{name: "5 rules without a literal", set: "nolit.5", text: "part"},
		{name: "20 rules without a literal", set: "nolit.20", text: "part"},
		{name: "default packs", set: "default", text: "text", sampled: true},
		{name: "default packs, patterns only", set: "default, bare", text: "text", alone: true},
		{name: "as many of the 1000", set: "as many plain", text: "text", alone: true},
		{name: "300 rules, 256 KB a log", set: "rules.300", text: "text", piece: 256e3, alone: true},
		{name: "300 rules, with the excerpt", set: "rules.300", text: "text", excerpt: true, alone: true},
		{name: "300 others, none matches", set: "never", text: "text", alone: true},
		{name: "300 others, with the excerpt", set: "never", text: "text", excerpt: true, alone: true},
		{name: "300 rules, a quarter of the text", set: "rules.300", text: "part"},
		{name: "… with colour in every line", set: "rules.300", text: "coloured"},
		{name: "300 rules, near misses only", set: "rules.300", text: "near", goal: "250 MB/s"},
	}
	return slices.DeleteFunc(all, func(r row) bool { return !b.wants(r.name) })
}

// wants reports whether a row is asked for.
func (b *bench) wants(name string) bool { return b.only.MatchString(name) }

// run measures everything and prints the table.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	b.progress("making rules and texts")
	if err := errors.Join(b.makeSets(), os.WriteFile(b.path("empty"), nil, 0o600)); err != nil {
		return err
	}
	if err := b.makeTexts(); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	b.head(w)
	for _, part := range []func(context.Context, io.Writer) error{b.oneCore, b.twoCores, b.wholeWay, b.others, b.memory} {
		if err := part(ctx, w); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, note := range b.notes {
		fmt.Fprintln(out, "*", note)
	}
	return ctx.Err()
}

// head prints what was measured where.
func (b *bench) head(w io.Writer) {
	fmt.Fprintf(w, "%s %s/%s, %d cores, %s; %d MB of text, median of %d rounds\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().UTC().Format(time.DateOnly), b.megabytes, b.rounds)
	if b.ripgrep != "" {
		version, _ := output(b.command(context.Background(), 0, b.ripgrep, "--version"))
		first, _, _ := strings.Cut(string(version), "\n")
		fmt.Fprintln(w, first)
	}
}

// progress tells on standard error what is going on.
func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}
