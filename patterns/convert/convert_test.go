package convert

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/watchcat-ci/watchcat/classify"
	"github.com/watchcat-ci/watchcat/patterns"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden converts a small example of each format, with a mistake of each
// kind in it, and compares the rules and the findings.
func TestGolden(t *testing.T) {
	for _, format := range Formats() {
		t.Run(format, func(t *testing.T) {
			r := convertAll(t, format, filepath.Join("testdata", format))
			golden(t, filepath.Join("testdata", format+".toml"), string(patterns.Format(r.Document)))
			var findings strings.Builder
			for _, f := range r.Findings {
				findings.WriteString(f.String() + "\n")
			}
			golden(t, filepath.Join("testdata", format+".txt"), findings.String())
			loads(t, r)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// convertAll converts a file, or all files of a folder.
func convertAll(t *testing.T, format, path string) Result {
	t.Helper()
	names := []string{path}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		names, _ = filepath.Glob(filepath.Join(path, "*"))
	}
	var files []File
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, File{filepath.Base(name), text})
	}
	r, err := Convert(format, files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// loads reports what is wrong with the rules made, for those who load them.
func loads(t *testing.T, r Result) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rules.toml")
	if err := os.WriteFile(name, patterns.Format(r.Document), 0o644); err != nil {
		t.Fatal(err)
	}
	set, err := patterns.Load([]string{name}, patterns.Options{})
	if err != nil {
		t.Errorf("the rules do not load:\n%v", err)
	}
	if _, err := classify.Compile(set.Rules); err != nil {
		t.Errorf("the rules do not compile: %v", err)
	}
}

// shared is the folder of data that is not part of the project.
const shared = "../../../shared"

// samples returns a file or folder of other tools' real rules.
func samples(t *testing.T, name string) string {
	path := filepath.Join(shared, "samples", "rules", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no real rules here: %v", err)
	}
	return path
}

// TestReal converts the real rule sets: every rule is carried over, and loads.
func TestReal(t *testing.T) {
	for _, real := range []struct {
		format, name string
		read         int
	}{
		{Sova, "sova-patterns.yml", 116},
		{CollectLogs, "collect-logs-sova-patterns.yml", 146},
		{ElasticRecheck, "elastic-recheck", 86},
		{PyTorch, "pytorch-ruleset.toml", 102},
	} {
		t.Run(real.format, func(t *testing.T) {
			r := convertAll(t, real.format, samples(t, real.name))
			if r.Read != real.read || r.Kept() != real.read {
				t.Errorf("read %d, carried over %d, want %d of both", r.Read, r.Kept(), real.read)
			}
			loads(t, r)
		})
	}
}

// TestSovaDefects holds the report on sova's own set to the defects that a
// person found in it.
func TestSovaDefects(t *testing.T) {
	r := convertAll(t, Sova, samples(t, "sova-patterns.yml"))
	for _, want := range []struct {
		line int
		what string
	}{
		{45, `regex "oooq_command_fail" can never match as meant`},
		{48, `regex "oooq_tempest_fail" can never match as meant`},
		{47, "nothing reads the multiline flag"},
		{363, "the id 59 is already that of the pattern in line 358"},
		{533, `the tag "command_exe" is the name of a regex`},
		{336, `tagged twice: "code" here (54), "infra" in line 286 (44)`},
		{415, `tagged twice: "infra" here (69), "code" in line 316 (50)`},
		{366, "the pattern of 59, in line 361, once more"},
		{638, "the pattern of 518, in line 633, once more"},
		{101, `"Overloud" is looked for, while the message says "Overcloud"`},
	} {
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.Kind == Defect && f.Place.Line == want.line && strings.Contains(f.What, want.what)
		}) {
			t.Errorf("no finding in line %d says %q", want.line, want.what)
		}
	}
}

func TestConvertErrors(t *testing.T) {
	for _, test := range []struct{ format, text, want string }{
		{"sova2", "", `format "sova2" is none of sova, collect-logs, elastic-recheck, pytorch`},
		{Sova, "", "x: the file is empty"},
		{Sova, "- a", "x:1: not a mapping of names to values"},
		{Sova, "a: b", "x: no patterns in it"},
		{Sova, "a: [", "x: "},
		{PyTorch, "rule = 1", "x:1:1: "},
	} {
		_, err := Convert(test.format, []File{{"x", []byte(test.text)}})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s %q: %v, want %q", test.format, test.text, err, test.want)
		}
	}
	if _, err := Convert(Sova, nil); err == nil {
		t.Error("no file, and no error")
	}
}

func FuzzConvert(f *testing.F) {
	for i, format := range Formats() {
		names, _ := filepath.Glob(filepath.Join("testdata", format, "*"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(i, text)
		}
	}
	f.Fuzz(func(t *testing.T, format int, text []byte) {
		formats := Formats()
		r, err := Convert(formats[uint(format)%uint(len(formats))], []File{{"x", text}})
		if err != nil {
			return
		}
		var rules []classify.Rule
		for _, e := range r.Document.Entries {
			rules = append(rules, e.Rule)
		}
		if _, err := classify.Compile(rules); err != nil {
			t.Errorf("the engine refuses what was made: %v", err)
		}
		patterns.Format(r.Document)
	})
}
