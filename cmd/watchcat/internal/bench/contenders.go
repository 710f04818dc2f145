//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A row is something that all contenders are measured on, on one core.
type row struct {
	name    string
	set     string
	text    string
	piece   int64 // as in task
	excerpt bool  // the excerpt too
	alone   bool  // only the engine is of interest
	sampled bool  // ripgrep is so slow that a sample of the text must do
	goal    string
}

// speed is MB/s of wall and of CPU time; zero where it is not known.
type speed struct{ wall, cpu float64 }

// A contender is what a row is measured with.
type contender struct {
	name string
	run  func(context.Context, row) (speed, error)
}

// engine is the name of the engine among the contenders.
const engine = "watchcat"

// contenders returns all that are there, the engine first.
func (b *bench) contenders() []contender {
	all := []contender{{engine, b.runEngine}}
	if b.ripgrep != "" {
		all = append(all, contender{"ripgrep", b.runRipgrep})
	} else {
		b.note("ripgrep is missing: install it (cargo install ripgrep) or name it in RG")
	}
	if len(b.contender) > 1 {
		all = append(all, contender{b.contender[0], b.runContender})
	}
	return append(all, contender{"oracle", b.runOracle})
}

func (b *bench) runEngine(ctx context.Context, r row) (speed, error) {
	f, err := b.measure(ctx, 1, task{
		Do: "scan", Rules: b.sets[r.set].file, Texts: []string{b.path(r.text)}, Piece: r.piece, Excerpt: r.excerpt,
	})
	return f.speed(), err
}

// runOracle measures the loop that tries every expression on every line.
func (b *bench) runOracle(ctx context.Context, r row) (speed, error) {
	f, err := b.measure(ctx, 1, task{Do: "oracle", Rules: b.sets[r.set].file, Texts: []string{b.path(r.text)}, For: b.oracle})
	return f.speed(), err
}

// runRipgrep measures what ripgrep needs to count the lines of the text that
// match, beyond what it needs for no text: so its start and the compiling of its
// patterns do not count, as those of the engine do not.
func (b *bench) runRipgrep(ctx context.Context, r row) (speed, error) {
	text := r.text
	if r.sampled {
		text = "sample"
	}
	start, err := b.grep(ctx, r.set, "empty")
	if err != nil {
		return speed{}, err
	}
	whole, err := b.grep(ctx, r.set, text)
	if err != nil {
		return speed{}, err
	}
	mb := float64(fileSize(b.path(text))) / 1e6
	return speed{mb / (whole.Wall - start.Wall).Seconds(), mb / (whole.CPU - start.CPU).Seconds()}, nil
}

// grep runs ripgrep. Its expressions are of bytes, as is fastest, and its classes
// those of ASCII, as are those of Go.
func (b *bench) grep(ctx context.Context, set, text string) (figures, error) {
	cmd := b.command(ctx, 1, b.ripgrep, "--no-config", "--no-unicode", "--text", "--threads=1", "--count",
		"--file", b.sets[set].rg, b.path(text))
	return process(cmd, 1) // where no line matches, it exits with 1
}

// process measures a whole process, which may exit with 0 or one other status.
func process(cmd *exec.Cmd, status int) (figures, error) {
	begin := time.Now()
	_, err := output(cmd)
	wall := time.Since(begin)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == status {
		err = nil
	}
	if err != nil {
		return figures{}, err
	}
	return figures{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}, nil
}

// saidSpeed is what a contender of the user's prints at the end.
var saidSpeed = regexp.MustCompile(`([0-9][0-9.]*) MB/s`)

// runContender runs the command in CONTENDER on a file of sharedRules and one of
// text, and believes the last speed that it prints to be one of CPU time.
func (b *bench) runContender(ctx context.Context, r row) (speed, error) {
	args := append(slices.Clone(b.contender[2:]), b.sets[r.set].list, b.path(r.text))
	out, err := output(b.command(ctx, 1, b.contender[1], args...))
	if err != nil {
		return speed{}, err
	}
	said := saidSpeed.FindAllSubmatch(out, -1)
	if said == nil {
		return speed{}, fmt.Errorf("%s prints no MB/s", b.contender[0])
	}
	cpu, err := strconv.ParseFloat(string(said[len(said)-1][1]), 64)
	return speed{cpu: cpu}, err
}
