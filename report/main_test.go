package report

import (
	"os"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"
)

// TestMain measures text as most terminals show it, also where the locale is
// one in which characters such as "…" may be wide.
func TestMain(m *testing.M) {
	text.OverrideRuneWidthEastAsianWidth(false)
	os.Exit(m.Run())
}
