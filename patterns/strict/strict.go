// Package strict decodes TOML into Go values and takes nothing on trust: every
// key must be known, every value of the right type, and every mistake in the
// text is reported at once, with its place and what to do about it.
package strict

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"unicode/utf8"
)

// Decode decodes text, the contents of the TOML file of that name, into the
// struct that into points to. The error is of type Mistakes and holds all
// mistakes, sorted. After a mistake in the syntax nothing is decoded; any other
// leaves only the key it is about at its old value. The Index is never nil: it
// knows the places of all keys up to the first mistake in the syntax, so that a
// caller can report mistakes of its own in the same way.
//
// Keys are matched exactly, against the name in the `toml` tag of a field, else
// against the field's own name; `toml:"-"` hides a field. Embedded structs
// without a tag count as their fields. A type may decode itself as
// toml.Unmarshaler or encoding.TextUnmarshaler; what it says is wrong follows
// the key's name, and if its error is a Mistake, What and Remedy are taken from
// that. A time.Duration is written "1h30m". Decode panics if into, which is the
// program's and not the file's, is no pointer to a struct, or holds a type that
// TOML cannot fill.
func Decode(file string, text []byte, into any) (*Index, error) {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("strict: cannot decode into %T: not a pointer to a struct", into))
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	ix := newIndex(file, text)
	if m := checkText(ix); m != nil {
		return ix, Mistakes{*m}
	}
	if ms := ix.build(); len(ms) > 0 {
		return ix, sorted(ms)
	}
	d := decoder{index: ix}
	d.table(nil, ix.root.table(), target.Elem())
	if len(d.mistakes) > 0 {
		return ix, sorted(d.mistakes)
	}
	return ix, nil
}

// checkText tells what makes text no TOML whatever stands in it.
func checkText(ix *Index) *Mistake {
	text := ix.text
	if bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) {
		return ix.mistake(0, "the file is UTF-16", "save it as UTF-8")
	}
	if at := invalidUTF8(text); at >= 0 {
		return ix.mistake(at, fmt.Sprintf("the byte 0x%02x is not valid UTF-8", text[at]), "save the file as UTF-8")
	}
	return nil
}

// invalidUTF8 returns the offset of the first byte that is not part of valid
// UTF-8, or -1.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

func sorted(ms Mistakes) Mistakes {
	slices.SortStableFunc(ms, Mistake.compare)
	return ms
}
