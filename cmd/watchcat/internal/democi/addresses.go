package democi

import (
	"fmt"
	"strconv"
)

// addresses says where the parts of the world are, without "/" at the end.
type addresses struct {
	logs string // the log server, which has the other pages as well
	down string // a log server that does not answer
}

// change is the page of a change.
func (a addresses) change(c *change) string {
	return fmt.Sprintf("%s/c/%s/+/%d", a.logs, c.project.name, c.number)
}

// build is how a comment names a build: its logs, its page, or, where there is
// neither, the job once more.
func (a addresses) build(b *build) string {
	switch {
	case b.store == storeNone:
		return b.job.name
	case b.store == storeDown:
		return a.down + b.dir()
	case b.run.change.form == formZuul6 && b.run.firstFailed() == "":
		return a.logs + "/t/harbour/build/" + b.id
	case b.run.change.form == formZuul2:
		return a.logs + b.dir()[:len(b.dir())-1]
	}
	return a.logs + b.dir()
}

// dir is the folder of the build's logs, with "/" at both ends.
func (b *build) dir() string {
	switch {
	case b.run == nil:
		return fmt.Sprintf("/periodic/%s/%s/", b.job.name, b.id[:7])
	case b.style == styleJenkins:
		number, _ := strconv.ParseUint(b.id[:4], 16, 32)
		return fmt.Sprintf("/jenkins/job/%s/%d/", b.job.name, 1000+number)
	}
	c := b.run.change
	return fmt.Sprintf("/logs/%02d/%d/%d/%s/%s/%s/", c.number%100, c.number, b.run.patchSet, b.run.pipeline, b.job.name, b.id[:7])
}

// file is the name of the build's console in its folder.
func (b *build) file() string {
	name := "job-output.txt"
	switch b.style {
	case styleJenkins:
		return "consoleText"
	case styleZuul2:
		name = "console.txt"
	}
	if b.store == storeGzip || b.store == storeCut {
		name += ".gz"
	}
	return name
}
