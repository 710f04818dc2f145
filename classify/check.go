package classify

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"time"
)

// check looks for what makes a rule unusable, its patterns and message apart.
func (r *rule) check() error {
	switch {
	case r.ID == "":
		return errors.New("no id")
	case len(r.Files) == 0 || slices.Contains(r.Files, ""):
		return errors.New("no file")
	case (r.Pattern == "") == (r.Literal == ""):
		return errors.New("needs a pattern or a literal, and not both")
	case !slices.Contains(Tiers(), r.Tier):
		return fmt.Errorf("tier %q is none of %q", r.Tier, Tiers())
	case r.Occurrence != OccurrenceFirst && r.Occurrence != OccurrenceLast:
		return fmt.Errorf("occurrence %q is neither %q nor %q", r.Occurrence, OccurrenceFirst, OccurrenceLast)
	case slices.Contains(r.Exclude, ""):
		return errors.New("an empty exclude excludes every line")
	}
	return errors.Join(checkFiles(r.Files), r.checkEvidence(), r.checkResultFile(), r.checkUnless(),
		checkConditions("all", r.All), checkConditions("none", r.None), r.checkGlobs(), r.checkExpires())
}

// checkFiles checks candidates.
func checkFiles(files []string) error {
	if len(files) > 1 && slices.Contains(files, ResultFile) {
		return fmt.Errorf("file %q stands for no log: it cannot be one of several", ResultFile)
	}
	for _, file := range files {
		if _, err := path.Match(file, ""); err != nil {
			return fmt.Errorf("file %q: %w", file, err)
		}
	}
	return nil
}

// checkEvidence checks what says which lines are shown.
func (r *rule) checkEvidence() error {
	c := r.Context
	switch {
	case c.Before < 0 || c.Before > MaxBlock || c.After < 0 || c.After > MaxBlock:
		return fmt.Errorf("context of %d and %d lines: each must be from 0 to %d", c.Before, c.After, MaxBlock)
	case r.Until != "" && c.After > 0:
		return errors.New("context after a match and until exclude each other")
	}
	return nil
}

// checkResultFile checks that a rule on the one line of ResultFile asks for no
// other line.
func (r *rule) checkResultFile() error {
	other := slices.ContainsFunc(r.Unless, func(u Unless) bool { return u.Within != WithinLine })
	if slices.Contains(r.Files, ResultFile) && (other || r.Next != "" || r.Until != "" || r.Context != Context{}) {
		return fmt.Errorf("%q has one line: no other can be before it or after it", ResultFile)
	}
	return nil
}

// checkUnless checks what a rule's matches must not have within reach.
func (r *rule) checkUnless() error {
	for i, u := range r.Unless {
		switch {
		case (u.Pattern == "") == (u.Literal == ""):
			return fmt.Errorf("unless %d: needs a pattern or a literal, and not both", i+1)
		case u.Within < WithinFile || u.Within > MaxWindow:
			return fmt.Errorf("unless %d: within %d lines: must be from 1 to %d", i+1, int(u.Within), MaxWindow)
		}
	}
	return nil
}

// checkConditions checks the conditions of a kind.
func checkConditions(kind string, conds []Condition) error {
	for i, c := range conds {
		exists := c.Pattern == "" && c.Literal == ""
		switch {
		case c.Pattern != "" && c.Literal != "":
			return fmt.Errorf("%s %d: has both a pattern and a literal", kind, i+1)
		case exists && (len(c.Files) == 0 || slices.Contains(c.Files, ResultFile)):
			return fmt.Errorf("%s %d: needs a pattern, a literal or the file that must exist", kind, i+1)
		case slices.Contains(c.Files, ""):
			return fmt.Errorf("%s %d: no file", kind, i+1)
		}
		if err := checkFiles(c.Files); err != nil {
			return fmt.Errorf("%s %d: %w", kind, i+1, err)
		}
	}
	return nil
}

// checkGlobs checks the globs that restrict a rule to some jobs.
func (r *rule) checkGlobs() error {
	for _, glob := range slices.Concat(r.Jobs, r.Projects, r.Branches, r.Pipelines) {
		if glob == "" || glob == "!" {
			return fmt.Errorf("%q is no glob of a name", glob)
		}
	}
	return nil
}

// checkExpires checks the day.
func (r *rule) checkExpires() error {
	if r.Expires == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, r.Expires); err != nil {
		return fmt.Errorf("expires: %q is no day such as 2027-03-01", r.Expires)
	}
	return nil
}
