package classify_test

import (
	"testing"

	"github.com/watchcat-ci/watchcat/classify"
)

func TestMatchFile(t *testing.T) {
	tests := []struct {
		glob string
		yes  []string
		no   []string
	}{
		{"console.log", []string{"console.log"}, []string{"a/console.log", "console.logs", ""}},
		{"*.log", []string{"a.log", ".log"}, []string{"a/b.log"}},
		{"logs/*/syslog*", []string{"logs/ctl/syslog.txt", "logs/x/syslog"}, []string{"logs/syslog", "logs/a/b/syslog"}},
		{"**", []string{"a", "a/b", "a/b/c"}, nil},
		{"**/TEST-*.xml", []string{"TEST-a.xml", "x/y/TEST-b.xml"}, []string{"TEST-a.xml/b", "aTEST-a.xml"}},
		{"logs/**", []string{"logs/a", "logs/a/b"}, []string{"log/a", "other"}},
		{"a/**/b/**/c", []string{"a/b/c", "a/x/b/y/z/c", "a/b/b/c"}, []string{"a/c", "a/b", "a/b/c/d"}},
		{"logs.zip//*/step.txt", []string{"logs.zip//build/step.txt"}, []string{"logs.zip/build/step.txt"}},
		{"[", nil, []string{"[", "a"}},
		{"x[", nil, []string{"x", "x["}},
	}
	for _, tt := range tests {
		for _, name := range tt.yes {
			if !classify.MatchFile(tt.glob, name) {
				t.Errorf("%s does not name %s", tt.glob, name)
			}
		}
		for _, name := range tt.no {
			if classify.MatchFile(tt.glob, name) {
				t.Errorf("%s names %q", tt.glob, name)
			}
		}
	}
}
