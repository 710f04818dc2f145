package gerrit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

const (
	maxTime = 253402300799 // the last second of the year 9999, behind which RFC 3339 ends
	maxOdd  = 5            // comments of a change that are each complained of
)

var errNull = errors.New("it is null")

// message is a comment on a change. It names no patch set: its text does.
type message struct {
	Timestamp seconds `json:"timestamp"`
	Reviewer  account `json:"reviewer"` // empty for what the server itself says
	Message   string  `json:"message"`
}

// time is when the comment was written; zero if that was not said.
func (m message) time() time.Time {
	if m.Timestamp <= 0 || m.Timestamp > maxTime {
		return time.Time{}
	}
	return time.Unix(int64(m.Timestamp), 0).UTC()
}

// seconds since 1970, in JSON a number or a string of digits.
type seconds int64

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	text := string(data)
	if data[0] == '"' {
		text = string(bytes.Trim(data, `"`))
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return fmt.Errorf("timestamp %s is no number of seconds", clean(string(data), maxName))
	}
	*s = seconds(n)
	return nil
}

// messages are the comments on a change.
type messages struct {
	all []message
	odd []error // why others could not be read
}

// UnmarshalJSON implements json.Unmarshaler. What is odd costs no other comment,
// and never fails.
func (m *messages) UnmarshalJSON(data []byte) error {
	*m = readMessages(data, parseMessage)
	return nil
}

// readMessages reads an array of comments, each of which parse reads.
func readMessages(data []byte, parse func([]byte) (message, error)) (m messages) {
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		m.odd = append(m.odd, fmt.Errorf("its comments cannot be read: %w", err))
		return m
	}
	odd := 0
	for i, text := range raw {
		one, err := parse(text)
		if err == nil {
			m.all = append(m.all, one)
			continue
		}
		if odd++; odd <= maxOdd {
			m.odd = append(m.odd, fmt.Errorf("comment %d cannot be read: %w", i+1, err))
		}
	}
	if odd > maxOdd {
		m.odd = append(m.odd, fmt.Errorf("%d more comments cannot be read", odd-maxOdd))
	}
	return m
}

func parseMessage(text []byte) (m message, err error) {
	if string(text) == "null" {
		return m, errNull
	}
	err = json.Unmarshal(text, &m)
	return m, err
}
