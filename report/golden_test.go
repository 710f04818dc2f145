package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestGolden(t *testing.T) {
	r := New(sample(40), about())
	results := sample(40)
	tests := []struct {
		file  string
		write func(io.Writer) error
	}{
		{"table-80.txt", func(w io.Writer) error { return r.WriteTable(w, TableOptions{}) }},
		{"table-200.txt", func(w io.Writer) error { return r.WriteTable(w, TableOptions{Width: 200}) }},
		{"table-120-color-all.txt", func(w io.Writer) error { return r.WriteTable(w, TableOptions{Width: 120, Color: true, All: true}) }},
		{"report.jsonl", r.WriteJSON},
		{"report.csv", r.WriteCSV},
		{"report.md", r.WriteMarkdown},
		{"report.html", func(w io.Writer) error { return writeWithoutBootstrap(t, w, r) }},
		{"verdicts.txt", func(w io.Writer) error {
			for i := range kinds {
				if err := WriteVerdict(w, results[i], TableOptions{}); err != nil {
					return err
				}
				io.WriteString(w, strings.Repeat("=", 80)+"\n")
			}
			return nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			var got bytes.Buffer
			if err := tt.write(&got); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.file, got.Bytes())
		})
	}
}

// golden compares got with a file of testdata, or writes it there.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./report -update", err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if it is meant to: go test ./report -update\n%s", path, diff)
	}
}

// writeWithoutBootstrap writes the page without what is not ours: Bootstrap and its hash.
func writeWithoutBootstrap(t *testing.T, w io.Writer, r *Report) error {
	t.Helper()
	bootstrap, err := bootstrapStyle()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		return err
	}
	page := b.String()
	if !strings.Contains(page, bootstrap) {
		t.Error("the page does not hold Bootstrap's style as it is: the hash in its policy would not fit")
	}
	_, err = io.WriteString(w, strings.NewReplacer(
		bootstrap, "(Bootstrap)",
		strings.ReplaceAll(styleHash(bootstrap), "+", "&#43;"), "(hash of Bootstrap)",
	).Replace(page))
	return err
}
