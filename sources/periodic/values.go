package periodic

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/internal/index"
	"github.com/watchcat-ci/watchcat/sources/internal/printable"
)

// time reads a date, and counts it if that fails.
func (r *reading) time(text string) time.Time {
	t, err := r.parseDate(printable.Line(text, maxName))
	if err != nil {
		r.noDate(err)
	}
	return t
}

// noDate counts a job without a date.
func (r *reading) noDate(why error) {
	r.badDates++
	if r.badDate == nil {
		r.badDate = why
	}
}

// parseDate reads a date by the page's format.
func (r *reading) parseDate(text string) (time.Time, error) {
	switch r.DateFormat {
	case "":
		t, ok := index.Date(text, r.zone)
		if !ok {
			return t, fmt.Errorf("date %q: its form is not known; write a date_format (a layout of Go's time package)", text)
		}
		return t, nil
	case "unix", "unix-ms":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, fmt.Errorf("date %q: want a number (date_format %q)", text, r.DateFormat)
		}
		if r.DateFormat == "unix" {
			return time.Unix(n, 0).UTC(), nil
		}
		return time.UnixMilli(n).UTC(), nil
	}
	t, err := time.ParseInLocation(r.DateFormat, text, r.zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("date %q does not have the date_format %q", text, r.DateFormat)
	}
	if t.Year() == 0 {
		t = withYear(t, r.now)
	}
	return t, nil
}

// withYear gives a date without a year the latest one in which it is not in
// the future. A day more is allowed: the page's clock, or its zone, may be
// ahead.
func withYear(t, now time.Time) time.Time {
	for year := now.Year() + 1; year > now.Year()-9; year-- {
		dated := time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		if dated.Day() == t.Day() && !dated.After(now.AddDate(0, 0, 1)) {
			return dated
		}
	}
	return t
}

// checkFormat reports a date format that does not tell the day.
func checkFormat(format string) error {
	if format == "" || format == "unix" || format == "unix-ms" {
		return nil
	}
	a := time.Date(2006, 1, 2, 15, 4, 5, 0, time.UTC)
	if a.Format(format) == a.AddDate(0, 0, 1).Format(format) {
		return fmt.Errorf(`date_format %q tells no day: want a layout of Go's time package, such as "2006-01-02 15:04", or "unix", or "unix-ms"`, format)
	}
	return nil
}

// lengthExpr is a number and a unit.
var lengthExpr = regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,9})?)\s*(milliseconds?|ms|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?:\s*(?:,|and)?\s*|$)`)

// parseLength reads how long a job ran: "111 min", "1h 02m 03s", "1:51:03",
// "51:03", or seconds.
func parseLength(text string) (classify.Seconds, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return 0, false
	}
	if strings.Contains(text, ":") {
		return parseClock(text)
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < 1e9 {
		return classify.Seconds(seconds), true
	}
	var total float64
	for text != "" {
		part := lengthExpr.FindStringSubmatch(text)
		if part == nil {
			return 0, false
		}
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil {
			return 0, false
		}
		total += n * secondsOf(part[2])
		text = text[len(part[0]):]
	}
	return classify.Seconds(total), true
}

// secondsOf returns the seconds of a unit of lengthExpr.
func secondsOf(unit string) float64 {
	switch {
	case unit == "ms" || strings.HasPrefix(unit, "milli"):
		return 0.001
	case strings.HasPrefix(unit, "d"):
		return 86400
	case strings.HasPrefix(unit, "h"):
		return 3600
	case strings.HasPrefix(unit, "m"):
		return 60
	}
	return 1
}

// parseClock reads "1:51:03" or "51:03".
func parseClock(text string) (total classify.Seconds, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) > 3 {
		return 0, false
	}
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return 0, false
		}
		total = total*60 + classify.Seconds(n)
	}
	return total, true
}
