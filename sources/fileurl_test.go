package sources_test

import (
	"testing"

	"github.com/watchcat-ci/watchcat/sources"
)

func TestIsArchive(t *testing.T) {
	for name, want := range map[string]bool{
		"logs.zip": true, "logs_123.ZIP": true, "a.tar": true, "a.tar.gz": true, "a.tgz": true, "a.txz": true,
		"a.tbz2": true, "a.tar.bz2": true, "a.tar.zst": true, "a.tzst": true, "a.tar.xz": true,
		"a.gz": false, "a.txt": false, "tar": false, "zip": false, "a.log.gz": false, "a.t": false, "": false,
	} {
		if got := sources.IsArchive(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
