package patterns

import (
	"context"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// bench is what a rule is tested on: a job and the logs of it, in memory.
type bench struct {
	text  ruleText
	test  Test
	job   classify.Job
	files map[string]string // the job's files, by the names they have on the bench
	names map[string]string // by what is no plain path, such as a logical name: the name on the bench
}

// benchMain is the main log of a job whose rule is on no log: that it can be read
// tells files that are not there from those that cannot be had.
const benchMain = "main log"

// newBench returns the job that a test of a rule tells of. What is no plain path,
// but a logical name or a glob, stands for one file of an own name.
func newBench(text ruleText, t Test, logical map[string][]string) *bench {
	b := &bench{
		text: text, test: t, names: map[string]string{}, files: map[string]string{},
		job: classify.Job{
			Name: t.Job, Project: t.Project, Branch: t.Branch, Pipeline: t.Pipeline,
			Detail: t.Files[classify.ResultFile], LogURL: "memory://test/",
		},
	}
	for _, name := range slices.Sorted(maps.Keys(t.Files)) {
		b.put(name, t.Files[name], logical)
	}
	b.put(text.File, t.Log, logical)
	return b
}

// put gives the job a file, or the line of its result.
func (b *bench) put(file, text string, logical map[string][]string) {
	if file == classify.ResultFile {
		b.job.Detail = text
		b.files[benchMain] = "a line\n"
		return
	}
	name := file
	if _, isLogical := logical[file]; isLogical || classify.IsGlob(file) {
		name = "log " + strconv.Itoa(len(b.files)+1)
		b.names[file] = name
	}
	b.files[name] = text
}

// rule returns the rule that is tested, with the names that files have on the
// bench, and less what the test does not tell of.
func (b *bench) rule(r classify.Rule) classify.Rule {
	r.Hides = nil
	if name, given := b.names[b.text.File]; given {
		r.Files = []string{name}
	}
	r.All, r.None = b.conditions(r.All, b.text.All), b.conditions(r.None, b.text.None)
	for _, restricted := range []struct {
		given string
		globs *[]string
	}{{b.test.Job, &r.Jobs}, {b.test.Project, &r.Projects}, {b.test.Branch, &r.Branches}, {b.test.Pipeline, &r.Pipelines}} {
		if restricted.given == "" {
			*restricted.globs = nil
		}
	}
	return r
}

// conditions returns conditions of the rule; texts are the same as they are written.
func (b *bench) conditions(conditions []classify.Condition, texts []conditionText) []classify.Condition {
	conditions = slices.Clone(conditions)
	for i, text := range texts {
		if name, given := b.names[text.File]; given {
			conditions[i].Files = []string{name}
		}
	}
	return conditions
}

// Open opens a file on the bench.
func (b *bench) Open(_ context.Context, _ classify.Job, file string) (io.ReadCloser, error) {
	text, ok := b.files[file]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: file, Err: fs.ErrNotExist}
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// List lists the files on the bench that the test gives by their own names.
func (b *bench) List(_ context.Context, _ classify.Job, glob string) ([]string, error) {
	others := slices.Collect(maps.Values(b.names))
	var names []string
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		if classify.MatchFile(glob, name) && !slices.Contains(others, name) {
			names = append(names, name)
		}
	}
	return names, nil
}
