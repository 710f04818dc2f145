package patterns

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// nameForm says how ids, tags and logical names are written, and why.
const nameForm = "write small letters, digits, \".\", \"_\" and \"-\", first a letter or digit: names stand in links, commands and file names"

// checkName says what is wrong with an id, a tag or a logical name.
func checkName(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.Trim(name, "._-") == "", strings.ContainsFunc(name, notInName), strings.ContainsAny(name[:1], "._-"):
		return "is not well formed"
	}
	return ""
}

func notInName(r rune) bool {
	return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789._-", r)
}

// maxArchives is how many archives a file may be in, one in the other.
const maxArchives = 2

// cleanFile returns the shortest form of a path, or of each of ARCHIVE//MEMBER.
func cleanFile(file string) string {
	parts := strings.Split(file, "//")
	for i := range parts {
		parts[i] = path.Clean(parts[i])
	}
	return strings.Join(parts, "//")
}

// checkPath says what is wrong with a path or glob of a log file.
func checkPath(file string) (what, remedy string) {
	_, bad := path.Match(file, "")
	steps := strings.Split(file, "/")
	switch {
	case file == "":
		return "file is empty", "give a logical name, a path or a glob"
	case strings.HasPrefix(file, "@"):
		return fmt.Sprintf("file %q is no file", file), fmt.Sprintf("the only name with an @ is %q", classify.ResultFile)
	case strings.Contains(file, "://"), strings.HasPrefix(file, "/"):
		return fmt.Sprintf("file %q does not lie in the folder of a job's logs", file), "give the path below that folder"
	case slices.Contains(steps, ".."):
		return fmt.Sprintf("file %q leads out of the folder of a job's logs", file), "give the path below that folder"
	case strings.HasSuffix(file, "/"):
		return fmt.Sprintf("file %q is a folder", file), "name a file in it, or all with /*"
	case strings.Count(file, "//") > maxArchives:
		return fmt.Sprintf("file %q is in too many archives", file), "at most one archive in another is read"
	case strings.Contains(file, "///"):
		return fmt.Sprintf("file %q has a slash too many", file), "write ARCHIVE//MEMBER"
	case slices.Contains(steps, "."):
		return fmt.Sprintf("file %q is not in its shortest form", file), fmt.Sprintf("write %q", cleanFile(file))
	case slices.ContainsFunc(steps, func(s string) bool { return s != "**" && strings.Contains(s, "**") }):
		return fmt.Sprintf("file %q: ** beside letters", file), "** alone stands for any folders: **/*.log"
	case bad != nil:
		return fmt.Sprintf("file %q is no glob: %v", file, bad), "close each [ with a ], or write \\[ for the bracket itself"
	}
	return "", ""
}
