package sources

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
)

const uuid = "5bae5607ae964331bb5878aec0777637"

// at returns a time of the day on which the tests play.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 20, hour, minute, 0, 0, time.UTC) }

// commented is a job as a comment tells it.
func commented(name, logURL string) classify.Job {
	return classify.Job{
		Name: name, Source: "gerrit", Server: "review.example.org", Reporter: "zuul", Project: "p", Branch: "main",
		Change: 7, PatchSet: 2, Owner: "o", Subject: "s", Result: "FAILURE", Time: at(10, 0), LogURL: logURL,
	}
}

func TestIdentifySameBuild(t *testing.T) {
	logs := "https://logs.example.org/7/2/unit/5bae560/"
	comment := commented("unit", logs)
	anonymous := commented("unit", "")
	page := classify.Job{Name: "unit", Source: "page", LogURL: strings.TrimSuffix(logs, "/"), Time: at(9, 59)}
	api := classify.Job{ID: uuid, Name: "unit", Source: "zuul", LogURL: logs, Result: "FAILURE", Duration: 82, Time: at(9, 58)}
	running := classify.Job{ID: uuid, Name: "unit", Result: "RUNNING", Time: at(11, 0)}
	for _, tt := range []struct {
		name string
		jobs []classify.Job
		want classify.Job
	}{
		{"alone", []classify.Job{comment}, with(comment, func(j *classify.Job) { j.ID = "wc-" })},
		{"repeated later", []classify.Job{comment, with(comment, func(j *classify.Job) { j.Time = at(12, 0) })}, comment},
		{"repeated, no log", []classify.Job{anonymous, anonymous}, anonymous},
		{"page and comment", []classify.Job{page, comment}, comment},
		{"comment and API", []classify.Job{comment, api}, with(comment, func(j *classify.Job) { j.ID, j.Duration = uuid, 82 })},
		{"all three", []classify.Job{page, api, comment}, with(comment, func(j *classify.Job) { j.ID, j.Duration = uuid, 82 })},
		{"comment that names the build's page", []classify.Job{
			with(anonymous, func(j *classify.Job) { j.URL = "https://zuul.example.org/t/x/build/" + uuid }), api,
		}, with(comment, func(j *classify.Job) {
			j.ID, j.Duration, j.URL = uuid, 82, "https://zuul.example.org/t/x/build/"+uuid
		})},
		{"scheme, host, port", []classify.Job{comment, {Name: "unit", LogURL: "http://LOGS.example.org:80/7/2/unit/5bae560", Branch: "main"}}, comment},
		{"a build that still ran", []classify.Job{running, api}, api},
		{"one build on two changes", []classify.Job{
			with(api, func(j *classify.Job) { j.Change, j.PatchSet = 8, 1 }), with(api, func(j *classify.Job) { j.Change = 7 }),
		}, with(api, func(j *classify.Job) { j.Change, j.PatchSet = 8, 1 })},
		{"the last result stands", []classify.Job{comment, with(comment, func(j *classify.Job) { j.Result, j.Time = "SUCCESS", at(11, 0) })},
			with(comment, func(j *classify.Job) { j.Result, j.Time = "SUCCESS", at(11, 0) })},
		{"weak and strong", []classify.Job{anonymous, comment}, comment},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 2 {
				got := Identify(tt.jobs)
				if len(got) != 1 {
					t.Fatalf("%d jobs, want 1: %+v", len(got), got)
				}
				if !strings.HasPrefix(got[0].ID, tt.want.ID) || got[0].ID == "" {
					t.Errorf("ID %q, want %q", got[0].ID, tt.want.ID)
				}
				tt.want.ID = got[0].ID
				if diff := cmp.Diff(tt.want, got[0]); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				slices.Reverse(tt.jobs)
			}
		})
	}
}

// with returns a changed copy of a job.
func with(j classify.Job, change func(*classify.Job)) classify.Job {
	change(&j)
	return j
}

func TestIdentifyDifferentBuilds(t *testing.T) {
	logs := "https://logs.example.org/x/"
	comment := commented("unit", logs)
	bare := commented("unit", "")
	for _, tt := range []struct {
		name string
		jobs []classify.Job
	}{
		{"names", []classify.Job{comment, commented("lint", logs)}},
		{"logs in one comment", []classify.Job{comment, commented("unit", logs+"2/")}},
		{"logs, and a third sighting without", []classify.Job{comment, commented("unit", logs+"2/"), bare}},
		{"ids", []classify.Job{{ID: "1", Name: "unit", LogURL: logs}, {ID: "2", Name: "unit", LogURL: logs}}},
		{"one log URL for all changes", []classify.Job{comment, with(comment, func(j *classify.Job) { j.Change = 8 })}},
		{"reporters", []classify.Job{bare, with(bare, func(j *classify.Job) { j.Reporter = "other" })}},
		{"times", []classify.Job{bare, with(bare, func(j *classify.Job) { j.Time = at(11, 0) })}},
		{"branches of a periodic job", []classify.Job{
			{Name: "unit", Branch: "main", Result: "NODE_FAILURE", Time: at(1, 0)},
			{Name: "unit", Branch: "stable", Result: "NODE_FAILURE", Time: at(1, 0)},
		}},
		{"ports", []classify.Job{{Name: "unit", LogURL: "http://h:8080/a"}, {Name: "unit", LogURL: "http://h/a"}}},
		{"queries", []classify.Job{{Name: "unit", LogURL: "http://h/a?b=1"}, {Name: "unit", LogURL: "http://h/a?b=2"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := min(len(tt.jobs), 2)
			got := Identify(tt.jobs)
			if len(got) != want {
				t.Fatalf("%d jobs, want %d", len(got), want)
			}
			if got[0].ID == got[1].ID {
				t.Errorf("one ID, %q, for two builds", got[0].ID)
			}
		})
	}
}

// Identify on its own result changes nothing, also when a later sighting brought
// the CI's own id.
func TestIdentifyAgain(t *testing.T) {
	jobs := []classify.Job{commented("unit", "https://l.example.org/a/"), commented("lint", ""), {Name: "deploy"}}
	once := Identify(jobs)
	if diff := cmp.Diff(once, Identify(once)); diff != "" {
		t.Errorf("second time: -once +twice\n%s", diff)
	}
	api := classify.Job{ID: uuid, Name: "unit", LogURL: "https://l.example.org/a/"}
	got := Identify(append(once, api))
	i := slices.IndexFunc(got, func(j classify.Job) bool { return j.Name == "unit" })
	if len(got) != 3 || got[i].ID != uuid {
		t.Errorf("the made ID stayed: %+v", got)
	}
}

// IDs are kept in histories: the made ones must never change.
func TestIdentifyMadeIDs(t *testing.T) {
	got := Identify([]classify.Job{commented("unit", "https://l.example.org/a/"), commented("lint", "")})
	want := []string{"wc-6cbd37166e7a067b6917", "wc-5d23a4e9e94edf6e031c"}
	ids := []string{got[1].ID, got[0].ID}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Pages of very many rows that tell little are hostile, but must not
// take for ever: what is compared may not grow with the square of the rows.
func TestIdentifyManyRows(t *testing.T) {
	const rows = 20_000
	var same, logs []classify.Job
	for i := range rows {
		same = append(same, classify.Job{Name: "unit"})
		logs = append(logs, classify.Job{Name: "unit", LogURL: "http://h/" + strconv.Itoa(i) + "/"})
	}
	if got := Identify(same); len(got) != 1 {
		t.Errorf("%d jobs of rows that nothing tells apart", len(got))
	}
	if got := Identify(append(logs, same[0])); len(got) != rows {
		t.Errorf("%d jobs of %d logs", len(got), rows)
	}
}

func TestBuildID(t *testing.T) {
	for url, want := range map[string]string{
		"https://zuul.opendev.org/t/openstack/build/" + uuid:         uuid,
		"https://zuul.opendev.org/t/openstack/build/" + uuid + "/":   uuid,
		"https://sf.example.org/zuul/t/local/build/" + uuid + "?a=b": uuid,
		"finger://ze01.example.org/" + uuid:                          uuid,
		"https://zuul.opendev.org/t/openstack/buildset/" + uuid:      "",
		"https://zuul.opendev.org/t/openstack/build/5bae560":         "",
		"https://logs.example.org/" + uuid + "/":                     "",
		"unit":                                                       "",
		"":                                                           "",
		"%zz:/":                                                      "",
	} {
		if got := BuildID(url); got != want {
			t.Errorf("BuildID(%q) = %q, want %q", url, got, want)
		}
	}
}

func TestSuperseded(t *testing.T) {
	type seen struct {
		result   string
		time     time.Time
		reporter string
		change   int
		patchSet int
		start    time.Time
	}
	first := seen{result: "FAILURE", time: at(9, 0), reporter: "zuul", change: 7, patchSet: 2}
	later := func(change func(*seen)) seen {
		s := first
		s.time = at(10, 0)
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name  string
		other seen
		want  bool
	}{
		{"passed later", later(func(s *seen) { s.result = "SUCCESS" }), true},
		{"failed later", later(func(*seen) {}), true},
		{"by an unnamed account", later(func(s *seen) { s.reporter = "" }), true},
		{"skipped later", later(func(s *seen) { s.result = "SKIPPED" }), false},
		{"running now", later(func(s *seen) { s.result = "RUNNING" }), false},
		{"earlier", later(func(s *seen) { s.time = at(8, 0) }), false},
		{"other patch set", later(func(s *seen) { s.patchSet = 3 }), false},
		{"other change", later(func(s *seen) { s.change = 8 }), false},
		{"other CI", later(func(s *seen) { s.reporter = "jenkins" }), false},
		{"same time", later(func(s *seen) { s.time = at(9, 0) }), false},
		{"unknown time", later(func(s *seen) { s.time = time.Time{} }), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var jobs []classify.Job
			for i, s := range []seen{first, tt.other} {
				jobs = append(jobs, classify.Job{
					ID: string(rune('a' + i)), Name: "unit", Server: "r", Result: s.result, Time: s.time,
					Reporter: s.reporter, Change: s.change, PatchSet: s.patchSet, Start: s.start,
				})
			}
			got := Identify(jobs)
			i := slices.IndexFunc(got, func(j classify.Job) bool { return j.ID == "a" })
			if got[i].Superseded != tt.want {
				t.Errorf("superseded = %v, want %v", got[i].Superseded, tt.want)
			}
		})
	}
}

func TestSupersededTies(t *testing.T) {
	build := func(id string, start time.Time) classify.Job {
		return classify.Job{ID: id, Name: "unit", Change: 7, PatchSet: 1, Result: "FAILURE", Time: at(9, 0), Start: start}
	}
	got := Identify([]classify.Job{build("b", at(8, 30)), build("a", at(8, 0))})
	if !got[0].Superseded || got[1].Superseded {
		t.Errorf("of builds reported together the one that began later must stand: %+v", got)
	}
}

func TestSupersededNeedsAPatchSet(t *testing.T) {
	got := Identify([]classify.Job{
		{ID: "1", Name: "nightly", Result: "FAILURE", Time: at(1, 0)},
		{ID: "2", Name: "nightly", Result: "SUCCESS", Time: at(2, 0)},
		{ID: "3", Name: "unit", Change: 7, Result: "FAILURE", Time: at(1, 0)},
		{ID: "4", Name: "unit", Change: 7, Result: "SUCCESS", Time: at(2, 0)},
	})
	for _, j := range got {
		if j.Superseded {
			t.Errorf("%s is superseded", j.ID)
		}
	}
}

// The builds that Zuul's API and a page of runs list of one pipeline are the
// same ones: recorded data.
func TestIdentifyRecordedBuilds(t *testing.T) {
	data, err := os.ReadFile("../../shared/samples/zuul/builds_rdo_periodic_2021.json")
	if err != nil {
		t.Skip("recorded builds are not here: ", err)
	}
	type build struct {
		UUID string `json:"uuid"`
		Name string `json:"job_name"`
		Log  string `json:"log_url"`
	}
	var recorded []build
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	var jobs []classify.Job
	recorded = slices.DeleteFunc(recorded, func(b build) bool { return b.Log == "" })
	for _, b := range recorded {
		jobs = append(jobs, classify.Job{Name: b.Name, LogURL: strings.Replace(b.Log, "https", "http", 1)}, classify.Job{ID: b.UUID, Name: b.Name, LogURL: b.Log})
	}
	if got := Identify(jobs); len(got) != len(recorded) || len(got) == 0 {
		t.Errorf("%d jobs of %d builds", len(got), len(recorded))
	}
}

// However a source writes a build's id, it is one build.
func TestIdentifyByAnyFormOfID(t *testing.T) {
	const bare = "0123456789abcdef0123456789abcdef"
	got := Identify([]classify.Job{
		{Name: "a", ID: "01234567-89ab-cdef-0123-456789ABCDEF", Pipeline: "check"},
		{Name: "a", URL: "https://zuul.example.org/t/x/build/" + bare, Result: "FAILURE"},
		{Name: "a", ID: bare, Branch: "main"},
	})
	if len(got) != 1 || got[0].ID != bare || got[0].Pipeline != "check" || got[0].Result != "FAILURE" || got[0].Branch != "main" {
		t.Errorf("got %+v", got)
	}
}
