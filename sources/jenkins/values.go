package jenkins

import (
	"encoding/json"
	"math"
	"net/url"
	"strconv"
	"time"

	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// How long what a server says may be, in bytes, before it is cut.
const (
	maxName   = 255
	maxDetail = 1000
	maxURL    = 2000
)

// text is a value of JSON as text: what a string says, or a number or boolean as
// it is written. All else is "". So a value whose kind is another in another
// version of Jenkins is no error.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	*t = ""
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case 'n', '{', '[':
	default:
		*t = text(data)
	}
	return nil
}

// number returns a number above zero; zero if the text is none.
func (t text) number() int {
	n, err := strconv.ParseInt(string(t), 10, 32)
	if err != nil {
		return 0
	}
	return max(int(n), 0)
}

// length returns a length of time that is told in milliseconds: never below
// zero, and at most ten years.
func (t text) length() time.Duration {
	ms, err := strconv.ParseFloat(string(t), 64)
	if err != nil || math.IsNaN(ms) {
		return 0
	}
	const longest = 10 * 365 * 24 * time.Hour
	return time.Duration(min(max(ms, 0), float64(longest.Milliseconds()))) * time.Millisecond
}

// time returns a time that is told in milliseconds since 1970; zero if the text
// is none, or in a year of five digits.
func (t text) time() time.Time {
	ms, err := strconv.ParseInt(string(t), 10, 64)
	if err != nil || ms <= 0 || ms > 1<<47 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// list is a list of JSON without the items that are no objects; nil if there is
// none.
type list[T any] []T

// UnmarshalJSON implements json.Unmarshaler.
func (l *list[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	if data[0] != '[' {
		return nil
	}
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return err
	}
	*l = make(list[T], 0, len(items))
	for _, item := range items {
		var v T
		if item[0] == '{' && json.Unmarshal(item, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// webURL parses a URL that comes from a stranger; nil unless it is one of http
// or https that leads somewhere, without a password.
func webURL(t text) *url.URL {
	u, err := url.Parse(string(t))
	if err != nil || len(t) > maxURL || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return nil
	}
	u.Fragment = ""
	return u
}

// clean makes one line of what a stranger wrote, of at most size bytes.
func clean(t text, size int) string { return printable.Line(string(t), size) }
