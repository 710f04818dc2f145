package periodic

import (
	"bytes"
	"time"
)

// trimMarkup takes from the beginning of a line what a page or terminal puts
// there: tags, escape sequences, blanks.
func trimMarkup(line []byte) []byte {
	for {
		line = bytes.TrimLeft(line, " \t\r")
		switch {
		case len(line) > 1 && line[0] == '<' && (line[1] == '/' || isLetter(line[1])):
			end := bytes.IndexByte(line, '>')
			if end < 0 {
				return line
			}
			line = line[end+1:]
		case len(line) > 1 && line[0] == '\x1b' && line[1] == '[':
			end := bytes.IndexFunc(line[2:], func(r rune) bool { return r >= '@' && r <= '~' })
			if end < 0 {
				return line
			}
			line = line[2+end+1:]
		default:
			return line
		}
	}
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// cutStamp cuts a time stamp from the beginning of a line, with what separates
// it from the text:
//
//	2016-08-09 12:34:56.123 | text     2016-08-09T12:34:56.123456Z text
//	[2016-08-09T12:34:56+02:00] text   2016-08-09 12:34:56,123 text
func cutStamp(line []byte) (t time.Time, rest []byte, ok bool) {
	b, bracket := bytes.CutPrefix(line, []byte("["))
	if len(b) < 19 || b[10] != ' ' && b[10] != 'T' {
		return time.Time{}, line, false
	}
	t, ok = parseClockTime(b[:19])
	if !ok {
		return time.Time{}, line, false
	}
	nanos, b := cutFraction(b[19:])
	offset, b := cutZone(b)
	t = t.Add(nanos - offset)
	if bracket {
		if b, ok = bytes.CutPrefix(b, []byte("]")); !ok {
			return time.Time{}, line, false
		}
	}
	b = bytes.TrimLeft(trimMarkup(b), " \t")
	if sep, ok := bytes.CutPrefix(b, []byte("|")); ok {
		b = bytes.TrimPrefix(sep, []byte(" "))
	}
	return t, b, true
}

// parseClockTime parses "2006-01-02 15:04:05" with any byte for the blank.
func parseClockTime(b []byte) (time.Time, bool) {
	if b[4] != '-' || b[7] != '-' || b[13] != ':' || b[16] != ':' {
		return time.Time{}, false
	}
	year, month, day := number(b[0:4]), number(b[5:7]), number(b[8:10])
	hour, minute, second := number(b[11:13]), number(b[14:16]), number(b[17:19])
	if year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

// number parses digits; -1 if there is anything else.
func number(b []byte) (n int) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// cutFraction cuts the decimals of a second, after a dot or comma.
func cutFraction(b []byte) (time.Duration, []byte) {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' || number(b[1:2]) < 0 {
		return 0, b
	}
	n, unit := time.Duration(0), time.Second
	for b = b[1:]; len(b) > 0 && number(b[:1]) >= 0; b = b[1:] {
		unit /= 10
		n += unit * time.Duration(number(b[:1]))
	}
	return n, b
}

// cutZone cuts a zone, "Z", "+02:00" or "+0200", and returns how far it is
// ahead of UTC.
func cutZone(b []byte) (time.Duration, []byte) {
	if rest, ok := bytes.CutPrefix(b, []byte("Z")); ok {
		return 0, rest
	}
	if len(b) < 5 || b[0] != '+' && b[0] != '-' {
		return 0, b
	}
	digits, rest := b[3:5], b[5:]
	if b[3] == ':' && len(b) >= 6 {
		digits, rest = b[4:6], b[6:]
	}
	hours, minutes := number(b[1:3]), number(digits)
	if hours < 0 || minutes < 0 {
		return 0, b
	}
	ahead := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if b[0] == '-' {
		ahead = -ahead
	}
	return ahead, rest
}
