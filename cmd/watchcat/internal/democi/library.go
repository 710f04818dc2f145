package democi

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// library is what the files of texts say.
type library struct {
	words, names, topics, remarks, rechecks []string

	projects []*project
	periodic []job
	faults   []fault
	tools    map[string]section // what a tool prints
	noise    map[string]section // what it prints that means nothing
	frames   map[string]section // how consoles begin and end
}

// project is what changes are made to.
type project struct {
	name     string
	subjects []string // "subject|body"
	jobs     []job    // that run on its changes
}

// job is something that runs again and again.
type job struct {
	name, tool string
	project    *project
	voting     bool
	every      time.Duration // of a periodic job; zero: it runs on changes
}

// readLibrary reads all texts.
func readLibrary() (*library, error) {
	l := &library{}
	var err error
	l.tools, err = indexed("tools.txt", err)
	l.noise, err = indexed("noise.txt", err)
	l.frames, err = indexed("frames.txt", err)
	people, err := indexed("people.txt", err)
	if err != nil {
		return nil, err
	}
	l.words = strings.Fields(strings.Join(people["words"].lines, " "))
	l.names, l.topics = people["names"].lines, people["topics"].lines
	l.remarks, l.rechecks = people["remarks"].lines, people["rechecks"].lines
	return l, errors.Join(l.readProjects(), l.readJobs(), l.readFaults())
}

// indexed reads a file of texts by the names of its sections. An error that is
// handed in is handed back.
func indexed(file string, err error) (map[string]section, error) {
	if err != nil {
		return nil, err
	}
	sections, err := readSections(file)
	index := make(map[string]section, len(sections))
	for _, s := range sections {
		index[s.name] = s
	}
	return index, err
}

func (l *library) readProjects() error {
	sections, err := readSections("projects.txt")
	for _, s := range sections {
		l.projects = append(l.projects, &project{name: s.name, subjects: s.lines})
	}
	return err
}

func (l *library) readJobs() error {
	sections, err := readSections("jobs.txt")
	if err != nil {
		return err
	}
	for _, s := range sections {
		at := slices.IndexFunc(l.projects, func(p *project) bool { return p.name == s.attrs["project"] })
		if at < 0 {
			return fmt.Errorf("job %s: there is no project %q", s.name, s.attrs["project"])
		}
		p := l.projects[at]
		j := job{name: s.name, tool: s.attrs["tool"], project: p, voting: s.attrs["voting"] != "no"}
		if every, ok := s.attrs["periodic"]; ok {
			if j.every, err = time.ParseDuration(every); err != nil {
				return fmt.Errorf("job %s: %w", s.name, err)
			}
			l.periodic = append(l.periodic, j)
			continue
		}
		p.jobs = append(p.jobs, j)
	}
	return nil
}

func (l *library) readFaults() error {
	sections, err := readSections("faults.txt")
	if err != nil {
		return err
	}
	for _, s := range sections {
		f, err := newFault(s)
		if err != nil {
			return fmt.Errorf("fault %s: %w", s.name, err)
		}
		l.faults = append(l.faults, f)
	}
	return nil
}

// atoi reads a number that may be left out.
func atoi(s string, absent int) (int, error) {
	if s == "" {
		return absent, nil
	}
	return strconv.Atoi(s)
}
