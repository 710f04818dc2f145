package patterns_test

import (
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

func TestExpiryOf(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for day, want := range map[string]patterns.Expiry{
		"": patterns.Lasting, "2026-11-20": patterns.Expired, "2026-11-21": patterns.Expired,
		"2026-11-22": patterns.Expiring, "2026-12-21": patterns.Expiring, "2026-12-22": patterns.Lasting,
	} {
		if got := patterns.ExpiryOf(classify.Rule{Expires: day}, now); got != want {
			t.Errorf("expires %q: got %q, want %q", day, got, want)
		}
	}
}
