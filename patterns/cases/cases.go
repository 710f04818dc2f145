// Package cases reads folders of cases: logs, and what a rule set is to say of
// each. A team pins its verdicts with them, so that a change of a rule shows
// which it changes.
//
// A case is a log (a file, maybe compressed; a folder or archive with the files
// of one job) and beside it a file of the same name that ends in .want:
//
//	pip/no-index.log.gz     the log
//	pip/no-index.want       what is expected
//	tox/                    a folder: one job with several files
//	tox.want
//
// The second is TOML. What it does not name is not checked:
//
//	outcome = "matched"              # matched, symptom, unmatched, no-logs, …
//	rule    = "pip-no-distribution"  # the rule that gives the reason; "": none
//	reason  = "pip found no distribution for foo==9"
//	file    = "job-output.txt"       # in which of the job's files
//	line    = 120                    # at which line of it
//
//	job     = "tox-py311"            # what the CI tells of the job, for rules
//	result  = "FAILURE"              # that ask for it; likewise project,
//	                                 # branch, pipeline and detail
//
// A folder is looked through for more cases if a .want file lies in it or below.
// Names that begin with "." and files that end in .md are passed over.
package cases

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

const wantExt = ".want"

// Case is a log and what is expected of it.
type Case struct {
	Name string // path below the folder of cases, with "/", without extensions
	Log  string // the log: a file, an archive or a folder
	File string // the .want file, which is not there if Unwanted
	Want Want

	// Unwanted: there is no File, and so nothing to compare a verdict with.
	Unwanted bool

	// Err is why the case cannot be tried: of type strict.Mistakes where File
	// has mistakes.
	Err error

	text  []byte // of File
	index *strict.Index
}

// Find returns the cases in a folder and the folders in it, sorted by name. A
// case with a mistake has an Err and costs no other. The error says that the
// folder cannot be read, or has no case.
func Find(dir string) ([]Case, error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read cases: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("read cases: %s is a file; name the folder that it lies in", dir)
	}
	found, err := find(dir, "")
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no case in %s: put a log there, NAME.log, and what is expected of it, NAME%s", dir, wantExt)
	}
	slices.SortStableFunc(found, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// find returns the cases in a folder; prefix is its path below the first.
func find(dir, prefix string) ([]Case, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	wants, names := map[string]bool{}, []string{}
	var found []Case
	for _, e := range entries {
		name := e.Name()
		stem, isWant := strings.CutSuffix(name, wantExt)
		switch {
		case strings.HasPrefix(name, "."), strings.HasSuffix(name, ".md"):
		case isWant && !e.IsDir():
			wants[stem] = true
		default:
			names = append(names, name)
		}
	}
	for _, name := range names {
		inner := filepath.Join(dir, name)
		if !wants[name] && holdsCases(inner) {
			more, err := find(inner, path.Join(prefix, name))
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
			continue
		}
		found = append(found, newCase(dir, prefix, name, pick(name, names, wants)))
	}
	return append(found, alone(dir, prefix, wants, found)...), nil
}

// holdsCases reports whether a .want file lies in a folder or below.
func holdsCases(dir string) bool {
	holds := false
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(name) == wantExt {
			holds = true
			return fs.SkipAll
		}
		return nil
	})
	return holds
}

// packed are the extensions that stand behind a log's own.
var packed = []string{".gz", ".xz", ".bz2", ".zst", ".lzma", ".Z"}

// stems returns the names that a log's .want file may have, the longest first:
// those of "a.log.gz" are "a.log.gz", "a.log" and "a".
func stems(name string) []string {
	stems := []string{name}
	if ext := path.Ext(name); slices.Contains(packed, ext) {
		name = strings.TrimSuffix(name, ext)
		stems = append(stems, name)
	}
	if shorter := strings.TrimSuffix(name, path.Ext(name)); shorter != name && shorter != "" {
		stems = append(stems, shorter)
	}
	return stems
}

// pick returns the name of a log's .want file: of one that is there, else the
// shortest that no other log may have.
func pick(name string, names []string, wants map[string]bool) string {
	own := stems(name)
	for _, stem := range own {
		if wants[stem] {
			return stem
		}
	}
	for _, stem := range slices.Backward(own) {
		other := func(n string) bool { return n != name && slices.Contains(stems(n), stem) }
		if !slices.ContainsFunc(names, other) {
			return stem
		}
	}
	return name
}

// newCase returns the case of a log.
func newCase(dir, prefix, name, stem string) Case {
	c := Case{
		Name: path.Join(prefix, stem),
		Log:  filepath.Join(dir, name),
		File: filepath.Join(dir, stem+wantExt),
	}
	c.read()
	return c
}

// alone returns a case for each .want file to which there is no log, and marks
// the cases that share one.
func alone(dir, prefix string, wants map[string]bool, found []Case) []Case {
	logs := map[string][]string{}
	for _, c := range found {
		logs[c.File] = append(logs[c.File], filepath.Base(c.Log))
	}
	for i, c := range found {
		if logs := logs[c.File]; len(logs) > 1 {
			found[i].Err = strict.Mistakes{{File: c.File, What: "stands for several logs: " + strings.Join(logs, ", "),
				Remedy: fmt.Sprintf("call it %s%s, and give the others one each", logs[0], wantExt)}}
		}
	}
	var lonely []Case
	for stem := range wants {
		c := Case{Name: path.Join(prefix, stem), File: filepath.Join(dir, stem+wantExt)}
		if logs[c.File] == nil {
			c.Err = strict.Mistakes{{File: c.File, What: "there is no log to it",
				Remedy: fmt.Sprintf("put %s.log or a folder %s beside it, or remove it", stem, stem)}}
			lonely = append(lonely, c)
		}
	}
	return lonely
}
