package democi

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// form is how a CI system words its comments.
type form int

// The forms.
const (
	formZuul2   form = iota // Zuul 2.5: no "(check pipeline)", log addresses without "/" at the end
	formZuul3               // Zuul 3: log addresses of folders
	formNoTimes             // Zuul 3 with report_times=false
	formZuul6               // Zuul 6: a buildset's address, maybe "(1 comment)"; build pages where all is well
	formJenkins             // the Jenkins Gerrit Trigger
)

// forms returns the forms that comments on a project's changes have.
func forms(p *project) []form {
	if p.name == "harbour/billing" {
		return []form{formJenkins, formJenkins, formZuul3}
	}
	return []form{formZuul3, formZuul2, formZuul6, formNoTimes, formZuul3}
}

// style is how consoles look where comments have this form.
func (f form) style() style {
	switch f {
	case formZuul2:
		return styleZuul2
	case formJenkins:
		return styleJenkins
	}
	return styleZuul3
}

// suits reports whether a fault can be told of in this form.
func (f form) suits(fault *fault) bool { return fault.style == "" || fault.style == f.style() }

// comments returns what was said about a change, in the order of time.
func (f *facts) comments(c *change, at addresses) []commentJSON {
	var all []commentJSON
	say := func(when time.Time, who account, format string, args ...any) {
		all = append(all, commentJSON{when.Unix(), who, fmt.Sprintf(format, args...)})
	}
	rng := rand.New(rand.NewPCG(uint64(c.number), 3))
	for i := range c.patchSet {
		when := f.uploaded(c, i+1)
		say(when, c.owner, "Uploaded patch set %d.", i+1)
		if i+1 == c.patchSet {
			say(when.Add(time.Minute), c.ci(), "%s", c.starting(i+1, at))
		}
	}
	for _, r := range c.runs {
		say(r.ended, c.ci(), "%s", r.comment(at))
		if r.recheck != "" {
			say(r.ended.Add(9*time.Minute), c.owner, "Patch Set %d:\n\n%s", r.patchSet, r.recheck)
		}
	}
	if rng.IntN(2) == 0 {
		say(f.uploaded(c, c.patchSet).Add(2*time.Minute), person(choose(rng, f.names)),
			"Patch Set %d: Code-Review%+d\n\n(1 comment)\n\n%s", c.patchSet, 1-2*rng.IntN(2), choose(rng, f.remarks))
	}
	if c.number%13 == 0 {
		say(f.now.Add(-hour/6), impostor(), "%s", c.forged(at))
		say(f.now.Add(-hour/7), c.owner, "Patch Set %d:\n\n> - %s %s : FAILURE in 2m 01s\n\nWho is that?",
			c.patchSet, c.project.jobs[0].name, at.logs+"/logs/forged/")
	}
	slices.SortStableFunc(all, func(a, b commentJSON) int { return int(a.Timestamp - b.Timestamp) })
	return all
}

// ci is the account that reports the change's jobs.
func (c *change) ci() account {
	if c.form == formJenkins {
		return jenkins()
	}
	return zuul()
}

// starting is what the CI says when a patch set arrives.
func (c *change) starting(patchSet int, at addresses) string {
	if c.form == formJenkins {
		return fmt.Sprintf("Patch Set %d:\n\nBuild Started %s/jenkins/job/%s/%d/ (1/2)", patchSet, at.logs, c.project.jobs[0].name, c.number%1000)
	}
	pipeline := "check"
	if len(c.runs) > 0 {
		pipeline = c.runs[len(c.runs)-1].pipeline
	}
	return fmt.Sprintf("Patch Set %d:\n\nStarting %s jobs.\n%s/t/harbour/status/change/%d,%d", patchSet, pipeline, at.logs, c.number, patchSet)
}

// forged is a comment that is Zuul's in all but its author.
func (c *change) forged(at addresses) string {
	return fmt.Sprintf("Patch Set %d: Verified-1\n\nBuild failed (check pipeline).  For information on how to proceed, see\n%s\n\n- %s %s/logs/forged/ : FAILURE in 2m 01s\n- %s %s/logs/forged/ : FAILURE in 9m 59s",
		c.patchSet, help, c.project.jobs[0].name, at.logs, c.project.jobs[1].name, at.logs)
}

const help = "https://docs.harbour.example/contributor/testing.html"

// comment is what the CI says when a run has ended.
func (r *run) comment(at addresses) string {
	var b strings.Builder
	failed := slices.ContainsFunc(r.builds, func(b *build) bool { return b.job.voting && b.outcome().Failed() })
	vote := "+1"
	if failed {
		vote = "-1"
	}
	fmt.Fprintf(&b, "Patch Set %d: Verified%s\n\n", r.patchSet, vote)
	if r.change.form == formJenkins {
		r.writeJenkins(&b, failed, at)
	} else {
		r.writeZuul(&b, failed, at)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (r *run) writeZuul(b *strings.Builder, failed bool, at addresses) {
	verdict, pipeline := "succeeded", " ("+r.pipeline+" pipeline)"
	if failed {
		verdict = "failed"
	}
	if r.change.form == formZuul2 {
		pipeline = ""
	}
	if r.change.form == formZuul6 && r.change.number%2 == 0 {
		b.WriteString("(1 comment)\n\n")
	}
	fmt.Fprintf(b, "Build %s%s.", verdict, pipeline)
	if failed {
		fmt.Fprintf(b, "  For information on how to proceed, see\n%s", help)
	}
	if r.change.form == formZuul6 {
		fmt.Fprintf(b, "\n%s/t/harbour/buildset/%s", at.logs, r.builds[0].id)
	}
	b.WriteString("\n\n")
	for _, build := range r.builds {
		b.WriteString(build.zuulLine(at))
	}
}

// zuulLine is the build's line in a comment of Zuul's:
// "- NAME URL : RESULT[ DETAIL][ in TIME][ (non-voting)]".
func (b *build) zuulLine(at addresses) string {
	line := fmt.Sprintf("- %s %s : %s", b.job.name, at.build(b), b.result())
	if detail := b.detail(); detail != "" {
		line += " " + detail
	}
	if b.run.change.form != formNoTimes && b.outcome() != classify.OutcomeSkipped {
		line += " in " + classify.Seconds(b.length/time.Second).String()
	}
	if !b.job.voting {
		line += " (non-voting)"
	}
	return line + "\n"
}

func (r *run) writeJenkins(b *strings.Builder, failed bool, at addresses) {
	verdict := "Successful"
	if failed {
		verdict = "Failed"
	}
	fmt.Fprintf(b, "Build %s \n\n", verdict)
	for _, build := range r.builds {
		fmt.Fprintf(b, "%s : %s\n\n", at.build(build), build.result())
		if build.outcome().Failed() {
			fmt.Fprintf(b, "No problems were identified. If you know why this problem occurred, please add a suitable Cause for it. ( %s )\n\n", at.build(build))
		}
	}
}
