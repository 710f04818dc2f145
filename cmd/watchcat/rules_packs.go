package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
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

// pinMark stands between a spec and the hash that pins it.
const pinMark = "@sha256:"

// listPacks prints what the rules come from.
func (a *app) listPacks(flag rulesFlag, asJSON bool) error {
	conf, err := a.config()
	if err != nil {
		return err
	}
	var packs []pack
	for _, spec := range flag.specs(conf) {
		p, err := newPack(spec)
		if err != nil {
			return err
		}
		packs = append(packs, p)
	}
	enc := encoder(a.stdout)
	for _, p := range packs {
		if asJSON {
			err = enc.Encode(p)
		} else {
			_, err = fmt.Fprint(a.stdout, printable(p.text()))
		}
		if err != nil {
			return fmt.Errorf("print the packs: %w", err)
		}
	}
	return nil
}

// newPack returns what a spec stands for. It is loaded by itself, whatever pins
// it now; that its rules lack the tags or the rules of other files is no matter.
func newPack(spec string) (pack, error) {
	spec, _, _ = strings.Cut(spec, pinMark)
	set, err := patterns.Load([]string{spec}, patterns.Options{})
	p := pack{Spec: spec}
	for _, s := range set.Sources {
		if s.Packed && spec != patterns.Default {
			continue // base.toml, which every set begins with
		}
		p.Files = append(p.Files, packFile{Name: s.Name, SHA256: s.SHA256, Rules: rulesOfFile(set, s.Name)})
	}
	if len(p.Files) == 0 {
		return p, usage(err)
	}
	slices.SortFunc(p.Files, func(a, b packFile) int { return strings.Compare(a.Name, b.Name) })
	lines := sha256.New()
	for _, f := range p.Files {
		p.Rules += f.Rules
		fmt.Fprintf(lines, "%s  %s\n", f.SHA256, filepath.Base(f.Name))
	}
	p.Pin = spec + pinMark
	if isFile(spec) {
		p.Pin += p.Files[0].SHA256
	} else {
		p.Pin += fmt.Sprintf("%x", lines.Sum(nil))
	}
	return p, nil
}

// isFile reports whether a spec names one file, neither a folder nor a glob.
func isFile(spec string) bool {
	info, err := os.Stat(spec)
	return err == nil && spec != patterns.Default && !info.IsDir()
}

// rulesOfFile returns how many rules of a set stand in a file.
func rulesOfFile(set *patterns.Set, file string) int {
	n := 0
	for _, r := range set.Rules {
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
