package patterns

import (
	"time"

	"github.com/watchcat-ci/watchcat/classify"
)

// Expiry is how a rule stands to the day on which it expires.
type Expiry string

// What ExpiryOf returns.
const (
	Lasting  Expiry = ""         // no such day, or a later one
	Expiring Expiry = "expiring" // the day is at most 30 days away
	Expired  Expiry = "expired"  // the day is here (UTC), or was
)

// soon is how long before its day a rule is Expiring.
const soon = 30 * 24 * time.Hour

// ExpiryOf returns how a rule stands to the day on which it expires.
func ExpiryOf(r classify.Rule, now time.Time) Expiry {
	day, err := time.Parse(time.DateOnly, r.Expires)
	switch left := day.Sub(now); {
	case err != nil, left > soon:
		return Lasting
	case left > 0:
		return Expiring
	}
	return Expired
}
