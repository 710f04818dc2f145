package gerrit

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

// numbers returns the numbers of a page's changes.
func numbers(p page) []int {
	var all []int
	for _, c := range p.changes {
		all = append(all, c.number)
	}
	return all
}

// noJobs makes nothing of a change.
func noJobs(*change) []classify.Job { return nil }

func TestReadPage(t *testing.T) {
	const stats = `{"type":"stats","runTimeMilliseconds":4,"moreChanges":false}` + "\n"
	counted := func(n int) string { return fmt.Sprintf(`{"type":"stats","rowCount":%d,"moreChanges":false}`+"\n", n) }
	tests := []struct {
		name, stream string
		limit        int // zero: 10
		want         []int
		rows         int
		more         bool
		problems     string // a part of the only one; "": none
		err          string // a part of it
	}{
		{name: "numbers", stream: `{"number":1}` + "\n" + `{"number":2,"project":"p"}` + "\n" + stats, want: []int{1, 2}, rows: 2},
		{name: "strings", stream: `{"number":"1"}` + "\n" + stats, want: []int{1}, rows: 1},
		{name: "nothing", stream: stats},
		{name: "blank lines", stream: "\n \r\n" + `{"number":1}` + "\r\n" + stats, want: []int{1}, rows: 1},
		{name: "more", stream: `{"number":1}` + "\n" + `{"type":"stats","moreChanges":true}` + "\n", want: []int{1}, rows: 1, more: true},
		{name: "old and full", limit: 1, stream: `{"number":1}` + "\n" + `{"type":"stats","rowCount":1}` + "\n", want: []int{1}, rows: 1, more: true},
		{name: "old and not full", stream: `{"number":1}` + "\n" + `{"type":"stats","rowCount":1}` + "\n", want: []int{1}, rows: 1, more: true},
		{name: "old and nothing", stream: `{"type":"stats","rowCount":0}` + "\n"},
		{name: "more than asked for", limit: 1, stream: `{"number":1}` + "\n" + `{"number":2}` + "\n" + `{"number":3}` + "\n", want: []int{1}, rows: 1, more: true},
		{name: "a row of the future", stream: `{"number":1}` + "\n" + `{"type":"hint","number":3}` + "\n" + stats, want: []int{1}, rows: 1},

		{name: "no JSON", stream: `{"number":1}` + "\nWarning: x\n" + `{"number":3}` + "\n" + stats, want: []int{1, 3}, rows: 3, problems: "change 2 of the answer"},
		{name: "half JSON", stream: `{"number":1,"subject":` + "\n" + stats, rows: 1, problems: "change 1 of the answer"},
		{name: "other JSON", stream: `["number",1]` + "\n" + stats, rows: 1, problems: "change 1"},
		{name: "no number", stream: `{"project":"p"}` + "\n" + stats, rows: 1, problems: "no change number"},
		{name: "an odd number", stream: `{"number":"7x"}` + "\n" + stats, rows: 1, problems: "no change number"},
		{name: "more nonsense than asked for", limit: 1, stream: "a\n\b\nc\n", rows: 1, more: true, problems: "change 1 of the answer"},
		{name: "too long", stream: `{"number":1,"subject":"` + strings.Repeat("x", 2<<20) + `"}` + "\n" + `{"number":2}` + "\n" + stats, want: []int{2}, rows: 2, problems: "change 1 of the answer cannot be read: its line is longer than 1 MiB, the change is left out"},

		{name: "cut in a line that is too long", stream: `{"number":1}` + "\n" + strings.Repeat("x", 2<<20), want: []int{1}, rows: 1, err: "in a line longer than 1 MiB: narrow the query"},

		{name: "counted", stream: `{"number":1}` + "\nnonsense\n" + counted(2), want: []int{1}, rows: 2, problems: "change 2 of the answer"},
		{name: "fewer than counted", stream: `{"number":1}` + "\n" + counted(7), want: []int{1}, rows: 1, problems: "the server says it sent 7 changes, 1 came"},
		{name: "blank behind the end", stream: `{"number":1}` + "\n" + counted(1) + "\n \r\n", want: []int{1}, rows: 1},
		{name: "text behind the end", stream: `{"number":1}` + "\n" + counted(1) + strings.Repeat("\n", 5000) + `{"number":2}` + "\n", want: []int{1}, rows: 1, problems: "the answer goes on behind its last row: \"{"},

		{name: "odd comments", stream: `{"number":1,"comments":["x",5]}` + "\n" + stats, want: []int{1}, rows: 1, problems: "change 1: comment 2 cannot be read"},
		{name: "a null comment", stream: `{"number":1,"comments":[null]}` + "\n" + stats, want: []int{1}, rows: 1, problems: "change 1: comment 1 cannot be read: it is null"},
		{name: "no comments", stream: `{"number":1,"comments":null}` + "\n" + stats, want: []int{1}, rows: 1},
		{name: "comments of no kind", stream: `{"number":1,"comments":"none"}` + "\n" + stats, want: []int{1}, rows: 1, problems: "change 1: its comments cannot be read"},
		{name: "an odd time", stream: `{"number":1,"comments":[{"timestamp":"noon"}]}` + "\n" + stats, want: []int{1}, rows: 1, problems: `timestamp "noon" is no number of seconds`},
		{name: "many odd comments", stream: `{"number":1,"comments":[1,2,3,4,5,6,7]}` + "\n" + stats, want: []int{1}, rows: 1, problems: "change 1: 2 more comments cannot be read"},

		{name: "an error", stream: `{"number":1}` + "\n" + `{"type":"error","message":"Unsupported \u001bquery"}` + "\n", want: []int{1}, rows: 1, err: "the server says: Unsupported query"},
		{name: "cut between rows", stream: `{"number":1}` + "\n", want: []int{1}, rows: 1, err: "cut short"},
		{name: "cut in a row", stream: `{"number":1}` + "\n" + `{"number":2}`, want: []int{1}, rows: 1, err: "cut short"},
		{name: "cut in the last row", stream: `{"number":1}` + "\n" + stats[:30], want: []int{1}, rows: 1, err: "cut short"},
		{name: "empty", err: "cut short"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			limit := test.limit
			if limit == 0 {
				limit = 10
			}
			got, err := readPage(iotest.HalfReader(strings.NewReader(test.stream)), question{limit: limit, jobs: noJobs}, 1<<20)
			if diff := cmp.Diff(test.want, numbers(got)); diff != "" || got.rows != test.rows || got.more != test.more {
				t.Errorf("%d rows, more %t; want %d, %t; changes (-want +got):\n%s", got.rows, got.more, test.rows, test.more, diff)
			}
			if problem := fmt.Sprint(errors.Join(slices.Concat(got.broken, got.problems)...)); test.problems == "" && len(got.broken)+len(got.problems) > 0 || !strings.Contains(problem, test.problems) {
				t.Errorf("problems %q; want %q", problem, test.problems)
			}
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v; want %q", err, test.err)
			}
		})
	}
}

func TestReadPageBrokenPipe(t *testing.T) {
	broken := errors.New("broken pipe")
	stream := io.MultiReader(strings.NewReader(`{"number":1}`+"\n"+`{"numb`), iotest.ErrReader(broken))
	got, err := readPage(stream, question{limit: 10, jobs: noJobs}, maxLine)
	if !errors.Is(err, broken) || !errors.Is(err, errCut) || len(got.changes) != 1 {
		t.Errorf("%d changes, %v; want one, and both errors", len(got.changes), err)
	}
}

// A change of 3 MiB in one line is nothing unusual.
func TestReadPageLongLine(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"number":1,"comments":[`)
	for i := range 3 << 10 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"timestamp":%d,"reviewer":{"username":"zuul"},"message":"%s"}`, i+1, strings.Repeat("\\u003c", 200))
	}
	b.WriteString("]}\n" + `{"type":"stats","moreChanges":false}` + "\n")
	var comments []message
	got, err := readPage(strings.NewReader(b.String()), question{limit: 10, jobs: func(c *change) []classify.Job {
		comments = c.Comments.all
		return nil
	}}, maxLine)
	if err != nil || len(got.changes) != 1 || len(comments) != 3<<10 {
		t.Fatalf("%d bytes gave %d changes, %v", b.Len(), len(got.changes), err)
	}
	if last := comments[3<<10-1]; last.Message != strings.Repeat("<", 200) || last.time().Unix() != 3<<10 {
		t.Errorf("the last comment reads %+v", last)
	}
}

// A page of long changes takes the memory of one of them, and of their jobs.
func TestReadPageKeepsNoComments(t *testing.T) {
	const changes, size = 8, maxComment + 64<<10
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	var lines []io.Reader
	for i := range changes {
		lines = append(lines,
			strings.NewReader(fmt.Sprintf(`{"number":%d,"comments":[{"timestamp":1,"reviewer":{"username":"zuul"},"message":"- a-job http://h/1/ : FAILURE in 1s\n`, i+1)),
			io.LimitReader(endless('x'), size),
			strings.NewReader(`"}]}`+"\n"))
	}
	lines = append(lines, strings.NewReader(`{"type":"stats","moreChanges":false}`+"\n"))
	s, err := New(Options{Host: "h", User: "u", CI: []string{"zuul"}})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	got, err := readPage(io.MultiReader(lines...), question{limit: changes, jobs: s.newReading().jobs}, maxLine)
	if err != nil || len(got.changes) != changes || len(got.changes[0].jobs) != 1 {
		t.Fatalf("%d changes, %v", len(got.changes), err)
	}
	if kept := heap() - before; kept > 2*size {
		t.Errorf("%d KiB are kept", kept>>10)
	}
	runtime.KeepAlive(got)
}

// A line that is too long costs no memory, and the change next to it nothing.
func TestReadPageSkipsLongLine(t *testing.T) {
	const size = 64 << 20
	allocated := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.TotalAlloc
	}
	before := allocated()
	got, err := readPage(io.MultiReader(
		strings.NewReader(`{"number":1,"subject":"`), io.LimitReader(endless('x'), size), strings.NewReader("\"}\n"),
		strings.NewReader(`{"number":2}`+"\n"+`{"type":"stats","rowCount":2,"moreChanges":false}`+"\n"),
	), question{limit: 10, jobs: noJobs}, 1<<20)
	if took := allocated() - before; took > 16<<20 {
		t.Errorf("%d MiB were allocated for a line that is left out", took>>20)
	}
	if err != nil || !slices.Equal(numbers(got), []int{2}) || len(got.broken) != 1 || len(got.problems) != 0 {
		t.Errorf("changes %v, %v, %v, %v; want change 2, and one problem", numbers(got), got.broken, got.problems, err)
	}
}

// endless is a text of one letter.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	n := copy(p, []byte{byte(e)})
	for n > 0 && n < len(p) {
		n += copy(p[n:], p[:n])
	}
	return n, nil
}

func FuzzStream(f *testing.F) {
	const stats = `{"type":"stats","rowCount":1,"moreChanges":true}` + "\n"
	for _, seed := range []string{
		`{"number":1,"owner":{"name":"x"},"comments":[{"timestamp":1,"reviewer":{"username":"zuul"},"message":"m"}]}` + "\n" + stats,
		`{"number":"1"}` + "\n" + `{"type":"error","message":"x"}` + "\n",
		`{"number":1,"comments":["x",null,{"timestamp":"7","message":"m"},{"timestamp":{}}]}` + "\n" + stats + "more",
		"nonsense\n{}\n[]\nnull\n" + stats,
		`{"number":1}` + "\n" + strings.Repeat("x", 2000) + "\n" + stats,
		`{"number":1}`,
	} {
		f.Add(seed, 2)
	}
	f.Fuzz(func(t *testing.T, stream string, limit int) {
		p, err := readPage(strings.NewReader(stream), question{limit: limit, jobs: noJobs}, 1000)
		if err == nil && !strings.Contains(stream, "stats") && p.rows < limit {
			t.Error("an answer without a last row was taken for whole")
		}
		if p.rows < len(p.changes) || p.rows > len(p.changes)+len(p.broken) {
			t.Errorf("%d rows, but %d changes and %d broken ones", p.rows, len(p.changes), len(p.broken))
		}
		if len(p.changes) > max(limit, 0) {
			t.Errorf("%d changes above a limit of %d", len(p.changes), limit)
		}
		for _, c := range p.changes {
			if c.number <= 0 {
				t.Errorf("change number %d", c.number)
			}
		}
	})
}
