package gerrit

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	gogerrit "github.com/andygrunwald/go-gerrit"

	"github.com/watchcat-ci/watchcat/classify"
)

// change is what is used of a change as "gerrit query" prints it. (go-gerrit's
// ChangeInfo is REST's and loses numbers, comments and times of this form.)
type change struct {
	Number        gogerrit.Number `json:"number"` // a string up to Gerrit 2.13
	Project       string          `json:"project"`
	Branch        string          `json:"branch"`
	Topic         string          `json:"topic"`
	Subject       string          `json:"subject"`
	Owner         account         `json:"owner"`
	URL           string          `json:"url"` // empty where the server has no canonical URL
	CommitMessage string          `json:"commitMessage"`
	Comments      messages        `json:"comments"`
	LastUpdated   json.RawMessage `json:"lastUpdated"` // which the order of an answer goes by
	SortKey       string          `json:"sortKey"`     // likewise, up to Gerrit 2.10
	Current       json.RawMessage `json:"currentPatchSet"`

	number  int // Number, once checked
	current int // of the newest patch set; zero: as Current says
}

var errNoNumber = errors.New("it has no change number")

// check reads the number, and says if this is no change.
func (c *change) check() error {
	number, err := c.Number.Int()
	if err != nil || number <= 0 {
		return errNoNumber
	}
	c.number = number
	return nil
}

// currentPatchSet returns the number of the newest patch set; zero if that was
// not said.
func (c *change) currentPatchSet() int {
	if c.current != 0 {
		return c.current
	}
	var current struct {
		Number gogerrit.Number `json:"number"` // a string up to Gerrit 2.13
	}
	if err := json.Unmarshal(c.Current, &current); err != nil {
		return 0
	}
	number, err := current.Number.Int()
	if err != nil {
		return 0
	}
	return number
}

// describe tells a job what is known of its change.
func (c *change) describe(job *classify.Job) {
	job.Change = c.number
	job.Project = clean(c.Project, maxName)
	job.Branch = clean(c.Branch, maxName)
	job.Topic = clean(c.Topic, maxName)
	job.Owner = c.Owner.person()
	job.Subject = clean(firstLine(c.Subject), maxDetail)
	job.CommitMsg = c.CommitMessage
	if u := webURL(c.URL); u != nil {
		job.ChangeURL = u.String()
		job.Server = strings.ToLower(u.Host)
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// webURL parses a URL that comes from a stranger; nil unless it is one of http
// or https that leads somewhere. A user and password in it are dropped.
func webURL(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil
	}
	u.User = nil
	return u
}
