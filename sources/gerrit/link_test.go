package gerrit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinks(t *testing.T) {
	const uuid, dashed = "0123456789abcdef0123456789abcdef", "01234567-89ab-cdef-0123-456789abcdef"
	for url, want := range map[string]link{
		"https://z.example.org/t/a/build/" + uuid:                  {page: "https://z.example.org/t/a/build/" + uuid, id: uuid, guess: "build"},
		"https://z.example.org/zuul/t/a/build/" + uuid + "/":       {page: "https://z.example.org/zuul/t/a/build/" + uuid + "/", id: uuid, guess: "build"},
		"https://z.example.org/t/a/build/9":                        {page: "https://z.example.org/t/a/build/9", guess: "build"},
		"https://z.example.org/build/" + dashed:                    {page: "https://z.example.org/build/" + dashed, id: dashed, guess: "build"},
		"https://l.example.org/build/" + uuid + "/":                {logs: "https://l.example.org/build/" + uuid + "/", id: uuid, guess: "build"},
		"https://l.example.org/v1/zuul_logs/" + uuid:               {logs: "https://l.example.org/v1/zuul_logs/" + uuid + "/", id: uuid, guess: "zuul_logs"},
		"https://l.example.org/unit/450dd07":                       {logs: "https://l.example.org/unit/450dd07/", guess: "unit"},
		"https://l.example.org/unit-3.11":                          {logs: "https://l.example.org/unit-3.11/", guess: "unit-3.11"},
		"https://l.example.org/unit/console.html":                  {logs: "https://l.example.org/unit/console.html", guess: "console.html"},
		"https://l.example.org/unit/LOG.TXT.gz#end":                {logs: "https://l.example.org/unit/LOG.TXT.gz", guess: "LOG.TXT.gz"},
		"https://l.example.org/show?build=12":                      {logs: "https://l.example.org/show?build=12", guess: "show"},
		"https://l.example.org/a%2Fb/c":                            {logs: "https://l.example.org/a%2Fb/c/", guess: "c"},
		"https://l.example.org":                                    {logs: "https://l.example.org/", guess: "l.example.org"},
		"https://ci.example.org/job/a/1/artifact/logs":             {page: "https://ci.example.org/job/a/1/", logs: "https://ci.example.org/job/a/1/artifact/logs/", name: "a", guess: "logs"},
		"https://ci.example.org/job/a/1/consoleText?x=y":           {page: "https://ci.example.org/job/a/1/", logs: "https://ci.example.org/job/a/1/", name: "a", guess: "consoleText"},
		"https://ci.example.org/view/all/job/a/job/b/1":            {page: "https://ci.example.org/view/all/job/a/job/b/1/", logs: "https://ci.example.org/view/all/job/a/job/b/1/", name: "a/b", guess: "b"},
		"https://ci.example.org/job/a/job/fix%252Fit%20now/2/":     {page: "https://ci.example.org/job/a/job/fix%252Fit%20now/2/", logs: "https://ci.example.org/job/a/job/fix%252Fit%20now/2/", name: "a/fix/it now", guess: "fix%2Fit now"},
		"https://ci.example.org/job/a/":                            {logs: "https://ci.example.org/job/a/", guess: "a"},
		"https://ci.example.org/job":                               {logs: "https://ci.example.org/job/", guess: "job"},
		"https://l.example.org/x/05/5/2/check/unit/450dd07/doc":    {logs: "https://l.example.org/x/05/5/2/check/unit/450dd07/doc/", name: "unit", pipeline: "check", patchSet: 2, guess: "doc"},
		"https://l.example.org/99/8123/4/check/unit/450dd07":       {logs: "https://l.example.org/99/8123/4/check/unit/450dd07/", guess: "unit"},
		"ftp://l.example.org/unit":                                 {guess: "unit"},
		"https://":                                                 {guess: "https:"},
		"https://l.example.org/" + strings.Repeat("x", maxURL):     {guess: strings.Repeat("x", maxName)},
		"https://l.example.org/\x7f":                               {guess: "l.example.org"},
		"https://l.example.org:8443/unit/450dd07?format=plain#end": {logs: "https://l.example.org:8443/unit/450dd07?format=plain", guess: "unit"},
	} {
		if diff := cmp.Diff(want, parseLink(url), cmp.AllowUnexported(link{})); diff != "" {
			t.Errorf("parseLink(%q) (-want +got):\n%s", url, diff)
		}
	}
}
