package strict

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

// decoder fills Go values from parsed TOML and collects what does not fit. The
// paths on its way share their room: who keeps one clones it.
type decoder struct {
	index    *Index
	mistakes Mistakes
}

func (d *decoder) fail(path []any, what, remedy string) {
	d.mistakes = append(d.mistakes, d.index.Mistake(path, what, remedy))
}

// value fills into from data, which stands at path.
func (d *decoder) value(path []any, data any, into reflect.Value) {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		d.value(path, data, into.Elem())
		return
	}
	if d.itself(path, data, into) {
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		d.structure(path, data, into)
	case reflect.Map:
		d.mapping(path, data, into)
	case reflect.Slice:
		d.slice(path, data, into)
	case reflect.Interface:
		into.Set(reflect.ValueOf(data))
	default:
		d.scalar(path, data, into)
	}
}

// itself lets a type decode itself, if it can.
func (d *decoder) itself(path []any, data any, into reflect.Value) bool {
	switch v := into.Addr().Interface().(type) {
	case toml.Unmarshaler:
		d.report(path, v.UnmarshalTOML(data))
	case *time.Time:
		if t, ok := data.(time.Time); ok {
			*v = t
		} else {
			d.mismatch(path, data, into.Type())
		}
	case *time.Duration:
		d.duration(path, data, v)
	case encoding.TextUnmarshaler:
		if s, ok := data.(string); ok {
			d.report(path, v.UnmarshalText([]byte(s)))
		} else {
			d.mismatch(path, data, reflect.TypeFor[string]())
		}
	default:
		return false
	}
	return true
}

// report takes in the error of a type that decoded itself.
func (d *decoder) report(path []any, err error) {
	if err == nil {
		return
	}
	what, remedy := err.Error(), ""
	if m, ok := errors.AsType[Mistake](err); ok {
		what, remedy = m.What, m.Remedy
	}
	d.fail(path, name(path)+": "+what, remedy)
}

func (d *decoder) duration(path []any, data any, into *time.Duration) {
	s, ok := data.(string)
	if !ok {
		d.mismatch(path, data, reflect.TypeFor[time.Duration]())
		return
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		d.fail(path, fmt.Sprintf("%s: %q is not a duration", name(path), s), `write it like "30s", "5m" or "1h30m"`)
		return
	}
	*into = v
}

func (d *decoder) structure(path []any, data any, into reflect.Value) {
	table, ok := data.(map[string]any)
	if !ok {
		d.mismatch(path, data, into.Type())
		return
	}
	d.table(path, table, into)
}

// table fills a struct.
func (d *decoder) table(path []any, table map[string]any, into reflect.Value) {
	known := fields(into.Type())
	for key, data := range table {
		at := append(path, key)
		if f, ok := known[key]; ok {
			d.value(at, data, into.FieldByIndex(f))
			continue
		}
		names := slices.Collect(maps.Keys(known))
		m := d.index.Mistake(at, fmt.Sprintf("unknown key %q", key), Suggest(key, names))
		m.Meant = Nearest(key, names)
		d.mistakes = append(d.mistakes, m)
	}
}

func (d *decoder) mapping(path []any, data any, into reflect.Value) {
	table, ok := data.(map[string]any)
	if !ok {
		d.mismatch(path, data, into.Type())
		return
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(table)))
	for key, data := range table {
		elem := reflect.New(into.Type().Elem()).Elem()
		d.value(append(path, key), data, elem)
		into.SetMapIndex(reflect.ValueOf(key).Convert(into.Type().Key()), elem)
	}
}

func (d *decoder) slice(path []any, data any, into reflect.Value) {
	list := reflect.ValueOf(data)
	if list.Kind() != reflect.Slice {
		d.mismatch(path, data, into.Type())
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), list.Len(), list.Len()))
	for i := range list.Len() {
		d.value(append(path, i), list.Index(i).Interface(), into.Index(i))
	}
}

func (d *decoder) scalar(path []any, data any, into reflect.Value) {
	v := reflect.ValueOf(data)
	switch {
	case into.Kind() == reflect.String && v.Kind() == reflect.String:
		into.SetString(v.String())
	case into.Kind() == reflect.Bool && v.Kind() == reflect.Bool:
		into.SetBool(v.Bool())
	case into.CanFloat() && v.CanFloat():
		into.SetFloat(v.Float())
	case into.CanFloat() && v.CanInt():
		into.SetFloat(float64(v.Int()))
	case (into.CanInt() || into.CanUint()) && v.CanInt():
		d.integer(path, v.Int(), into)
	default:
		d.mismatch(path, data, into.Type())
	}
}

func (d *decoder) integer(path []any, n int64, into reflect.Value) {
	bits := into.Type().Bits()
	if into.CanInt() {
		if most := int64(1)<<(bits-1) - 1; !d.outside(path, n, -most-1, most) {
			into.SetInt(n)
		}
		return
	}
	if most := int64(min(uint64(math.MaxUint64)>>(64-bits), math.MaxInt64)); !d.outside(path, n, 0, most) {
		into.SetUint(uint64(n))
	}
}

// outside reports whether n is less than least or more than most, and if so,
// that it may not be.
func (d *decoder) outside(path []any, n, least, most int64) bool {
	switch {
	case n < least:
		d.fail(path, fmt.Sprintf("%s: %d is out of range", name(path), n), fmt.Sprintf("the smallest is %d", least))
	case n > most:
		d.fail(path, fmt.Sprintf("%s: %d is out of range", name(path), n), fmt.Sprintf("the largest is %d", most))
	default:
		return false
	}
	return true
}

// mismatch reports data that is of another type than wanted.
func (d *decoder) mismatch(path []any, data any, want reflect.Type) {
	d.fail(path, fmt.Sprintf("%s is %s, but must be %s", name(path), given(data), wanted(want)), remedy(data, want))
}

// name is what to call the key or element that path leads to.
func name(path []any) string {
	for i, p := range slices.Backward(path) {
		if key, ok := p.(string); ok {
			if n := len(path) - 1 - i; n > 0 {
				return fmt.Sprintf("element %d of %q", path[i+1].(int)+1, key)
			}
			return fmt.Sprintf("%q", key)
		}
	}
	return "the file"
}

// given names the type of a value as TOML does.
func given(data any) string {
	switch data.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case time.Time:
		return "a date or time"
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "an array of tables"
	}
	return "an array"
}

// wanted names the TOML type that fills a Go type.
func wanted(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "a date or time"
	case t == reflect.TypeFor[time.Duration]():
		return "a duration in quotes"
	}
	switch k := t.Kind(); k {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map:
		return "a table"
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Slice:
		return plural(wanted(t.Elem()))
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		if k < reflect.Int || k > reflect.Uint64 {
			panic(fmt.Sprintf("strict: TOML cannot fill a %v", t))
		}
		return "an integer"
	}
}

func plural(elem string) string {
	_, noun, ok := strings.Cut(elem, " ")
	if !ok || elem == "true or false" {
		return "an array"
	}
	head, tail, _ := strings.Cut(noun, " ")
	return strings.TrimSpace("an array of " + head + "s " + tail)
}

// remedy tells how to write what was meant, where that is plain.
func remedy(data any, want reflect.Type) string {
	text, isText := data.(string)
	switch {
	case want == reflect.TypeFor[time.Duration]():
		return `write it like "30s", "5m" or "1h30m"`
	case want.Kind() == reflect.String && isScalar(data):
		return "put it in quotes"
	case isText && want.Kind() == reflect.Slice && want.Elem().Kind() == reflect.String:
		return fmt.Sprintf("write [%q]", text)
	case isText && quoted(text, want):
		return "write it without quotes"
	case wanted(want) == "an array of tables":
		return "write [{ … }], or its header in double brackets"
	case wanted(want) == "a table" && given(data) == "an array of tables":
		return "write its header in single brackets"
	}
	return ""
}

// quoted reports whether text would be of the type that is wanted if it were
// not in quotes.
func quoted(text string, want reflect.Type) bool {
	var err error
	switch v := reflect.Zero(want); {
	case v.CanInt(), v.CanUint():
		_, err = strconv.ParseInt(text, 0, 64)
	case v.CanFloat():
		_, err = strconv.ParseFloat(text, 64)
	case want == reflect.TypeFor[time.Time]():
		_, err = time.Parse(time.DateOnly, text[:min(len(text), len(time.DateOnly))])
	default:
		return text == "true" || text == "false"
	}
	return err == nil
}

func isScalar(data any) bool {
	switch data.(type) {
	case bool, int64, float64, time.Time:
		return true
	}
	return false
}

// fields returns the keys of a struct and the index of the field that each fills.
func fields(t reflect.Type) map[string][]int {
	if known, ok := fieldsOf.Load(t); ok {
		return known.(map[string][]int)
	}
	known, _ := fieldsOf.LoadOrStore(t, findFields(t))
	return known.(map[string][]int)
}

// fieldsOf holds what fields found, by type: there are a few.
var fieldsOf sync.Map

func findFields(t reflect.Type) map[string][]int {
	known := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		key := f.Tag.Get("toml")
		embedded := f.Anonymous && key == "" && f.Type.Kind() == reflect.Struct
		if key == "-" || embedded || !f.IsExported() {
			continue
		}
		if key == "" {
			key = f.Name
		}
		known[key] = f.Index
	}
	return known
}
