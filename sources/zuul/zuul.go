// Package zuul asks Zuul's REST API what a build's page stands for: where its
// logs are, when it ran and why.
package zuul

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

// maxBuild is the largest answer that is read; a build with a thousand
// artifacts has 200 KiB.
const maxBuild = 4 << 20

// Options of a Completer.
type Options struct {
	Client *sources.Client // must be allowed to read from the Zuuls that jobs name
}

// Completer resolves the build pages that Zuul 4.7 and later names in its
// comments. It implements sources.Completer for jobs of all sources. It is safe
// for use by several goroutines at once.
type Completer struct {
	client *sources.Client
}

// New returns a completer.
func New(o Options) *Completer { return &Completer{client: o.Client} }

// Complete asks Zuul about a job whose URL is a build's page and whose LogURL is
// not known, and fills in what is not known: ID, LogURL, result and its detail,
// begin and length, whether it votes, and project, branch and pipeline. Other
// jobs are left alone. A build that left no logs, or still runs, stays without
// a LogURL; that is no error.
func (c *Completer) Complete(ctx context.Context, _ classify.Logs, job *classify.Job) error {
	if job.LogURL != "" {
		return nil
	}
	api, ok := apiURL(job.URL)
	if !ok {
		return nil
	}
	b, err := c.get(ctx, api)
	if err != nil {
		return fmt.Errorf("ask zuul where the logs of %s are: %w", job.URL, err)
	}
	b.fill(job)
	return nil
}

// apiURL returns the API's URL of a build's page:
//
//	https://zuul.example.org/t/TENANT/build/UUID        a Zuul of many tenants
//	https://example.org/zuul/t/TENANT/build/UUID        one below a folder
//	https://zuul.example.org/build/UUID                 one that shows a single tenant
//
// The first two have it below "api/tenant/TENANT", the third below "api".
func apiURL(page string) (string, bool) {
	id := sources.BuildID(page)
	u, err := url.Parse(page)
	if err != nil || id == "" || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return "", false
	}
	before, _, _ := strings.Cut(u.EscapedPath(), "/build/")
	root, tenant, many := strings.Cut(before, "/t/")
	if many && (tenant == "" || strings.Contains(tenant, "/")) {
		return "", false
	}
	path := root + "/api/build/" + id
	if many {
		path = root + "/api/tenant/" + tenant + "/build/" + id
	}
	return u.Scheme + "://" + u.Host + path, true
}

// get fetches one build.
func (c *Completer) get(ctx context.Context, api string) (*build, error) {
	res, err := c.client.Get(ctx, api, http.Header{"Accept": {"application/json"}})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(res.Body, maxBuild+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", api, err)
	}
	if len(data) > maxBuild {
		return nil, fmt.Errorf("read %s: the answer is larger than %d MiB", api, maxBuild>>20)
	}
	return parseBuild(api, data)
}

// build is a build as the API tells it. What a system does not know is null.
// Up to Zuul 9 what was tested stands in the build itself and "ref" is a text;
// from 10 on it stands in "ref".
type build struct {
	UUID        string          `json:"uuid"`
	Result      string          `json:"result"`
	ErrorDetail string          `json:"error_detail"`
	StartTime   string          `json:"start_time"`
	EndTime     string          `json:"end_time"`
	Duration    float64         `json:"duration"`
	Voting      *bool           `json:"voting"`
	LogURL      string          `json:"log_url"`
	Pipeline    string          `json:"pipeline"`
	Ref         json.RawMessage `json:"ref"`
	ref
}

// ref is what was tested.
type ref struct {
	Project string `json:"project"`
	Branch  string `json:"branch"`
}

// parseBuild parses the API's answer.
func parseBuild(api string, data []byte) (*build, error) {
	b := new(build)
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("read %s: this is no build: %w", api, err)
	}
	if b.UUID == "" {
		return nil, fmt.Errorf("read %s: this is no build: it has no uuid", api)
	}
	if strings.HasPrefix(string(b.Ref), "{") {
		if err := json.Unmarshal(b.Ref, &b.ref); err != nil {
			return nil, fmt.Errorf("read %s: its ref: %w", api, err)
		}
	}
	return b, nil
}

// fill fills in what the job does not know.
func (b *build) fill(job *classify.Job) {
	job.ID = cmp.Or(job.ID, b.UUID)
	job.Result = cmp.Or(job.Result, b.Result)
	job.Detail = cmp.Or(job.Detail, b.ErrorDetail)
	job.Project = cmp.Or(job.Project, b.Project)
	job.Branch = cmp.Or(job.Branch, b.Branch)
	job.Pipeline = cmp.Or(job.Pipeline, b.Pipeline)
	job.Voting = cmp.Or(job.Voting, b.Voting)
	job.LogURL = b.logs()
	if job.Start.IsZero() {
		job.Start = timeOf(b.StartTime)
	}
	if job.Time.IsZero() {
		job.Time = timeOf(b.EndTime)
	}
	job.Duration = cmp.Or(job.Duration, classify.Seconds(max(b.Duration, 0)))
}

// logs returns the URL of the folder of the build's logs, "" if there is none,
// or what is there is no web address.
func (b *build) logs() string {
	u, err := url.Parse(b.LogURL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	if !strings.HasSuffix(u.Path, "/") {
		u = u.JoinPath("/")
	}
	return u.String()
}

// timeOf parses a time of the API, which is UTC and names no zone; zero if it
// is none.
func timeOf(text string) time.Time {
	t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(text, "Z"))
	if err != nil {
		return time.Time{}
	}
	return t
}
