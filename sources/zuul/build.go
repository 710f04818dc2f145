package zuul

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// How long what a server says may be, in bytes, before it is cut.
const (
	maxName   = 255
	maxDetail = 1000
	maxURL    = 2000

	// longestRun bounds a length that makes no sense.
	longestRun = 10 * 365 * 24 * time.Hour
)

// build is a build, or a buildset, as the API tells it. What a system does not
// know is null. Up to Zuul 9 what was tested stands in the build itself and
// "ref" is a text; from 10 on it stands in "ref", and a buildset has several.
type build struct {
	ID          text           `json:"_id"`  // of the database; from Zuul 5 on
	UUID        text           `json:"uuid"` // null up to Zuul 4, if it never began
	JobName     text           `json:"job_name"`
	Result      text           `json:"result"` // null: it runs
	ErrorDetail text           `json:"error_detail"`
	StartTime   text           `json:"start_time"`
	EndTime     text           `json:"end_time"`
	EventTime   text           `json:"event_timestamp"`
	Duration    text           `json:"duration"` // seconds
	Voting      text           `json:"voting"`
	Final       text           `json:"final"` // false: it was tried again
	LogURL      text           `json:"log_url"`
	Artifacts   list[artifact] `json:"artifacts"`
	Pipeline    text           `json:"pipeline"`
	Ref         list[tested]   `json:"ref"`
	Buildset    list[buildset] `json:"buildset"`
	tested

	// Of buildsets only.
	Message    text         `json:"message"`
	FirstStart text         `json:"first_build_start_time"`
	LastEnd    text         `json:"last_build_end_time"`
	Refs       list[tested] `json:"refs"`
}

// buildset is what was built together.
type buildset struct {
	UUID text `json:"uuid"`
}

// tested is what was tested.
type tested struct {
	Project  text `json:"project"`
	Branch   text `json:"branch"`
	Change   text `json:"change"`   // a number, or null
	PatchSet text `json:"patchset"` // a number as text; GitHub's is a commit
	RefURL   text `json:"ref_url"`
}

// artifact is something that a build left somewhere.
type artifact struct {
	Name     text `json:"name"`
	URL      text `json:"url"`
	Metadata list[struct {
		Type text `json:"type"`
	}] `json:"metadata"`
}

// isManifest reports whether the artifact is the list of the build's logs.
func (a artifact) isManifest() bool {
	return len(a.Metadata) > 0 && a.Metadata[0].Type == "zuul_manifest"
}

// isLogs reports whether the artifact is called "Logs", "Build log" or the like.
func (a artifact) isLogs() bool {
	words := strings.FieldsFunc(strings.ToLower(string(a.Name)), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.Contains(words, "logs") || slices.Contains(words, "log")
}

// text is a value of JSON as text: what a string says, or a number or boolean as
// it is written. All else is "". So a value whose kind is another in another
// version of Zuul is no error.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	*t = ""
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case 'n', '{', '[':
	default:
		*t = text(data)
	}
	return nil
}

// number returns a number above zero; zero if the text is none.
func (t text) number() int {
	n, err := strconv.Atoi(string(t))
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// boolean returns what a text says; nil if it is neither true nor false.
func (t text) boolean() *bool {
	b, err := strconv.ParseBool(string(t))
	if err != nil {
		return nil
	}
	return &b
}

// time returns a time of the API, which is UTC and names no zone; zero if the
// text is none.
func (t text) time() time.Time {
	at, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(string(t), "Z"))
	if err != nil {
		return time.Time{}
	}
	return at
}

// seconds returns a length of time, never below zero.
func (t text) seconds() classify.Seconds {
	s, err := strconv.ParseFloat(string(t), 64)
	if err != nil || math.IsNaN(s) {
		return 0
	}
	return classify.Seconds(min(max(s, 0), longestRun.Seconds()))
}

// list is a list of JSON without the items that are not of its kind. An object
// is a list of one, all else an empty one.
type list[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	var items []json.RawMessage
	switch data[0] {
	case '{':
		items = []json.RawMessage{data}
	case '[':
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
	}
	for _, item := range items {
		var v T
		if item[0] == '{' && json.Unmarshal(item, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// parseBuild parses one build or buildset.
func parseBuild(data []byte) (*build, error) {
	b := new(build)
	if err := json.Unmarshal(data, b); err != nil {
		return nil, fmt.Errorf("this is no build: %w", err)
	}
	switch {
	case b.UUID == "" && b.JobName == "":
		return nil, errors.New("this is no build: it has neither uuid nor job_name")
	case b.UUID != "" && !isUUID(b.UUID):
		return nil, fmt.Errorf("this is no build: its uuid is %q", clean(b.UUID, 40))
	}
	for _, l := range []list[tested]{b.Ref, b.Refs} {
		if b.tested == (tested{}) && len(l) > 0 {
			b.tested = l[0]
		}
	}
	return b, nil
}

// parseRow parses one build or buildset of a list. Unlike a build that another
// source named already, it is of no use unless what names it and how it ended are
// plain: taken for null they would make a build that runs of one that failed.
func parseRow(data []byte) (*build, error) {
	b, err := parseBuild(data)
	if err != nil {
		return nil, err
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return nil, fmt.Errorf("this is no build: %w", err)
	}
	for _, field := range []string{"uuid", "job_name", "result"} {
		if value := values[field]; len(value) > 0 && value[0] != '"' && value[0] != 'n' {
			return nil, fmt.Errorf("of build %s of job %s the %s is %s, which is no text", cmp.Or(clean(b.UUID, 40), "(no uuid)"),
				cmp.Or(clean(b.JobName, maxName), "(no name)"), field, clean(text(value), 40))
		}
	}
	return b, nil
}

// isUUID reports whether the text may be a uuid, with or without dashes.
func isUUID(t text) bool {
	return len(t) >= 32 && len(t) <= 36 && strings.Trim(strings.ToLower(string(t)), "0123456789abcdef-") == ""
}

// key tells a build from others.
func (b *build) key() string {
	if b.UUID != "" {
		return string(b.UUID)
	}
	return strings.Join([]string{string(b.ID), b.buildsetID(), string(b.JobName), string(b.StartTime), string(b.EndTime)}, " ")
}

// buildsetID returns the uuid of the buildset that a build is of; "" if it is not
// known.
func (b *build) buildsetID() string {
	if len(b.Buildset) == 0 || !isUUID(b.Buildset[0].UUID) {
		return ""
	}
	return string(b.Buildset[0].UUID)
}

// job returns what a build tells of a job.
func (b *build) job() classify.Job {
	job := classify.Job{
		ID: string(b.UUID), Name: clean(b.JobName, maxName), Result: clean(b.Result, maxName), Detail: clean(b.ErrorDetail, maxDetail),
		Project: clean(b.Project, maxName), Branch: clean(b.Branch, maxName), Pipeline: clean(b.Pipeline, maxName),
		Voting: b.Voting.boolean(), Start: b.StartTime.time(), Time: b.time(), Duration: b.Duration.seconds(), LogURL: b.logs(),
	}
	if job.Change = b.Change.number(); job.Change == 0 {
		return job
	}
	job.PatchSet = b.PatchSet.number()
	if u := webURL(b.RefURL); u != nil {
		job.ChangeURL, job.Server = u.String(), strings.ToLower(u.Host)
	}
	return job
}

// time returns when a build or buildset ended, else when it began, else when it
// was asked for; zero if nobody tells.
func (b *build) time() time.Time {
	for _, t := range []text{b.EndTime, b.LastEnd, b.StartTime, b.FirstStart, b.EventTime} {
		if at := t.time(); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// began returns when a build began, else the other time that is known.
func (b *build) began() time.Time {
	if at := cmp.Or(b.StartTime, b.FirstStart).time(); !at.IsZero() {
		return at
	}
	return b.time()
}

// logs returns the URL of the build's logs: the folder that log_url names, else
// the one of the manifest, else what an artifact is called so; "" if there are
// none, or what is there is no web address.
func (b *build) logs() string {
	if u := webURL(b.LogURL); u != nil {
		return folder(u)
	}
	for _, a := range b.Artifacts {
		if u := webURL(a.URL); u != nil && a.isManifest() {
			u = u.JoinPath("../")
			u.RawQuery = ""
			return u.String()
		}
	}
	for _, a := range b.Artifacts {
		if u := webURL(a.URL); u != nil && a.isLogs() {
			if isFile(path.Base(u.Path)) {
				return u.String()
			}
			return folder(u)
		}
	}
	return ""
}

// folder returns a URL with a "/" at the end of its path.
func folder(u *url.URL) string {
	if !strings.HasSuffix(u.Path, "/") {
		u = u.JoinPath("/")
	}
	return u.String()
}

// isFile reports whether the name is plainly that of a file of logs.
func isFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log", ".json", ".html", ".gz", ".xz", ".bz2", ".zst", ".zip", ".tgz":
		return true
	}
	return false
}

// webURL parses a URL that comes from a stranger; nil unless it is one of http
// or https that leads somewhere, without a password.
func webURL(t text) *url.URL {
	u, err := url.Parse(string(t))
	if err != nil || len(t) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil
	}
	u.Fragment = ""
	return u
}

// clean makes one line of what a stranger wrote, cut to size bytes.
func clean(t text, size int) string { return printable.Line(string(t), size) }
