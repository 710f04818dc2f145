package gerrit

import (
	"slices"
	"strings"
	"testing"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

func TestBuildQuery(t *testing.T) {
	tests := []struct {
		query    string
		projects []string
		want     string // or, with an error, a part of it
		wrong    bool
	}{
		{want: "status:open"},
		{projects: []string{"a/b"}, want: "status:open (project:{a/b})"},
		{projects: []string{"a", "b (old)!"}, want: "status:open (project:{a} OR project:{b (old)!})"},
		{projects: []string{"open*/c++.?"}, want: "status:open (project:{^open.*/c[+][+][.].})"},
		{query: "status:open OR is:wip -age:30d", want: "(status:open OR is:wip -age:30d)"},
		{query: `message:"it's"`, projects: []string{"a"}, want: `(message:"it's") (project:{a})`},

		{query: `(a OR -b) NOT {c d} label:Verified=-1,user=zuul after:"2026-01-02 15:04" project:^a/.*`,
			want: `((a OR -b) NOT {c d} label:Verified=-1,user=zuul after:"2026-01-02 15:04" project:^a/.*)`},
		{query: `message:"a # {b' )" branch:{"x}`, want: `(message:"a # {b' )" branch:{"x})`},

		{query: "status:open AND", want: "nothing stands behind AND", wrong: true},
		{query: "status:open AND {", want: "a { is not closed", wrong: true},
		{query: "status:open OR )", want: `a ")" closes nothing`, wrong: true},
		{query: "(status:open OR)", want: "nothing stands behind OR", wrong: true},
		{query: "OR status:open", want: "nothing stands before OR", wrong: true},
		{query: "a AND OR b", want: "nothing stands before OR", wrong: true},
		{query: "NOT", want: "nothing stands behind NOT", wrong: true},
		{query: "status:open -", want: "nothing stands behind -", wrong: true},
		{query: "a ()", want: "nothing stands between ( and )", wrong: true},
		{query: "status:", want: "nothing stands behind status:", wrong: true},
		{query: ":open", want: "no operator stands before a colon", wrong: true},
		{query: "(status:open", want: `a "(" is not closed`, wrong: true},
		{query: "status:open) OR (is:merged", want: `a ")" closes nothing`, wrong: true},
		{query: `message:"two words`, want: `a " is not closed`, wrong: true},
		{query: "message:{a{b}", want: "a { is not closed", wrong: true},
		{query: "a}", want: "a } closes nothing", wrong: true},
		{query: "message:'two words'", want: "' is no quote", wrong: true},
		{query: "status:open # mine", want: "behind a #", wrong: true},
		{query: "status:open#mine", want: "behind a #", wrong: true},
		{query: "project:a[b]", want: "cannot hold [", wrong: true},

		{query: " ", want: "blank", wrong: true},
		{query: "status:open\nstatus:merged", want: "control character", wrong: true},
		{query: "status:open limit:500", want: "set cap = 500", wrong: true},
		{projects: []string{""}, want: "empty", wrong: true},
		{projects: []string{"a} OR project:{b"}, want: "cannot be asked for", wrong: true},
		{projects: []string{`a\`}, want: "cannot be asked for", wrong: true},
		{projects: []string{"a' --no-limit '"}, want: "cannot be asked for", wrong: true},
		{projects: []string{"a\tb"}, want: "control character", wrong: true},
		{projects: []string{"a\xff"}, want: "no UTF-8", wrong: true},
		{projects: []string{"a*[b]"}, want: "a pattern may hold", wrong: true},
	}
	for _, test := range tests {
		got, err := buildQuery(test.query, test.projects)
		switch {
		case !test.wrong && (err != nil || got != test.want):
			t.Errorf("buildQuery(%q, %q) = %q, %v; want %q", test.query, test.projects, got, err, test.want)
		case test.wrong && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("buildQuery(%q, %q) = %q, %v; want an error with %q", test.query, test.projects, got, err, test.want)
		}
	}
}

func TestCommand(t *testing.T) {
	const options = "gerrit query --format=JSON --comments --commit-message --current-patch-set"
	if got, want := command(question{query: "status:open", limit: 200}), options+" -- 'limit:200 status:open'"; got != want {
		t.Errorf("the first page:\n%s\nwant\n%s", got, want)
	}
	if got, want := command(question{query: "status:open", start: 40, limit: 7}), options+" --start=40 -- 'limit:7 status:open'"; got != want {
		t.Errorf("a later page:\n%s\nwant\n%s", got, want)
	}
	if got, want := command(question{query: "status:open", start: 40, after: "00158e2000000860", limit: 7}), options+" -- 'limit:7 resume_sortkey:00158e2000000860 status:open'"; got != want {
		t.Errorf("a later page before 2.10:\n%s\nwant\n%s", got, want)
	}
}

// Whatever value is quoted, the server's own splitter gives it back whole and as
// part of the query, never as an option.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"openstack/nova", "a b  c", "--no-limit", "it's", `"`, `\`, "{}", "a\tb", "é!(){};"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		words := gerrittest.Split("gerrit query -- " + argument(value))
		if want := []string{"gerrit", "query", "--", value}; value != "" && !slices.Equal(words, want) {
			t.Errorf("argument(%q) arrives as %q", value, words)
		}
		quoted, err := quote(value)
		if err != nil {
			return
		}
		words = gerrittest.Split(command(question{query: "project:" + quoted, start: 1, limit: 2}))
		if want := []string{"--", "limit:2 project:{" + value + "}"}; !slices.Equal(words[len(words)-2:], want) {
			t.Errorf("project %q arrives as %q", value, words)
		}
		_, terms, _ := strings.Cut(words[len(words)-1], " ")
		if tokens, err := tokenize("(" + terms + ")"); err != nil || !slices.Equal(tokens, []string{"(", "project:", quoted, ")"}) {
			t.Errorf("project %q is read as %q, %v", value, tokens, err)
		}
		if strings.Count(quoted, "{") != 1 || strings.Count(quoted, "}") != 1 || !strings.HasSuffix(quoted, "}") {
			t.Errorf("quote(%q) = %s, which ends before its end", value, quoted)
		}
	})
}

// A query that is taken has the same meaning within the parentheses that are put
// around it: nothing in it reaches out.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"status:open -age:30d", `(a OR "b)") {(}`, "a) OR (b", "a AND", `"`, "{", "x:'y'", "a#b", "NOT-a", "::", "a:b:c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		built, err := buildQuery(query, []string{"p"})
		if err != nil || query == "" {
			return
		}
		tokens, err := tokenize(built)
		if err != nil {
			t.Fatalf("%q became %q: %v", query, built, err)
		}
		depth := 0
		end := slices.IndexFunc(tokens, func(token string) bool { // of the first parenthesis
			depth += map[string]int{"(": 1, ")": -1}[token]
			return depth == 0
		})
		if end != len(tokens)-5 {
			t.Errorf("%q became %q, of which the first parenthesis ends elsewhere", query, built)
		}
		if want := []string{"(", "project:", "{p}", ")"}; !slices.Equal(tokens[len(tokens)-4:], want) {
			t.Errorf("%q became %q", query, built)
		}
	})
}
