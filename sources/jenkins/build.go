package jenkins

import (
	"cmp"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// item is what Jenkins tells of a folder, view or job. What it was not asked for,
// or does not have, is nil.
type item struct {
	Class     text        `json:"_class"` // from 1.625 on
	Name      text        `json:"name"`
	URL       text        `json:"url"`
	Jobs      list[item]  `json:"jobs"`                 // of a folder or view
	Configs   list[item]  `json:"activeConfigurations"` // of a job with a matrix
	Builds    list[build] `json:"builds"`               // the newest first, at most 100
	AllBuilds list[build] `json:"allBuilds"`
}

// build is what Jenkins tells of a build.
type build struct {
	Number      text         `json:"number"`
	URL         text         `json:"url"`
	Result      result       `json:"result"` // null as long as it is not known
	Building    text         `json:"building"`
	Timestamp   text         `json:"timestamp"` // when it began
	Duration    text         `json:"duration"`  // zero as long as it runs
	Description text         `json:"description"`
	Actions     list[action] `json:"actions"` // those that are not asked for are {} or null
}

// result is how a build ended. Unlike with other values, it is told where it is
// no text: without it a failure is as good as lost.
type result struct {
	text
	odd string // what there is in place of a text
}

// UnmarshalJSON implements json.Unmarshaler.
func (r *result) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"', 'n':
		*r = result{}
		return r.text.UnmarshalJSON(data)
	}
	*r = result{odd: clean(text(data), 40)}
	return nil
}

// action is what a plugin knows of a build.
type action struct {
	Parameters list[parameter] `json:"parameters"`
	Causes     list[cause]     `json:"causes"`
}

type parameter struct {
	Name  text `json:"name"`
	Value text `json:"value"`
}

type cause struct {
	Class text `json:"_class"`
	Text  text `json:"shortDescription"`
}

// What is asked for. A range is that of the newest ones.
const (
	buildFields = "[number,url,result,building,timestamp,duration,description," +
		"actions[parameters[name,value],causes[_class,shortDescription]]]"
	ownFields = "_class,name,url,builds" + buildFields + "{0,20}," +
		"activeConfigurations[name,builds" + buildFields + "{0,20}]"
	itemFields = "[" + ownFields + ",jobs[name]{0,1}]"

	firstBuilds = 20  // of each job, with its folder
	jobsAtOnce  = 100 // of a folder
)

// isFolder reports whether there are jobs in it: it is a folder, an organization,
// a view, or the job of many branches.
func (i *item) isFolder() bool {
	if i.Jobs != nil {
		return true
	}
	_, kind, _ := cutLast(string(i.Class), ".")
	return kind == "Folder" || kind == "OrganizationFolder" || i.hasBranches()
}

// hasBranches reports whether the jobs in it are named by branches.
func (i *item) hasBranches() bool { return strings.Contains(string(i.Class), "MultiBranch") }

// cutLast is strings.Cut around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// job returns what a build tells of a job, all but its names and addresses.
func (b *build) job() classify.Job {
	took := b.Duration.length()
	job := classify.Job{
		Result: b.result(), Detail: clean(b.Description, maxDetail), Pipeline: b.pipeline(),
		Start: b.Timestamp.time(), Duration: classify.Seconds(took.Seconds()),
	}
	if !job.Start.IsZero() {
		job.Time = job.Start.Add(took).Truncate(time.Second)
		job.Start = job.Start.Truncate(time.Second)
	}
	b.addChange(&job)
	return job
}

// result returns how a build ended. One that still runs may have a result
// already, of the steps that are done.
func (b *build) result() string {
	if b.Building == "true" {
		return "RUNNING"
	}
	return cmp.Or(clean(b.Result.text, maxName), "UNKNOWN")
}

// pipeline returns "periodic" for what a clock started, and "" for all else:
// Jenkins has no pipelines as Zuul has them.
func (b *build) pipeline() string {
	for _, a := range b.Actions {
		for _, c := range a.Causes {
			if strings.Contains(string(c.Class), "TimerTrigger") || strings.HasPrefix(string(c.Text), "Started by timer") {
				return "periodic"
			}
		}
	}
	return ""
}

// addChange adds what the Gerrit Trigger plugin tells by parameters.
func (b *build) addChange(job *classify.Job) {
	told := map[text]text{}
	for _, a := range b.Actions {
		for _, p := range a.Parameters {
			told[p.Name] = cmp.Or(told[p.Name], p.Value)
		}
	}
	job.Project, job.Branch = clean(told["GERRIT_PROJECT"], maxName), clean(told["GERRIT_BRANCH"], maxName)
	if job.Change = told["GERRIT_CHANGE_NUMBER"].number(); job.Change == 0 {
		return
	}
	job.PatchSet = told["GERRIT_PATCHSET_NUMBER"].number()
	job.Subject = clean(told["GERRIT_CHANGE_SUBJECT"], maxDetail)
	job.Owner = clean(told["GERRIT_CHANGE_OWNER_NAME"], maxName)
	if u := webURL(told["GERRIT_CHANGE_URL"]); u != nil {
		job.ChangeURL, job.Server = u.String(), strings.ToLower(u.Host)
	}
}
