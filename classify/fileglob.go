package classify

import (
	"path"
	"strings"
)

// allFiles is the glob that names all files of a job.
const allFiles = "**"

// IsGlob reports whether a file of a rule is a glob rather than a name.
func IsGlob(file string) bool { return strings.ContainsAny(file, `*?[\`) }

// MatchFile reports whether a glob names a file of a job, which is given by its
// path below the job's folder. Between slashes it is path.Match that decides;
// "**" between slashes stands for any number of folders, none included, and at
// the end for all files below. A malformed glob names nothing.
func MatchFile(glob, file string) bool {
	return matchElements(strings.Split(glob, "/"), strings.Split(file, "/"))
}

// matchElements matches element by element. It tries again from the last "**"
// only, so its time is bounded by the product of the lengths.
func matchElements(glob, file []string) bool {
	g, f := 0, 0
	star, mark := -1, 0 // the last "**" seen, and what of file it has not yet taken
	for f < len(file) {
		switch {
		case g < len(glob) && glob[g] == allFiles:
			star, mark = g, f
			g++
		case g < len(glob) && matchElement(glob[g], file[f]):
			g++
			f++
		case star >= 0:
			mark++
			g, f = star+1, mark
		default:
			return false
		}
	}
	for g < len(glob) && glob[g] == allFiles {
		g++
	}
	return g == len(glob)
}

func matchElement(glob, name string) bool {
	ok, err := path.Match(glob, name)
	return ok && err == nil
}
