package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
	"github.com/watchcat-ci/watchcat/patterns/strict"
)

const rulesListHelp = `List the rules: id, tag, tier, message and where each stands, with those that an
override changed or switched off, and what it did. Without arguments the rules
are those of --rules, else of the configuration, else the default ones. On a
terminal lines are cut to its width; in a pipe nothing is cut.

--packs lists instead what the rules come from, each with the sha256 that pins
it: rules = ["default@sha256:…"] in the configuration, or --rules, then loads
nothing else under that name.`

// The states of rules that --state knows.
const (
	stateOn       = "on"      // not switched off
	stateOff      = "off"     // switched off by an override
	stateChanged  = "changed" // by an override
	stateExpired  = string(patterns.Expired)
	stateExpiring = string(patterns.Expiring)
	stateUntested = "untested" // no test that it must match, or none that it must not
)

var ruleStates = []string{stateOn, stateOff, stateChanged, stateExpired, stateExpiring, stateUntested}

// listFlags are the flags of rules list.
type listFlags struct {
	rules                    rulesFlag
	format                   answerFormat
	tags, files, states, ids []string
	tier                     string
	packs                    bool
}

func (a *app) rulesListCommand() *cobra.Command {
	var f listFlags
	c := &cobra.Command{
		Use:     "list [FILE|FOLDER]...",
		Short:   "List the rules: id, tag, tier, message and where each stands",
		Long:    rulesListHelp,
		Example: "  watchcat rules list --tag infra --tier cause\n  watchcat rules list --rules default --rules rules/ --state changed --state off\n  watchcat rules list --id 'pip-*' --format json\n  watchcat rules list --packs",
		RunE: func(_ *cobra.Command, args []string) error {
			f.rules = append(f.rules, args...)
			return a.listRules(&f)
		},
	}
	f.rules.add(c)
	f.format.add(c)
	c.Flags().StringArrayVar(&f.tags, "tag", nil, "only rules with that `tag`; repeatable, as all of these")
	c.Flags().StringArrayVar(&f.files, "file", nil, "only rules on that log `file`: a logical name, or a glob of what stands behind it")
	c.Flags().StringVar(&f.tier, "tier", "", "only rules of that `tier`: cause, clue or symptom")
	c.Flags().StringArrayVar(&f.states, "state", nil, "only rules in that `state`: "+strings.Join(ruleStates, ", "))
	c.Flags().StringArrayVar(&f.ids, "id", nil, "only rules whose id `glob` matches")
	c.Flags().BoolVar(&f.packs, "packs", false, "list the files and packs, each with the sha256 to pin it")
	return c
}

// listRules lists what the flags select.
func (a *app) listRules(f *listFlags) error {
	asJSON, err := f.format.asJSON()
	if err != nil {
		return err
	}
	if f.packs {
		return a.listPacks(f.rules, asJSON)
	}
	set, wrong, err := a.ruleSet(f.rules)
	if err != nil {
		return err
	}
	if err := f.check(set); err != nil {
		return err
	}
	classifier, err := compile(set)
	if err != nil {
		return err
	}
	if err := a.printRules(set, f, asJSON); err != nil {
		return fmt.Errorf("print the rules: %w", err)
	}
	off := ""
	if n := len(set.Off); n > 0 {
		off = fmt.Sprintf(" and %d switched off", n)
	}
	a.infof("%s%s\n%s", counted(len(set.Rules), "rule"), off, classifier.Hash())
	return a.noteMistakes(wrong)
}

// check refuses values that no rule can have.
func (f *listFlags) check(set *patterns.Set) error {
	known := slices.Collect(maps.Keys(set.Tags))
	for _, tag := range f.tags {
		if !slices.Contains(known, tag) {
			return usagef("--tag %q: no such tag%s", tag, hint(tag, known))
		}
	}
	for _, state := range f.states {
		if !slices.Contains(ruleStates, state) {
			return usagef("--state %q: must be one of %s", state, strings.Join(ruleStates, ", "))
		}
	}
	if t := classify.Tier(f.tier); t != "" && !slices.Contains(classify.Tiers(), t) {
		return usagef("--tier %q: must be cause, clue or symptom", f.tier)
	}
	return nil
}

// hint returns what to add to the complaint about an unknown name.
func hint(name string, known []string) string {
	if s := strict.Suggest(name, known); s != "" {
		return "; " + s
	}
	return ""
}

// selects reports whether the flags select a rule.
func (f *listFlags) selects(r *listedRule) bool {
	file := func(glob string) bool {
		return classify.Glob(glob, r.file) || slices.ContainsFunc(r.Files, func(f string) bool { return classify.Glob(glob, f) })
	}
	is := func(state string) bool { return slices.Contains(r.State, state) }
	return (len(f.tags) == 0 || slices.Contains(f.tags, r.Tag)) &&
		(f.tier == "" || f.tier == string(r.tier())) &&
		(len(f.files) == 0 || slices.ContainsFunc(f.files, file)) &&
		(len(f.states) == 0 || slices.ContainsFunc(f.states, is)) &&
		(len(f.ids) == 0 || slices.ContainsFunc(f.ids, func(glob string) bool { return classify.Glob(glob, r.ID) }))
}

// listedRule is a rule, and what list and show tell of it.
type listedRule struct {
	classify.Rule
	Origin  string       `json:"origin"`
	State   []string     `json:"state"`
	Changes []ruleChange `json:"changes,omitempty"`

	file string // as written
}

// ruleChange is what an override did.
type ruleChange struct {
	Origin string   `json:"origin"`
	Fields []string `json:"fields,omitempty"`
	Off    bool     `json:"off,omitzero"`
}

// String says what an override did.
func (c ruleChange) String() string {
	if c.Off {
		return "switched off by " + c.Origin
	}
	return strings.Join(c.Fields, ", ") + " changed by " + c.Origin
}

// tier returns the rule's tier, the default one by its name.
func (r *listedRule) tier() classify.Tier { return cmp.Or(r.Tier, classify.TierCause) }

// listed returns the rules of a set, those that are switched off last.
func (a *app) listed(set *patterns.Set) []listedRule {
	untested := map[string]bool{}
	for _, u := range set.Untested() {
		untested[u.Rule] = true
	}
	var out []listedRule
	add := func(rule classify.Rule, state string) {
		r := listedRule{Rule: rule, Origin: set.Origin(rule.ID), State: []string{state}, file: set.File(rule.ID)}
		for _, c := range set.Changes(rule.ID) {
			r.Changes = append(r.Changes, ruleChange{c.Origin.Row(), c.Fields, c.Off})
		}
		if slices.ContainsFunc(r.Changes, func(c ruleChange) bool { return !c.Off }) {
			r.State = append(r.State, stateChanged)
		}
		if expiry := patterns.ExpiryOf(rule, a.now()); expiry != patterns.Lasting {
			r.State = append(r.State, string(expiry))
		}
		if untested[rule.ID] {
			r.State = append(r.State, stateUntested)
		}
		out = append(out, r)
	}
	for _, rule := range set.Rules {
		add(rule, stateOn)
	}
	for _, rule := range set.Off {
		add(rule, stateOff)
	}
	return out
}

// printRules prints the rules that the flags select.
func (a *app) printRules(set *patterns.Set, f *listFlags, asJSON bool) error {
	rules := slices.DeleteFunc(a.listed(set), func(r listedRule) bool { return !f.selects(&r) })
	if !asJSON {
		if len(rules) == 0 {
			a.infof("no rule is like that")
		}
		return a.printRuleTable(rules)
	}
	enc := encoder(a.stdout)
	for _, r := range rules {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}
