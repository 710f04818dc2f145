package democi

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStencil(t *testing.T) {
	tests := []struct {
		text string
		want string // regular expression of the whole line
	}{
		{"", ``},
		{"plain", `plain`},
		{"{n}", `\d{1,3}`},
		{"a {d}{N} z", `a [0-7]\d{4,5} z`},
		{"{x} {X}", `[0-9a-f]{7} [0-9a-f]{32}`},
		{"{w} {W} {a} {A}", `(pier|quay) (Pier|Quay) tug Tug`},
		{"{f} {p}% {t} {ip}", `\d\.\d{3} 42% 03:04:05 10\.\d+\.\d+\.\d+`},
		{`{"rc": 1} {} {{n}} { {unknown} {n`, `\{"rc": 1\} \{\} \{\d+\} \{ \{unknown\} \{n`},
		{"<job>", `harbour-tox`},
	}
	names := strings.NewReplacer("<job>", "harbour-tox")
	for _, test := range tests {
		f := filler{
			rng: rand.New(rand.NewPCG(1, 2)), words: []string{"pier", "quay"}, word: "tug", percent: 42,
			at: 3*time.Hour + 4*time.Minute + 5*time.Second,
		}
		got := string(f.append(nil, parseStencils([]string{test.text}, names, fields())[0]))
		if !regexp.MustCompile(`^(?:` + test.want + `)$`).MatchString(got) {
			t.Errorf("%q became %q, want %s", test.text, got, test.want)
		}
	}
}

func TestParseHeading(t *testing.T) {
	got, err := parseHeading("pytest; tool=tox; point=a = b")
	if err != nil {
		t.Fatal(err)
	}
	want := section{name: "pytest", attrs: map[string]string{"tool": "tox", "point": "a = b"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(section{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := parseHeading("pytest; tool"); err == nil {
		t.Error("a heading without a value was taken")
	}
}

func TestGroups(t *testing.T) {
	got := section{lines: []string{"a", "b", "", "c"}}.groups()
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestLibrary asks that what the texts name is there.
func TestLibrary(t *testing.T) {
	l, err := readLibrary()
	if err != nil {
		t.Fatal(err)
	}
	jobs := l.periodic
	for _, p := range l.projects {
		jobs = append(jobs, p.jobs...)
		if len(p.jobs) < 4 || len(p.subjects) < 5 {
			t.Errorf("project %s has %d jobs and %d subjects", p.name, len(p.jobs), len(p.subjects))
		}
	}
	tools := map[string]bool{"any": true}
	for _, j := range jobs {
		tools[j.tool] = true
		if l.tools[j.tool].lines == nil || l.noise[j.tool].lines == nil {
			t.Errorf("job %s: nothing is known of what %s prints", j.name, j.tool)
		}
	}
	for _, f := range l.faults {
		if !tools[f.tool] {
			t.Errorf("fault %s: no job uses %s", f.name, f.tool)
		}
		if f.rule == "" && (f.outcome == "matched" || f.outcome == "symptom") {
			t.Errorf("fault %s: no rule is to name it", f.name)
		}
	}
}
