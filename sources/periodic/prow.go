package periodic

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// prowMark is what stands before the builds in a page of Prow's job history.
var prowMark = []byte("var allBuilds = ")

// prowBuild is a build as Prow's deck shows it.
type prowBuild struct {
	SpyglassLink string        // "/view/gs/BUCKET/…/JOB/ID"
	Started      time.Time     // RFC 3339
	Duration     time.Duration // in nanoseconds
	Result       string
	Refs         struct {
		Org, Repo string
		BaseRef   string `json:"base_ref"`
	}
}

// prow reads a page of Prow's job history, and reports whether it is one.
func (r *reading) prow(text []byte, at *url.URL) bool {
	_, rest, ok := bytes.Cut(text, prowMark)
	if !ok {
		return false
	}
	var builds []prowBuild
	if err := json.NewDecoder(bytes.NewReader(rest)).Decode(&builds); err != nil {
		return false
	}
	for _, b := range builds {
		r.prowBuild(b, at)
	}
	return true
}

func (r *reading) prowBuild(b prowBuild, at *url.URL) {
	link, err := at.Parse(b.SpyglassLink)
	if err != nil || link.Host != at.Host || b.SpyglassLink == "" || b.Duration < 0 {
		return
	}
	j := classify.Job{
		Name: path.Base(path.Dir(link.Path)), Result: r.result(b.Result), Branch: b.Refs.BaseRef,
		Start: b.Started, Time: b.Started.Add(b.Duration), Duration: classify.Seconds(b.Duration / time.Second),
		URL: link.String(),
	}
	if b.Refs.Org != "" && b.Refs.Repo != "" {
		j.Project = b.Refs.Org + "/" + b.Refs.Repo
	}
	if object, ok := strings.CutPrefix(link.Path, "/view/gs/"); ok {
		j.LogURL = (&url.URL{Scheme: "https", Host: "storage.googleapis.com", Path: "/" + object + "/"}).String()
	}
	if r.Job != "" {
		j.Name = r.Job
	}
	r.add(j)
}
