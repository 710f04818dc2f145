package index

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
	"time"
)

// dateExpr finds a date. Its forms:
//
//	09-Aug-2016 12:34             Apache, nginx
//	2016-08-09 12:34              Apache; also with seconds, with a zone, and as in RFC 3339
//	2016-Aug-09 12:34:56          lighttpd
//	Tue, 09 Aug 2016 12:34:56 GMT nginx's JSON; the same without day and zone: gcsweb
//	Tue Aug  9 12:34:56 2016      Zuul's upload roles
//	Aug 9, 2016, 12:34:56 PM      Jenkins; also without the time
var dateExpr = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b(?:` + strings.Join([]string{
		`\d{1,2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}(?::\d{2})?`,
		`\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z| ?[+-]\d{2}:?\d{2}\b)?`,
		`\d{4}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}(?::\d{2})?`,
		`\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})?(?: (?:GMT|UTC|[+-]\d{4}))?`,
		`[A-Z][a-z]{2} [ \d]?\d \d{2}:\d{2}:\d{2} \d{4}`,
		`[A-Z][a-z]{2} \d{1,2},? \d{4}(?:,? \d{1,2}:\d{2}(?::\d{2})?(?:[ \x{202f}]?[AP]M)?)?`,
	}, "|") + `)`)
})

// dateLayouts are the forms of dateExpr, as plainDate writes them.
var dateLayouts = withZones(
	[]string{
		"2-Jan-2006 15:04", "2-Jan-2006 15:04:05",
		"2006-01-02 15:04", "2006-01-02 15:04:05",
		"2006-Jan-02 15:04", "2006-Jan-02 15:04:05",
		"2 Jan 2006 15:04", "2 Jan 2006 15:04:05",
	},
	"Jan _2 15:04:05 2006",
	"Jan 2 2006", "Jan 2 2006 15:04", "Jan 2 2006 15:04:05", "Jan 2 2006 3:04PM", "Jan 2 2006 3:04:05PM",
)

// withZones returns layouts without and with each form of a zone, and others.
func withZones(layouts []string, others ...string) (all []string) {
	for _, layout := range layouts {
		for _, zone := range []string{"", "Z07:00", "Z0700"} {
			all = append(all, layout+zone)
		}
	}
	return append(all, others...)
}

// Date reads the first date of a known form in a text. One that names no zone
// is of the given one, nil being UTC.
func Date(text string, zone *time.Location) (time.Time, bool) {
	_, date, _ := cutDate(text)
	if date == "" {
		return time.Time{}, false
	}
	date = plainDate(date)
	for _, layout := range dateLayouts {
		if t, err := time.ParseInLocation(layout, date, cmp.Or(zone, time.UTC)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// cutDate cuts a text around the first date in it.
func cutDate(text string) (before, date, after string) {
	at := dateExpr().FindStringIndex(text)
	if at == nil {
		return text, "", ""
	}
	return text[:at[0]], text[at[0]:at[1]], text[at[1]:]
}

// words of dates that differ for the eye only.
var words = strings.NewReplacer(",", "", " GMT", "Z", " UTC", "Z", " +", "+", " -", "-", " AM", "AM", " PM", "PM", "\u202f", "")

// plainDate writes a date in one of dateLayouts.
func plainDate(date string) string {
	if len(date) > 10 && date[10] == 'T' {
		date = date[:10] + " " + date[11:]
	}
	return words.Replace(date)
}
