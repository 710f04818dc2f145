package democi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// account is a person or a machine, as Gerrit prints it.
type account struct {
	Name     string `json:"name,omitempty"`
	Email    string `json:"email,omitempty"`
	Username string `json:"username,omitempty"`
}

// The accounts that are no persons. The impostor has chosen Zuul's name and
// writes as Zuul does; only the user name tells them apart.
func zuul() account {
	return account{Name: "Zuul", Email: "zuul@harbour.example", Username: "zuul"}
}
func jenkins() account {
	return account{Name: "Jenkins", Email: "jenkins@harbour.example", Username: "jenkins"}
}
func impostor() account {
	return account{Name: "Zuul", Email: "zuul@harbour.example.net", Username: "zuul-ci"}
}

// person returns the account of a person.
func person(name string) account {
	ascii := strings.NewReplacer("ö", "o", "ø", "o", "é", "e", "á", "a", "'", "").Replace(name)
	user := strings.ReplaceAll(strings.ToLower(ascii), " ", ".")
	return account{Name: name, Email: user + "@harbour.example", Username: user}
}

// changeJSON is a row of what "gerrit query --format=JSON" prints.
type changeJSON struct {
	Project         string         `json:"project"`
	Branch          string         `json:"branch"`
	Topic           string         `json:"topic,omitempty"`
	ID              string         `json:"id"`
	Number          int            `json:"number"`
	Subject         string         `json:"subject"`
	Owner           account        `json:"owner"`
	URL             string         `json:"url"`
	CommitMessage   string         `json:"commitMessage"`
	Hashtags        []string       `json:"hashtags"`
	CreatedOn       int64          `json:"createdOn"`
	LastUpdated     int64          `json:"lastUpdated"`
	Open            bool           `json:"open"`
	Status          string         `json:"status"`
	Comments        []commentJSON  `json:"comments"`
	CurrentPatchSet patchSetJSON   `json:"currentPatchSet"`
	PatchSets       []patchSetJSON `json:"patchSets"`
}

type commentJSON struct {
	Timestamp int64   `json:"timestamp"`
	Reviewer  account `json:"reviewer"`
	Message   string  `json:"message"`
}

type patchSetJSON struct {
	Number         int      `json:"number"`
	Revision       string   `json:"revision"`
	Parents        []string `json:"parents"`
	Ref            string   `json:"ref"`
	Uploader       account  `json:"uploader"`
	CreatedOn      int64    `json:"createdOn"`
	Author         account  `json:"author"`
	Kind           string   `json:"kind"`
	SizeInsertions int      `json:"sizeInsertions"`
	SizeDeletions  int      `json:"sizeDeletions"`
}

// changesJSON returns the rows of all changes, the one that was touched last
// first, as Gerrit orders them.
func (f *facts) changesJSON(at addresses) ([]json.RawMessage, error) {
	rows := make([]changeJSON, len(f.changes))
	for i, c := range f.changes {
		rows[i] = f.changeJSON(c, at)
	}
	slices.SortStableFunc(rows, func(a, b changeJSON) int { return cmp.Compare(b.LastUpdated, a.LastUpdated) })
	all := make([]json.RawMessage, len(rows))
	for i, row := range rows {
		text, err := json.Marshal(row)
		if err != nil {
			return nil, fmt.Errorf("change %d: %w", row.Number, err)
		}
		all[i] = text
	}
	return all, nil
}

func (f *facts) changeJSON(c *change, at addresses) changeJSON {
	row := changeJSON{
		Project: c.project.name, Branch: c.branch(), Topic: c.topic, ID: c.id, Number: c.number,
		Subject: c.subject, Owner: c.owner, URL: at.change(c), CommitMessage: c.commitMessage(),
		Hashtags: []string{}, CreatedOn: c.created.Unix(), Open: true, Status: "NEW",
		Comments: f.comments(c, at), PatchSets: f.patchSetsJSON(c),
	}
	row.CurrentPatchSet = row.PatchSets[len(row.PatchSets)-1]
	row.LastUpdated = row.Comments[len(row.Comments)-1].Timestamp
	return row
}

// branch is the branch that the change is for.
func (c *change) branch() string {
	if c.number%7 == 0 {
		return "stable/2026.1"
	}
	return "master"
}

func (c *change) commitMessage() string {
	body := strings.ReplaceAll(c.body, `\n`, "\n")
	return fmt.Sprintf("%s\n\n%s\n\nChange-Id: %s\n", c.subject, body, c.id)
}

func (f *facts) patchSetsJSON(c *change) []patchSetJSON {
	rng := rand.New(rand.NewPCG(uint64(c.number), 2))
	all := make([]patchSetJSON, c.patchSet)
	for i := range all {
		all[i] = patchSetJSON{
			Number: i + 1, Revision: hex(rng, 40), Parents: []string{hex(rng, 40)},
			Ref:      fmt.Sprintf("refs/changes/%02d/%d/%d", c.number%100, c.number, i+1),
			Uploader: c.owner, Author: c.owner, CreatedOn: f.uploaded(c, i+1).Unix(),
			Kind: "REWORK", SizeInsertions: 1 + rng.IntN(200), SizeDeletions: -rng.IntN(80),
		}
	}
	return all
}

// uploaded is when a patch set of a change was: before the runs on it, and after
// those on the one before.
func (f *facts) uploaded(c *change, patchSet int) time.Time {
	for _, r := range c.runs {
		if r.patchSet == patchSet {
			return r.ended.Add(-6 * hour)
		}
	}
	if patchSet == c.patchSet {
		return f.now.Add(-hour / 2)
	}
	return c.created.Add(time.Duration(patchSet-1) * hour)
}
