package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/aaronland/go-http-bootstrap/static"

	"github.com/watchcat-ci/watchcat/classify"
)

var (
	//go:embed page.tmpl.html
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

// WriteHTML writes the report as one page that needs no other file, no script
// and no network: Bootstrap's style is part of it. Its content security policy
// allows nothing but the two styles that it brings along.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("parse the page's template: %w", err)
	}
	p, err := r.page()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return fmt.Errorf("write the report as HTML: %w", err)
	}
	return flush(w, &b, "HTML")
}

// A page is what the template shows. Its texts are cleaned, and bounded in
// length.
type page struct {
	Policy           string
	Bootstrap, Style template.CSS

	Title, Headline, Asides string
	Generated, GeneratedISO string
	Zone, Window, Selected  string
	Alerts                  []notice // sources that failed or were capped
	Cards                   []card

	Parts       []bar
	Meanings    []bar
	Failures    string
	Superseded  bool
	Reasons     []pageReason
	MoreReasons string

	Nothing  string // what to say where there are no days
	Days     []day
	Others   []pageJob
	Missing  []MissingCount
	Sources  []notice
	Problems []string
	By       string
}

type notice struct {
	Name, Text string
	Look       string // a colour of Bootstrap
}

type card struct{ Number, Label string }

type bar struct {
	part
	Look    string
	Width   string // in percent, for the drawing
	Percent string
}

type pageReason struct {
	Label, Look, Reason, Rule string
	Builds                    int
}

// day is the failures of a calendar day.
type day struct {
	Name, Count string
	Jobs        []pageJob
}

func (r *Report) page() (*page, error) {
	bootstrap, err := bootstrapStyle()
	if err != nil {
		return nil, err
	}
	s := &r.Summary
	p := &page{
		Policy:    policy(bootstrap, pageStyle),
		Bootstrap: template.CSS(bootstrap), Style: template.CSS(pageStyle),
		Title: short(r.title()), Headline: s.headline(), Asides: s.asides(),
		Generated: r.clock(r.About.Now, minute), GeneratedISO: r.clock(r.About.Now, time.RFC3339),
		Zone: s.Zone, Window: r.window(), Selected: short(s.selected()),
		Parts: bars(s), Failures: plural(s.Counts.Failures, "failed build"), Superseded: s.Counts.Superseded > 0,
		Nothing: nothing(s), Problems: s.problems(), By: s.verdictBy(),
	}
	p.Cards = cards(s)
	p.addSources(s)
	p.addReasons(s)
	p.addJobs(r)
	for _, m := range s.Missing {
		p.Missing = append(p.Missing, MissingCount{short(cmp.Or(oneLine(m.File), "log")), short(oneLine(m.Why)), m.Jobs})
	}
	for _, b := range p.Parts {
		if b.Meaning != "" {
			p.Meanings = append(p.Meanings, b)
		}
	}
	return p, nil
}

// bootstrapStyle returns Bootstrap's style, with its dark colours also where
// the reader's system asks for them: Bootstrap itself would need a script.
func bootstrapStyle() (string, error) {
	const name = "css/bootstrap.min.css"
	b, err := static.FS.ReadFile(name)
	if err != nil {
		return "", fmt.Errorf("read Bootstrap's %s: %w", name, err)
	}
	style, _, _ := strings.Cut(string(b), "/*# sourceMappingURL=") // which would be a request
	style = strings.TrimPrefix(strings.TrimSpace(style), `@charset "UTF-8";`)
	_, dark, _ := strings.Cut(style, "[data-bs-theme=dark]{")
	dark, _, ok := strings.Cut(dark, "}")
	if !ok {
		return "", fmt.Errorf("read Bootstrap's %s: it has no dark colours", name)
	}
	return style + "\n@media (prefers-color-scheme:dark){:root,[data-bs-theme=light]{" + dark + "}}", nil
}

// policy returns a content security policy under which nothing is loaded and
// nothing runs; styles are taken by their hashes, images from the style itself.
func policy(styles ...string) string {
	var hashes []string
	for _, s := range styles {
		hashes = append(hashes, "'"+styleHash(s)+"'")
	}
	return "default-src 'none'; style-src " + strings.Join(hashes, " ") + "; img-src data:; base-uri 'none'; form-action 'none'"
}

// styleHash returns the name of an inline style in a content security policy.
func styleHash(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func nothing(s *Summary) string {
	if s.Counts.Jobs == 0 {
		return "There are no jobs to show."
	}
	return "No job failed."
}

func cards(s *Summary) []card {
	c := &s.Counts
	if c.Jobs == 0 {
		return nil
	}
	known := card{"–", "no failures to explain"}
	if c.Failures > 0 {
		known = card{percent(c.Known, c.Failures), fmt.Sprintf("known reason: %d of %d", c.Known, c.Failures)}
	}
	var out []card
	for _, p := range s.periods() {
		out = append(out, card{p.number, "failed " + p.name})
	}
	return append(out, known)
}

func bars(s *Summary) []bar {
	var out []bar
	for _, p := range s.parts() {
		p.Label, p.Meaning = name(p.Label), short(p.Meaning)
		b := bar{part: p, Look: "text-bg-primary", Percent: percent(p.Builds, s.Counts.Failures)}
		if !p.Known {
			b.Look = "text-bg-warning"
		}
		b.Width = fmt.Sprintf("%.2f", 100*share(p.Builds, s.Counts.Failures))
		out = append(out, b)
	}
	return out
}

func (p *page) addSources(s *Summary) {
	for _, source := range s.Sources {
		n := notice{Name: name(cmp.Or(oneLine(source.Name), "(no name)")), Text: short(source.state())}
		switch {
		case source.Error != "":
			n.Look = "danger"
		case source.Capped:
			n.Look = "warning"
		}
		p.Sources = append(p.Sources, n)
		if n.Look != "" {
			p.Alerts = append(p.Alerts, n)
		}
	}
	for i := range p.Problems {
		p.Problems[i] = short(p.Problems[i])
	}
}

func (p *page) addReasons(s *Summary) {
	const most = 20
	for _, r := range s.Reasons[:min(len(s.Reasons), most)] {
		label, look := cmp.Or(oneLine(r.Tag), "no tag"), "text-bg-primary"
		if r.Outcome == classify.OutcomeSymptom {
			label, look = outcomeLabel(r.Outcome), "text-bg-warning"
		}
		p.Reasons = append(p.Reasons, pageReason{name(label), look, short(cmp.Or(oneLine(r.Reason), "a rule without a message")), name(oneLine(r.Rule)), r.Builds})
	}
	if more := len(s.Reasons) - most; more > 0 {
		p.MoreReasons = plural(more, "more reason")
	}
}

// addJobs sorts the jobs that failed into days, the newest first.
func (p *page) addJobs(r *Report) {
	for i := range r.Results {
		x := &r.Results[i]
		job := r.pageJob(x)
		if !x.Outcome.Failed() {
			p.Others = append(p.Others, job)
			continue
		}
		date := r.dayName(x.Time)
		if n := len(p.Days); n == 0 || p.Days[n-1].Name != date {
			p.Days = append(p.Days, day{Name: date})
		}
		d := &p.Days[len(p.Days)-1]
		d.Jobs = append(d.Jobs, job)
	}
	for i := range p.Days {
		p.Days[i].Count = p.Days[i].count()
	}
}

// count returns how many failures there were, apart from those superseded.
func (d *day) count() string {
	n := 0
	for _, j := range d.Jobs {
		if !j.Superseded {
			n++
		}
	}
	out := fmt.Sprintf("%d failed", n)
	if more := len(d.Jobs) - n; more > 0 {
		out += fmt.Sprintf(", %d superseded", more)
	}
	return out
}

func (r *Report) dayName(t time.Time) string {
	date := r.clock(t, "Monday, 2 January 2006")
	switch daysAgo(t, r.About.Now) {
	case 0:
		return "Today, " + date
	case 1:
		return "Yesterday, " + date
	}
	return cmp.Or(date, "Time not known")
}
