package main

import (
	"fmt"
	"math"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/patterns/strict"
	"github.com/watchcat-ci/watchcat/sources"
)

// zone is a time zone by its name in the IANA data base.
type zone struct{ *time.Location }

// UnmarshalText takes a name such as "UTC", "Local" or "Europe/Prague".
func (z *zone) UnmarshalText(text []byte) error {
	location, err := loadZone(string(text))
	if err != nil {
		return strict.Mistake{What: err.Error(), Remedy: `write it like "UTC", "Local" or "Europe/Prague"`}
	}
	z.Location = location
	return nil
}

// loadZone returns the time zone of that name.
func loadZone(name string) (*time.Location, error) {
	location, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return nil, fmt.Errorf("time zone %q is not known", name)
	}
	return location, nil
}

// address is the name or IP address of a host.
type address string

// UnmarshalText takes a host without scheme, port or path.
func (h *address) UnmarshalText(text []byte) error {
	s := string(text)
	if err := checkHost(s); err != nil {
		return err
	}
	*h = address(s)
	return nil
}

func checkHost(s string) error {
	if _, err := netip.ParseAddr(s); err == nil {
		return nil
	}
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return strict.Mistake{What: fmt.Sprintf("%q is a URL, not a host", s), Remedy: fmt.Sprintf("write %q", u.Hostname())}
	}
	if host, port, err := net.SplitHostPort(s); err == nil {
		return strict.Mistake{What: fmt.Sprintf("%q is a host and a port", s), Remedy: fmt.Sprintf("write host = %q and port = %s", host, port)}
	}
	if s == "" || strings.HasPrefix(s, "-") || strings.ContainsFunc(s, notInHost) {
		return strict.Mistake{What: fmt.Sprintf("%q is no host", s), Remedy: `write a name such as "review.example.org"`}
	}
	return nil
}

func notInHost(r rune) bool {
	return !(r == '-' || r == '.' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r > 0x7f)
}

// hostGlob is an entry of the list of log hosts: a glob such as
// "*.example.org", host:port, an IP address or a range of them.
type hostGlob string

// UnmarshalText takes what the client takes.
func (h *hostGlob) UnmarshalText(text []byte) error {
	s := string(text)
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return strict.Mistake{What: fmt.Sprintf("%q is a URL, not a host", s), Remedy: fmt.Sprintf("write %q", u.Host)}
	}
	client, err := sources.NewClient(sources.ClientOptions{Hosts: []string{s}})
	if err != nil {
		return err
	}
	client.Close()
	*h = hostGlob(s)
	return nil
}

// size is a number of bytes.
type size int64

// sizeUnits are the units of a size, the longest first.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// String returns a size in the largest unit of which there is one at least: "1.5 GiB".
func (s size) String() string {
	n, unit := float64(s), "B"
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if n < 1<<10 {
			break
		}
		n, unit = n/(1<<10), larger
	}
	return strconv.FormatFloat(math.Round(n*10)/10, 'f', -1, 64) + " " + unit
}

// UnmarshalText takes a number and a unit: "500 MB", "2GiB".
func (s *size) UnmarshalText(text []byte) error {
	for _, unit := range sizeUnits {
		number, ok := strings.CutSuffix(string(text), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err == nil && n > 0 && n*unit.bytes <= math.MaxInt64/2 {
			*s = size(n * unit.bytes)
			return nil
		}
	}
	return strict.Mistake{What: fmt.Sprintf("%q is no size", text), Remedy: `write it like "500 MB" or "2 GiB"`}
}
