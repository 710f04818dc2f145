package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// Label says where in a log of a failed build the reason stands.
type Label struct {
	Log     string  `json:"log"`     // path, with "/", as it is written
	Project string  `json:"project"` // averages are over projects
	Lines   []Range `json:"lines"`   // that a person marked as the reason, merged
}

// ReadLabels reads labels, one JSON object a line; name is that of the file, for
// mistakes. Keys that a Label does not have are passed over, and so are empty
// lines. The error is of type strict.Mistakes and holds every mistake.
func ReadLabels(name string, r io.Reader) ([]Label, error) {
	var labels []Label
	var mistakes strict.Mistakes
	first := map[string]int{} // line of the label of a log
	for n, line := range jsonLines(r) {
		var l Label
		err := line.decode(&l)
		switch {
		case err != nil:
		case l.Log == "":
			err = errors.New(`it names no "log"`)
		case len(l.Lines) == 0:
			err = errors.New(`"lines" marks no line`)
		case first[path.Clean(l.Log)] > 0:
			err = fmt.Errorf("%s has a label already, in line %d", l.Log, first[path.Clean(l.Log)])
		}
		if err != nil {
			mistakes = append(mistakes, strict.Mistake{
				File: name, Line: n, Col: 1, What: "no label: " + err.Error(),
				Remedy: `write {"log": "a.log", "project": "p", "lines": [[12, 15]]}`,
			})
			continue
		}
		first[path.Clean(l.Log)] = n
		l.Lines = merged(l.Lines)
		labels = append(labels, l)
	}
	return labels, mistakes.Err()
}

// jsonLine is a line of a file of JSON lines, or why it could not be read.
type jsonLine struct {
	text []byte
	err  error
}

// decode decodes the line.
func (l jsonLine) decode(into any) error {
	if l.err != nil {
		return l.err
	}
	return json.Unmarshal(l.text, into)
}

// maxLine is how long a line may be: a result with all of its matches.
const maxLine = 16 << 20

// jsonLines yields the lines that are not empty, by number from 1. An error of r
// is the last of them.
func jsonLines(r io.Reader) iter.Seq2[int, jsonLine] {
	return func(yield func(int, jsonLine) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		n := 0
		for lines.Scan() {
			n++
			text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
			if len(text) > 0 && !yield(n, jsonLine{text: text}) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(n+1, jsonLine{err: err})
		}
	}
}

// names finds the element of a list that a path names, however much of its
// folders either gives.
type names struct {
	all   []string
	tails map[string][]int // elements by their last parts
}

// tailParts is how many last parts of a path tell it from the others.
const tailParts = 3

func newNames(all []string) *names {
	n := &names{tails: map[string][]int{}}
	for i, name := range all {
		n.all = append(n.all, path.Clean(name))
		tail := tailOf(n.all[i], tailParts)
		n.tails[tail] = append(n.tails[tail], i)
	}
	return n
}

// tailOf returns the last parts of a path, all if it has no more.
func tailOf(name string, parts int) string {
	at := len(name)
	for ; parts > 0 && at >= 0; parts-- {
		at = strings.LastIndexByte(name[:at], '/')
	}
	return name[at+1:]
}

// find returns the index of the element that name means, -1 for none: it has the
// same last three parts, or its fewer parts are the last of name. Of several it
// is the one that shares most with name.
func (n *names) find(name string) int {
	name = path.Clean(name)
	for parts := tailParts; parts > 0; parts-- {
		if fitting := n.tails[tailOf(name, parts)]; len(fitting) > 0 {
			return slices.MaxFunc(fitting, func(a, b int) int { return shared(n.all[a], name) - shared(n.all[b], name) })
		}
	}
	return -1
}

// shared returns how many bytes at the end of two names are the same.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n
}
