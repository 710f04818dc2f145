package jenkins

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// place is a folder, view or job below the root of a Jenkins.
type place struct {
	names []string // of the folders and the job, as Jenkins keeps them: a branch as "feature%2Fx"
	views []string // of the folder: it is one of its views
	axis  string   // "OS=linux": it is this configuration of the job
}

// parseURL reads the URL of a Jenkins, or of something on it:
//
//	https://ci.example.org/jenkins                            all of it
//	https://ci.example.org/jenkins/job/team/                  a folder, or a job
//	https://ci.example.org/jenkins/job/team/view/nightly/     a view
//	https://ci.example.org/jenkins/job/matrix/OS=linux/       a configuration of a job
func parseURL(raw string) (root string, p place, err error) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return "", p, errors.New("url is missing: the address of Jenkins, or of a folder, view or job of it, such as https://jenkins.example.org/job/team/")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", p, errors.New("url is no web address; want one such as https://jenkins.example.org/job/team/")
	case u.User != nil:
		return "", p, fmt.Errorf("url %s holds a user: put user and API token into the credentials file", u.Redacted())
	case u.RawQuery != "":
		return "", p, fmt.Errorf("url %s holds a query: want the address of a folder, view or job", raw)
	}
	elements := pathElements(u)
	if n := len(elements); n >= 2 && elements[n-2] == "api" && elements[n-1] == "json" {
		elements = elements[:n-2]
	}
	before, p, rest := readPlace(elements)
	if len(rest) > 0 {
		return "", p, fmt.Errorf("url %s leads behind a folder, view or job: leave %q away", raw, strings.Join(rest, "/"))
	}
	return u.Scheme + "://" + u.Host + "/" + joinPath(before), p, nil
}

// readPlace reads the elements of a path: those of Jenkins itself, what they
// lead to, and what is left.
func readPlace(elements []string) (root []string, p place, rest []string) {
	i := slices.IndexFunc(elements, func(e string) bool { return e == "job" || e == "view" })
	if i < 0 {
		return elements, p, nil
	}
	root, rest = elements[:i], elements[i:]
	for len(rest) > 0 {
		switch {
		case rest[0] == "job" && len(rest) > 1:
			p.names, p.views = append(p.names, rest[1]), nil
			rest = rest[2:]
		case rest[0] == "view" && len(rest) > 1:
			p.views = append(p.views, rest[1])
			rest = rest[2:]
		case len(p.names) > 0 && p.views == nil && strings.Contains(rest[0], "="):
			p.axis = rest[0]
			return root, p, rest[1:]
		default:
			return root, p, rest
		}
	}
	return root, p, nil
}

// path returns the path of a place below the root, with a "/" at its end.
func (p place) path() string {
	var elements []string
	for _, name := range p.names {
		elements = append(elements, "job", name)
	}
	for _, view := range p.views {
		elements = append(elements, "view", view)
	}
	if p.axis != "" {
		elements = append(elements, p.axis)
	}
	return joinPath(elements)
}

// name returns the whole name of a job, or of a folder, as people know it:
// "team/api/feature/x". It is the one that links to builds in comments tell.
func (p place) name() string {
	names := make([]string, len(p.names), len(p.names)+1)
	for i, name := range p.names {
		names[i] = unescape(name)
	}
	if p.axis != "" {
		names = append(names, p.axis)
	}
	return clean(text(strings.Join(names, "/")), maxName)
}

// last returns the last name of a place, as people know it.
func (p place) last() string {
	if len(p.names) == 0 {
		return ""
	}
	return clean(text(unescape(p.names[len(p.names)-1])), maxName)
}

// item returns where a job or folder is that a folder or view lists. A view may
// list what lies in folders, of which only the URL tells. False: nowhere.
func (p place) item(name, rawURL text) (place, bool) {
	here := place{names: append(slices.Clip(slices.Clone(p.names)), string(name))}
	if told, ok := told(rawURL); ok && p.views != nil && len(told.names) >= len(here.names) {
		here.names = told.names
	}
	return here, !slices.ContainsFunc(here.names, isNoName)
}

// told returns the job or folder that a URL leads to.
func told(rawURL text) (place, bool) {
	u := webURL(rawURL)
	if u == nil {
		return place{}, false
	}
	_, p, rest := readPlace(pathElements(u))
	return p, len(p.names) > 0 && p.views == nil && p.axis == "" && len(rest) == 0
}

// config returns where a configuration of a job is.
func (p place) config(name text) (place, bool) {
	p.axis = string(name)
	return p, strings.Contains(p.axis, "=") && !isNoName(p.axis)
}

// isNoName reports whether a name would lead elsewhere in a URL.
func isNoName(name string) bool {
	return name == "" || name == "." || name == ".." || len(name) > maxName || strings.Contains(name, "/")
}

// isBuild reports whether a URL is the page of a build of this job.
func (p place) isBuild(u *url.URL, number int) bool {
	_, of, rest := readPlace(pathElements(u))
	return slices.Equal(of.names, p.names) && of.axis == p.axis && slices.Equal(rest, []string{strconv.Itoa(number)})
}

// pathElements returns what stands between the slashes of a URL's path, decoded.
func pathElements(u *url.URL) []string {
	elements := strings.FieldsFunc(u.EscapedPath(), func(r rune) bool { return r == '/' })
	for i, element := range elements {
		elements[i] = unescape(element)
	}
	return elements
}

// joinPath makes a path of elements, each with a "/" behind it.
func joinPath(elements []string) string {
	var path strings.Builder
	for _, element := range elements {
		path.WriteString(url.PathEscape(element) + "/")
	}
	return path.String()
}

// unescape decodes a name; one that cannot be decoded stays.
func unescape(name string) string {
	if decoded, err := url.PathUnescape(name); err == nil {
		return decoded
	}
	return name
}
