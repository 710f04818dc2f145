package index

import (
	"errors"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const folder = "http://logs.example.org/a/b/"

// parse parses a page that was found at a URL.
func parse(t testing.TB, page, at string) (Listing, error) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	return Parse([]byte(page), u, nil)
}

func file(name, date string) Entry {
	return Entry{Name: name, URL: folder + url.PathEscape(name), Modified: at(date)}
}
func dir(name, date string) Entry {
	return Entry{Name: name, Dir: true, URL: folder + url.PathEscape(name) + "/", Modified: at(date)}
}

// at is a time in UTC, to the minute or second.
func at(date string) time.Time {
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, date); err == nil {
			return t
		}
	}
	return time.Time{}
}

func sample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../../../shared/samples/html/" + name)
	if err != nil {
		t.Skip("recorded pages are not here: ", err)
	}
	return string(data)
}

// Recorded pages, read by a person.
func TestSamples(t *testing.T) {
	tests := map[string][]Entry{
		"apache_pre_index_2013.html": {
			file("access.log.27.gz", "2013-07-08 00:01"), file("access.log.28.gz", "2013-07-14 23:52"),
			file("ftp.log", "2013-08-29 22:30"), file("last_traffic", "2013-09-01 00:10"), dir("traffic.html", "2013-09-01 00:15"),
		},
		"httpdir_1.html": {
			file("job-output.json.gz", "2022-03-23 17:33"), file("job-output.txt.gz", "2022-03-23 17:33"),
			dir("zuul-info", "2022-03-23 17:31"), file("zuul-manifest.json", "2022-03-23 17:33"),
		},
		"nginx_autoindex.html": {
			file("20230120.csv", "2024-10-11 00:44"), file("20230120.log", "2024-10-11 00:44"), file("20230121.log", "2024-10-11 00:44"),
			file("fostja-tank-1.log", "2025-01-25 00:49"), file("james.txt", "2025-01-23 23:58"),
		},
	}
	for name, want := range tests {
		got, err := parse(t, sample(t, name), folder)
		if diff := cmp.Diff(Listing{Entries: want, Known: true}, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	for _, name := range []string{"prow_0.html", "cistatus-periodic.RENDERED.html"} {
		if got, err := parse(t, sample(t, name), folder); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
}

// Pages in the forms of servers, written after their sources.
func TestServers(t *testing.T) {
	tests := []struct {
		name, page string
		want       []Entry
	}{
		{"Apache without FancyIndexing", `<html><head><title>Index of /a/b</title></head><body><h1>Index of /a/b</h1>
<ul><li><a href="/a/"> Parent Directory</a></li>
<li><a href="c%20d/"> c d/</a></li>
<li><a href="e%25.log"> e%.log</a></li>
</ul></body></html>`, []Entry{dir("c d", ""), file("e%.log", "")}},
		{"Apache 2.4 in a table without sizes", `<title>Index of /a/b</title><table><tr><th><a href="?C=N;O=D">Name</a></th></tr>
<tr><td><a href="README">README</a></td><td align="right">2026-11-20 10:01  </td></tr></table>`, []Entry{file("README", "2026-11-20 10:01")}},
		{"lighttpd", `<title>Index of /a/b/</title><table><tbody><tr class="d"><td class="n"><a href="../">..</a>/</td><td class="m">&nbsp;</td></tr>
<tr class="d"><td class="n"><a href="c/">c</a>/</td><td class="m">2026-Mar-05 11:22:33</td><td class="s">- &nbsp;</td><td class="t">Directory</td></tr>
<tr><td class="n"><a href="d.log">d.log</a></td><td class="m">2026-Mar-05 11:22:34</td><td class="s">1.2K</td></tr></tbody></table>
<div class="foot">lighttpd/1.4.69</div>`, []Entry{dir("c", "2026-03-05 11:22:33"), file("d.log", "2026-03-05 11:22:34")}},
		{"Caddy", `<html><head><title>b</title></head><body><header><h1><a href="/">/</a><a href="../">a</a></h1></header>
<table><thead><tr><th><a href="./?sort=name&order=desc">Name</a></th></tr></thead><tbody>
<tr class="file"><td><a href="./c/"><svg></svg><span class="name">c</span></a></td><td>&mdash;</td><td><time datetime="2026-03-05T11:22:33Z">03/05/2026 11:22:33 AM +00:00</time></td></tr>
<tr class="file"><td><a href="./d.log"><span class="name">d.log</span></a></td><td>1.2 KiB</td><td><time datetime="2026-03-05T11:22:34Z">x</time></td></tr>
</tbody></table><footer>Served with <a rel="noopener noreferrer" href="https://caddyserver.com">Caddy</a></footer></body></html>`,
			[]Entry{dir("c", "2026-03-05 11:22:33"), file("d.log", "2026-03-05 11:22:34")}},
		{"Python", `<!DOCTYPE HTML><html><head><title>Directory listing for /a/b/</title></head><body><ul>
<li><a href="c/">c/</a></li><li><a href="Makefile">Makefile@</a></li></ul></body></html>`, []Entry{dir("c", ""), file("Makefile", "")}},
		{"Swift", `<html><head><title>Listing of /v1/AUTH_x/a/b/</title></head><body><h1 id="title">Listing of /v1/AUTH_x/a/b/</h1>
<table id="listing"><tr id="heading"><th class="colname">Name</th></tr><tr id="parent" class="item"><td class="colname"><a href="../">../</a></td></tr>
<tr class="item subdir"><td class="colname"><a href="c/">c/</a></td><td class="colsize">&nbsp;</td><td class="coldate">&nbsp;</td></tr>
<tr class="item type-text"><td class="colname"><a href="d.log">d.log</a></td><td class="colsize">12</td><td class="coldate">2026-03-05 11:22:34</td></tr></table>`,
			[]Entry{dir("c", ""), file("d.log", "2026-03-05 11:22:34")}},
		{"Zuul's upload roles", `<html><head><title>Index of a/b</title></head><body>
<h1>Index of a/b</h1>
<table><tr><th></th><th>Name</th><th>Last Modified</th><th>Size</th></tr><tr><td><img alt="[ ]" title="application/directory" src="data:image/png;base64,iVBO"></img></td><td><a href="../index.html">../</a></td><td>Thu Jan  1 00:00:00 1970</td><td style="text-align: right">0.0</td></tr>
<tr><td><img alt="[ ]" title="application/directory" src="data:image/png;base64,iVBO"></img></td><td><a href="c/index.html">c/</a></td><td>Thu Mar  5 11:22:33 2026</td><td style="text-align: right">4.0K</td></tr>
<tr><td><img alt="[ ]" title="text/plain" src="data:image/png;base64,iVBO"></img></td><td><a href="d.log">d.log</a></td><td>Thu Mar 12 11:22:34 2026</td><td style="text-align: right">1.2K</td></tr>
</table></body></html>`, []Entry{
			{Name: "c", Dir: true, URL: folder + "c/index.html", Modified: at("2026-03-05 11:22:33")}, file("d.log", "2026-03-12 11:22:34"),
		}},
		{"nginx's JSON", `[
{ "name":"c", "type":"directory", "mtime":"Thu, 05 Mar 2026 11:22:33 GMT" },
{ "name":"d ä.log", "type":"file", "mtime":"Thu, 05 Mar 2026 11:22:34 GMT", "size":12 }
]`, []Entry{dir("c", "2026-03-05 11:22:33"), file("d ä.log", "2026-03-05 11:22:34")}},
		{"nginx's XML", `<?xml version="1.0"?>
<list>
<directory mtime="2026-03-05T11:22:33Z">c</directory>
<file mtime="2026-03-05T11:22:34Z" size="12">d &amp; e</file>
</list>`, []Entry{dir("c", "2026-03-05 11:22:33"), {Name: "d & e", URL: folder + "d%20&%20e", Modified: at("2026-03-05 11:22:34")}}},
		{"Caddy's JSON", `[{"name":"c/","size":4096,"url":"./c/","mod_time":"2026-03-05T11:22:33.5Z","mode":2147484141,"is_dir":true,"is_symlink":false},
{"name":"d.log","size":1,"url":"./d.log","mod_time":"2026-03-05T11:22:34Z","mode":420,"is_dir":false,"is_symlink":false}]`,
			[]Entry{dir("c", "2026-03-05 11:22:33"), file("d.log", "2026-03-05 11:22:34")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parse(t, tt.page, folder)
			same := cmp.Comparer(func(a, b time.Time) bool { return a.Truncate(time.Second).Equal(b) || b.Truncate(time.Second).Equal(a) })
			if diff := cmp.Diff(tt.want, got.Entries, same); diff != "" || err != nil {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
			if got.Known == (tt.name == "Caddy") {
				t.Errorf("known: %t", got.Known)
			}
		})
	}
}

// gcsweb lists a bucket's folder on one host and links to files on another.
func TestGCSWeb(t *testing.T) {
	const page = `<!doctype html><html><head><title>GCS browser: ci</title></head><body><header><h1>ci</h1><h3>/ci/logs/7/</h3></header>
<ul class="resource-grid"><a href="/gcs/ci/logs/7/?marker=x" class="pure-button next-button">Next page</a>
<li class="pure-g"><div class="pure-u-2-5 grid-head">Name</div></li>
<li class="pure-g grid-row"><div class="pure-u-2-5"><a href="/gcs/ci/logs/"><img src="/icons/back.png"> ..</a></div><div>-</div><div>-</div></li>
<li class="pure-g grid-row"><div class="pure-u-2-5"><a href="/gcs/ci/logs/7/artifacts/"><img src="/icons/dir.png"> artifacts/</a></div><div>-</div><div>-</div></li>
<li class="pure-g grid-row"><div class="pure-u-2-5"><a href="https://storage.googleapis.com/ci/logs/7/build-log.txt"><img src="/icons/file.png"> build-log.txt</a></div><div>4711</div><div>05 Mar 2026 11:22:33</div></li>
<li class="pure-g grid-row"><div class="pure-u-2-5"><a href="https://storage.googleapis.com/other/logs/7/secret.txt"> x</a></div><div>1</div><div>05 Mar 2026 11:22:33</div></li>
</ul></body></html>`
	got, err := parse(t, page, "https://gcsweb.example.org/gcs/ci/logs/7/")
	want := Listing{Known: true, Entries: []Entry{
		{Name: "artifacts", Dir: true, URL: "https://gcsweb.example.org/gcs/ci/logs/7/artifacts/"},
		{Name: "build-log.txt", URL: "https://storage.googleapis.com/ci/logs/7/build-log.txt", Modified: at("2026-03-05 11:22:33")},
	}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

// Each link of a page that lists a folder, and the name it has there; "" where
// it names nothing in it.
func TestLinks(t *testing.T) {
	for href, want := range map[string]string{
		"c.log": "c.log", "./c.log": "c.log", "/a/b/c.log": "c.log", "//logs.example.org/a/b/c.log": "c.log",
		"https://LOGS.example.org/a/b/c.log": "c.log", "c.log#L7": "c.log", " c.log ": "c.log", "../b/c.log": "c.log", "./x/../c.log": "c.log",
		"a%20b%23%25%26%C3%A4": "a b#%&ä", "a&amp;b": "a&b", "c/": "c/", "./c/": "c/", "c/index.html": "c/", "index.html": "index.html", "a:b": "", "./a:b": "a:b",
		"": "", "#top": "", "?C=N;O=D": "", "./?sort=name": "", "/a/b/?C=M": "", "c.log?raw=1": "", ".": "", "./": "", "..": "", "../": "", "/": "",
		"/a/": "", "/a/b": "", "../index.html": "", "../d.log": "", "/x/": "", "c/d.log": "", "c%2Fd.log": "", "..%2Fd.log": "", "%2e%2e/": "",
		"javascript:alert(1)": "", "mailto:a@b": "", "ftp://logs.example.org/a/b/c": "", "http://other.example.org/a/b/c": "",
		"http://u:p@logs.example.org/a/b/c": "", "%zz": "", "a%00b": "", "a%0Ab": "", "a%1Bb": "", "a%FFb": "", "http://logs.example.org:81/a/b/c": "",
	} {
		got, err := parse(t, `<title>Index of /a/b</title><a href="`+href+`">x</a>`, folder)
		name := ""
		for _, e := range got.Entries {
			if name = e.Name; e.Dir {
				name += "/"
			}
		}
		if name != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", href, name, err, want)
		}
	}
}

// A page at "/a/b" may be that of the folder "/a/b/", or a page in "/a/".
func TestPageWithoutSlash(t *testing.T) {
	for at, want := range map[string]string{
		"http://logs.example.org/a/b":          "http://logs.example.org/a/c.log http://logs.example.org/a/b/d.log",
		"http://logs.example.org/a/index.html": "http://logs.example.org/a/c.log",
		"http://logs.example.org":              "http://logs.example.org/c.log",
	} {
		got, err := parse(t, `<title>Index of /</title><ul><li><a href="c.log">c</a><li><a href="/a/b/d.log">d</a></ul>`, at)
		var urls []string
		for _, e := range got.Entries {
			urls = append(urls, e.URL)
		}
		if strings.Join(urls, " ") != want || err != nil {
			t.Errorf("%s: %v, %v", at, urls, err)
		}
	}
}

// A page that does not say what it is counts where all its links lead below, or
// for its links with a date.
func TestUnknownPages(t *testing.T) {
	for page, want := range map[string]string{
		`<a href="a.log">a</a><a href="c/">c</a><a href="/">home</a>`:                                                           "a.log c/",
		`<a href="a.log">a</a><a href="https://example.org/">elsewhere</a>`:                                                     "",
		`<ul><li><a href="a.log">a</a> 2026-03-05 11:22<li><a href="login">l</a></ul><a href="https://example.org/">b</a>`:      "a.log",
		`<table><tr><td><a href="7">7</a><td>2026-03-05 11:22<tr><td><a href="8">8</a><td>2026-03-05 11:22<td>1.2K</table>`:     "7/ 8",
		`<table><tr><td><a href="7/">7</a> <a href="7/log/">log</a> <a href="x">x</a> 2026-03-05 11:22</table><a href="//x/">x`: "7/",
		`<p>no link</p>`: "", ``: "", `{"a":1}`: "", `[1]`: "", `[{"name":"a"}]`: "", `[]`: "-", `<?xml version="1.0"?><list>`: "", "\x1f\x8b\x00": "",
		`<title>Index of /</title>`: "-", `<title>Log in</title><form><a href="/forgot">?</a></form>`: "",
	} {
		got, err := parse(t, page, folder)
		var names []string
		for _, e := range got.Entries {
			if e.Dir {
				e.Name += "/"
			}
			names = append(names, e.Name)
		}
		if strings.Join(names, " ") != strings.Trim(want, "-") || errors.Is(err, ErrNone) != (want == "") {
			t.Errorf("%s: %q, %v; want %q", page, names, err, want)
		}
	}
}

func TestBase(t *testing.T) {
	got, err := parse(t, `<base href="/x/y/"><base href="/z/"><title>Index of /x</title><a href="c.log">c</a><a href="/a/b/d.log">d</a>`, folder)
	want := []Entry{{Name: "c.log", URL: "http://logs.example.org/x/y/c.log"}}
	if diff := cmp.Diff(want, got.Entries); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestTooMany(t *testing.T) {
	var page strings.Builder
	page.WriteString("<title>Index of /</title>")
	for i := range MaxEntries + 1 {
		page.WriteString(`<a href="` + strconv.Itoa(i) + `">x</a><a href="0">x</a>`)
	}
	got, err := parse(t, page.String(), folder)
	if len(got.Entries) != MaxEntries || !got.Cut || err != nil {
		t.Errorf("%d entries, cut %t, %v", len(got.Entries), got.Cut, err)
	}
}

func TestDate(t *testing.T) {
	prague, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"09-Aug-2016 12:34       -": "2016-08-09 10:34", "9-Aug-2016 12:34:56": "2016-08-09 10:34:56",
		"2016-08-09 12:34  7.0K": "2016-08-09 10:34", "2016-08-09T12:34:56": "2016-08-09 10:34:56", "2016-08-09 12:34:56 -": "2016-08-09 10:34:56",
		"2016-08-09T12:34:56Z": "2016-08-09 12:34:56", "2016-08-09 12:34:56.5+02:00": "2016-08-09 10:34:56",
		"2016-08-09 12:34 -0700": "2016-08-09 19:34", "2016-08-09 12:34:56+0530": "2016-08-09 07:04:56",
		"2016-Aug-09 12:34:56": "2016-08-09 10:34:56", "09 Aug 2016 12:34:56": "2016-08-09 10:34:56",
		"Tue, 09 Aug 2016 12:34:56 GMT": "2016-08-09 12:34:56", "Tue, 09 Aug 2016 12:34:56 +0200": "2016-08-09 10:34:56",
		"Tue Aug  9 12:34:56 2016": "2016-08-09 10:34:56", "Fri Aug 19 12:34:56 2016": "2016-08-19 10:34:56",
		"Mar 5 2024": "2024-03-04 23:00", "Mar 5, 2024": "2024-03-04 23:00", "Mar 5, 2024, 1:02:03 PM": "2024-03-05 12:02:03",
		"Mar 5, 2024 1:02 AM": "2024-03-05 00:02", "Mar 5, 2024, 1:02:03\u202fPM": "2024-03-05 12:02:03",
		"31-Feb-2016 12:34": "", "2016-13-09 12:34": "", "yesterday": "", "": "", "12:34": "", "2016-08-09": "", "09-Aou-2016 12:34": "",
	} {
		got, ok := Date(text, prague)
		if want := at(want); !got.Truncate(time.Second).Equal(want) || ok == want.IsZero() {
			t.Errorf("%q: %v, %t; want %v", text, got, ok, want)
		}
	}
}

// FuzzIndex reads whatever a server sends.
func FuzzIndex(f *testing.F) {
	f.Add([]byte(`<title>Index of /</title><pre><img alt="[DIR]"> <a href="x/">x</a> 09-Aug-2016 12:34 -`))
	f.Add([]byte(`<table><tr><td><a href="./c%2f">c</a><td><time datetime="2026-03-05T11:22:33Z">1.2 KiB<tr><a href=c/index.html>`))
	f.Add([]byte(`<base href="//h"><li><a href='//[::1'>09-Aug-2016 12:34`))
	f.Add([]byte(`[{"name":"c","type":"directory","mtime":"Thu, 05 Mar 2026 11:22:33 GMT"}]`))
	f.Add([]byte(`<?xml version="1.0"?><list><directory mtime="2026-03-05T11:22:33Z">c</directory></list>`))
	f.Fuzz(func(t *testing.T, page []byte) {
		got, err := parse(t, string(page), folder)
		if err != nil && (len(got.Entries) > 0 || !errors.Is(err, ErrNone)) {
			t.Errorf("%d entries beside %v", len(got.Entries), err)
		}
		seen := map[string]bool{}
		for _, e := range got.Entries {
			u, err := url.Parse(e.URL)
			if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
				t.Errorf("%+v: %v", e, err)
			}
			if !IsName(e.Name) || seen[e.Name] {
				t.Errorf("name %q", e.Name)
			}
			seen[e.Name] = true
		}
	})
}
