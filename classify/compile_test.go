package classify

import "testing"

// A pattern that cannot match within an overlong line is not tried there.
func TestAnchoredWithin(t *testing.T) {
	for pattern, want := range map[string][3]bool{ // at the beginning, within, at the end
		`x`:              {true, true, true},
		`^x`:             {true, false, false},
		`x$`:             {false, false, true},
		`^x$`:            {false, false, false},
		`(?P<a>^x)+y`:    {true, false, false},
		`(?:^|,)x`:       {true, true, true},
		`(?:^x|^y)`:      {true, false, false},
		`(?:^x|y$)`:      {true, false, true},
		`(?:^)?x(?:y$)*`: {true, true, true},
	} {
		r, err := patternMatcher(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := [3]bool{r.head() != nil, r.inner() != nil, r.tail() != nil}; got != want {
			t.Errorf("%s: got %v, want %v", pattern, got, want)
		}
	}
}
