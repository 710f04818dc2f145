package sources

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// Identify tells which of the jobs are sightings of one build, makes one job of
// these, gives each job its ID and marks those that a later build superseded.
// The result is in the order of Sort. The given jobs are left as they are.
//
// Two sightings are one build if the strongest key that both know is the same:
// the CI's build id, else log URL and job name, else review server, change,
// patch set, job name and time. So a comment that knows only a log URL and an
// API that knows build id and log URL speak of one build; two builds in one
// comment, with logs of their own, stay two.
//
// Of a build's sightings the one that knows most gives the fields, the others
// fill in what it does not know; where results differ, the last report stands.
// ID is the CI's build id, else a hash of the strongest key known, and so the
// same in every run. Identify may be called again on its own result, when more
// has become known.
func Identify(jobs []classify.Job) []classify.Job {
	bs := builds{by: map[string][]*build{}}
	for _, s := range sightings(jobs) {
		bs.add(s)
	}
	out := make([]classify.Job, len(bs.all))
	for i, b := range bs.all {
		out[i] = b.job()
	}
	markSuperseded(out)
	Sort(out)
	return out
}

// Sort brings jobs into the order in which they are reported: the latest first,
// then by name, ID and log URL.
func Sort(jobs []classify.Job) {
	slices.SortStableFunc(jobs, func(a, b classify.Job) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.ID, b.ID), cmp.Compare(a.LogURL, b.LogURL))
	})
}

// The keys of a sighting, the strongest first.
const (
	byID = iota
	byLog
	byChange
	keyKinds
)

// keys are what tells a job from others; what is not known is "".
type keys [keyKinds]string

// strength is the index of the strongest key that is known.
func (k *keys) strength() int {
	return slices.IndexFunc(k[:], func(s string) bool { return s != "" })
}

// keysOf returns the keys of a job. The last one is always known.
func keysOf(j *classify.Job) (k keys) {
	if id := cmp.Or(bareID(j.ID), BuildID(j.URL)); id != "" && !madeID(id) {
		k[byID] = joinKey("id", id)
	}
	if j.LogURL != "" {
		k[byLog] = joinKey("log", logKey(j.LogURL), j.Name)
	}
	at := ""
	if !j.Time.IsZero() {
		at = strconv.FormatInt(j.Time.Unix(), 10)
	}
	k[byChange] = joinKey("change", strings.ToLower(j.Server), strconv.Itoa(j.Change), strconv.Itoa(j.PatchSet), j.Name, at)
	if j.Change == 0 {
		k[byChange] = joinKey(k[byChange], j.Project, j.Branch, j.Pipeline, j.URL)
	}
	return k
}

// joinKey makes one key of several words, of which none is mistaken for two.
func joinKey(words ...string) string { return strings.Join(words, "\x00") }

// logKey is a log URL without what differs between ways to write the same one:
// http or https, case of the host, default port, a "/" at the end.
func logKey(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return raw
	}
	scheme, host := u.Scheme, strings.ToLower(u.Host)
	switch scheme {
	case "http":
		scheme, host = "", strings.TrimSuffix(host, ":80")
	case "https":
		scheme, host = "", strings.TrimSuffix(host, ":443")
	}
	return scheme + "//" + host + strings.TrimRight(u.Path, "/") + "?" + u.RawQuery
}

// BuildID returns the build id that a URL of Zuul's tells, of a build's page
// (https://zuul.example.org/t/TENANT/build/UUID) or of its console
// (finger://executor/UUID), or "".
func BuildID(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	dir, last, _ := cutLast(strings.TrimRight(u.Path, "/"), "/")
	if u.Scheme != "finger" && !strings.HasSuffix(dir, "/build") {
		return ""
	}
	if !isUUID(last) {
		return ""
	}
	return strings.ToLower(last)
}

// bareID returns a UUID as Zuul writes it, in small letters and without dashes,
// and any other id as it is.
func bareID(id string) string {
	if bare := strings.ReplaceAll(id, "-", ""); isUUID(bare) {
		return strings.ToLower(bare)
	}
	return id
}

// isUUID reports whether a text is a UUID without dashes.
func isUUID(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil && len(text) == 32
}

// cutLast is strings.Cut around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// madePrefix begins the IDs that Identify makes.
const madePrefix = "wc-"

// makeID makes an ID of a key.
func makeID(key string) string {
	sum := sha256.Sum256([]byte(key))
	return fmt.Sprintf("%s%x", madePrefix, sum[:10])
}

// madeID reports whether makeID made the ID.
func madeID(id string) bool {
	digits, made := strings.CutPrefix(id, madePrefix)
	return made && len(digits) == 20
}

// sighting is what one source said of a build.
type sighting struct {
	job  classify.Job
	keys keys
}

// sightings returns the jobs' sightings, those with the strongest keys first,
// so that a weaker one finds the build that it belongs to.
func sightings(jobs []classify.Job) []sighting {
	out := make([]sighting, len(jobs))
	for i, j := range jobs {
		out[i] = sighting{job: j, keys: keysOf(&j)}
	}
	slices.SortStableFunc(out, func(a, b sighting) int {
		return cmp.Compare(a.keys.strength(), b.keys.strength())
	})
	return out
}

// builds are the builds found until now.
type builds struct {
	all []*build
	by  map[string][]*build // by each key of each sighting
}

// logged sets builds with logs apart in the index by their weakest key: there
// may be many with logs of their own, and only a sighting without logs asks.
const logged = "\x00logged"

// add adds a sighting to the build that it is of.
func (bs *builds) add(s sighting) {
	b := bs.find(s)
	if b == nil {
		b = new(build)
		bs.all = append(bs.all, b)
	}
	for kind, key := range s.keys {
		if key == "" || !addNew(&b.keys[kind], key) {
			continue
		}
		if kind == byChange && len(b.keys[byLog]) > 0 {
			key += logged
		}
		bs.by[key] = append(bs.by[key], b)
	}
	b.seen = append(b.seen, s.job)
	addNew(&b.changes, s.job.Change)
	addNew(&b.reporters, s.job.Reporter)
}

// addNew appends what is known and not there yet.
func addNew[T comparable](to *[]T, v T) bool {
	var unknown T
	if v == unknown || slices.Contains(*to, v) {
		return false
	}
	*to = append(*to, v)
	return true
}

// find returns the build that a sighting is of, or nil.
func (bs *builds) find(s sighting) *build {
	keys := s.keys[:]
	if s.keys[byLog] == "" {
		keys = append(keys, s.keys[byChange]+logged)
	}
	for _, key := range keys {
		for _, b := range bs.by[key] {
			if b.is(s) {
				return b
			}
		}
	}
	return nil
}

// build is a build of a job and what was seen of it.
type build struct {
	seen      []classify.Job
	keys      [keyKinds][]string
	changes   []int
	reporters []string
}

// is reports whether the sighting is of the build: the strongest kind of key
// that both know decides. What is known besides must not contradict a key that
// is not the CI's own: some systems give the logs of all changes one URL, and
// two of them may report jobs of one name in one second. (A build may well be
// reported on several changes, but then its id tells.)
func (b *build) is(s sighting) bool {
	for kind, key := range s.keys {
		if key == "" || len(b.keys[kind]) == 0 {
			continue
		}
		return slices.Contains(b.keys[kind], key) &&
			(kind != byLog || fits(b.changes, s.job.Change)) &&
			(kind != byChange || fits(b.reporters, s.job.Reporter))
	}
	return false
}

// fits reports whether a value is not known, or does not contradict those that
// are.
func fits[T comparable](known []T, v T) bool {
	var unknown T
	return v == unknown || len(known) == 0 || slices.Contains(known, v)
}

// differ reports whether both are known and not the same.
func differ[T comparable](a, b T) bool {
	var unknown T
	return a != unknown && b != unknown && a != b
}
