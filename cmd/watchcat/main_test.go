package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"watchcat": main})
}

// TestScripts runs testdata/script/*.txtar. Beside testscript's own commands
// they know
//
//	exits STATUS command…   run a command, which must exit with that status
//	gzip FILE…              compress files in place, as FILE.gz
//	truncate FILE BYTES     cut a file
//	archive NAME FILE…      pack files as a zip or, compressed, a tar
//	ci FOLDER               start a CI system (see startCI) and write its configuration
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CACHE_HOME", env.WorkDir+"/cache")
			env.Setenv("TZ", "UTC")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "gzip": gzipFiles, "truncate": truncate, "archive": packFiles, "ci": scriptCI,
		},
	})
}

// exits runs a command and compares its exit status.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// gzipFiles compresses files.
func gzipFiles(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		out, err := os.Create(ts.MkAbs(name + ".gz"))
		ts.Check(err)
		z := gzip.NewWriter(out)
		_, err = io.WriteString(z, ts.ReadFile(name))
		ts.Check(errors.Join(err, z.Close(), out.Close(), os.Remove(ts.MkAbs(name))))
	}
}

// packFiles packs files.
func packFiles(ts *testscript.TestScript, _ bool, args []string) {
	out, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	if strings.HasSuffix(args[0], ".zip") {
		z := zip.NewWriter(out)
		for _, name := range args[1:] {
			w, err := z.Create(name)
			ts.Check(err)
			_, err = io.WriteString(w, ts.ReadFile(name))
			ts.Check(err)
		}
		ts.Check(errors.Join(z.Close(), out.Close()))
		return
	}
	z := gzip.NewWriter(out)
	w := tar.NewWriter(z)
	for _, name := range args[1:] {
		text := ts.ReadFile(name)
		ts.Check(w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o600}))
		_, err := io.WriteString(w, text)
		ts.Check(err)
	}
	ts.Check(errors.Join(w.Close(), z.Close(), out.Close()))
}

// truncate cuts a file.
func truncate(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// scriptCI starts a CI system for the rest of the script.
func scriptCI(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	ci, err := startCI(dir)
	ts.Check(err)
	ts.Defer(ci.close)
	ts.Setenv("CI", ci.config)
	ts.Setenv("LOGS", ci.logs.URL)
}
