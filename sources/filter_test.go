package sources

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// noon is the present of the tests.
func noon() time.Time { return at(12, 0) }

// ids returns the IDs of jobs, in one word.
func ids(jobs []classify.Job) string {
	var b strings.Builder
	for _, j := range jobs {
		b.WriteString(j.ID)
	}
	return b.String()
}

// sample is a morning's jobs; their IDs are letters.
func sample() []classify.Job {
	return []classify.Job{
		{ID: "a", Name: "unit-py3", Project: "os/nova", Branch: "main", Pipeline: "check", Source: "gerrit", Change: 1, Result: "FAILURE", Duration: 600, Time: at(11, 0)},
		{ID: "b", Name: "unit-py3", Project: "os/nova", Branch: "main", Pipeline: "gate", Source: "gerrit", Change: 1, Result: "SUCCESS", Duration: 60, Time: at(10, 0)},
		{ID: "c", Name: "lint", Project: "os/neutron", Branch: "stable/1", Pipeline: "check", Source: "gerrit", Change: 2, Result: "SKIPPED", Time: at(9, 0)},
		{ID: "d", Name: "lint", Project: "os/neutron", Branch: "stable/1", Pipeline: "check", Source: "gerrit", Change: 2, Result: "STARTED", Time: at(8, 0)},
		{ID: "e", Name: "nightly", Pipeline: "openstack-periodic", Source: "page", Time: at(3, 0)},
		{ID: "f", Name: "nightly", Source: "page", Result: "TIMED_OUT", Duration: 7200, Time: at(3, 0).AddDate(0, 0, -1)},
		{ID: "g", Name: "manual", Source: "page", Result: "ABORTED"},
		{ID: "h", Name: "unit-py3", Project: "os/nova", Branch: "main", Source: "gerrit", Change: 1, Result: "FAILURE", Superseded: true, Time: at(10, 30)},
	}
}

func TestFilter(t *testing.T) {
	for _, tt := range []struct {
		name          string
		f             Filter
		first, second string // what Select and Final select
	}{
		{"nothing said", Filter{}, "aegh", "aegh"},
		{"days", Filter{Days: 2}, "aefgh", "aefh"},
		{"many days", Filter{Days: 1 << 40}, "aefgh", "aefh"},
		{"date", Filter{Dates: []Date{{0, 11, 19}}}, "fg", "f"},
		{"dates", Filter{Dates: []Date{{0, 11, 19}, {0, 11, 20}}}, "aefgh", "aefh"},
		{"date of last year", Filter{Dates: []Date{{0, 11, 21}}}, "g", ""},
		{"date and since", Filter{Dates: []Date{{0, 11, 20}}, Since: at(10, 45)}, "ag", "a"},
		{"since is inclusive", Filter{Since: at(10, 30)}, "agh", "ah"},
		{"until is exclusive", Filter{Until: at(10, 30)}, "efg", "ef"},
		{"limit", Filter{Limit: 2}, "aegh", "ae"},
		{"job", Filter{Job: []string{"unit-*", "x"}}, "ah", "ah"},
		{"exclude", Filter{Exclude: []string{"unit-*", "manual"}}, "e", "e"},
		{"project", Filter{Project: []string{"*nova"}}, "aegh", "ah"},
		{"branch", Filter{Branch: []string{"main"}}, "aegh", "ah"},
		{"pipeline", Filter{Pipeline: []string{"check"}}, "agh", "a"},
		{"source", Filter{Source: []string{"pa*"}}, "eg", "eg"},
		{"status replaces failures only", Filter{Status: []string{"success", "FAIL*"}}, "abeh", "abh"},
		{"status of what runs", Filter{Status: []string{"started"}}, "de", "d"},
		{"all", Filter{All: true}, "abcegh", "abcegh"},
		{"periodic", Filter{Periodic: true, Days: 9}, "efg", "ef"},
		{"at least", Filter{MinLength: 10 * time.Minute, Days: 2}, "aefgh", "af"},
		{"at most", Filter{MaxLength: 10 * time.Minute}, "aegh", "a"},
		{"between", Filter{MinLength: 601 * time.Second, MaxLength: time.Hour}, "egh", ""},
		{"all at once", Filter{Job: []string{"unit*"}, Project: []string{"os/*"}, Branch: []string{"main"}, Status: []string{"*"}, Days: 1}, "abh", "abh"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Now, tt.f.Location = noon(), time.UTC
			if err := tt.f.Check(); err != nil {
				t.Error(err)
			}
			first, second := tt.f.Select(sample()), tt.f.Final(sample())
			if got := ids(first.Jobs); got != tt.first {
				t.Errorf("Select: %q, want %q", got, tt.first)
			}
			if got := ids(second.Jobs); got != tt.second {
				t.Errorf("Final: %q, want %q", got, tt.second)
			}
			for _, s := range []Selection{first, second} {
				removed := 0
				for _, r := range s.Removed {
					removed += r.Jobs
				}
				if len(s.Jobs)+removed+s.Beyond != len(sample()) {
					t.Errorf("%d selected, %d removed, %d beyond the limit: want %d in all", len(s.Jobs), removed, s.Beyond, len(sample()))
				}
			}
		})
	}
}

// Dates are days of the user's zone, not of the server's.
func TestFilterZone(t *testing.T) {
	east := time.FixedZone("east", 10*3600)
	f := Filter{Now: noon(), Location: east, Dates: []Date{{0, 11, 20}}}
	jobs := []classify.Job{
		{ID: "a", Result: "FAILURE", Time: at(13, 59)}, {ID: "b", Result: "FAILURE", Time: at(14, 0)},
		{ID: "c", Result: "FAILURE", Time: at(-10, 0)}, {ID: "d", Result: "FAILURE", Time: at(-10, -1)},
	}
	if got := ids(f.Final(jobs).Jobs); got != "ac" {
		t.Errorf("selected %q", got)
	}
}

// The zero value asks the clock.
func TestFilterZeroValue(t *testing.T) {
	recent := classify.Job{Result: "FAILURE", Time: time.Now().Add(-time.Hour)}
	old := classify.Job{Result: "FAILURE", Time: time.Now().Add(-25 * time.Hour)}
	if got := (Filter{}).Final([]classify.Job{recent, old}).Jobs; len(got) != 1 || !got[0].Time.Equal(recent.Time) {
		t.Errorf("selected %+v", got)
	}
}

func TestFilterCheck(t *testing.T) {
	f := Filter{Days: -1, Limit: -1, MinLength: 2, MaxLength: 1, Since: at(2, 0), Until: at(1, 0)}
	want := `--days -1: want a number of days from 1 on
--limit -1: want a number of jobs from 1 on
--min-length 2ns is more than --max-length 1ns
--since 2026-11-20T02:00:00Z is not before --until 2026-11-20T01:00:00Z`
	if diff := cmp.Diff(want, f.Check().Error()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestExplain(t *testing.T) {
	day := "the last 24 hours (--days, --date and --since look further back)"
	for _, tt := range []struct {
		name string
		f    Filter
		jobs []classify.Job
		want string
	}{
		{"something selected", Filter{}, sample(), ""},
		{"nothing listed", Filter{}, nil, "no jobs: the sources listed none"},
		{"a name that nothing has", Filter{Job: []string{"*-foo"}}, sample(),
			"no jobs: 8 listed; " + day + ` left 7; --job "*-foo" left none (not one of the 8 passes it)`},
		{"a name that older ones have", Filter{Job: []string{"nightly"}, Status: []string{"timed_out"}, Project: []string{"x", "y"}}, sample(),
			"no jobs: 8 listed; " + day + ` left 7; --job "nightly" left 1; --project "x" --project "y" left none (not one of the 8 passes it, for 1 it is not known)`},
		{"statuses", Filter{Status: []string{"timed_out"}}, sample(),
			"no jobs: 8 listed; " + day + ` left 7; --status "timed_out" left none (1 of the 8 pass it, for 1 it is not known)`},
		{"only successes", Filter{}, sample()[1:3], `no jobs: 2 listed; failures only (--all shows the others) left none (not one of the 2 passes it)`},
		{"dates", Filter{Dates: []Date{{0, 11, 1}}, Since: at(1, 0), Until: at(2, 0), Days: 3}, sample()[:1],
			"no jobs: 1 listed; --days 3 --date 11-01 --since 2026-11-20T01:00:00Z --until 2026-11-20T02:00:00Z left none (not one of the 1 passes it)"},
		{"lengths", Filter{MinLength: time.Hour, MaxLength: 2 * time.Hour}, sample()[:1],
			"no jobs: 1 listed; --min-length 1h0m0s --max-length 2h0m0s left none (not one of the 1 passes it)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Now, tt.f.Location = noon(), time.UTC
			if diff := cmp.Diff(tt.want, tt.f.Final(tt.jobs).Explain()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestWindow(t *testing.T) {
	date := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for _, tt := range []struct {
		name         string
		f            Filter
		since, until time.Time
	}{
		{"nothing said", Filter{}, noon().AddDate(0, 0, -1), noon()},
		{"days", Filter{Days: 7}, noon().AddDate(0, 0, -7), noon()},
		{"since", Filter{Since: at(3, 0)}, at(3, 0), noon()},
		{"until", Filter{Until: at(3, 0)}, time.Time{}, at(3, 0)},
		{"today", Filter{Dates: []Date{{0, 11, 20}}}, date(2026, 11, 20), noon()},
		{"tomorrow is last year's", Filter{Dates: []Date{{0, 11, 21}}}, date(2025, 11, 21), date(2025, 11, 22)},
		{"leap day", Filter{Dates: []Date{{0, 2, 29}}}, date(2024, 2, 29), date(2024, 3, 1)},
		{"with its year", Filter{Dates: []Date{{2020, 2, 29}}}, date(2020, 2, 29), date(2020, 3, 1)},
		{"several", Filter{Dates: []Date{{0, 11, 3}, {0, 10, 31}}}, date(2026, 10, 31), date(2026, 11, 4)},
		{"date and bounds", Filter{Dates: []Date{{0, 11, 20}}, Since: at(1, 0), Until: at(2, 0)}, at(1, 0), at(2, 0)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.f.Now, tt.f.Location = noon(), time.UTC
			since, until := tt.f.Window()
			if !since.Equal(tt.since) || !until.Equal(tt.until) {
				t.Errorf("%v to %v, want %v to %v", since, until, tt.since, tt.until)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]Date{"11-20": {0, 11, 20}, "02-29": {0, 2, 29}, "2026-01-02": {2026, 1, 2}} {
		if got, err := ParseDate(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
		if back := want.String(); back != text {
			t.Errorf("%q written as %q", text, back)
		}
	}
	for _, text := range []string{"", "11", "2-3", "02-30", "13-01", "2025-02-29", "20-11-2026", "11-20 "} {
		if d, err := ParseDate(text); err == nil || !strings.Contains(err.Error(), "11-20") {
			t.Errorf("%q: %v, %v", text, d, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]time.Time{
		"11-20":                     at(0, 0),
		"2026-11-19":                at(-24, 0),
		"2026-11-20 10:30":          at(10, 30),
		"2026-11-20T10:30":          at(10, 30),
		"2026-11-20 10:30:00":       at(10, 30),
		"2026-11-20T10:30:00":       at(10, 30),
		"2026-11-20T10:30:00+02:00": at(8, 30),
		"90m":                       at(10, 30),
		"36h":                       at(-24, 0),
		"2d":                        at(12-48, 0),
	} {
		if got, err := ParseTime(text, noon()); err != nil || !got.Equal(want) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "x", "d", "-1h", "yesterday", "1000000d", "2026-11-20 25:00"} {
		if got, err := ParseTime(text, noon()); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestThen adds up what two selections removed, the second after more was known.
func TestThen(t *testing.T) {
	jobs := []classify.Job{
		{Name: "a", Project: "x", Result: "FAILURE", Time: noon()}, {Name: "b", Project: "x", Result: "FAILURE", Time: noon()},
		{Name: "c", Result: "FAILURE", Time: noon()}, {Name: "d", Project: "y", Result: "SUCCESS", Time: noon()},
	}
	f := Filter{Now: noon(), Project: []string{"y"}}
	first := f.Select(jobs)
	got := first.Then(f.Final(first.Jobs)).Explain()
	want := `no jobs: 4 listed; --project "y" left 1, for 1 it is not known; failures only (--all shows the others) left none (3 of the 4 pass it)`
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
