//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// A task is one measurement.
type task struct {
	Do      string // "scan", "decode", "oracle" or "compile"
	Rules   string // the file of a ruleSet
	Texts   []string
	Piece   int64         // each text is logs of about so many bytes; 0: it is one log
	Logs    int           // only so many of these; 0: all
	Excerpt bool          // the excerpt too
	Repeat  int64         // the log is the text again and again, so many bytes of it; 0: once
	OneLine bool          // the log has no line ends
	For     time.Duration // how long the oracle goes on
}

// figures are what a task measures.
type figures struct {
	Bytes   int64
	Logs    int
	Wall    time.Duration
	CPU     time.Duration
	Peak    int64 // most resident memory while it ran, in bytes above the start; -1: not known
	Mallocs uint64
}

// speed returns MB/s of wall and of CPU time.
func (f figures) speed() speed {
	mb := float64(f.Bytes) / 1e6
	return speed{mb / f.Wall.Seconds(), mb / f.CPU.Seconds()}
}

// measure does a task and prints its figures.
func measure(ctx context.Context, spec string) error {
	var t task
	if err := json.Unmarshal([]byte(spec), &t); err != nil {
		return err
	}
	do := map[string]func(context.Context) (figures, error){
		"scan": t.scan, "decode": t.decode, "oracle": t.oracle, "compile": t.compile,
	}[t.Do]
	if do == nil {
		return fmt.Errorf("no task %q", t.Do)
	}
	f, err := do(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// timed measures what do does.
func timed(do func() error) (figures, error) {
	var before, after runtime.MemStats
	debug.FreeOSMemory()
	runtime.ReadMemStats(&before)
	resident := startPeak()
	cpu, start := cpuTime(), time.Now()
	err := do()
	f := figures{Wall: time.Since(start), CPU: cpuTime() - cpu, Peak: -1}
	if peak := statusBytes("VmHWM"); peak >= 0 && resident >= 0 {
		f.Peak = peak - resident
	}
	runtime.ReadMemStats(&after)
	f.Mallocs = after.Mallocs - before.Mallocs
	return f, err
}

// scan has the engine look at logs, after it has warmed up on a bit of text.
func (t task) scan(ctx context.Context) (figures, error) {
	set, err := readRules(t.Rules)
	if err != nil {
		return figures{}, err
	}
	c, err := set.classifier()
	if err != nil {
		return figures{}, err
	}
	c.NoExcerpt = !t.Excerpt
	if t.Repeat == 0 { // else the start of its memory is what counts
		if err := t.warmUp(ctx, c); err != nil {
			return figures{}, err
		}
	}
	all, err := t.logs()
	if err != nil {
		return figures{}, err
	}
	var size counter
	f, err := timed(func() error {
		for _, log := range all {
			result := c.Log(ctx, logName, io.TeeReader(log, &size))
			if len(all) == 1 && len(result.Missing) > 0 { // else it may be a piece that looks like no text
				return errors.New(result.Missing[0].Why)
			}
		}
		return nil
	})
	f.Logs, f.Bytes = len(all), int64(size)
	return f, err
}

// logs returns the logs of the task. Their files are closed when the process ends.
func (t task) logs() ([]io.Reader, error) {
	in, err := os.Open(t.Texts[0])
	if err != nil {
		return nil, err
	}
	switch {
	case t.Piece > 0:
		return t.parts(in)
	case t.Repeat > 0:
		log, err := t.repeated(in)
		return []io.Reader{log}, err
	case filepath.Ext(in.Name()) != "":
		log, err := logs.Decode(in, logs.DecodeOptions{})
		return []io.Reader{log}, err
	}
	return []io.Reader{in}, nil
}

// parts returns the logs that a text is parted into.
func (t task) parts(in io.Reader) ([]io.Reader, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var all []io.Reader
	for _, log := range pieces(text, t.Piece) {
		if t.Logs == 0 || len(all) < t.Logs {
			all = append(all, bytes.NewReader(log))
		}
	}
	return all, nil
}

// repeated returns a log that is larger than what makes it.
func (t task) repeated(in io.Reader) (io.Reader, error) {
	text, err := io.ReadAll(io.LimitReader(in, 4<<20))
	if t.OneLine {
		for i, c := range text {
			if c == '\n' || c == '\r' {
				text[i] = ' '
			}
		}
	}
	return &repeated{text: text, left: t.Repeat}, err
}

// warmUp shows the beginning of the text to the engine.
func (t task) warmUp(ctx context.Context, c *classify.Classifier) error {
	warm := t
	warm.Piece = 0
	all, err := warm.logs()
	if err == nil {
		c.Log(ctx, logName, io.LimitReader(all[0], 8<<20))
	}
	return err
}

// decode only decompresses the texts.
func (t task) decode(context.Context) (figures, error) {
	var size int64
	buf := make([]byte, 256<<10)
	f, err := timed(func() error {
		for _, name := range t.Texts {
			n, err := decodeFile(name, buf)
			if err != nil {
				return err
			}
			size += n
		}
		return nil
	})
	f.Bytes, f.Logs = size, len(t.Texts)
	return f, err
}

// decodeFile decompresses a file with the bare decoder, and returns the length
// of its text.
func decodeFile(name string, buf []byte) (int64, error) {
	in, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	text, err := bareDecoder(name, in)
	if err != nil {
		return 0, err
	}
	for size := int64(0); ; {
		n, err := text.Read(buf)
		size += int64(n)
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

func bareDecoder(name string, in io.Reader) (io.Reader, error) {
	if strings.HasSuffix(name, ".zst") {
		return zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	}
	return gzip.NewReader(in)
}

// oracle tries every expression on every cleaned line, for a while: it is very slow.
func (t task) oracle(context.Context) (figures, error) {
	set, err := readRules(t.Rules)
	if err != nil {
		return figures{}, err
	}
	var all []*regexp.Regexp
	for _, r := range set.Rules {
		re, err := regexp.Compile(expression(r))
		if err != nil {
			return figures{}, err
		}
		all = append(all, re)
	}
	text, err := os.Open(t.Texts[0])
	if err != nil {
		return figures{}, err
	}
	defer text.Close()
	info, err := text.Stat()
	if err != nil {
		return figures{}, err
	}
	size := int64(0)
	f, err := timed(func() error {
		for end := time.Now().Add(t.For); time.Now().Before(end); {
			size += tryAll(all, sample(text, info.Size(), size))
		}
		return nil
	})
	f.Bytes = size
	return f, err
}

// sampleSize is the size of a sample.
const sampleSize = 16 << 10

// sample returns a part of the text: as taken grows by the size of samples,
// they come from all over it.
func sample(text io.ReaderAt, length, taken int64) io.Reader {
	const stride = 0.6180339887 // of the golden section: spreads evenly
	_, turn := math.Modf(float64(taken/sampleSize) * stride)
	return io.NewSectionReader(text, int64(turn*float64(max(length-sampleSize, 0))), sampleSize)
}

// tryAll tries each expression on each line of a sample, and returns its length.
func tryAll(all []*regexp.Regexp, sample io.Reader) int64 {
	var size counter
	for line := range classify.Lines(io.TeeReader(sample, &size)) {
		for _, re := range all {
			re.FindStringSubmatchIndex(line.Text)
		}
	}
	return int64(size)
}

// compile compiles the rules, and tells what it takes in the middle.
func (t task) compile(context.Context) (figures, error) {
	set, err := readRules(t.Rules)
	if err != nil {
		return figures{}, err
	}
	var all []figures
	for range 9 {
		f, err := timed(func() error { _, err := set.classifier(); return err })
		if err != nil {
			return f, err
		}
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b figures) int { return int(a.Wall - b.Wall) })
	return all[len(all)/2], nil
}

// startPeak has the kernel forget the most memory that was resident, and
// returns what is now; -1: not known.
func startPeak() int64 {
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // else the peak counts from the start of the process
	return statusBytes("VmRSS")
}

// statusBytes returns a field of what Linux tells of the process; -1: not known.
func statusBytes(field string) int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == field+":" {
			if n, err := strconv.ParseInt(words[1], 10, 64); err == nil {
				return n << 10
			}
		}
	}
	return -1
}

// cpuTime returns the processor time that the process has used.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0 // cannot be: the arguments are right
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// counter counts the bytes that are written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
