//go:build unix

// Command bench measures the engine of package classify and prints one table.
// "make bench" runs it; CONTRIBUTING.md tells how to read it.
//
// Every figure comes from a process of its own, pinned to one core where it is
// about one, and started again for each round. The contenders for a row take
// turns within a round, so that a machine that is busy for a while is so for all
// of them. A figure is the median of the rounds, and a ratio that of the ratios
// within each round. MB are millions of bytes of text, not compressed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// measureArg is the argument by which the program runs itself to take one
// measurement; the task follows it.
const measureArg = "measure"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := dispatch(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch takes one measurement, if the arguments ask for one, or all.
func dispatch(ctx context.Context, args []string) error {
	if len(args) == 2 && args[0] == measureArg {
		return measure(ctx, args[1])
	}
	o, err := optionsOf(os.Getenv)
	if err != nil {
		return err
	}
	return run(ctx, o, os.Stdout)
}

// options say what is measured.
type options struct {
	megabytes int            // of text
	rounds    int            // of which the median is taken
	scale     int            // other large inputs have so many hundredths of their size
	oracle    time.Duration  // that the oracle is let run
	only      *regexp.Regexp // the rows
	shared    string         // the folder with rules and logs; need not be there
	watchcat  string         // the command
	ripgrep   string         // the command, or ""
	contender []string       // its name, its command and arguments; nil: none
}

// optionsOf returns the options that the environment asks for.
func optionsOf(env func(string) string) (options, error) {
	o := options{megabytes: 430, rounds: 5, scale: 100, oracle: 300 * time.Millisecond,
		shared: "../shared", watchcat: "./watchcat", ripgrep: env("RG")}
	switch mode := env("BENCH"); mode {
	case "":
	case "quick":
		o.megabytes, o.rounds, o.scale = 120, 3, 25
	default:
		return o, fmt.Errorf(`BENCH is %q, which is neither "quick" nor empty`, mode)
	}
	var errs [3]error
	o.megabytes, errs[0] = number(env, "BENCH_MB", o.megabytes)
	o.rounds, errs[1] = number(env, "BENCH_ROUNDS", o.rounds)
	o.only, errs[2] = regexp.Compile(env("BENCH_ONLY"))
	if name, command, ok := strings.Cut(env("CONTENDER"), "="); ok {
		o.contender = append([]string{name}, strings.Fields(command)...)
	}
	if o.ripgrep == "" {
		o.ripgrep, _ = exec.LookPath("rg") // where it is not there, its column is empty
	}
	return o, errors.Join(errs[:]...)
}

// number returns a number above zero from the environment, or else what it is
// without.
func number(env func(string) string, name string, without int) (int, error) {
	text := env(name)
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s is %q, which is no number above zero", name, text)
	}
	return n, nil
}

// A bench is a series of measurements.
type bench struct {
	options
	dir   string   // of its own, removed at the end
	cores []string // that the program may run on; nil: it cannot be pinned
	self  string   // the path of this program
	sets  map[string]*ruleSet
	notes []string
}

// newBench makes a bench with a folder of its own, which close removes.
func newBench(o options) (*bench, error) {
	b := &bench{options: o, cores: cores(), sets: map[string]*ruleSet{}}
	var err error
	if b.self, err = os.Executable(); err != nil {
		return nil, err
	}
	if b.watchcat, err = filepath.Abs(o.watchcat); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp("", "watchcat-bench-"); err != nil {
		return nil, err
	}
	if b.scale != 100 {
		b.note("what the rows call 1 GB, 2 GB and so on, and 100,000 logs, has %d %% of that size", b.scale)
	}
	if b.cores == nil {
		b.note("taskset is missing: nothing is pinned to a core, but our own processes run Go code on one at a time")
	}
	return b, nil
}

func (b *bench) close() error { return os.RemoveAll(b.dir) }

// note keeps what a reader of the table should know, once.
func (b *bench) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(b.notes, text) {
		b.notes = append(b.notes, text)
	}
}

// path returns the path of a file in the folder of the bench.
func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// cores returns the numbers of two cores that the program may run on, of one if
// there is no second, and nil if it cannot pin anything to them.
func cores() []string {
	status, err := os.ReadFile("/proc/self/status")
	if _, missing := exec.LookPath("taskset"); err != nil || missing != nil {
		return nil
	}
	list := regexp.MustCompile(`Cpus_allowed_list:\s*(\S+)`).FindSubmatch(status)
	if list == nil {
		return nil
	}
	var all []string
	for span := range strings.SplitSeq(string(list[1]), ",") {
		from, to, isRange := strings.Cut(span, "-")
		all = append(all, from)
		if isRange {
			all = append(all, to)
		}
	}
	return all[:min(2, len(all))]
}

// command returns a command that runs on so many cores; 0: on all.
func (b *bench) command(ctx context.Context, onCores int, name string, args ...string) *exec.Cmd {
	pinned := b.cores != nil && onCores > 0
	if pinned {
		list := strings.Join(b.cores[:min(onCores, len(b.cores))], ",")
		name, args = "taskset", append([]string{"-c", list, name}, args...)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = os.Environ()
	if !pinned && onCores > 0 {
		cmd.Env = append(cmd.Env, fmt.Sprint("GOMAXPROCS=", min(onCores, runtime.NumCPU())))
	}
	return cmd
}

// measure has a process of its own take a measurement on so many cores.
func (b *bench) measure(ctx context.Context, onCores int, t task) (figures, error) {
	var f figures
	spec, err := json.Marshal(t)
	if err != nil {
		return f, err
	}
	out, err := output(b.command(ctx, onCores, b.self, measureArg, string(spec)))
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

// output runs a command and returns what it prints; the error has what it says.
func output(cmd *exec.Cmd) ([]byte, error) {
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return out, fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, bytes.TrimSpace(said.Bytes()))
	}
	return out, nil
}
