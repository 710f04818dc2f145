package lint

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/patterns"
)

// now is the day on which all tests run.
var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// run lints a rule file with that text. Of places only line and column are left.
func run(t *testing.T, text string, o Options) []Finding {
	t.Helper()
	name := filepath.Join(t.TempDir(), "r.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if o.Now.IsZero() {
		o.Now = now
	}
	set, err := patterns.Load([]string{name}, patterns.Options{})
	found := Run(set, err, o)
	for i := range found {
		found[i].File = filepath.Base(found[i].File)
		found[i].What = strings.ReplaceAll(found[i].What, filepath.Dir(name)+string(filepath.Separator), "")
	}
	return found
}

// of returns what was found of one kind.
func of(code string, found []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.Code != code })
}

// ruleText returns a rule as it is written; what lines do not say is made up.
func ruleText(id, lines string) string {
	out := "[[rule]]\nid = \"" + id + "\"\n"
	for _, key := range []string{"file = 'console'", "message = 'it failed'", "tag = 'code'"} {
		name, _, _ := strings.Cut(key, " ")
		if !strings.Contains("\n"+lines, "\n"+name+" ") {
			out += key + "\n"
		}
	}
	return out + lines + "\n"
}

func pattern(p string) string { return ruleText("a", "pattern = '"+p+"'") }

func tested(id, lines, log string) string {
	return ruleText(id, lines+"\n[[rule.test]]\nlog = '"+log+"'\nwant = 'it failed'")
}

func TestChecks(t *testing.T) {
	tests := []struct {
		code      string
		bad, good string
	}{
		{"E001", ruleText("a", "literal = 'x y z'\ntga = 'code'"), ruleText("a", "literal = 'x y z'")},
		{"E001", ruleText("a", "literal = 'one'") + ruleText("a", "literal = 'two'"), ruleText("a", "literal = 'one'") + ruleText("b", "literal = 'two'")},
		{"E002", pattern(`error (?!ignored)`), pattern(`error (?:ignored)`)},
		{"E002", pattern(`(\w+) is not \1`), pattern(`(\w+) is not \d`)},
		{"E002", pattern(`(?<=x)failed`), pattern(`(?P<x>x)failed`)},
		{"E003", tested("a", "literal = 'disk full'", "disk is full"), tested("a", "literal = 'disk full'", "the disk full")},
		{"E004", pattern(`total: $5 failed`), pattern(`total: \$5 failed`)},
		{"E004", pattern(`failed ^here`), pattern(`^failed here`)},
		{"E004", pattern(`failed -\b-`), pattern(`failed -\ba`)},
		{"E004", ruleText("a", "literal = 'test failed'\nexclude = ['failed']"), ruleText("a", "literal = 'test failed'\nexclude = ['Failed']")},
		{"E004", ruleText("a", "pattern = 'test (?:x|y) failed'\nunless = [{ pattern = 'test [xy]' }]"), ruleText("a", "pattern = 'test (?:x|y) failed'\nunless = [{ pattern = 'test x' }]")},
		{"E004", ruleText("a", "pattern = 'test (?:failed|has failed)'\nexclude = ['failed']"), ruleText("a", "pattern = 'test (?:failed|has fail)'\nexclude = ['failed']")},
		{"E004", ruleText("a", "literal = 'test failed'\nnext = 'a$b'"), ruleText("a", "literal = 'test failed'\nnext = 'a$'")},

		{"W001", ruleText("a", `pattern = 'disk (?:is )?full'`) + ruleText("b", `pattern = 'disk (?P<is>is |)full'`), ruleText("a", `pattern = 'disk (?:is )?full'`) + ruleText("b", `pattern = 'disk (?P<is>is|)full'`)},
		{"W001", ruleText("a", `pattern = 'disk full'`) + ruleText("b", `literal = 'disk full'`), ruleText("a", `pattern = 'disk full'`) + ruleText("b", `literal = 'disk  full'`)},
		{"W001", ruleText("a", `pattern = '(?i)DISK full'`) + ruleText("b", `pattern = '(?i)disk Full'`), ruleText("a", `pattern = '(?i)DISK full'`) + ruleText("b", `pattern = 'disk Full'`)},
		{"W001", ruleText("a", `pattern = 'x[0-9]+ failed'`) + ruleText("b", `pattern = 'x\d\d* failed'`), ruleText("a", `pattern = 'x[0-9]+ failed'`) + ruleText("b", "file = 'other.log'\npattern = 'x\\d\\d* failed'")},
		{"W002", ruleText("a", `literal = 'disk full'`) + ruleText("b", `literal = 'the disk full'`), ruleText("a", `literal = 'disk full'`) + ruleText("b", "literal = 'the disk full'\npriority = 1")},
		{"W002", ruleText("a", `pattern = 'error: \S+'`) + ruleText("b", `pattern = 'error: \d+$'`), ruleText("a", `pattern = 'error: \S+'`) + ruleText("b", `pattern = 'error: \s+$'`)},
		{"W002", ruleText("b", `literal = 'the disk full'`) + ruleText("a", "literal = 'disk full'\npriority = 2"), ruleText("b", `literal = 'the disk full'`) + ruleText("a", `literal = 'disk full'`)},
		{"W002", ruleText("a", `literal = 'disk full'`) + ruleText("b", `literal = 'the disk full'`), ruleText("a", "literal = 'disk full'\nexclude = ['the']") + ruleText("b", `literal = 'the disk full'`)},
		{"W003", tested("a", "literal = 'disk full'", "the disk full, so the build failed") + tested("b", "literal = 'build failed'\ntag = 'infra'", "build failed"), tested("a", "literal = 'disk full'", "the disk full, so the build failed") + tested("b", "literal = 'build failed'\ntag = 'code'", "build failed")},
		{"W003", ruleText("b", "pattern = 'dis[ck] full'\ntag = 'infra'") + ruleText("a", `pattern = 'disk \w+'`), ruleText("b", "pattern = 'dis[ck] full'\ntag = 'infra'\npriority = 4") + ruleText("a", `pattern = 'disk \w+'`)},
		{"W004", ruleText("a", "literal = 'disk'") + tested("b", "literal = 'full'", "disk full"), ruleText("a", "literal = 'disk'") + tested("b", "literal = 'full'", "quota full")},
		{"W005", ruleText("a", "pattern = '(error|failure): (\\w+)'\nmessage = '{2}'"), ruleText("a", "pattern = '(error|failure): (\\w+)'\nmessage = '{1}: {2}'")},
		{"W005", ruleText("a", "pattern = '(?P<word>error|failure): (?P<what>\\w+)'\nmessage = '{what}'"), ruleText("a", "pattern = '(?:error|failure): (?P<what>\\w+)'\nmessage = '{what}'")},
		{"W006", ruleText("a", "pattern = 'error: (?P<what>\\w+)'\nmessage = 'failed'"), ruleText("a", "pattern = 'error: (?P<what>\\w+)'\nmessage = 'failed: {what}'")},
		{"W007", pattern(`convert_image.sh failed`), pattern(`convert_image.* failed`)},
		{"W007", pattern(`ERROR:kolla.common.utils:`), pattern(`couldn.t open it`)},
		{"W007", pattern(`failed because the process exited with error code.`), pattern(`failed because the process exited with error code..`)},
		{"W007", pattern(`needs 3.12 to run`), pattern(`needs 3.+12 to run`)},
		{"W008", pattern(`Gateway Time-out (HTTP 504)`), pattern(`Gateway Time-out (?:HTTP 504)?`)},
		{"W008", pattern(`in fork(2) it failed`), ruleText("a", "pattern = 'in fork(2) it failed'\nmessage = 'fork {1}'")},
		{"W008", pattern(`exit (twice) failed`), pattern(`exit\.py (twice) failed`)},
		{"W008", pattern(`[Error] foo(bar)`), pattern(`[EF] foo(bar)`)},
		{"W009", pattern(`[ERROR] it is`), pattern(`[EWR]: it is`)},
		{"W009", pattern(`make[1]: it stopped`), pattern(`python[23]: it stopped`)},
		{"W009", pattern(`/Stage[main]/Exec`), pattern(`/Stage[aeiou]/Exec`)},
		{"W009", pattern(`[A-z]+ failed`), pattern(`[A-Za-z]+ failed`)},
		{"W010", pattern(`"rc": [^0]+`), pattern(`"rc": [^0]`)},
		{"W010", pattern(`step [^error] done`), pattern(`step [^er] done`)},
		{"W011", pattern(`^\d{4}-\d\d-\d\d .* ERROR`), pattern(`^\d{4} tests failed`)},
		{"W011", pattern(`^\[\d\d:\d\d:\d\d\] failed`), pattern(`^\[\d+:\d+\] failed`)},
		{"W011", pattern(`^\[?\d{2}:\d{2}:\d{2}\]? ERROR`), pattern(`^\[?\d{2} ERROR`)},
		{"W011", pattern(`^2024-05 failed`), pattern(`failed on 2024-05`)},
		{"W012", pattern(`1;31mError: .+`), pattern(`^131mError: .+`)},
		{"W012", pattern(`(?:\x1b\[)?Error: (?:x|\x1b)y`), pattern(`(?:x)?Error: (?:x|z)y`)},
		{"W012", pattern(`mError: \S+ returned`), pattern(`mErrors: \S+ returned`)},
		{"W013", pattern(`(?i)error`), pattern(`(?i)\berror: `)},
		{"W014", pattern(`^\d+ +\w+`), pattern(`^\d+ of \w+`)},
		{"W014", ruleText("a", "literal = 'disk full'\nnone = [{ pattern = '^\\d+$' }]"), ruleText("a", "literal = 'disk full'\nunless = [{ pattern = '^\\d+$' }]")},
		{"W014", ruleText("a", "literal = 'disk full'\nall = [{ literal = 'E:' }]"), ruleText("a", "literal = 'disk full'\nall = [{ file = 'x.log' }]")},
		{"W014", ruleText("a", "literal = 'disk full'\nunless = [{ pattern = '\\d+$', within = 5 }]"), ruleText("a", "literal = 'disk full'\nunless = [{ pattern = '\\d+$', within = 'next' }]")},
		{"W015", pattern(`error:\n?.*failed`), pattern(`error:\s?.*failed`)},
		{"W016", pattern(`(?m)^error: x`), pattern(`(?i)^error: x`)},
		{"W016", pattern(`^(?is:error): x`), pattern(`^(?i:error): x`)},
		{"W017", ruleText("a", "literal = 'disk full'\nexpires = 2026-11-21"), ruleText("a", "literal = 'disk full'\nexpires = 2026-11-22")},
		{"I001", ruleText("a", "literal = 'disk full'\nexpires = 2026-12-01"), ruleText("a", "literal = 'disk full'\nexpires = 2027-12-01")},
		{"W018", ruleText("a", "literal = 'disk full'\nfile = 'syslog'"), "[files]\nsys = ['syslog']\n" + ruleText("a", "literal = 'disk full'\nfile = 'sys'")},
		{"W019", ruleText("a", "literal = 'disk full'\njobs = ['unit-*']"), ruleText("a", "literal = 'disk full'\njobs = ['unti*']")},
		{"W020", "[tags]\nnetwork = 'x'\nnetwrok = 'y'\n" + ruleText("a", "literal = 'x y'\ntag = 'network'") + ruleText("b", "literal = 'y z'\ntag = 'netwrok'"), "[tags]\nnetwork = 'x'\nnetworks2 = 'y'\n" + ruleText("a", "literal = 'x y'\ntag = 'network'") + ruleText("b", "literal = 'y z'\ntag = 'networks2'")},
		{"W020", "[tags]\nplaybook_err = 'x'\n" + ruleText("playbook_err", "literal = 'x y'\ntag = 'playbook_err'"), "[tags]\nplaybook = 'x'\n" + ruleText("playbook_err", "literal = 'x y'\ntag = 'playbook'")},
		{"W021", ruleText("a", "literal = 'disk full'"), tested("a", "literal = 'disk full'", "disk full")},
		{"W022", tested("a", "literal = 'disk full'", "disk full"), ruleText("a", "literal = 'disk full'\n[[rule.test]]\nlog = 'disk'\nwant = ''")},
		{"W023", ruleText("a", "literal = 'disk full'\njobs = ['x']\nhides = ['b']") + ruleText("b", "literal = 'y z'\njobs = ['y']"), ruleText("a", "literal = 'disk full'\njobs = ['x']\nhides = ['b']") + ruleText("b", "literal = 'y z'\njobs = ['y', 'x']")},
		{"W024", ruleText("a", "literal = 'disk full'") + "[[override]]\nid = 'a'\ntag = 'code'", ruleText("a", "literal = 'disk full'") + "[[override]]\nid = 'a'\ntag = 'infra'"},
		{"W025", ruleText("a", "pattern = 'failed to build (.*?)'\nmessage = '{1}'"), ruleText("a", "pattern = 'failed to build (.*?)$'\nmessage = '{1}'")},
		{"W026", ruleText("a", "literal = 'disk full' # lint: allow W021"), ruleText("a", "literal = 'disk full' # lint: allow W021 none was kept")},
		{"W026", ruleText("a", "literal = 'disk full' # lint: allow all of it"), ruleText("a", "literal = 'disk full' # nothing to allow")},
		{"W027", ruleText("a", "literal = 'disk full' # lint: allow W014 it is short"), ruleText("a", "literal = 'E:' # lint: allow W014 it is short")},
		{"W028", pattern(`failed: (?:x|$y)z`), pattern(`failed: (?:x|\$y)z`)},

		{"I002", "[tags]\nmine = 'x'\n" + ruleText("a", "literal = 'x y'"), "[tags]\nmine = 'x'\n" + ruleText("a", "literal = 'x y'\ntag = 'mine'")},
		{"I002", "[files]\nsys = ['syslog']\n" + ruleText("a", "literal = 'x y'"), "[files]\nsys = ['syslog']\n" + ruleText("a", "literal = 'x y'\nall = [{ file = 'sys' }]")},
		{"I003", ruleText("npm-install", "literal = 'x y'") + ruleText("npm-instal", "literal = 'y z'"), ruleText("npm-install", "literal = 'x y'") + ruleText("npm-installs", "literal = 'y z'")},
		{"I004", pattern(`error: x.*$`), ruleText("a", "pattern = 'error: (x.*)$'\nmessage = '{1}'")},
		{"I004", pattern(`^.*error: x`), ruleText("a", "pattern = '^.*error: (x)'\nmessage = '{1}'")},
		{"I004", pattern(`error: x\s*`), pattern(`error: x\s*$`)},
	}
	seen := map[string]bool{}
	for _, test := range tests {
		seen[test.code] = true
		t.Run(test.code, func(t *testing.T) {
			o := Options{Jobs: []string{"unti-x"}}
			found := run(t, test.bad, o)
			if len(of(test.code, found)) == 0 {
				t.Errorf("not found in\n%s\nbut %v", test.bad, found)
			}
			if found := of(test.code, run(t, test.good, o)); len(found) > 0 {
				t.Errorf("found in\n%s\n%+v", test.good, found)
			}
		})
	}
	for _, c := range Checks {
		if !seen[c.Code] {
			t.Errorf("no test of %s, %s", c.Code, c.Doc)
		}
	}
}

// TestDefault holds the rules that ship to all checks.
func TestDefault(t *testing.T) {
	set, err := patterns.Load([]string{patterns.Default}, patterns.Options{})
	for _, f := range Run(set, err, Options{Now: now}) {
		t.Errorf("%s: %s %s: %s; %s (%s)", f.Place(), f.Code, f.Rule, f.What, f.Remedy, f.Example)
	}
}

// TestOwnRuleGoesFirst: a user's rule that takes lines from one that ships is
// as its author means it.
func TestOwnRuleGoesFirst(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mine.toml")
	text := ruleText("mine", "literal = 'No matching distribution found for '\nmessage = 'not on our mirror'\ntag = 'infra'\npriority = 100")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := patterns.Load([]string{patterns.Default, name}, patterns.Options{})
	for _, f := range Run(set, err, Options{Now: now}) {
		if f.Code != "W021" && f.Code != "W022" {
			t.Errorf("%s: %s %s: %s", f.Place(), f.Code, f.Rule, f.What)
		}
	}
}

func TestPlaces(t *testing.T) {
	text := "[tags]\nmine = 'x'\n" + tested("a", "literal = 'disk full'", "the disk full") +
		"[[rule.test]]\nlog = 'x'\nwant = ''\n" + ruleText("b", "pattern = 'x (disk full)'")
	var got []string
	for _, f := range run(t, text, Options{}) {
		got = append(got, f.Place().String()+" "+f.Code+" "+f.Rule+": "+f.What)
	}
	want := []string{
		`r.toml:2:1 I002 : no rule has the tag "mine"`,
		`r.toml:15:3 W021 b: has no tests`,
		`r.toml:20:1 W002 b: is never the reason: "a" in r.toml:3 matches each line that this rule does, and goes first (it stands first)`,
		`r.toml:20:1 W008 b: the parentheses of "(disk full)" are a group, not text`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
