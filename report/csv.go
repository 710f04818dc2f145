package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/watchcat-ci/watchcat/classify"
)

// WriteCSV writes a row for each result, below a row of titles, as RFC 4180 has
// it but for line ends, which are LF. The columns are the fields of the same
// name in JSON, and
//
//	time          when the job was reported, RFC 3339 in About.Location
//	hint          where no rule matched: the line that looks most like the reason
//	log_file      where the reason, or the hint, was found
//	log_line      its line, from 1
//	matches       how many rules and messages matched
//	missing       logs that could not be read, and why, separated by "; "
//
// What is not known is empty. A text that a spreadsheet would take for a
// formula (it begins with =, +, -, @ or one of their wide forms) has an
// apostrophe put in front.
func (r *Report) WriteCSV(w io.Writer) error {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	rows := [][]string{csvTitles()}
	for i := range r.Results {
		rows = append(rows, r.csvRow(&r.Results[i]))
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("write the report as CSV: %w", err)
	}
	return flush(w, &b, "CSV")
}

func csvTitles() []string {
	return strings.Fields(`time job project branch pipeline change patchset owner subject
		result voting superseded duration_s outcome partial rule tag reason hint
		log_file log_line matches missing file id url log_url change_url`)
}

func (r *Report) csvRow(x *classify.Result) []string {
	file, line := spot(x)
	clue := ""
	if !explained(x) {
		clue = hint(x)
	}
	return []string{
		r.clock(x.Time, time.RFC3339), field(x.Name), field(x.Project), field(x.Branch), field(x.Pipeline),
		number(x.Change), number(x.PatchSet), field(x.Owner), field(x.Subject),
		field(x.Result), voting(x.Voting), strconv.FormatBool(x.Superseded), number(int(x.Duration)),
		field(string(x.Outcome)), strconv.FormatBool(x.Partial), field(x.Rule), field(x.Tag), field(x.Reason), field(clue),
		field(file), number(line), number(len(x.Matches)), field(missingList(x)),
		field(x.File), field(x.ID), field(x.URL), field(x.LogURL), field(x.ChangeURL),
	}
}

// field returns s on one line, safe to open in a spreadsheet.
func field(s string) string {
	s = oneLine(s)
	if first, _ := utf8.DecodeRuneInString(s); strings.ContainsRune("=+-@＝＋－＠", first) && s != "" {
		return "'" + s
	}
	return s
}

// number returns n, or "" for zero: what is not known.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func voting(v *bool) string {
	if v == nil {
		return ""
	}
	return strconv.FormatBool(*v)
}

func missingList(r *classify.Result) string {
	var out []string
	for _, m := range r.Missing {
		out = append(out, m.File+": "+m.Why)
	}
	return strings.Join(out, "; ")
}
