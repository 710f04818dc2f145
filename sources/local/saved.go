package local

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// Saved is a listing that Save wrote, read again as a source: a run that is
// replayed without any server. It implements sources.Source. What "watchcat run
// --format json" printed can be read too; then what was found out is passed
// over, and only the jobs count.
type Saved struct{ Path string }

// savedVersion is the version of the format that Save writes.
const savedVersion = 1

// maxSavedLine is how long a line may be: a job with its commit message, or a
// result with all of its matches.
const maxSavedLine = 16 << 20

// savedHeader is the first line of a saved listing. The others are a job each.
type savedHeader struct {
	Version  int       `json:"watchcat_jobs"`
	Time     time.Time `json:"saved"`
	Changes  int       `json:"changes,omitzero"`
	Cap      int       `json:"cap,omitzero"`
	Capped   bool      `json:"capped,omitzero"`
	Problems []string  `json:"problems,omitempty"`
}

// Save writes a listing that was made at a time, as JSON lines: a header, then a
// job a line. The same listing gives the same bytes.
func Save(w io.Writer, at time.Time, l sources.Listing) error {
	header := savedHeader{Version: savedVersion, Time: at.UTC().Truncate(time.Second), Changes: l.Changes, Cap: l.Cap, Capped: l.Capped}
	for _, problem := range l.Problems {
		header.Problems = append(header.Problems, problem.Error())
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(header); err != nil {
		return fmt.Errorf("save the list of jobs: %w", err)
	}
	for i := range l.Jobs {
		if err := e.Encode(&l.Jobs[i]); err != nil {
			return fmt.Errorf("save job %s: %w", l.Jobs[i].Name, err)
		}
	}
	return nil
}

// Time returns when the listing was saved: the present of a run that replays
// it. It is zero where the file does not say, as that of results. The error says
// that the file cannot be read, or is no such list.
func (s Saved) Time() (time.Time, error) {
	f, err := os.Open(s.Path)
	if err != nil {
		return time.Time{}, fmt.Errorf("read saved jobs %s: %w", s.Path, sources.WithoutPath(err))
	}
	defer f.Close() //nolint:errcheck // nothing was written
	lines := newLines(f)
	if !lines.Scan() {
		return time.Time{}, lines.Err()
	}
	var header savedHeader
	switch err := json.Unmarshal(lines.Bytes(), &header); {
	case err != nil:
		return time.Time{}, fmt.Errorf("%s is no list of jobs: its first line is no JSON object", s.Path)
	case header.Version > savedVersion:
		return time.Time{}, errNewer(s.Path, header.Version)
	}
	return header.Time, nil
}

// errNewer is the error of a format that is not known yet.
func errNewer(path string, version int) error {
	return fmt.Errorf("%s was saved by a newer watchcat, in version %d of the format; update this one", path, version)
}

// Jobs lists the jobs in the order of the file. A line that is no job is a
// problem that costs that line. The error is that of the file.
func (s Saved) Jobs(ctx context.Context) (sources.Listing, error) {
	var l sources.Listing
	f, err := os.Open(s.Path)
	if err != nil {
		return l, fmt.Errorf("read saved jobs %s: %w", s.Path, sources.WithoutPath(err))
	}
	defer f.Close() //nolint:errcheck // nothing was written
	lines := newLines(f)
	n := 0
	for lines.Scan() && ctx.Err() == nil {
		n++
		if err := readSaved(lines.Bytes(), n, &l); err != nil {
			l.Problems = append(l.Problems, fmt.Errorf("%s:%d: %w", s.Path, n, err))
		}
	}
	if err := errors.Join(lines.Err(), ctx.Err()); err != nil {
		return l, fmt.Errorf("read saved jobs %s, behind line %d: %w", s.Path, n, err)
	}
	return l, nil
}

func newLines(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxSavedLine)
	return lines
}

// readSaved reads a line: the header, a job, a result, or a summary of results.
func readSaved(line []byte, n int, l *sources.Listing) error {
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	var row struct {
		savedHeader
		Summary json.RawMessage `json:"summary"`
	}
	if err := json.Unmarshal(line, &row); err != nil {
		return fmt.Errorf("this is no line of a saved list of jobs: %w", err)
	}
	switch {
	case row.Version > savedVersion:
		return errNewer("the list", row.Version)
	case row.Version > 0 && n == 1:
		l.Changes, l.Cap, l.Capped = row.Changes, row.Cap, row.Capped
		for _, problem := range row.Problems {
			l.Problems = append(l.Problems, errors.New(problem))
		}
		return nil
	case row.Summary != nil:
		return nil
	}
	var job classify.Job
	if err := json.Unmarshal(line, &job); err != nil {
		return fmt.Errorf("this is no job: %w", err)
	}
	if job.Name == "" && job.LogURL == "" && job.URL == "" {
		return errors.New("this is no job: it has neither job, url nor log_url")
	}
	l.Jobs = append(l.Jobs, job)
	return nil
}
