package testreport

import "slices"

// tally adds up the tests of a report, and keeps those that failed. The zero
// value has none. A test that failed before is not another one when it is tried
// again: it fails still, or turns out to be flaky.
type tally struct {
	total, failed, skipped, flaky int

	failures []failure // at most MaxFailures
	bad      map[retry]bool
}

// failure is a test that failed.
type failure struct {
	Test
	retry retry
	lines []reportLine // that show it; nil if enough others do
}

// report returns what the tests add up to.
func (t *tally) report(format Format) Report {
	r := Report{Format: format, Total: t.total, Failed: t.failed, Skipped: t.skipped, Flaky: t.flaky}
	for _, f := range t.failures {
		r.Failures = append(r.Failures, f.Test)
	}
	return r
}

// add counts a test, and keeps what make makes of it if it failed. It reports
// whether it was kept.
func (t *tally) add(rec record, clean func(record) Test) bool {
	if t.bad[rec.retry] {
		if rec.verdict == passed {
			t.absolve(rec.retry)
		}
		return false
	}
	t.total++
	switch rec.verdict {
	case skipped:
		t.skipped++
	case flaky:
		t.flaky++
	case failed:
		t.failed++
		return t.keep(rec, clean)
	}
	return false
}

// keep keeps a failed test, if there are not too many.
func (t *tally) keep(rec record, clean func(record) Test) bool {
	if len(t.failures) == MaxFailures {
		return false
	}
	t.failures = append(t.failures, failure{Test: clean(rec), retry: rec.retry})
	if rec.retry != (retry{}) {
		if t.bad == nil {
			t.bad = map[retry]bool{}
		}
		t.bad[rec.retry] = true
	}
	return true
}

// absolve makes a test that failed a flaky one.
func (t *tally) absolve(tried retry) {
	t.failed--
	t.flaky++
	delete(t.bad, tried)
	t.failures = slices.DeleteFunc(t.failures, func(f failure) bool { return f.retry == tried })
}
