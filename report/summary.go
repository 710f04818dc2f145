package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Summary is what the results of a report add up to. In JSON it is the last
// line of a run.
//
// A failure is a result whose outcome is a failed one and that was not
// superseded by a later build of the same job. All shares are of failures, each
// counted once, by its primary reason.
type Summary struct {
	Generated time.Time     `json:"generated"`
	Zone      string        `json:"zone"`
	Window    Window        `json:"window"`
	Filters   []string      `json:"filters"`          // what else jobs were selected by
	Beyond    int           `json:"beyond,omitempty"` // jobs that a limit to their number left out
	Sources   []SourceState `json:"sources"`
	Cap       []Cap         `json:"cap"` // sources that had more than they were allowed to look at
	Counts    Counts        `json:"counts"`

	Tags     []TagCount     `json:"tags"`     // of failures with a known reason, the most frequent first
	Reasons  []ReasonCount  `json:"reasons"`  // causes before symptoms, then the most frequent first
	Missing  []MissingCount `json:"missing"`  // logs that could not be read, the most frequent first
	Problems []string       `json:"problems"` // what else could not be read
	Rules    string         `json:"rules"`
	Engine   string         `json:"engine"`
}

// Window is the stretch of time that jobs were selected from. A zero time is
// left out: that side is open.
type Window struct {
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Cap says that a source had more changes than it was allowed to look at.
type Cap struct {
	Source string `json:"source"`
	Cap    int    `json:"cap"`
}

// Counts are the numbers of a report. Jobs is the sum of Outcomes and
// Superseded; Failures is the sum of the failed outcomes.
type Counts struct {
	Jobs       int                      `json:"jobs"`
	Outcomes   map[classify.Outcome]int `json:"outcomes"`   // jobs that were not superseded; every outcome is present
	Superseded int                      `json:"superseded"` // the same job ran again, later, on the same patch set
	Partial    int                      `json:"partial"`    // failures of which some log could not be read to its end

	Failures      int     `json:"failures"`
	Known         int     `json:"known"`       // failures with a known reason: outcome matched
	KnownShare    float64 `json:"known_share"` // of Failures, 0 to 1
	Today         int     `json:"today"`       // failures of the calendar day of About.Now in About.Location
	Yesterday     int     `json:"yesterday"`   // and of the day before
	LastSevenDays int     `json:"last_seven_days"`
}

// TagCount is the share of a tag in the failures.
type TagCount struct {
	Tag     string  `json:"tag"`
	Meaning string  `json:"meaning,omitempty"`
	Builds  int     `json:"builds"`
	Share   float64 `json:"share"` // of Counts.Failures, 0 to 1
}

// ReasonCount is a reason that one or more failures have in common.
type ReasonCount struct {
	Rule    string           `json:"rule"`
	Tag     string           `json:"tag,omitempty"`
	Reason  string           `json:"reason"`
	Outcome classify.Outcome `json:"outcome"` // matched, or symptom
	Builds  int              `json:"builds"`
}

// MissingCount is a log that could not be read, or not to its end, in one or
// more jobs.
type MissingCount struct {
	File string `json:"file"`
	Why  string `json:"why"`
	Jobs int    `json:"jobs"`
}

func summarize(results []classify.Result, about About) Summary {
	s := Summary{
		Generated: about.Now,
		Zone:      zone(about.Now),
		Window:    Window{about.Since, about.Until},
		Filters:   append([]string{}, about.Filters...),
		Beyond:    about.Beyond,
		Sources:   append([]SourceState{}, about.Sources...),
		Cap:       caps(about.Sources),
		Counts:    count(results, about),
		Reasons:   reasons(results),
		Missing:   missing(results),
		Problems:  append([]string{}, about.Problems...),
		Rules:     about.Rules,
		Engine:    about.Engine,
	}
	s.Tags = tags(results, about.Tags, s.Counts.Failures)
	return s
}

func caps(sources []SourceState) []Cap {
	out := []Cap{}
	for _, s := range sources {
		if s.Capped {
			out = append(out, Cap{s.Name, s.Cap})
		}
	}
	return out
}

func count(results []classify.Result, about About) Counts {
	c := Counts{Jobs: len(results), Outcomes: map[classify.Outcome]int{}}
	for _, o := range classify.Outcomes() {
		c.Outcomes[o] = 0
	}
	others := about.Others
	c.Outcomes[classify.OutcomePassed], c.Outcomes[classify.OutcomeSkipped] = others.Passed, others.Skipped
	c.Superseded, c.Jobs = others.Superseded, c.Jobs+others.Passed+others.Skipped+others.Superseded
	for i := range results {
		c.add(&results[i], about.Now)
	}
	c.KnownShare = share(c.Known, c.Failures)
	return c
}

func (c *Counts) add(r *classify.Result, now time.Time) {
	if r.Superseded {
		c.Superseded++
		return
	}
	c.Outcomes[r.Outcome]++
	if !r.Outcome.Failed() {
		return
	}
	c.Failures++
	if r.Outcome == classify.OutcomeMatched {
		c.Known++
	}
	if r.Partial {
		c.Partial++
	}
	switch age := daysAgo(r.Time, now); {
	case age == 0:
		c.Today++
		c.LastSevenDays++
	case age == 1:
		c.Yesterday++
		c.LastSevenDays++
	case age > 1 && age < 7:
		c.LastSevenDays++
	}
}

// daysAgo returns by how many calendar days t lies before now, in now's zone:
// negative for a later day, and for the zero time, of which nothing is known.
func daysAgo(t, now time.Time) int {
	if t.IsZero() {
		return -1
	}
	day := func(t time.Time) time.Time {
		y, m, d := t.In(now.Location()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) // in UTC every day has 24 hours
	}
	return int(math.Round(day(now).Sub(day(t)).Hours() / 24))
}

func tags(results []classify.Result, meanings map[string]string, failures int) []TagCount {
	builds := map[string]int{}
	for i := range results {
		if r := &results[i]; counted(r) && r.Outcome == classify.OutcomeMatched {
			builds[r.Tag]++
		}
	}
	out := []TagCount{}
	for tag, n := range builds {
		out = append(out, TagCount{tag, meanings[tag], n, share(n, failures)})
	}
	slices.SortFunc(out, func(a, b TagCount) int {
		return cmp.Or(b.Builds-a.Builds, cmp.Compare(a.Tag, b.Tag))
	})
	return out
}

func reasons(results []classify.Result) []ReasonCount {
	builds := map[ReasonCount]int{}
	for i := range results {
		r := &results[i]
		if counted(r) && (r.Outcome == classify.OutcomeMatched || r.Outcome == classify.OutcomeSymptom) {
			builds[ReasonCount{r.Rule, r.Tag, r.Reason, r.Outcome, 0}]++
		}
	}
	out := []ReasonCount{}
	for reason, n := range builds {
		reason.Builds = n
		out = append(out, reason)
	}
	slices.SortFunc(out, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(a.Outcome, b.Outcome), b.Builds-a.Builds,
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Tag, b.Tag))
	})
	return out
}

func missing(results []classify.Result) []MissingCount {
	jobs := map[classify.Missing]int{}
	for i := range results {
		seen := map[classify.Missing]bool{}
		for _, m := range results[i].Missing {
			if !seen[m] {
				jobs[m]++
			}
			seen[m] = true
		}
	}
	out := []MissingCount{}
	for m, n := range jobs {
		out = append(out, MissingCount{m.File, m.Why, n})
	}
	slices.SortFunc(out, func(a, b MissingCount) int {
		return cmp.Or(b.Jobs-a.Jobs, cmp.Compare(a.File, b.File), cmp.Compare(a.Why, b.Why))
	})
	return out
}

// share returns n of all as a fraction with four digits, zero where there is nothing.
func share(n, all int) float64 {
	if all == 0 {
		return 0
	}
	return math.Round(float64(n)/float64(all)*1e4) / 1e4
}

// percent returns n of all for people: what is not nothing is never "0%", and
// what is not all is never "100%".
func percent(n, all int) string {
	p := math.Round(share(n, all) * 100)
	switch {
	case p == 0 && n > 0:
		return "<1%"
	case p == 100 && n < all:
		return ">99%"
	}
	return fmt.Sprintf("%.0f%%", p)
}

// zone names the zone of t: "UTC", "CET (UTC+01:00)", "Europe/Berlin, CET (UTC+01:00)".
func zone(t time.Time) string {
	name, offset := t.Zone()
	if offset == 0 && name == "UTC" {
		return name
	}
	out := "UTC" + t.Format("-07:00")
	if strings.Trim(name, "+-0123456789") != "" {
		out = fmt.Sprintf("%s (%s)", name, out)
	}
	if place := t.Location().String(); place != "Local" && place != name {
		out = place + ", " + out
	}
	return out
}

// A part is a group of the failures: those with a tag, or those without a
// reason. All parts together are all failures.
type part struct {
	Label   string
	Meaning string
	Known   bool // the failures have a reason, and Label is their tag
	Builds  int
}

// parts splits the failures up: by tag, then those without a known reason by outcome.
func (s *Summary) parts() []part {
	var out []part
	for _, t := range s.Tags {
		out = append(out, part{cmp.Or(oneLine(t.Tag), "no tag"), oneLine(t.Meaning), true, t.Builds})
	}
	for _, o := range s.Counts.outcomes() {
		if n := s.Counts.Outcomes[o]; n > 0 && o.Failed() && o != classify.OutcomeMatched {
			out = append(out, part{outcomeLabel(o), outcomeMeaning(o), false, n})
		}
	}
	return out
}

// outcomes returns the outcomes that c counts, in the order in which reports list them.
func (c *Counts) outcomes() []classify.Outcome {
	known := classify.Outcomes()
	for _, o := range slices.Sorted(maps.Keys(c.Outcomes)) {
		if !slices.Contains(known, o) {
			known = append(known, o)
		}
	}
	return known
}

// outcomeLabel returns an outcome in a word or two, where a tag would stand.
func outcomeLabel(o classify.Outcome) string {
	switch o {
	case classify.OutcomeSymptom:
		return "symptom only"
	case classify.OutcomeUnmatched:
		return "unexplained"
	case classify.OutcomeNoLogs:
		return "no logs"
	}
	return cmp.Or(oneLine(string(o)), "unknown")
}

func outcomeMeaning(o classify.Outcome) string {
	switch o {
	case classify.OutcomeSymptom:
		return "only generic rules matched"
	case classify.OutcomeUnmatched:
		return "logs were read, no rule matched"
	case classify.OutcomeNoLogs:
		return "no log could be read"
	}
	return ""
}
