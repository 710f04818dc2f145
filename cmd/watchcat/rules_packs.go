package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/patterns"
)

// pack is what one spec of --rules or of the configuration stands for.
type pack struct {
	Spec  string     `json:"spec"`
	Pin   string     `json:"pin"` // Spec, pinned to what it stands for now
	Rules int        `json:"rules"`
	Files []packFile `json:"files"`
}

// packFile is a rule file of a pack.
type packFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Rules  int    `json:"rules"`
}

// listPacks prints what the rules come from.
func (a *app) listPacks(flag rulesFlag, asJSON bool) error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	var specs []string // without pins: these may be out of date
	for _, spec := range flag.specs(conf) {
		name, _, _ := patterns.SplitPin(spec)
		specs = append(specs, name)
	}
	set, wrong, err := tolerant(patterns.Load(specs, patterns.Options{}))
	if err != nil {
		return usage(err)
	}
	enc := encoder(a.stdout)
	for _, spec := range specs {
		p, err := newPack(set, spec)
		if err != nil {
			return usage(err)
		}
		if asJSON {
			err = enc.Encode(p)
		} else {
			_, err = fmt.Fprint(a.stdout, printable(p.text()))
		}
		if err != nil {
			return fmt.Errorf("print the packs: %w", err)
		}
	}
	return a.noteMistakes(wrong)
}

// newPack returns what one spec of a set stands for. It is loaded by itself: in
// the set, files that other specs name too are told of once.
func newPack(set *patterns.Set, spec string) (pack, error) {
	alone, _ := patterns.Load([]string{spec}, patterns.Options{}) // what it lacks of other files is no matter
	p := pack{Spec: spec}
	for _, s := range alone.Sources {
		if s.Packed && spec != patterns.Default {
			continue // base.toml, which every set begins with
		}
		f := packFile{Name: s.Name, SHA256: s.SHA256, Rules: rulesOfFile(set, s.Name)}
		p.Files = append(p.Files, f)
		p.Rules += f.Rules
	}
	slices.SortFunc(p.Files, func(a, b packFile) int { return strings.Compare(a.Name, b.Name) })
	var err error
	p.Pin, err = patterns.Pin(spec, patterns.Options{})
	return p, err
}

// rulesOfFile returns how many rules of a set stand in a file, be they switched
// off or not.
func rulesOfFile(set *patterns.Set, file string) int {
	n := 0
	for _, r := range slices.Concat(set.Rules, set.Off) {
		if set.Place(r.ID).File == file {
			n++
		}
	}
	return n
}

// text returns the pin, and below it the files where they are several.
func (p *pack) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s in %s\n", p.Pin, counted(p.Rules, "rule"), counted(len(p.Files), "file"))
	if len(p.Files) == 1 {
		return b.String()
	}
	for _, f := range p.Files {
		fmt.Fprintf(&b, "  %5d  %s\n", f.Rules, f.Name)
	}
	return b.String()
}
