package patterns

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestWrong has rule files with mistakes, each in an archive: what it is about,
// the files in the order in which they are loaded, what Load says of them, and
// the ids of the rules that are left.
func TestWrong(t *testing.T) {
	names, err := filepath.Glob("testdata/wrong/*.txtar")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d archives, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := wrong(t, archive)
			if *update {
				if err := os.WriteFile(name, txtar.Format(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(archive)), string(txtar.Format(got))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// wrong returns an archive with what Load says of its files.
func wrong(t *testing.T, archive *txtar.Archive) *txtar.Archive {
	t.Helper()
	got := &txtar.Archive{Comment: archive.Comment}
	texts := map[string]string{}
	var specs []string
	for _, f := range archive.Files {
		if filepath.Ext(f.Name) == ".toml" {
			got.Files = append(got.Files, f)
			texts[f.Name] = string(f.Data)
			specs = append(specs, f.Name)
		}
	}
	dir := write(t, texts)
	set, err := Load(specs, Options{Dir: dir})
	var ids []string
	for _, r := range set.Rules {
		ids = append(ids, r.ID)
	}
	got.Files = append(got.Files,
		txtar.File{Name: "mistakes", Data: []byte(mistakes(t, err, dir) + "\n")},
		txtar.File{Name: "left", Data: []byte(strings.Join(ids, " ") + "\n")})
	return got
}
