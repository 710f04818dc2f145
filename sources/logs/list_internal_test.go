package logs

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// FuzzManifest reads what a server says are the files of a job.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"tree":[{"name":"job-output.txt","mimetype":"text/plain"},{"name":"logs","mimetype":"application/directory","children":[{"name":"a"}]}]}`))
	f.Add([]byte(`{"tree":[{"name":"..","children":[{"name":"a/b"}]}]}`))
	f.Add([]byte(`{"_class":"x","artifacts":[{"relativePath":"a/b"},{"relativePath":"../b"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, parse := range []func([]byte) (*files, error){parseManifest, parseBuild} {
			all, err := parse(text)
			if (all == nil) == (err == nil) {
				t.Fatalf("%v beside %v", all, err)
			}
			if err != nil {
				continue
			}
			for _, name := range all.names {
				if !fs.ValidPath(name) || strings.ContainsAny(name, "\x00\n\x1b") {
					t.Errorf("name %q", name)
				}
			}
		}
	})
}

// A manifest that is larger than memory is cut.
func TestManifestBomb(t *testing.T) {
	deep := strings.Repeat(`{"name":"`+strings.Repeat("d", 1000)+`","children":[`, 2000) + `{"name":"x"}` + strings.Repeat("]}", 2000)
	many := strings.Repeat(`{"name":"`+strings.Repeat("n", 400)+`"},`, maxNames) + `{"name":"x"}`
	for text, cut := range map[string]bool{deep: false, many: true} {
		all, err := parseManifest([]byte(`{"tree":[` + text + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if all.cut != cut || all.bytes > maxNameBytes {
			t.Errorf("%d names of %d bytes, cut %t", len(all.names), all.bytes, all.cut)
		}
	}
}

// What is known of a job's files is believed for a while, and of so many jobs.
func TestTreesAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ts trees
		first := ts.of("a", time.Minute)
		time.Sleep(time.Minute)
		if ts.of("a", time.Minute) != first {
			t.Error("forgotten too early")
		}
		time.Sleep(time.Second)
		second := ts.of("a", time.Minute)
		if second == first {
			t.Error("believed for too long")
		}
		for i := range maxTrees {
			ts.of(strconv.Itoa(i), time.Minute)
		}
		if len(ts.known) != maxTrees || len(ts.order) != maxTrees || ts.of("a", time.Minute) == second {
			t.Errorf("%d trees are remembered", len(ts.known))
		}
	})
}
