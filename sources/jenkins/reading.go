package jenkins

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources"
)

const (
	maxItems     = 20_000 // folders and jobs that are looked at
	buildsAtOnce = 100    // of a job, when its newest ones were not enough
	patience     = 3      // so often in a row may the host be down before no more is asked
)

// reading is one go at all builds.
type reading struct {
	*Source
	listing sources.Listing
	seen    map[string]bool // paths of folders and jobs
	folders []folder        // to be looked into
	more    []*job          // of which there are older builds to be read
	deep    int             // folders that lie too deep
	down    int             // requests in a row that failed as the host is down
}

// folder is something with jobs in it.
type folder struct {
	place
	depth    int
	branches bool // its jobs are named by branches
}

// job is a job whose builds are read, the newest first.
type job struct {
	place
	branch  string
	from    int // how many of its builds were asked for
	seen    map[int]bool
	longest time.Duration // that a build took
	done    bool
}

// read reads folder by folder, and then page by page what is left of each job.
// The error says why what URL names could not be read, or nothing any more.
func (r *reading) read(ctx context.Context) error {
	if err := r.folder(ctx, folder{place: r.base}); err != nil {
		return err
	}
	for len(r.folders) > 0 && !r.listing.Capped {
		next := r.folders[0]
		r.folders = r.folders[1:]
		if err := r.note(ctx, r.folder(ctx, next)); err != nil {
			return err
		}
	}
	if r.deep > 0 {
		r.complain("%d folders lie more than %d deep and were not looked into; a larger depth does that", r.deep, r.options.Depth)
	}
	for len(r.more) > 0 && !r.listing.Capped {
		for _, j := range r.more {
			if err := r.note(ctx, r.page(ctx, j)); err != nil {
				return err
			}
		}
		r.more = slices.DeleteFunc(r.more, func(j *job) bool { return j.done })
	}
	return nil
}

// note makes a problem of what went wrong with one folder or job. The error says
// that it is not worth while to ask on.
func (r *reading) note(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("list builds: %w", ctx.Err())
	case err == nil:
		r.down = 0
		return nil
	}
	r.listing.Problems = append(r.listing.Problems, err)
	if _, down := errors.AsType[*sources.DownError](err); !down {
		r.down = 0
		return nil
	}
	if r.down++; r.down < patience {
		return nil
	}
	return fmt.Errorf("the rest was not read: %w", err)
}

// folder reads what is in a folder, so many jobs at a time. What turns out to be
// a job is taken for that.
func (r *reading) folder(ctx context.Context, f folder) error {
	for from := 0; ; from += jobsAtOnce {
		var got item
		tree := fmt.Sprintf("%s,jobs%s{%d,%d}", ownFields, itemFields, from, from+jobsAtOnce)
		if _, err := r.api.read(ctx, f.place, tree, &got); err != nil {
			return fmt.Errorf("list the jobs of %s: %w", f.what(), err)
		}
		if from == 0 && !got.isFolder() {
			if len(f.names) == 0 || f.views != nil {
				return fmt.Errorf("list the jobs of %s: the answer tells of no jobs; is this Jenkins?", f.what())
			}
			r.job(f, f.place, &got)
			return nil
		}
		f.branches = f.branches || got.hasBranches()
		// A Jenkins before 1.568 knows no ranges and tells of all each time.
		if fresh := r.items(f, got.Jobs); len(got.Jobs) != jobsAtOnce || fresh == 0 || r.listing.Capped {
			return nil
		}
	}
}

// what says which folder it is.
func (f folder) what() string {
	if f.path() == "" {
		return "the whole server"
	}
	return clean(text(strings.TrimSuffix(unescape(f.path()), "/")), maxName)
}

// items takes the jobs and folders of a folder, and returns how many of them
// were new.
func (r *reading) items(f folder, items []item) (fresh int) {
	for i := range items {
		p, ok := f.item(items[i].Name, items[i].URL)
		switch path := p.path(); {
		case !ok:
			r.complain("%s names a job %q, which cannot be asked for", f.what(), clean(items[i].Name, maxName))
			continue
		case r.seen[path]:
			continue
		case len(r.seen) == maxItems:
			r.complain("more than %d folders and jobs: name those that matter in jobs, or a folder or view in url", maxItems)
			r.folders = nil
			return 0
		default:
			r.seen[path] = true
			fresh++
		}
		if items[i].isFolder() {
			r.enter(folder{p, f.depth + 1, items[i].hasBranches()})
		} else {
			r.job(f, p, &items[i])
		}
	}
	return fresh
}

// complain adds a problem.
func (r *reading) complain(format string, args ...any) {
	r.listing.Problems = append(r.listing.Problems, fmt.Errorf(format, args...))
}

// enter has a folder looked into later, if a job in it may be wanted.
func (r *reading) enter(f folder) {
	switch {
	case len(r.options.Jobs) > 0 && !mayHold(r.options.Jobs, f.name()):
	case f.depth > r.options.Depth:
		r.deep++
	default:
		r.folders = append(r.folders, f)
	}
}

// mayHold reports whether one of the patterns may fit the name of a job in a
// folder.
func mayHold(patterns []string, folder string) bool {
	folder += "/"
	return slices.ContainsFunc(patterns, func(p string) bool {
		star := strings.IndexAny(p, "*?")
		if star < 0 {
			return strings.HasPrefix(p, folder)
		}
		return strings.HasPrefix(p[:star], folder) || strings.HasPrefix(folder, p[:star])
	})
}

// job takes the newest builds of a job of a folder, and of its configurations.
func (r *reading) job(f folder, p place, it *item) {
	for i := range it.Configs {
		if config, ok := p.config(it.Configs[i].Name); ok {
			r.job(f, config, &it.Configs[i])
		}
	}
	if len(r.options.Jobs) > 0 && !classify.GlobAny(r.options.Jobs, p.name()) {
		return
	}
	j := &job{place: p, seen: map[int]bool{}}
	if f.branches {
		j.branch = p.last()
	}
	if it.Builds != nil { // else it was not told of them
		j.from = firstBuilds
		r.take(j, it.Builds)
		j.done = j.done || len(it.Builds) < firstBuilds
	}
	if !j.done {
		r.more = append(r.more, j)
	}
}

// page reads the next builds of a job.
func (r *reading) page(ctx context.Context, j *job) error {
	if r.listing.Capped {
		return nil
	}
	tree := fmt.Sprintf("allBuilds%s{%d,%d}", buildFields, j.from, j.from+buildsAtOnce)
	var got item
	if _, err := r.api.read(ctx, j.place, tree, &got); err != nil {
		j.done = true
		return fmt.Errorf("list the builds of %s: %w", j.name(), err)
	}
	j.from += buildsAtOnce
	fresh := r.take(j, got.AllBuilds)
	j.done = j.done || fresh == 0 || len(got.AllBuilds) < buildsAtOnce
	return nil
}

// take lists the builds of a job, as far as the cap allows, and returns how many
// of them were new. It finds out whether older ones may still be wanted.
func (r *reading) take(j *job, builds []build) (fresh int) {
	var oldest time.Time
	for i := range builds {
		b := &builds[i]
		number := b.Number.number()
		if number == 0 || j.seen[number] {
			continue
		}
		j.seen[number] = true
		fresh++
		told := r.build(j, b, number)
		j.longest = max(j.longest, min(told.Duration.Duration(), 24*time.Hour))
		oldest = told.Start
		r.list(told)
	}
	r.complainOf(j, builds)
	// What began before the oldest one and still matters took longer than any.
	j.done = j.done || !oldest.IsZero() && oldest.Before(r.options.Since.Add(-j.longest))
	return fresh
}

// complainOf adds what is wrong with builds of a job.
func (r *reading) complainOf(j *job, builds []build) {
	var unnamed, odd []build
	for _, b := range builds {
		switch {
		case b.Number.number() == 0:
			unnamed = append(unnamed, b)
		case b.Result.odd != "" && b.Building != "true":
			odd = append(odd, b)
		}
	}
	switch n := len(unnamed); n {
	case 0:
	case 1:
		r.complain("a build of %s has no number", j.name())
	default:
		r.complain("%d builds of %s have no number", n, j.name())
	}
	if len(odd) == 0 {
		return
	}
	more := ""
	if n := len(odd) - 1; n > 0 {
		more = fmt.Sprintf("; so it is with %d more", n)
	}
	r.complain("the result of build %d of %s is %s, which is no text%s", odd[0].Number.number(), j.name(), odd[0].Result.odd, more)
}

// list lists a build that did not end before Since.
func (r *reading) list(told classify.Job) {
	late := told.Status() != classify.Unending && !told.Time.IsZero() && told.Time.Before(r.options.Since)
	switch {
	case late:
	case r.listing.Changes == r.options.Cap:
		r.listing.Capped = true
	default:
		r.listing.Changes++
		r.listing.Jobs = append(r.listing.Jobs, told)
	}
}

// build returns the job that a build is. Its page is the one that Jenkins tells,
// which others know it by, unless that is nowhere we may go to: a Jenkins may not
// know its own address.
func (r *reading) build(j *job, b *build, number int) classify.Job {
	told := b.job()
	told.Source, told.Name = r.options.Name, j.name()
	if j.branch != "" {
		told.Branch = j.branch
	}
	told.URL = r.api.url(j.place) + strconv.Itoa(number) + "/"
	if u := webURL(b.URL); u != nil && j.isBuild(u, number) && r.options.Client.Check(u.String()) == nil {
		u.RawQuery = ""
		told.URL = u.JoinPath("/").String()
	}
	told.LogURL = told.URL
	return told
}
