package gerrit

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// world is a Gerrit whose changes are updated and merged between two answers.
type world struct {
	limit int             // changes a page
	stir  func(w *world)  // is called behind each answer
	old   bool            // before 2.10
	mu    sync.Mutex      // guards what follows
	open  []stirredChange // the latest updated first
	clock int
	asked int
}

type stirredChange struct{ number, updated int }

func newWorld(changes, limit int) *world {
	w := &world{limit: limit, clock: 1000 + changes}
	for i := range changes {
		w.open = append(w.open, stirredChange{i + 1, 1000 + changes - i})
	}
	return w
}

// update moves the change at a place to the top.
func (w *world) update(at int) {
	c := w.open[at]
	w.clock++
	c.updated = w.clock
	w.open = slices.Insert(slices.Delete(w.open, at, at+1), 0, c)
}

// merge removes n changes from a place on.
func (w *world) merge(at, n int) {
	w.open = slices.Delete(w.open, at, min(at+n, len(w.open)))
}

// answer is a gerrittest.Answer.
func (w *world) answer(command string, stdout, stderr io.Writer) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []json.RawMessage
	for _, c := range w.open {
		number := fmt.Sprint(c.number)
		if w.old {
			number = fmt.Sprintf("%q,\"sortKey\":\"%08x\"", number, c.updated)
		}
		all = append(all, fmt.Appendf(nil, `{"number":%s,"lastUpdated":%d,"comments":[{"reviewer":{"username":"zuul"},
			"message":"Patch Set 1:\n\n- unit-%d https://l.example.org/%d : FAILURE"}]}`, number, c.updated, c.number, c.number))
	}
	answer := gerrittest.Changes
	if w.old {
		answer = gerrittest.OldChanges
	}
	exit := answer(all, w.limit)(command, stdout, stderr)
	if w.asked++; exit == 0 && w.stir != nil {
		w.stir(w)
	}
	return exit
}

// check lists the jobs of a world. A change that is open all the time, being
// none of those that went, must be listed, and nothing twice. It returns the
// problems.
func (w *world) check(t *testing.T) error {
	t.Helper()
	all := slices.Clone(w.open)
	o := optionsFor(t, start(t, gerrittest.Options{Answer: w.answer}))
	got, err := list(t, o)
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[int]int)
	for _, job := range got.Jobs {
		listed[job.Change]++
		if listed[job.Change] > 1 {
			t.Errorf("change %d is listed twice", job.Change)
		}
	}
	for _, c := range all {
		open := slices.ContainsFunc(w.open, func(o stirredChange) bool { return o.number == c.number })
		if open && listed[c.number] == 0 && len(got.Problems) == 0 {
			t.Errorf("change %d is not listed", c.number)
		}
	}
	if got.Changes != len(listed) {
		t.Errorf("%d changes are counted, %d are there", got.Changes, len(listed))
	}
	return errors.Join(got.Problems...)
}

func TestPagingOfWhatMoves(t *testing.T) {
	tests := []struct {
		name    string
		stir    func(w *world)
		asked   int    // at most
		problem string // a part of the only one; "": none
	}{
		{name: "nothing moves", stir: func(*world) {}, asked: 6},
		{name: "unread changes are updated", stir: func(w *world) { w.update(len(w.open) - 1) }, asked: 8},
		{name: "changes that were read are updated", stir: func(w *world) { w.update(1) }, asked: 6},
		{name: "one is merged", stir: func(w *world) {
			if w.asked == 1 {
				w.merge(0, 1)
			}
		}, asked: 7},
		{name: "a whole page is merged", stir: func(w *world) {
			if w.asked == 1 {
				w.merge(0, 10)
			}
		}, asked: 8},
		{name: "the last of a page is merged", stir: func(w *world) {
			if w.asked == 1 {
				w.merge(5, 5)
			}
		}, asked: 8},
		{name: "all but the last are merged", stir: func(w *world) {
			if w.asked == 2 {
				w.merge(0, 39)
			}
		}, asked: 8},
		{name: "one is merged behind each answer", stir: func(w *world) { w.merge(0, 1) }, asked: 20},
		{name: "the order is turned round", stir: func(w *world) {
			if w.asked == 2 {
				for i := range w.open {
					w.update(i)
				}
			}
		}, asked: 20},
		{name: "more is updated than can be read", stir: func(w *world) {
			for range 100 {
				w.update(len(w.open) - 1)
			}
			w.update(len(w.open) / 2)
		}, asked: 60, problem: "changes leave the list faster than it can be read"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(40, 10)
			w.stir = test.stir
			checkError(t, "problems", w.check(t), test.problem)
			if w.asked > test.asked {
				t.Errorf("%d questions; want %d at most", w.asked, test.asked)
			}
		})
	}
}

// Whatever happens to the changes meanwhile: what is open all the time is listed
// once, or the listing says that something may be missing.
func TestPagingAtRandom(t *testing.T) {
	problems := 0
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		w := newWorld(20+rnd.IntN(60), 2+rnd.IntN(20))
		w.old = seed%4 == 0
		w.stir = func(w *world) {
			for range rnd.IntN(4) {
				w.update(rnd.IntN(len(w.open)))
			}
			if len(w.open) < 10 || rnd.IntN(2) == 0 {
				return
			}
			w.merge(rnd.IntN(len(w.open)-5), 5)
		}
		if w.check(t) != nil {
			problems++
		}
		if w.asked > 150 {
			t.Errorf("seed %d: %d questions", seed, w.asked)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %d questions of %d a page", seed, w.asked, w.limit)
		}
	}
	if problems > 30 { // five are merged behind each answer, which may be of two
		t.Errorf("%d of 60 listings gave up", problems)
	}
}

// Gerrits before 2.10 go on behind a sort key.
func TestPagingBySortKey(t *testing.T) {
	w := newWorld(25, 10)
	w.old = true
	server := start(t, gerrittest.Options{Answer: w.answer})
	got := mustList(t, optionsFor(t, server))
	if len(got.Jobs) != 25 || got.Changes != 25 {
		t.Errorf("%d jobs of %d changes; want 25", len(got.Jobs), got.Changes)
	}
	var keys []string
	for _, command := range server.Commands() {
		words := gerrittest.Split(command)
		_, rest, _ := strings.Cut(words[len(words)-1], "resume_sortkey:")
		key, _, _ := strings.Cut(rest, " ")
		if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "--start") }) {
			key = "--start"
		}
		keys = append(keys, key)
	}
	// Changes 10, 20 and 25 end a page; they were updated at 1025 (401 in
	// hexadecimal) less their number, plus one. In the end the top is looked at.
	want := []string{"", "--start", "000003f8", "000003ee", "000003e9", ""}
	if !slices.Equal(keys, want) {
		t.Errorf("asked by %q; want %q", keys, want)
	}
	w = newWorld(25, 10)
	w.old = true
	o := optionsFor(t, start(t, gerrittest.Options{Answer: w.answer}))
	o.Cap = 12
	if got := mustList(t, o); len(got.Jobs) != 12 || !got.Capped {
		t.Errorf("%d jobs, capped %t; want 12 of more", len(got.Jobs), got.Capped)
	}
}

// An old Gerrit whose rows have no sort key cannot be asked for more.
func TestPagingWithoutSortKey(t *testing.T) {
	o := optionsFor(t, start(t, gerrittest.Options{Changes: changes(1, 25), PageLimit: 10, Old: true}))
	got, err := list(t, o)
	checkError(t, "error", err, `"--start" is not a valid option`)
	if len(got.Jobs) != 10 {
		t.Errorf("%d jobs; want the 10 of the first page", len(got.Jobs))
	}
}

// dropping is an Answer that drops the connection at some of its calls, behind a
// part of what it has to say.
func dropping(answer gerrittest.Answer, bytes int, calls ...int) gerrittest.Answer {
	var mu sync.Mutex
	call := 0
	return func(command string, stdout, stderr io.Writer) int {
		mu.Lock()
		defer mu.Unlock()
		call++
		if !slices.Contains(calls, call) {
			return answer(command, stdout, stderr)
		}
		var b strings.Builder
		answer(command, &b, stderr)
		io.WriteString(stdout, b.String()[:min(bytes, b.Len())])
		return gerrittest.HangUp
	}
}

func TestReconnect(t *testing.T) {
	good := gerrittest.Changes(changes(1, 25), 10)
	tests := []struct {
		name        string
		answer      gerrittest.Answer
		jobs        int
		connections int
		err         string
	}{
		{name: "never", answer: good, jobs: 25, connections: 1},
		{name: "before the first row", answer: dropping(good, 0, 1), jobs: 25, connections: 2},
		{name: "in the first page", answer: dropping(good, 600, 1), jobs: 25, connections: 2},
		{name: "in the second page", answer: dropping(good, 600, 2), jobs: 25, connections: 2},
		{name: "behind a whole page", answer: dropping(good, 1<<20, 2), jobs: 25, connections: 2},
		{name: "while looking again", answer: dropping(good, 600, 4), jobs: 25, connections: 2},
		{name: "twice", answer: dropping(good, 600, 2, 4), jobs: 18, connections: 2, err: "dropped the connection"},
		{name: "twice in one page", answer: dropping(good, 600, 2, 3), jobs: 10, connections: 2, err: "dropped the connection"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := start(t, gerrittest.Options{Answer: test.answer})
			got, err := list(t, optionsFor(t, server))
			checkError(t, "error", err, test.err)
			if len(got.Problems) > 0 {
				t.Errorf("problems %v", got.Problems)
			}
			if n := server.Connections(); n != test.connections {
				t.Errorf("%d connections; want %d", n, test.connections)
			}
			numbers := make(map[int]bool)
			for _, job := range got.Jobs {
				numbers[job.Change] = true
			}
			if len(got.Jobs) != len(numbers) || len(numbers) < test.jobs || test.err == "" && len(numbers) != test.jobs {
				t.Errorf("%d jobs of %d changes; want %d", len(got.Jobs), len(numbers), test.jobs)
			}
		})
	}
}

// Where the second try fails too, the error tells how both did: that a server which
// cannot be asked now did answer, a moment ago, is half of what is wrong with it.
func TestBothTriesFail(t *testing.T) {
	good := gerrittest.Changes(changes(1, 25), 10)
	asked := 0
	source, err := New(optionsFor(t, start(t, gerrittest.Options{Answer: func(command string, stdout, stderr io.Writer) int {
		if asked++; asked == 1 {
			return dropping(good, 600, 1)(command, stdout, stderr)
		}
		io.WriteString(stderr, "fatal: too busy")
		return 1
	}})))
	if err != nil {
		t.Fatal(err)
	}
	source.pause = 0
	got, err := source.Jobs(t.Context())
	checkParts(t, err, []string{"the server dropped the connection", "; then: ", "the server says: fatal: too busy"})
	if !errors.Is(err, errDropped) || len(got.Jobs) == 0 || len(got.Jobs) >= 10 {
		t.Errorf("%d jobs, %v; want what came before the connection broke", len(got.Jobs), err)
	}
}

// A server that vanishes does not even answer keep-alives.
func TestKeepAliveUnanswered(t *testing.T) {
	t.Parallel()
	quiet := func(string, io.Writer, io.Writer) int { return gerrittest.Silence }
	server := start(t, gerrittest.Options{Answer: quiet, Deaf: true})
	o := optionsFor(t, server)
	o.Timeout = 2 * time.Second
	began := time.Now()
	_, err := list(t, o)
	checkError(t, "error", err, "dropped the connection: it did not even answer a keep-alive for 1s")
	if took := time.Since(began); took > 10*time.Second || server.Connections() != 2 {
		t.Errorf("%d connections in %v; want two, of a second each", server.Connections(), took)
	}
}

// One that is merely slow answers them, and is not asked again by a second
// connection, which would make it slower.
func TestKeepAliveAnswered(t *testing.T) {
	t.Parallel()
	server := start(t, gerrittest.Options{Answer: func(string, io.Writer, io.Writer) int { return gerrittest.Silence }})
	o := optionsFor(t, server)
	o.Timeout = 2 * time.Second
	_, err := list(t, o)
	checkError(t, "error", err, "the server said nothing for 2s")
	if server.Connections() != 1 {
		t.Errorf("%d connections; want one", server.Connections())
	}
}

// Jobs of older patch sets are listed unless they are not wanted.
func TestCurrentOnly(t *testing.T) {
	const comments = `"comments":[{"reviewer":{"username":"zuul"},"message":"Patch Set 1:\n\n- old https://l.example.org/1 : FAILURE"},
		{"reviewer":{"username":"zuul"},"message":"Patch Set 2:\n\n- new https://l.example.org/2 : FAILURE"},
		{"reviewer":{"username":"zuul"},"message":"- unsaid https://l.example.org/3 : FAILURE"}]`
	for current, want := range map[string]string{
		`{"number":2}`:   "new unsaid",
		`{"number":"2"}`: "new unsaid", // up to Gerrit 2.13
		`{"number":3}`:   "unsaid",
		`null`:           "old new unsaid",
		`{"number":[]}`:  "old new unsaid",
		`"2"`:            "old new unsaid",
	} {
		o := optionsFor(t, start(t, gerrittest.Options{Changes: []json.RawMessage{[]byte(`{"number":7,"currentPatchSet":` + current + "," + comments + "}")}}))
		names := func(jobs []classify.Job) string {
			var all []string
			for _, job := range jobs {
				all = append(all, job.Name)
			}
			return strings.Join(all, " ")
		}
		if got := names(mustList(t, o).Jobs); got != "old new unsaid" {
			t.Errorf("of all patch sets: %s", got)
		}
		o.CurrentOnly = true
		if got := names(mustList(t, o).Jobs); got != want {
			t.Errorf("current %s: %s; want %s", current, got, cmp.Or(want, "none"))
		}
	}
}
