package gerrit

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// link is what the URL of a job line tells of the job.
type link struct {
	page     string // the build's own page
	logs     string // its logs: a folder if it ends in "/", else one file
	id       string // the CI's build id
	name     string // of the job
	guess    string // a name, if there is no better one
	pipeline string
	patchSet int
}

// describe tells a job what the link knows and the job does not.
func (l link) describe(job *classify.Job) {
	job.URL, job.LogURL, job.ID = l.page, l.logs, l.id
	if job.Name == "" || job.Name == l.name {
		job.Name = cmp.Or(l.name, l.guess)
		job.Pipeline, job.PatchSet = l.pipeline, l.patchSet
	}
}

// parseLink says what a URL in a comment is: the page of a build in Zuul or
// Jenkins, or a folder or file of logs. What is no http or https URL leads
// nowhere, but still may end in a build id.
func parseLink(raw string) link {
	u := webURL(raw)
	if u == nil {
		return link{id: lastID(raw), guess: lastWord(strings.Split(raw, "/"))}
	}
	u.Fragment = ""
	elements := pathElements(u)
	l := link{guess: cmp.Or(lastWord(elements), clean(u.Host, maxName))}
	switch {
	case isBuildPage(u.Path, elements):
		l.page, l.id = u.String(), lastID(u.Path)
	case l.readJenkins(u, elements):
	default:
		l.logs, l.id = logURL(u), lastID(u.Path)
		l.readLayout(elements)
	}
	return l
}

// isBuildPage recognises Zuul's page of a build: …/t/TENANT/build/UUID, or
// /build/UUID where Zuul has one tenant only. Zuul writes no slash behind it,
// which tells the latter from a folder of logs.
func isBuildPage(urlPath string, elements []string) bool {
	n := len(elements)
	if n < 2 || elements[n-2] != "build" && elements[n-2] != "stream" {
		return false
	}
	return n >= 4 && elements[n-4] == "t" || isUUID(elements[n-1]) && !strings.HasSuffix(urlPath, "/")
}

// readJenkins recognises a URL of Jenkins: …/job/NAME/12/…, with /job/FOLDER
// before it any number of times, and an axis of a matrix behind the name. A job
// that is named by a branch is encoded once by itself, and again in the URL.
func (l *link) readJenkins(u *url.URL, elements []string) bool {
	i := slices.Index(elements, "job")
	if i < 0 {
		return false
	}
	var names []string
	for ; i+1 < len(elements) && elements[i] == "job"; i += 2 {
		names = append(names, unescape(elements[i+1]))
	}
	if i+1 < len(elements) && strings.Contains(elements[i], "=") {
		names = append(names, elements[i])
		i++
	}
	if len(names) == 0 || i >= len(elements) || !isNumber(elements[i]) {
		return false
	}
	l.name = clean(strings.Join(names, "/"), maxName)
	page := u.JoinPath(strings.Repeat("../", len(elements)-i-1), "/")
	page.RawQuery = ""
	l.page, l.logs = page.String(), page.String()
	if i+1 < len(elements) && elements[i+1] == "artifact" {
		l.logs = logURL(u)
	}
	return true
}

// buildPath returns the end "/NAME/12/" of a Jenkins build's URL, by which other
// servers that keep its logs name them too; "" if it is none.
func buildPath(page string) string {
	elements := strings.Split(strings.TrimSuffix(page, "/"), "/")
	n := len(elements)
	if n < 2 || !isNumber(elements[n-1]) {
		return ""
	}
	return "/" + elements[n-2] + "/" + elements[n-1] + "/"
}

// readLayout recognises the folders into which Zuul puts logs of changes:
// …/23/8123/4/PIPELINE/JOB/BUILD, where 8123 is the change, 4 its patch set.
func (l *link) readLayout(elements []string) {
	for i := 0; i+5 < len(elements); i++ {
		tail, change, patchSet := elements[i], elements[i+1], elements[i+2]
		if isNumber(tail) && len(tail) <= 2 && isNumber(change) && strings.HasSuffix("0"+change, tail) && isNumber(patchSet) {
			l.patchSet, _ = strconv.Atoi(patchSet)
			l.pipeline, l.name = clean(elements[i+3], maxName), clean(elements[i+4], maxName)
			return
		}
	}
}

// logURL returns the URL of logs: a folder, which ends in a slash, unless it
// plainly is a file or the answer to a question.
func logURL(u *url.URL) string {
	if u.RawQuery != "" || strings.HasSuffix(u.Path, "/") || isFile(path.Base(u.Path)) {
		return u.String()
	}
	folder := *u
	folder.Path += "/"
	if folder.RawPath != "" {
		folder.RawPath += "/"
	}
	return folder.String()
}

// pathElements returns what stands between the slashes of a URL's path, decoded.
func pathElements(u *url.URL) []string {
	elements := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	for i, element := range elements {
		elements[i] = unescape(element)
	}
	return elements
}

// unescape decodes a part of a URL; one that cannot be decoded stays.
func unescape(element string) string {
	if decoded, err := url.PathUnescape(element); err == nil {
		return decoded
	}
	return element
}

// isFile reports whether the name is that of a file. Names of jobs may end in
// ".11" or the like.
func isFile(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".txt", ".log", ".html", ".htm", ".json", ".xml", ".gz", ".xz", ".bz2", ".zst", ".zip", ".tgz", ".tar":
		return true
	}
	return name == "consoleText"
}

// lastID returns the last element of a path if it is a build id that no other
// build has. (Shortened ids, in which old logs' folders end, are not.)
func lastID(urlPath string) string {
	if last := path.Base(urlPath); isUUID(last) {
		return last
	}
	return ""
}

// lastWord returns the last element that is not merely a number or a hash.
func lastWord(elements []string) string {
	for _, element := range slices.Backward(elements) {
		if word := clean(element, maxName); word != "" && !isNumber(word) && !isHash(word) && !isUUID(word) {
			return word
		}
	}
	return ""
}

// isUUID reports whether s has 32 hexadecimal digits, with or without dashes.
func isUUID(s string) bool {
	if len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' {
		s = strings.ReplaceAll(s, "-", "")
	}
	return len(s) == 32 && isHash(s)
}

// isHash reports whether s may be a hash or the beginning of one.
func isHash(s string) bool {
	return len(s) >= 7 && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}
