package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

func TestConfigMistakes(t *testing.T) {
	const gerrit = "[[gerrit]]\nhost = \"review.example.org\"\nuser = \"me\"\nci = [\"zuul\"]\n" // lines 1 to 4
	tests := []struct {
		name string
		text string
		want []string // parts of the mistakes, in order
	}{
		{"empty", "", nil},
		{"right", gerrit, nil},
		{"nothing in a gerrit", "[[gerrit]]", []string{"c:1:3: ", "c:1:3: ", "c:1:3: "}},
		{"a slip is told once", "[[gerrit]]\nhots = \"h\"\nuser = \"me\"\nci = [\"zuul\"]", []string{`c:2:1: gerrit 1: unknown key "hots"; did you mean "host"?`}},
		{"unknown section", "[gerit]", []string{`c:1:2: unknown key "gerit"; did you mean "gerrit"?`}},
		{"syntax", "a = ", []string{"c:1:"}},
		{"port too large", gerrit + "port = 65536", []string{"c:5:1: gerrit 1: port = 65536: must be from 1 to 65535"}},
		{"port zero", gerrit + "port = 0", []string{"port = 0"}},
		{"port as text is told once", gerrit + `port = "x"`, []string{`"port" is a string, but must be an integer`}},
		{"cap too large", gerrit + "cap = 201", []string{"cap = 201: must be from 1 to 200"}},
		{"cap zero", gerrit + "cap = 0", []string{"cap = 0"}},
		{"timeout without unit", gerrit + `timeout = "30"`, []string{`"30" is not a duration`}},
		{"timeout negative", gerrit + `timeout = "-1s"`, []string{`must be longer than nothing`}},
		{"host is a URL", strings.Replace(gerrit, "review.", "https://review.", 1), []string{`is a URL, not a host; write "review.example.org"`}},
		{"host with port", strings.Replace(gerrit, ".org", ".org:29418", 1), []string{`write host = "review.example.org" and port = 29418`}},
		{"host looks like an option", strings.Replace(gerrit, "review", "-oProxyCommand=x", 1), []string{`is no host`}},
		{"host empty", strings.Replace(gerrit, "review.example.org", "", 1), []string{`"" is no host`}},
		{"IPv6", strings.Replace(gerrit, "review.example.org", "::1", 1), nil},
		{"no CI account", strings.Replace(gerrit, `"zuul"`, "", 1), []string{"c:4:1: "}},
		{"blank CI account", strings.Replace(gerrit, "zuul", " ", 1), []string{"c:4:7: "}},
		{"project that breaks out", gerrit + `projects = ["a", "x} OR {y"]`, []string{"c:5:18: "}},
		{"query with a limit", gerrit + `query = "status:open limit:5"`, []string{"c:5:1: "}},
		{"same name twice", gerrit + gerrit, []string{`c:5:3: gerrit 2: two sources are named "review.example.org"`}},
		{"same name of two kinds", gerrit + "name = \"x\"\n[[periodic]]\nname = \"x\"\npages = [\"https://e.org/\"]", []string{`two sources are named "x"`}},
		{"password", gerrit + `password = "x"`, []string{"c:5:1: gerrit 1: \"password\": a configuration holds no secrets"}},
		{"token", "[logs]\nToken = \"x\"", []string{"a configuration holds no secrets"}},
		{"no pages", "[[periodic]]", []string{"no pages"}},
		{"page is no URL", "[[periodic]]\npages = [\"https://e.org/a/\", \"e.org/b\"]", []string{"c:2:30: "}},
		{"page with a password", "[[periodic]]\npages = [\"https://a:b@e.org/\"]", []string{"holds a name or password"}},
		{"page with a bad selector", "[[periodic]]\n[[periodic.page]]\nurl = \"https://e.org/\"\nselect = { row = \"tr[\" }", []string{"c:2:12: "}},
		{"page with an unknown key", "[[periodic]]\n[[periodic.page]]\nurl = \"https://e.org/\"\nselect = { rwo = \"tr\" }", []string{`did you mean "row"?`}},
		{"log host is a URL", "[logs]\nhosts = [\"logs.example.org\", \"http://x.org/\"]", []string{`c:2:30: [logs]: `}},
		{"log host is no range", "[logs]\nhosts = [\"10.0.0.0/99\"]", []string{"c:2:10: "}},
		{"max_size", "[logs]\nmax_size = \"much\"", []string{`"much" is no size; write it like "500 MB"`}},
		{"retries", "[logs]\nretries = -1", []string{"retries = -1: must be from 0 to 20"}},
		{"HTTP only", "[[gerrit]]\nurl = \"https://review.example.org/r/\"\nci = [\"zuul\"]", nil},
		{"no URL of a gerrit", "[[gerrit]]\nurl = \"review.example.org\"\nci = [\"zuul\"]", []string{"c:2:1: "}},
		{"a gerrit by a URL with a password", "[[gerrit]]\nurl = \"https://a:b@review.example.org/\"\nci = [\"zuul\"]", []string{"c:2:1: "}},
		{"zuul without a URL", "[[zuul]]", []string{`add url = "https://zuul.example.org/t/TENANT"`}},
		{"zuul", "[[zuul]]\nurl = \"https://zuul.example.org/t/a\"\npipelines = [\"periodic*\"]", nil},
		{"zuul by no URL", "[[zuul]]\nurl = \"zuul\"", []string{"c:2:1: "}},
		{"zuul with a password", "[[zuul]]\nurl = \"https://a:b@zuul.example.org/\"", []string{"holds a name or password"}},
		{"zuul with two words on tenants", "[[zuul]]\nurl = \"https://zuul.example.org/t/a\"\ntenants = [\"b\"]", []string{"c:2:1: "}},
		{"zuul with a cap of nothing", "[[zuul]]\nurl = \"https://zuul.example.org/\"\ncap = 0", []string{"c:3:1: "}},
		{"jenkins", "[[jenkins]]\nurl = \"https://jenkins.example.org/view/all/\"\njobs = [\"a/*\"]", nil},
		{"jenkins without a URL", "[[jenkins]]", []string{`add url = "https://jenkins.example.org/"`}},
		{"jenkins at a build", "[[jenkins]]\nurl = \"https://jenkins.example.org/job/a/12/console\"", []string{"c:2:1: "}},
		{"jenkins without depth", "[[jenkins]]\nurl = \"https://jenkins.example.org/\"\ndepth = 0", []string{"c:3:1: "}},
		{"local without paths", "[[local]]", []string{`add paths = `}},
		{"local", "[[local]]\npaths = [\"logs/*/\"]", nil},
		{"a Gerrit asked both ways", gerrit + "url = \"https://review.example.org/\"", []string{"c:2:1: ", "c:3:1: "}},
		{"a name like a saved list", "[[zuul]]\nname = \"file:x\"\nurl = \"https://zuul.example.org/\"", []string{"c:2:1: "}},
		{"max_time", "[logs]\nmax_time = \"-1s\"", []string{"c:2:1: "}},
		{"per_host", "[logs]\nper_host = 0", []string{"c:2:1: "}},
		{"per_second", "[logs]\nper_second = 0", []string{"c:2:1: "}},
		{"a whole number a second", "[logs]\nper_second = 20", nil},
		{"a certificate without a file", "[logs.certificates.\"logs.example.org\"]\nkey = \"k\"", []string{`add cert = `}},
		{"zone", `timezone = "Mars"`, []string{`time zone "Mars" is not known`}},
		{"zone out of the folder", `timezone = "../../etc/passwd"`, []string{"is not known"}},
		{"empty rules", `rules = ["default", ""]`, []string{"c:1:21: "}},
		{"rules as text", `rules = "default"`, []string{`write ["default"]`}},
		{"three of three kinds", "timezone = 1\n" + gerrit + "port = 0\n[logs]\nretires = 1", []string{"c:1:1: ", "c:6:1: ", "c:8:1: "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseConfig("c", []byte(test.text))
			mistakes, _ := errors.AsType[strict.Mistakes](err)
			if len(mistakes) != len(test.want) {
				t.Fatalf("got %d mistakes, want %d:\n%v", len(mistakes), len(test.want), err)
			}
			for i, m := range mistakes {
				if !strings.Contains(m.Error(), test.want[i]) {
					t.Errorf("mistake %d is\n%v, want one that holds\n%s", i+1, m, test.want[i])
				}
			}
		})
	}
}

func TestConfigValues(t *testing.T) {
	c, err := parseConfig("/etc/watchcat/watchcat.toml", []byte(`
timezone = "Europe/Prague"
rules = ["default", "rules/"]
[[gerrit]]
host = "review.example.org"
port = 2222
user = "me"
key = "~/.ssh/id"
known_hosts = "known_hosts"
ci = ["zuul"]
timeout = "5s"
[[periodic]]
pages = ["https://a.example.org:8443/x/"]
[[periodic.page]]
url = "https://b.example.org/"
[logs]
hosts = ["*.example.org", "10.0.0.0/8"]
max_size = "1.5 GiB"
retries = 0
`))
	if err != nil {
		t.Fatal(err)
	}
	c.home = "/home/me"
	o := c.Gerrit[0].options(c)
	got := []any{
		c.Timezone.String(), o.Name, o.Port, o.KeyFile, o.KnownHosts, o.Timeout,
		c.sourceHosts(), int64(c.Logs.MaxSize), retries(c.Logs.Retries), c.file("/abs"), c.file("~"), c.file("~you/x"),
	}
	want := []any{
		"Europe/Prague", "review.example.org", 2222, "/home/me/.ssh/id", []string{"/etc/watchcat/known_hosts"}, 5 * time.Second,
		[]string{"a.example.org:8443", "b.example.org"}, int64(3 << 29), -1, "/abs", "/home/me", "/etc/watchcat/~you/x",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSampleConfig keeps the configuration that init writes right, also where
// the keys that it shows as comments are put to use.
func TestSampleConfig(t *testing.T) {
	if _, err := parseConfig("init.toml", sampleConfig); err != nil {
		t.Error(err)
	}
	whole := regexp.MustCompile(`(?m)^#(\w+ *=|\[)`).ReplaceAll(sampleConfig, []byte("$1"))
	c, err := parseConfig("init.toml", whole)
	if err != nil {
		t.Fatalf("%v\n%s", err, whole)
	}
	if len(c.Rules) == 0 || c.Timezone.Location == nil || len(c.Gerrit) != 2 || len(c.Zuul) != 1 || len(c.Jenkins) != 1 || len(c.Periodic) != 3 || c.Gerrit[0].Cap != maxCap {
		t.Errorf("the sample shows too little: %+v", c)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]size{
		"1B": 1, "10 kB": 10_000, "10KB": 10_000, "500 MB": 500_000_000, "2GiB": 2 << 30, "0.5 KiB": 512,
		"": 0, "7": 0, "GB": 0, "-1 GB": 0, "0 B": 0, "NaN B": 0, "Inf B": 0, "1e300 TiB": 0, "2 gigabytes": 0,
	} {
		var got size
		if err := got.UnmarshalText([]byte(text)); got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

// FuzzConfig looks for texts that a configuration cannot be read from without
// harm: every mistake must have a place, and what is right must be usable.
func FuzzConfig(f *testing.F) {
	f.Add(string(sampleConfig))
	f.Add("[[gerrit]]\nhost = 1\npassword = \"x\"\n[[periodic]]\npages = [\"::\"]")
	f.Add("[[periodic]]\n[[periodic.page]]\nurl = \"http://e.org/\"\nselect = { row = \"tr\", date = \"td /x(/\" }")
	f.Add("[logs]\nhosts = [\"10.0.0.0/8\", \"*\"]\nmax_size = \"2 GiB\"\ncredentials = \"~\"")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseConfig("c", []byte(text))
		if err != nil {
			mistakes, ok := errors.AsType[strict.Mistakes](err)
			if !ok || len(mistakes) == 0 {
				t.Fatalf("an error without mistakes: %v", err)
			}
			return
		}
		a := &app{log: slog.New(slog.DiscardHandler)}
		client, err := a.client(c, nil)
		if err != nil {
			if c.Logs.Credentials == "" {
				t.Fatalf("a client cannot be made of what was found right: %v", err)
			}
			return
		}
		defer client.Close()
		if _, err := c.sources(sourceOptions{client: client}); err != nil {
			t.Fatalf("sources cannot be made of what was found right: %v", err)
		}
	})
}

func TestFindConfig(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	env := map[string]string{"HOME": dir}
	a := &app{env: func(key string) string { return env[key] }}
	want := func(want string) {
		t.Helper()
		if got, err := a.findConfig(); got != want || err != nil {
			t.Errorf("found %q, %v; want %q", got, err, want)
		}
	}
	touch := func(path string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	want("")
	user := touch(filepath.Join(dir, ".config", "watchcat", "watchcat.toml"))
	want(user)
	env["XDG_CONFIG_HOME"] = "relative"
	want("")
	env["XDG_CONFIG_HOME"] = filepath.Join(dir, "xdg")
	want("")
	want(touch(filepath.Join(dir, "xdg", "watchcat", "watchcat.toml")))
	touch("watchcat.toml")
	want("watchcat.toml")
	env["WATCHCAT_CONFIG"] = "env.toml"
	want("env.toml")
	a.global.config = "flag.toml"
	want("flag.toml")
}
