package classify_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// shrink makes rules and logs smaller for as long as they fail: a person is to
// read what is left.
func shrink(rules []classify.Rule, w world, fails func([]classify.Rule, world) bool) ([]classify.Rule, world) {
	for again := true; again; {
		again = false
		for i := 0; i < len(rules); i++ {
			if less := slices.Delete(slices.Clone(rules), i, i+1); fails(less, w) {
				rules, again = less, true
				i--
			}
		}
		for i := range rules {
			again = shrinkRule(rules, i, func(less []classify.Rule) bool { return fails(less, w) }) || again
		}
		for _, name := range slices.Sorted(maps.Keys(w.Files)) {
			less := w
			less.Files = maps.Clone(w.Files)
			delete(less.Files, name)
			if fails(rules, less) {
				w, again = less, true
			} else if shrinkLog(w, name, func(less world) bool { return fails(rules, less) }) {
				again = true
			}
		}
	}
	return rules, w
}

// shrinkRule clears fields of a rule, or takes elements of its lists away.
func shrinkRule(rules []classify.Rule, i int, fails func([]classify.Rule) bool) (shrunk bool) {
	try := func(f int, value reflect.Value) bool {
		less := slices.Clone(rules)
		reflect.ValueOf(&less[i]).Elem().Field(f).Set(value)
		if !fails(less) {
			return false
		}
		rules[i] = less[i]
		return true
	}
	fields := reflect.TypeFor[classify.Rule]()
	for f := range fields.NumField() {
		value := reflect.ValueOf(rules[i]).Field(f)
		switch {
		case value.IsZero(), fields.Field(f).Name == "ID":
		case try(f, reflect.Zero(value.Type())):
			shrunk = true
		case value.Kind() == reflect.Slice:
			for k := range value.Len() {
				less := reflect.AppendSlice(reflect.MakeSlice(value.Type(), 0, value.Len()), value.Slice(0, k))
				if try(f, reflect.AppendSlice(less, value.Slice(k+1, value.Len()))) {
					return true
				}
			}
		}
	}
	return shrunk
}

// shrinkLog takes runs of lines away from a file, the longest first.
func shrinkLog(w world, name string, fails func(world) bool) (shrunk bool) {
	for size := strings.Count(w.Files[name].Text, "\n"); size > 0; size /= 2 {
		for from := 0; ; {
			lines := strings.SplitAfter(strings.TrimSuffix(w.Files[name].Text, "\n"), "\n")
			if from+size > len(lines) || len(lines) == size {
				break
			}
			less := w
			less.Files = maps.Clone(w.Files)
			t := w.Files[name]
			t.Text = strings.Join(slices.Delete(lines, from, from+size), "")
			less.Files[name] = t
			if t.Text == "" || !fails(less) {
				from += size
				continue
			}
			w.Files[name], shrunk = t, true
		}
	}
	return shrunk
}
