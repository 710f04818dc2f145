package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/watchcat-ci/watchcat/classify"
)

// runOf makes a run of results.
func runOf(results ...classify.Result) *Run {
	return Collect(func(yield func(classify.Result) bool) {
		for _, r := range results {
			if !yield(r) {
				return
			}
		}
	})
}

// TestCompare holds each way in which a verdict can change to its kind, and to
// its effect where lines 10 to 12 are labelled.
func TestCompare(t *testing.T) {
	none, symptom := result("l", "", "11"), result("l", "~s", "1", "11")
	right, wrong := result("l", "r", "11"), result("l", "r", "5")
	retagged, reworded := result("l", "r", "11"), result("l", "r", "11")
	retagged.Tag, reworded.Reason = "u", "other"
	tests := map[string]struct {
		old, new classify.Result
		kind     Kind
		effect   Effect
	}{
		"nothing, as before":       {none, none, "", ""},
		"another excerpt":          {none, result("l", "", "3"), "", ""},
		"the same reason":          {right, right, "", ""},
		"the same symptom":         {symptom, result("l", "~s", "1", "7"), "", ""},
		"a right reason":           {none, right, Gained, Better},
		"a wrong reason":           {none, wrong, Gained, Worse},
		"a reason for a symptom":   {symptom, right, Gained, Better},
		"a symptom":                {none, symptom, Gained, Neither},
		"no longer a right reason": {right, none, Lost, Worse},
		"no longer a wrong reason": {wrong, none, Lost, Better},
		"a symptom for a reason":   {right, symptom, Lost, Worse},
		"no longer a symptom":      {symptom, none, Lost, Neither},
		"another line":             {wrong, right, Changed, Better},
		"the other line":           {right, wrong, Changed, Worse},
		"another rule":             {right, result("l", "q", "12"), Changed, Neither},
		"a longer block":           {right, result("l", "r", "11-14"), Changed, Neither},
		"another tag":              {right, retagged, Changed, Neither},
		"another message":          {right, reworded, Changed, Neither},
		"another symptom":          {symptom, result("l", "~z", "1"), Changed, Neither},
	}
	truth := NewTruth([]Label{{"l", "p", []Range{{10, 12}}}}, nil)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := Compare(runOf(tt.old), runOf(tt.new), truth)
			if tt.kind == "" {
				if d.Same != 1 || len(d.Changes) != 0 {
					t.Errorf("%s: %+v; want no change", d, d.Changes)
				}
				return
			}
			if len(d.Changes) != 1 || d.Changes[0].Kind != tt.kind || d.Changes[0].Effect != tt.effect || d.Same != 0 {
				t.Errorf("%s: %+v; want %s, %s", d, d.Changes, tt.kind, tt.effect)
			}
		})
	}
}

// TestComparePassing: a reason for a build that passed is wrong, and of a log
// that nobody labelled nothing is known.
func TestComparePassing(t *testing.T) {
	old := runOf(result("g/1", "", "1"), result("g/2", "r", "1"), result("x", "", "1"))
	now := runOf(result("g/1", "r", "1"), result("g/2", "", "1"), result("x", "r", "1"))
	var got []Effect
	for _, c := range Compare(old, now, NewTruth(nil, []string{"g/1", "g/2"})).Changes {
		got = append(got, c.Effect)
	}
	if diff := cmp.Diff([]Effect{Better, Worse, ""}, got); diff != "" { // lost first
		t.Error(diff)
	}
	for _, c := range Compare(old, now, nil).Changes {
		if c.Effect != "" {
			t.Errorf("without labels: %+v", c)
		}
	}
}

// TestComparePairs: which job of one run is which of the other.
func TestComparePairs(t *testing.T) {
	byID := func(id, file, rule string) classify.Result {
		r := result(file, rule, "1")
		r.ID = id
		return r
	}
	byURL := func(url, rule string) classify.Result {
		r := result("", rule, "1")
		r.LogURL, r.Name = url, "tox"
		return r
	}
	tests := map[string]struct {
		old, new         *Run
		want             string
		onlyOld, onlyNew []string
	}{
		"empty":            {runOf(), runOf(), "gained 0, lost 0, changed 0, same 0", nil, nil},
		"in another order": {runOf(result("a", "r", "1"), result("b", "", "1")), runOf(result("b", "", "1"), result("a", "r", "1")), "gained 0, lost 0, changed 0, same 2", nil, nil},
		"by id first":      {runOf(byID("1", "a", "r"), byID("2", "b", "")), runOf(byID("2", "a", ""), byID("1", "b", "r")), "gained 0, lost 0, changed 0, same 2", nil, nil},
		"by URL":           {runOf(byURL("u/1", "r"), byURL("u/2", "")), runOf(byURL("u/2", "r"), byURL("u/3", "")), "gained 1, lost 0, changed 0, same 0", []string{"tox u/1"}, []string{"tox u/3"}},
		"the same log twice": {
			runOf(result("a", "r", "1"), result("a", "", "1")), runOf(result("a", "r", "1"), result("a", "r", "1")), "gained 1, lost 0, changed 0, same 1", nil, nil,
		},
		"from another folder":      {runOf(result("../c/f/p/1", "r", "1")), runOf(result("/c/f/p/1", "", "1")), "gained 0, lost 1, changed 0, same 0", nil, nil},
		"from folders all alike":   {runOf(result("x/f/p/q/1", "r", "1"), result("y/f/p/q/1", "", "1")), runOf(result("z/f/p/q/1", "", "1")), "gained 0, lost 0, changed 0, same 0", []string{"x/f/p/q/1", "y/f/p/q/1"}, []string{"z/f/p/q/1"}},
		"one with, one without id": {runOf(byID("1", "f/p/1", "r")), runOf(result("x/f/p/1", "", "1")), "gained 0, lost 1, changed 0, same 0", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := Compare(tt.old, tt.new, nil)
			if diff := cmp.Diff(tt.want, d.String()); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([][]string{tt.onlyOld, tt.onlyNew}, [][]string{d.OnlyOld, d.OnlyNew}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestCompareOrder: what is lost comes first.
func TestCompareOrder(t *testing.T) {
	old := runOf(result("1", "", "1"), result("2", "r", "1"), result("3", "r", "1"), result("4", "r", "1"))
	now := runOf(result("1", "r", "1"), result("2", "q", "1"), result("3", "", "1"), result("4", "", "1"))
	var got []string
	for _, c := range Compare(old, now, nil).Changes {
		got = append(got, string(c.Kind)+" "+c.Log)
	}
	if diff := cmp.Diff([]string{"lost 3", "lost 4", "changed 2", "gained 1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadRun(t *testing.T) {
	const help = "; name what rules eval --save, or a command with --format json, wrote"
	text := strings.Join([]string{
		`{"v":1,"file":"a.log","job":"a.log","outcome":"matched","partial":false,"rule":"r","tag":"t","reason":"m","evidence":[{"file":"a.log","line":3,"end_line":4,"text":["x","y"]}],"matches":[{"rule":"r","tag":"t","tier":"cause","message":"m","file":"a.log","line":3,"end_line":4,"text":"x","count":101}],"rules":"sha256:1","engine":"1","added_later":[1]}`,
		`{"v":1,"id":"7","job":"tox","outcome":"no-logs","partial":true,"missing":[{"file":"x","why":"404"}],"rules":"sha256:1","engine":"2"}`,
		``,
		`{"v":1,"summary":{"failed":2}}`,
		`{"v":2,"file":"b.log","outcome":{}}`,
		`{"v":1,"file":"b.log","outcome":"great"}`,
		`{"v":1,"outcome":"matched"}`,
		`{"watchcat_jobs":1}`,
		`nonsense`,
	}, "\n")
	run, err := ReadRun("r.jsonl", strings.NewReader(text))
	want := &Run{
		Verdicts: []Verdict{
			{File: "a.log", Job: "a.log", Outcome: "matched", Rule: "r", Tag: "t", Reason: "m", In: "a.log", Line: 3, Shown: []Range{{3, 4}}},
			{ID: "7", Job: "tox", Outcome: "no-logs", Partial: true},
		},
		Rules: []string{"sha256:1"}, Engines: []string{"1", "2"},
	}
	if diff := cmp.Diff(want, run, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	wantErr := strings.Join([]string{
		`r.jsonl:5:1: no result: version 2 is that of a newer watchcat; update this one` + help,
		`r.jsonl:6:1: no result: outcome "great" is none that watchcat knows` + help,
		`r.jsonl:7:1: no result: it names no log and no job` + help,
		`r.jsonl:8:1: no result: outcome "" is none that watchcat knows` + help,
		`r.jsonl:9:1: no result: invalid character 'o' in literal null (expecting 'u')` + help,
	}, "\n")
	if diff := cmp.Diff(wantErr, errorText(err)); diff != "" {
		t.Error(diff)
	}
}

// FuzzReadRun holds ReadRun to what must be true of any file: it does not panic,
// each line gives one verdict or mistake at most, and a run is the same as itself.
func FuzzReadRun(f *testing.F) {
	f.Add(`{"v":1,"file":"a","outcome":"matched","rule":"r","matches":[{"rule":"r","line":3}],"evidence":[{"line":3},{"line":2,"end_line":9}]}`)
	f.Add(`{"v":1,"id":"a","outcome":"symptom","matches":[{"line":-3,"end_line":-9}]}` + "\n" + `{"v":1,"id":"a","outcome":"passed"}`)
	f.Add(`{"v":1,"summary":null,"job":"x","outcome":"unmatched"}` + "\n{")
	f.Fuzz(func(t *testing.T, text string) {
		run, err := ReadRun("x", strings.NewReader(text))
		mistakes := 0
		if err != nil {
			mistakes = strings.Count(err.Error(), help)
		}
		if n, lines := len(run.Verdicts)+mistakes, strings.Count(text, "\n")+1; n > lines {
			t.Errorf("%d verdicts and mistakes in %d lines", n, lines)
		}
		d := Compare(run, run, NewTruth(nil, nil))
		if d.Same != len(run.Verdicts) || len(d.Changes)+len(d.OnlyOld)+len(d.OnlyNew) > 0 {
			t.Errorf("a run held to itself: %s, %+v", d, d)
		}
	})
}

// help ends every mistake of ReadRun.
const help = "or a command with --format json, wrote"
