package main

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/watchcat-ci/watchcat/"

// may says what a package of this module may use of the module: names of
// packages, "…/*" for those below. Packages below the first element that fits
// are held to the same.
var may = []struct {
	packages string
	uses     []string
}{
	{"classify/*", []string{"classify/*"}},
	{"sources", []string{"classify", "sources/internal/*"}},
	{"sources/internal/*", []string{"classify", "sources/internal/*"}},
	{"sources/gerrit/gerrittest", nil},
	{"sources/gerrit/*", []string{"classify", "sources", "sources/internal/*", "sources/gerrit/*"}},
	{"sources/*", []string{"classify", "sources", "sources/internal/*"}},
	{"patterns/strict", nil},
	{"patterns", []string{"classify", "patterns/strict"}},
	{"patterns/*", []string{"classify", "patterns", "patterns/strict"}},
	{"report/web", []string{"classify", "report", "report/history"}},
	{"report/notify", []string{"classify", "report"}},
	{"report/*", []string{"classify"}},
	{"cmd/*", []string{"*"}},
}

// fits reports whether a package is named by a pattern of may.
func fits(pattern, pkg string) bool {
	folder, below := strings.CutSuffix(pattern, "*")
	return pkg == strings.TrimSuffix(folder, "/") || below && strings.HasPrefix(pkg, folder)
}

// TestImports keeps the direction of imports that CONTRIBUTING.md tells of, and
// with it that each part can be read and used alone.
func TestImports(t *testing.T) {
	deps := goList(t, "-deps", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...")
	seen := 0
	for _, line := range deps {
		words := strings.Fields(line)
		pkg, ours := strings.CutPrefix(words[0], module)
		if !ours {
			continue
		}
		seen++
		for _, imported := range words[1:] {
			if used, ours := strings.CutPrefix(imported, module); ours && !allowed(pkg, used) {
				t.Errorf("%s must not import %s", pkg, used)
			}
		}
	}
	if seen < 10 {
		t.Errorf("go list told of %d packages of this module only", seen)
	}
}

// allowed reports whether a package may use another of this module.
func allowed(pkg, used string) bool {
	for _, m := range may {
		if fits(m.packages, pkg) {
			return fits(pkg+"/internal/*", used) || slices.ContainsFunc(m.uses, func(p string) bool { return fits(p, used) })
		}
	}
	return false
}

// TestClassifyDependencies keeps the engine's dependencies few: who embeds it
// links the standard library and x/sync, and nothing else.
func TestClassifyDependencies(t *testing.T) {
	others := map[string]bool{}
	for _, pkg := range goList(t, "-deps", "-f", `{{if not .Standard}}{{.ImportPath}}{{end}}`, module+"classify") {
		switch {
		case pkg == "", strings.HasPrefix(pkg, module+"classify"), strings.HasPrefix(pkg, "golang.org/x/sync/"):
		default:
			others[pkg] = true
		}
	}
	if len(others) > 0 {
		t.Errorf("classify depends on %s", strings.Join(slices.Sorted(maps.Keys(others)), ", "))
	}
}

// goList runs go list and returns its lines.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}
