package patterns

import (
	"fmt"
	"reflect"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// ruleFile is a rule file as it is written.
type ruleFile struct {
	Tags      map[string]string   `toml:"tags"`
	Files     map[string][]string `toml:"files"`
	Rules     []ruleText          `toml:"rule"`
	Overrides []overrideText      `toml:"override"`
}

// ruleText is a [[rule]] as it is written.
type ruleText struct {
	ID          string          `toml:"id"`
	File        string          `toml:"file"`
	Pattern     string          `toml:"pattern"`
	Literal     string          `toml:"literal"`
	Message     string          `toml:"message"`
	Tag         string          `toml:"tag"`
	Tier        string          `toml:"tier"`
	Priority    int             `toml:"priority"`
	Exclude     []string        `toml:"exclude"`
	Next        string          `toml:"next"`
	Unless      []unlessText    `toml:"unless"`
	All         []conditionText `toml:"all"`
	None        []conditionText `toml:"none"`
	Until       string          `toml:"until"`
	Context     contextText     `toml:"context"`
	Occurrence  string          `toml:"occurrence"`
	Jobs        []string        `toml:"jobs"`
	Projects    []string        `toml:"projects"`
	Branches    []string        `toml:"branches"`
	Pipelines   []string        `toml:"pipelines"`
	Hides       []string        `toml:"hides"`
	Expires     day             `toml:"expires"`
	URL         string          `toml:"url"`
	Description string          `toml:"description"`
	Tests       []testText      `toml:"test"`
}

// overrideText is an [[override]] as it is written.
type overrideText struct {
	ruleText
	Off bool `toml:"off"`
}

// unlessText is an element of unless as it is written.
type unlessText struct {
	Pattern string `toml:"pattern"`
	Literal string `toml:"literal"`
	Within  within `toml:"within"`
}

// conditionText is an element of all or none as it is written.
type conditionText struct {
	File    string `toml:"file"`
	Pattern string `toml:"pattern"`
	Literal string `toml:"literal"`
}

// contextText is the context of a rule as it is written.
type contextText struct {
	Before int `toml:"before"`
	After  int `toml:"after"`
}

// testText is a [[rule.test]] as it is written.
type testText struct {
	Log      string            `toml:"log"`
	Want     string            `toml:"want"`
	Files    map[string]string `toml:"files"`
	Job      string            `toml:"job"`
	Project  string            `toml:"project"`
	Branch   string            `toml:"branch"`
	Pipeline string            `toml:"pipeline"`
}

// within is a reach: a word or a number of lines.
type within classify.Within

// UnmarshalTOML takes "line", "next", "file" or a number.
func (w *within) UnmarshalTOML(data any) error {
	remedy := fmt.Sprintf(`write "line", "next", "file", or a number of lines from 1 to %d`, classify.MaxWindow)
	switch data := data.(type) {
	case int64:
		if data < 1 || data > classify.MaxWindow {
			return strict.Mistake{What: fmt.Sprintf("%d lines are out of range", data), Remedy: remedy}
		}
		*w = within(data)
		return nil
	case string:
		words := map[string]within{}
		for _, known := range []classify.Within{classify.WithinLine, classify.WithinNext, classify.WithinFile} {
			words[known.String()] = within(known)
		}
		reach, known := words[data]
		if !known {
			return strict.Mistake{What: fmt.Sprintf("%q is no reach", data), Remedy: remedy}
		}
		*w = reach
		return nil
	}
	return strict.Mistake{What: "must be a word or a number of lines", Remedy: remedy}
}

// day is a date without time: "2027-03-01".
type day string

// dayZone is the name of the time zone by which the TOML parser marks dates
// that have no time.
const dayZone = "date-local"

// UnmarshalTOML takes a local date.
func (d *day) UnmarshalTOML(data any) error {
	t, ok := data.(time.Time)
	if !ok || t.Location().String() != dayZone {
		return strict.Mistake{What: "must be a day", Remedy: "write it without quotes and time: 2027-03-01"}
	}
	*d = day(t.Format(time.DateOnly))
	return nil
}

// ruleKeys are the keys of a [[rule]], in the order in which they are told of.
var ruleKeys = keysOf(reflect.TypeFor[ruleText]())

// keysOf returns the keys that fill a struct.
func keysOf(t reflect.Type) []string {
	var keys []string
	for _, f := range reflect.VisibleFields(t) {
		if !f.Anonymous {
			keys = append(keys, f.Tag.Get("toml"))
		}
	}
	return keys
}

// take copies what a key holds from another rule.
func (r *ruleText) take(key string, from *ruleText) {
	for i, known := range ruleKeys {
		if known == key {
			reflect.ValueOf(r).Elem().Field(i).Set(reflect.ValueOf(from).Elem().Field(i))
		}
	}
}
