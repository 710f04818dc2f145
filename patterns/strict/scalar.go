package strict

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"
)

// scalar returns a value that is neither an array nor a table as a string, a
// bool, an int64, a float64 or a time.Time.
func (b *builder) scalar(v *unstable.Node) any {
	text := string(v.Data)
	switch v.Kind {
	case unstable.String:
		return text
	case unstable.Bool:
		return text == "true"
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
		return n
	}
	return b.rare(text, offset(v))
}

// rare returns a number or a date in any form that TOML has for them, which
// begins at an offset. The parser of the syntax knows where they end; what they
// mean, and whether that makes sense, is left to one that knows their forms.
func (b *builder) rare(text string, at int) any {
	defer func() {
		// It panics where it finds a bug in itself; that is no reason to take
		// the program down with it.
		if r := recover(); r != nil {
			b.fail(at, fmt.Sprintf("the TOML parser failed: %v", r), "write the value in another way")
		}
	}()
	const key = "v = "
	var read struct{ V any }
	_, err := toml.Decode(key+text, &read)
	if bad, ok := errors.AsType[toml.ParseError](err); ok {
		b.fail(at+bad.Position.Start-len(key), bad.Message, syntaxRemedy(bad.Message))
	} else if err != nil {
		b.fail(at, err.Error(), "")
	}
	return read.V
}
