package patterns

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

const (
	packFolder = "default"
	baseFile   = packFolder + "/base.toml"
)

// maxFile is the size in bytes above which a file is taken for no rule file.
const maxFile = 16 << 20

// source is a file to read rules from.
type source struct {
	name   string
	packed bool // embedded, not on the disk
	spec   string
}

// base is the file that every rule set begins with.
var base = source{name: baseFile, packed: true, spec: Default}

// rank says whose declarations go first where files disagree: the user's, then
// those of the packs, then those of base.toml.
func (s source) rank() int {
	switch {
	case !s.packed:
		return 2
	case s.name != baseFile:
		return 1
	}
	return 0
}

// find takes in the files that specs name, base.toml first, each once. Of a spec
// whose pin is wrong it takes none.
func (l *loader) find(specs []string, dir string) {
	texts := map[source][]byte{}
	l.take(base, l.read(base, texts))
	seen := map[source]bool{base.key(): true}
	for _, spec := range specs {
		name, pin, pinned := SplitPin(spec)
		found := l.expand(name, dir)
		for _, s := range found.files {
			l.read(s, texts)
		}
		if pinned && !l.keepsTo(pin, name, found, texts) {
			continue
		}
		for _, s := range found.files {
			if text := texts[s.key()]; text != nil && !seen[s.key()] {
				seen[s.key()] = true
				s.spec = spec
				l.take(s, text)
			}
		}
	}
}

// read returns the text of a file, nil if it cannot be read. What was read once
// is in texts.
func (l *loader) read(s source, texts map[source][]byte) []byte {
	text, known := texts[s.key()]
	if known {
		return text
	}
	text, err := s.text()
	if err != nil {
		text = nil
		l.fail(s.name, reason(err), "name a rule file that can be read")
	} else if text == nil {
		text = []byte{}
	}
	texts[s.key()] = text
	return text
}

// key tells a file from any other: s under the name that it has in every folder.
func (s source) key() source {
	if name, err := filepath.Abs(s.name); err == nil && !s.packed {
		s.name = name
	}
	return source{name: s.name, packed: s.packed}
}

// found is what a spec names.
type found struct {
	files   []source
	several bool // it may name more than one file
}

// expand returns what one spec, without a pin, names.
func (l *loader) expand(spec, dir string) found {
	if spec == Default {
		return found{pack(), true}
	}
	if spec == "" {
		l.fail(spec, "a rule file has an empty name", `name a file, a folder, a glob or "default"`)
		return found{}
	}
	name := filepath.Clean(spec)
	if dir != "" && !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return found{l.folder(name), true}
	case errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(spec, "*?["):
		return found{l.glob(name), true}
	}
	return found{files: []source{{name: name}}} // what is wrong with it shows when it is read
}

// pack returns the files of the default packs.
func pack() []source {
	names, err := fs.Glob(packs, packFolder+"/*.toml")
	if err != nil {
		panic(err) // cannot be: the pattern is ours
	}
	var files []source
	for _, name := range names {
		files = append(files, source{name: name, packed: true})
	}
	return files
}

// folder returns the rule files in a folder.
func (l *loader) folder(name string) []source {
	entries, err := os.ReadDir(name)
	if err != nil {
		l.fail(name, reason(err), "make it readable, or name another folder")
		return nil
	}
	var names []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".toml" && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, filepath.Join(name, e.Name()))
		}
	}
	found := files(names)
	if len(found) == 0 {
		l.fail(name, "the folder has no *.toml file", "put rule files there, or name another folder")
	}
	return found
}

// glob returns the files that a glob matches.
func (l *loader) glob(pattern string) []source {
	names, err := filepath.Glob(pattern)
	if err != nil {
		l.fail(pattern, err.Error(), "close each [ with a ]")
		return nil
	}
	found := files(names)
	if len(found) == 0 {
		l.fail(pattern, "no file matches", "name files that are there")
	}
	return found
}

// files returns what among names may be a file. What cannot be told stays: that
// it cannot be read is said when it is.
func files(names []string) []source {
	var found []source
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() {
			found = append(found, source{name: name})
		}
	}
	return found
}

// text returns the contents of a file.
func (s source) text() ([]byte, error) {
	if s.packed {
		return packs.ReadFile(s.name)
	}
	f, err := os.Open(s.name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("more than %d bytes are no rule file", maxFile)
	}
	return text, err
}

// fail reports that what a spec names could not be had.
func (l *loader) fail(file, what, remedy string) {
	l.lost = true
	l.mistakes = append(l.mistakes, strict.Mistake{File: file, What: what, Remedy: remedy})
}

// reason returns what the system said of a file, without naming the file again.
func reason(err error) string {
	if bad, ok := errors.AsType[*fs.PathError](err); ok {
		return bad.Err.Error()
	}
	return err.Error()
}
