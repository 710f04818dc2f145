package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

func TestReadLabels(t *testing.T) {
	const help = `; write {"log": "a.log", "project": "p", "lines": [[12, 15]]}`
	tests := map[string]struct {
		text string
		want []Label
		err  string
	}{
		"none": {},
		"two, with more keys and empty lines": {
			text: "\ufeff" + `{"log":"f/a.log","project":"p","language":"C","lines":[[3,5]]}` + "\r\n\n \n" + `{"log":"b.log","lines":[[1,1]]}`,
			want: []Label{{"f/a.log", "p", []Range{{3, 5}}}, {"b.log", "", []Range{{1, 1}}}},
		},
		"ranges that overlap, touch and stand apart, in any order": {
			text: `{"log":"a","lines":[[9,9],[3,5],[4,6],[7,8],[1,1]]}`,
			want: []Label{{"a", "", []Range{{1, 1}, {3, 9}}}},
		},
		"every mistake is told": {
			text: strings.Join([]string{
				`{"log":"a","lines":[[1,2]]}`, `{"lines":[[1,2]]}`, `{"log":"b","lines":[]}`, `{"log":"b"}`,
				`{"log":"./a","lines":[[1,2]]}`, `{"log":"c","lines":[[2,1]]}`, `{"log":"c","lines":[[0,1]]}`, `{"log":"c","lines":[[1]]}`,
				`[`, `{"log":"d","lines":[[1,1]]}`,
			}, "\n"),
			want: []Label{{"a", "", []Range{{1, 2}}}, {"d", "", []Range{{1, 1}}}},
			err: `l.jsonl:2:1: no label: it names no "log"` + help + `
l.jsonl:3:1: no label: "lines" marks no line` + help + `
l.jsonl:4:1: no label: "lines" marks no line` + help + `
l.jsonl:5:1: no label: ./a has a label already, in line 1` + help + `
l.jsonl:6:1: no label: lines are [first, last], from 1, the last not before the first` + help + `
l.jsonl:7:1: no label: lines are [first, last], from 1, the last not before the first` + help + `
l.jsonl:8:1: no label: lines are [first, last], from 1, the last not before the first` + help + `
l.jsonl:9:1: no label: unexpected end of JSON input` + help,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ReadLabels("l.jsonl", strings.NewReader(tt.text))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if text := errorText(err); text != tt.err {
				t.Errorf("error\n%s\nwant\n%s", text, tt.err)
			}
		})
	}
}

// errorText returns what an error says, "" for none.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCommon(t *testing.T) {
	tests := []struct {
		a, b []Range
		want int
	}{
		{nil, nil, 0},
		{[]Range{{1, 9}}, nil, 0},
		{[]Range{{1, 3}}, []Range{{4, 6}}, 0},
		{[]Range{{1, 4}}, []Range{{4, 6}}, 1},
		{[]Range{{1, 10}}, []Range{{2, 3}, {5, 5}, {9, 20}}, 5},
		{[]Range{{1, 2}, {4, 5}, {7, 8}}, []Range{{2, 4}, {8, 9}}, 3},
	}
	for _, tt := range tests {
		if got, back := common(tt.a, tt.b), common(tt.b, tt.a); got != tt.want || back != tt.want {
			t.Errorf("common(%v, %v) = %d, the other way round %d; want %d", tt.a, tt.b, got, back, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	n := newNames([]string{"failing/p/1.log", "1.log", "x/failing/p/2.log", "y/failing/p/2.log", "p/3.log"})
	tests := map[string]int{
		"failing/p/1.log":           0,
		"/corpus/failing/p/1.log":   0,
		"other/failing/p/1.log":     0,
		"p/1.log":                   1,
		"1.log":                     1,
		"./1.log":                   1,
		"failing/q/1.log":           1,
		"corpus/y/failing/p/2.log":  3,
		"corpus/xx/failing/p/2.log": 2,
		"a/p/3.log":                 4,
		"3.log":                     -1,
		"a/4.log":                   -1,
		"":                          -1,
	}
	for name, want := range tests {
		if got := n.find(name); got != want {
			t.Errorf("find(%q) = %d, want %d", name, got, want)
		}
	}
}

// FuzzReadLabels holds ReadLabels to what must be true of any file: it does not
// panic, each line is a label or a mistake, and labels can be held to anything.
func FuzzReadLabels(f *testing.F) {
	f.Add(`{"log":"a","project":"p","lines":[[1,2],[2,9]]}`)
	f.Add(`{"log":"a","lines":[[1,9223372036854775807],[5,5]]}` + "\n" + `{"log":"/a","lines":null}`)
	f.Add("{\n[\n\"\\ud800\"")
	f.Fuzz(func(t *testing.T, text string) {
		labels, err := ReadLabels("x", strings.NewReader(text))
		mistakes, _ := err.(strict.Mistakes)
		if (err != nil) != (len(mistakes) > 0) {
			t.Fatalf("error %v is no Mistakes", err)
		}
		lines := strings.Count(text, "\n") + 1
		if n := len(labels) + len(mistakes); n > lines {
			t.Errorf("%d labels and mistakes in %d lines", n, lines)
		}
		for _, l := range labels {
			if l.Log == "" || count(l.Lines) < 1 || common(l.Lines, l.Lines) != count(l.Lines) {
				t.Errorf("label %+v", l)
			}
		}
		if s := Evaluate(labels, nil, nil, nil).Summary; s.Logs != len(labels) || s.Classes[Nothing] != len(labels) {
			t.Errorf("without results: %+v", s)
		}
		if again, _ := ReadLabels("x", strings.NewReader(text)); fmt.Sprint(again) != fmt.Sprint(labels) {
			t.Errorf("twice the same file: %v, %v", labels, again)
		}
	})
}
