package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// version is the version of the JSON contract. It grows when a field changes
// its meaning or goes; a new field leaves it alone.
const version = 1

// WriteJSON writes one object a line: each result, then the summary as
// {"v":1,"summary":{…}}. Results keep every character of what was read, but
// those that steer a terminal stand as \u escapes, and what is no UTF-8 as
// U+FFFD.
func (r *Report) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	for i := range r.Results {
		if err := WriteResultJSON(&b, r.Results[i]); err != nil {
			return err
		}
	}
	if err := r.writeSummaryJSON(&b); err != nil {
		return err
	}
	return flush(w, &b, "JSON")
}

func (r *Report) writeSummaryJSON(w io.Writer) error {
	line := struct {
		V       int     `json:"v"`
		Summary Summary `json:"summary"`
	}{version, r.Summary}
	if err := writeLine(w, line); err != nil {
		return fmt.Errorf("write the summary as JSON: %w", err)
	}
	return nil
}

// WriteResultJSON writes one result as WriteJSON does, on a line of its own,
// and no summary.
func WriteResultJSON(w io.Writer, result classify.Result) error {
	line := struct {
		V int `json:"v"`
		classify.Result
	}{version, result}
	if err := writeLine(w, line); err != nil {
		return fmt.Errorf("write the result of %s as JSON: %w", jobName(&result.Job), err)
	}
	return nil
}

func writeLine(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeInvisible(b.Bytes()))
	return err
}

// escapeInvisible writes what encoding/json leaves as it is but a terminal
// obeys (DEL, the controls of eight bits, marks of direction) as \u escapes.
// Outside of strings JSON holds no such character.
func escapeInvisible(line []byte) []byte {
	steers := func(r rune) bool { return r != '\n' && invisible(r) }
	if !bytes.ContainsFunc(line, steers) {
		return line
	}
	var out []byte
	for _, r := range string(line) {
		switch {
		case !steers(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// flush hands a finished text to w in one piece.
func flush(w io.Writer, b *bytes.Buffer, what string) error {
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the report as %s: %w", what, err)
	}
	return nil
}
