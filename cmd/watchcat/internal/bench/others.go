//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// twoCores measures compressed logs, whose decoding may run beside the scan.
func (b *bench) twoCores(ctx context.Context, w io.Writer) error {
	fmt.Fprintln(w, "\nMB/s on two cores\twatchcat\tdecoder alone\tratio\tgoal")
	for _, r := range []struct{ name, set, text, goal string }{
		{".gz, 300 rules", "rules.300", "text.gz", "0.9 ×"},
		{".gz, default packs", "default", "text.gz", ""},
		{".zst, 300 rules", "rules.300", "text.zst", ""},
		{".zst, default packs", "default", "text.zst", ""},
	} {
		if !b.wants(r.name) {
			continue
		}
		var ours, its []speed
		for round := range b.rounds {
			b.progress("round %d: %s", round+1, r.name)
			texts := []string{b.path(r.text)}
			scan, err1 := b.measure(ctx, 2, task{Do: "scan", Rules: b.sets[r.set].file, Texts: texts})
			decode, err2 := b.measure(ctx, 2, task{Do: "decode", Texts: texts})
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			ours, its = append(ours, scan.speed()), append(its, decode.speed())
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.name, figure(medianOf(ours, speed.byWall)),
			figure(medianOf(its, speed.byWall)), times(ratio(ours, its, speed.byWall)), r.goal)
	}
	return nil
}

// wayLogs is how many logs go the whole way.
const wayLogs = 200

// wholeWay measures the command on compressed logs, on two cores, against the
// larger of decoding them alone and half of decoding and scanning, on one.
func (b *bench) wholeWay(ctx context.Context, w io.Writer) error {
	name := fmt.Sprintf("watchcat classify, %d .gz logs", wayLogs)
	if !b.wants(name) {
		return nil
	}
	if _, err := os.Stat(b.watchcat); err != nil {
		b.note("%s is missing: run make build", b.watchcat)
		return nil
	}
	files, err := b.wayFiles()
	if err != nil {
		return err
	}
	var whole, decode, scan, over []float64
	for round := range b.rounds {
		b.progress("round %d: %s", round+1, name)
		t, err := b.wayRound(ctx, files)
		if err != nil {
			return err
		}
		whole, decode, scan = append(whole, t[0].Seconds()), append(decode, t[1].Seconds()), append(scan, t[2].Seconds())
		over = append(over, t[0].Seconds()/max(t[1], (t[1]+t[2])/2).Seconds())
	}
	fmt.Fprintln(w, "\nseconds of wall time\twatchcat\tdecoding alone\tscanning alone\tto the bound\tgoal")
	fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%s\t1.15 ×\n", name, median(whole), median(decode), median(scan), times(median(over)))
	return nil
}

// wayFiles makes the logs.
func (b *bench) wayFiles() ([]string, error) {
	text, err := os.ReadFile(b.path("text"))
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(b.path("way"), 0o700); err != nil {
		return nil, err
	}
	var files []string
	for i, log := range pieces(text, b.waySize()) {
		file := b.path(fmt.Sprintf("way/%03d.log.gz", i))
		if err := compressTo(file, bytes.NewReader(log)); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

// waySize is the length of each of these logs, about 2 MB.
func (b *bench) waySize() int64 { return fileSize(b.path("text"))/wayLogs + 1 }

// wayRound returns how long the command takes on two cores, decoding the logs on
// one, and scanning them.
func (b *bench) wayRound(ctx context.Context, files []string) (took [3]time.Duration, err error) {
	cmd := b.command(ctx, 2, b.watchcat, append([]string{"classify", "--json"}, files...)...)
	cmd.Dir = b.dir
	cmd.Env = append(cmd.Env, "HOME="+b.dir, "XDG_CONFIG_HOME="+b.dir, "XDG_CACHE_HOME="+b.dir)
	whole, err1 := process(cmd, 0)
	decode, err2 := b.measure(ctx, 1, task{Do: "decode", Texts: files})
	scan, err3 := b.measure(ctx, 1, task{
		Do: "scan", Rules: b.sets["default"].file, Texts: []string{b.path("text")}, Piece: b.waySize(), Excerpt: true,
	})
	return [3]time.Duration{whole.Wall, decode.Wall, scan.Wall}, errors.Join(err1, err2, err3)
}

// others measures what is neither a matter of text nor of memory.
func (b *bench) others(ctx context.Context, w io.Writer) error {
	fmt.Fprintln(w, "\nand on one core\twatchcat\tCPU\t\tgoal")
	for _, r := range []struct {
		name, goal string
		task       task
		value      func(f figures, took time.Duration) float64
		form       string
	}{
		{"100,000 tiny logs, 300 rules", "", task{Do: "scan", Rules: "rules.300", Texts: []string{"text"}, Piece: 250, Logs: int(b.scaled(100_000))}, perSecond, "%.0f logs/s"},
		{"100,000 tiny logs, default packs", "", task{Do: "scan", Rules: "default", Texts: []string{"text"}, Piece: 250, Logs: int(b.scaled(100_000))}, perSecond, "%.0f logs/s"},
		{"one line of 1 GB, 300 rules", "", task{Do: "scan", Rules: "rules.300", Texts: []string{"text"}, Repeat: b.scaled(1e9), OneLine: true}, perMB, "%.0f MB/s"},
		{"compiling 1000 rules", "50 ms", task{Do: "compile", Rules: "rules.1000"}, millis, "%.1f ms"},
		{"compiling the default packs", "", task{Do: "compile", Rules: "default"}, millis, "%.1f ms"},
	} {
		if !b.wants(r.name) {
			continue
		}
		var wall, cpu []float64
		for round := range min(b.rounds, 3) {
			b.progress("round %d: %s", round+1, r.name)
			f, err := b.measure(ctx, 1, b.placed(r.task))
			if err != nil {
				return err
			}
			wall, cpu = append(wall, r.value(f, f.Wall)), append(cpu, r.value(f, f.CPU))
		}
		fmt.Fprintf(w, "%s\t"+r.form+"\t"+r.form+"\t\t%s\n", r.name, median(wall), median(cpu), r.goal)
	}
	return nil
}

func perSecond(f figures, took time.Duration) float64 { return float64(f.Logs) / took.Seconds() }
func perMB(f figures, took time.Duration) float64     { return float64(f.Bytes) / 1e6 / took.Seconds() }
func millis(_ figures, took time.Duration) float64    { return took.Seconds() * 1000 }

// scaled returns a size as large as the options ask for.
func (b *bench) scaled(size int64) int64 { return size / 100 * int64(b.scale) }

// placed returns a task that names its set and its text, with their files.
func (b *bench) placed(t task) task {
	t.Rules = b.sets[t.Rules].file
	t.Texts = slices.Clone(t.Texts)
	for i, name := range t.Texts {
		t.Texts[i] = b.path(name)
	}
	return t
}

// memory measures the most that one log takes, and what is allocated for it.
func (b *bench) memory(ctx context.Context, w io.Writer) error {
	if !b.wants("memory") {
		return nil
	}
	if err := b.makeBomb(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nmemory, default packs with the excerpt\tMiB above the start\tallocations\tper MB\tgoal")
	for _, r := range []struct {
		name string
		task task
	}{
		{"a log of 20 MB", task{Texts: []string{"text"}, Repeat: b.scaled(20e6)}},
		{"a log of 2 GB", task{Texts: []string{"text"}, Repeat: b.scaled(2e9)}},
		{"one line of 1 GB", task{Texts: []string{"text"}, Repeat: b.scaled(1e9), OneLine: true}},
		{"gzip that inflates 1000 times, to 1 GB", task{Texts: []string{"bomb.gz"}}},
		{"a log of 20 MB, near misses only, 300 rules", task{Texts: []string{"near"}, Repeat: b.scaled(20e6), Rules: "rules.300"}},
		{"a log of 200 MB, near misses only, 300 rules", task{Texts: []string{"near"}, Repeat: b.scaled(200e6), Rules: "rules.300"}},
	} {
		b.progress("memory: %s", r.name)
		t := r.task
		t.Do = "scan"
		if t.Rules == "" {
			t.Rules, t.Excerpt = "default", true
		}
		f, err := b.measure(ctx, 0, b.placed(t))
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.1f\t%d\t%.3g\t64 MiB\n", r.name, float64(f.Peak)/(1<<20), f.Mallocs, float64(f.Mallocs)/float64(f.Bytes)*1e6)
	}
	return nil
}

// makeBomb makes a log that compresses as well as any.
func (b *bench) makeBomb() error {
	line := append(bytes.Repeat([]byte("."), 99), '\n')
	return compressTo(b.path("bomb.gz"), &repeated{text: line, left: b.scaled(1e9)})
}

// fileSize returns the size of a file; 0 if it is not there.
func fileSize(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}
