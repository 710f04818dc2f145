package patterns

import (
	"fmt"

	"github.com/watchcat-ci/watchcat/classify"
)

// next checks what the line after a match must be. It returns nil if there is
// no next, or something is wrong with it.
func (c check) next() *expr {
	if !c.keys["next"] {
		return nil
	}
	return c.regexp(c.text.Next, "next")
}

// kinds are the kinds of conditions, and what holds of them if the rule matches.
var kinds = []string{"all", "none"}

// condition is a condition that was found right.
type condition struct {
	kind   string
	number int
	file   string // as it is written; "": that of the rule
	expr   *expr  // nil: asks whether the file exists
}

// conditions checks all and none, and returns those that are right.
func (c check) conditions(own *expr) []condition {
	var sound []condition
	for _, kind := range kinds {
		for i, text := range c.conditionTexts(kind) {
			if cond, ok := c.condition(kind, i, text); ok {
				sound = append(sound, cond)
			}
		}
	}
	for _, cond := range sound {
		if cond.kind == "none" {
			c.contradiction(cond, own, sound)
		}
	}
	return sound
}

func (c check) conditionTexts(kind string) []conditionText {
	if kind == "all" {
		return c.text.All
	}
	return c.text.None
}

// condition checks one condition by itself.
func (c check) condition(kind string, i int, text conditionText) (cond condition, ok bool) {
	file := c.holds(kind, i, "file")
	search := c.holds(kind, i, "pattern") || c.holds(kind, i, "literal")
	if c.failed(kind, i) {
		return condition{}, false
	}
	switch {
	case !file && !search:
		c.wrong("has neither a file nor a pattern or literal", "say what to look for, or which file must exist", kind, i)
		return condition{}, false
	case text.File == classify.ResultFile && !search:
		c.wrong(fmt.Sprintf("%q is always there", classify.ResultFile), "give the pattern or literal to look for", kind, i)
		return condition{}, false
	}
	if file {
		c.path(text.File, kind, i, "file")
	}
	cond = condition{kind, i, text.File, c.expr(text.Pattern, text.Literal, kind, i)}
	if file && text.File == c.text.File {
		cond.file = ""
	}
	return cond, cond.expr != nil || !search
}

// contradiction reports a condition of none that always holds where the rest of
// the rule does.
func (c check) contradiction(none condition, own *expr, all []condition) {
	const never = "so the rule can never match"
	if none.file == "" && (none.expr == nil || own.implies(none.expr)) {
		c.wrong("excludes what the rule itself looks for, "+never, "ask for something else, or in another file", "none", none.number)
		return
	}
	for _, other := range all {
		if other.kind == "all" && other.file == none.file && (none.expr == nil || other.expr.implies(none.expr)) {
			c.wrong(fmt.Sprintf("excludes what all %d asks for, %s", other.number+1, never), "leave one of the two out", "none", none.number)
			return
		}
	}
}

// unless checks what must not be near a match.
func (c check) unless(own, next *expr, conditions []condition) {
	for i, u := range c.text.Unless {
		if c.failed("unless", i) {
			continue
		}
		if !c.holds("unless", i, "pattern") && !c.holds("unless", i, "literal") {
			c.wrong("has neither a pattern nor a literal", "say what must not be there", "unless", i)
			continue
		}
		e := c.expr(u.Pattern, u.Literal, "unless", i)
		if what := c.always(classify.Within(u.Within), e, own, next, conditions); what != "" {
			c.wrong(what+", so the rule can never match", "say what the harmless lines alone have", "unless", i)
		}
	}
}

// always says why an unless takes every match away; "" if it does not.
func (c check) always(reach classify.Within, e, own, next *expr, conditions []condition) string {
	if reach != classify.WithinNext && own.implies(e) {
		return "excludes what the rule itself looks for"
	}
	if reach != classify.WithinLine && next.implies(e) {
		return "excludes what next asks for"
	}
	for _, cond := range conditions {
		if reach == classify.WithinFile && cond.kind == "all" && cond.file == "" && cond.expr.implies(e) {
			return fmt.Sprintf("excludes what all %d asks for", cond.number+1)
		}
	}
	return ""
}

// evidence checks which lines a match shows.
func (c check) evidence() {
	if c.keys["until"] {
		c.regexp(c.text.Until, "until")
	}
	if !c.keys["context"] || c.failed("context") {
		return
	}
	context := c.text.Context
	for _, side := range []struct {
		key   string
		lines int
	}{{"before", context.Before}, {"after", context.After}} {
		if side.lines < 0 || side.lines > classify.MaxBlock {
			c.wrong(fmt.Sprintf("%s: %d lines are out of range", side.key, side.lines),
				fmt.Sprintf("write a number from 0 to %d", classify.MaxBlock), "context", side.key)
		}
	}
	switch {
	case context == contextText{}:
		c.wrong("context of no lines", "give before or after, or leave it out", "context")
	case context.After > 0 && c.keys["until"]:
		c.wrong("has both until and context after the match", "leave one of them out", "context", "after")
	}
}

// resultFile checks that a rule on the one line of @result asks for no other.
func (c check) resultFile() {
	if c.text.File != classify.ResultFile {
		return
	}
	const remedy = "leave it out, or name another file"
	only := fmt.Sprintf("%q is one line: ", classify.ResultFile)
	for _, key := range []string{"next", "until", "context"} {
		if c.keys[key] {
			c.wrong(only+key+" asks for another", remedy, key)
		}
	}
	for i, u := range c.text.Unless {
		if classify.Within(u.Within) != classify.WithinLine {
			c.wrong(only+"unless can reach no other", `leave within out`, "unless", i, "within")
		}
	}
}
