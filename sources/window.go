package sources

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Date is a day of the calendar. With Year zero it is the latest such day that
// is not in the future; so 02-29 is that of the last leap year.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate parses MM-DD or YYYY-MM-DD.
func ParseDate(text string) (Date, error) {
	layout, full := time.DateOnly, text
	if strings.Count(text, "-") == 1 {
		full = "2000-" + text // a leap year
	}
	t, err := time.Parse(layout, full)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want a day such as 11-20 (month, day) or 2026-11-20", text)
	}
	d := Date{t.Year(), t.Month(), t.Day()}
	if full != text {
		d.Year = 0
	}
	return d, nil
}

// String writes the date as ParseDate reads it.
func (d Date) String() string {
	if d.Year == 0 {
		return fmt.Sprintf("%02d-%02d", int(d.Month), d.Day)
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// before returns the date with its year, as seen at a time.
func (d Date) before(now time.Time) Date {
	if d.Year != 0 {
		return d
	}
	for year := now.Year(); year > now.Year()-9; year-- { // leap years may lie eight years apart
		t := time.Date(year, d.Month, d.Day, 0, 0, 0, 0, now.Location())
		if t.Day() == d.Day && !t.After(now) {
			d.Year = year
			return d
		}
	}
	return d
}

// dateOf returns the day of a time.
func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// begin returns the first moment of a day.
func (d Date) begin(in *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, in)
}

// ParseTime parses what --since and --until take: a day as ParseDate does (its
// midnight), "2006-01-02 15:04" with or without seconds and with "T" for the
// blank, all in the zone of now, RFC 3339 with a zone of its own, or a length
// of time before now such as 90m, 36h or 2d.
func ParseTime(text string, now time.Time) (time.Time, error) {
	if d, err := ParseDate(text); err == nil {
		return d.before(now).begin(now.Location()), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	if ago, err := parseAgo(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, fmt.Errorf("time %q: want a day (11-20, 2026-11-20), a time (%q), or so long ago (36h, 2d)", text, "2026-11-20 10:30")
}

// parseAgo is time.ParseDuration with days.
func parseAgo(text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		hours, err := time.ParseDuration(days + "h")
		if err != nil || hours.Abs() > (1<<63-1)/24 {
			return 0, fmt.Errorf("no number of days: %q", text)
		}
		return 24 * hours, nil
	}
	return time.ParseDuration(text)
}

// now returns the present in the user's zone.
func (f Filter) now() time.Time {
	loc := cmp.Or(f.Location, time.Local)
	if f.Now.IsZero() {
		return time.Now().In(loc)
	}
	return f.Now.In(loc)
}

// Window returns the stretch of time that the filter looks at, in the user's
// zone: since inclusive, until exclusive. A zero since is "from the beginning".
// The days of Dates may lie apart within it.
func (f Filter) Window() (since, until time.Time) {
	now := f.now()
	since, until = f.bounds(now)
	if until.IsZero() {
		until = now
	}
	dates := f.dates(now)
	if len(dates) == 0 {
		return since, until
	}
	first, last := slices.MinFunc(dates, Date.compare), slices.MaxFunc(dates, Date.compare)
	last.Day++ // time.Date makes the first of the next month of it
	since = latest(since, first.begin(now.Location()))
	if end := last.begin(now.Location()); end.Before(until) {
		until = end
	}
	return since, until
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// compare orders dates by the calendar.
func (d Date) compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// dates returns the days to look at, each with its year.
func (f Filter) dates(now time.Time) []Date {
	out := make([]Date, len(f.Dates))
	for i, d := range f.Dates {
		out[i] = d.before(now)
	}
	return out
}

// undated reports whether the filter says nothing of dates.
func (f Filter) undated() bool {
	return f.Days <= 0 && len(f.Dates) == 0 && f.Since.IsZero() && f.Until.IsZero()
}

// bounds returns what Days, Since and Until allow; zero is "no bound". There is
// no upper bound of its own accord: a server's clock may be ahead.
func (f Filter) bounds(now time.Time) (since, until time.Time) {
	if !f.Since.IsZero() {
		since = f.Since.In(now.Location())
	}
	if !f.Until.IsZero() {
		until = f.Until.In(now.Location())
	}
	days := f.Days
	if f.undated() {
		days = 1
	}
	if days > 0 {
		// Days of UTC have 24 hours each, and no number of them overflows.
		since = latest(since, now.UTC().AddDate(0, 0, -days).In(now.Location()))
	}
	return since, until
}

// when tests the time at which a job was reported.
func (f Filter) when() test {
	now := f.now()
	since, until := f.bounds(now)
	dates := f.dates(now)
	return test{name: f.whenName(), implied: f.undated(), says: func(j *classify.Job) answer {
		if j.Time.IsZero() {
			return maybe
		}
		return answerOf(!j.Time.Before(since) && (until.IsZero() || j.Time.Before(until)) &&
			(len(dates) == 0 || slices.Contains(dates, dateOf(j.Time.In(now.Location())))))
	}}
}

// whenName says in words what when tests.
func (f Filter) whenName() string {
	if f.undated() {
		return "the last 24 hours (--days, --date and --since look further back)"
	}
	var words []string
	if f.Days > 0 {
		words = append(words, fmt.Sprintf("--days %d", f.Days))
	}
	for _, d := range f.Dates {
		words = append(words, "--date "+d.String())
	}
	loc := cmp.Or(f.Location, time.Local)
	if !f.Since.IsZero() {
		words = append(words, "--since "+f.Since.In(loc).Format(time.RFC3339))
	}
	if !f.Until.IsZero() {
		words = append(words, "--until "+f.Until.In(loc).Format(time.RFC3339))
	}
	return strings.Join(words, " ")
}
