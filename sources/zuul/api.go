package zuul

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/watchcat-ci/watchcat/sources"
)

// api is where a Zuul is.
type api struct {
	client *sources.Client
	root   string // its pages, without a "/" at the end
}

// parseURL reads the URL of a Zuul, or of one of its pages:
//
//	https://zuul.example.org                 also with a folder, or a page such as /tenants
//	https://zuul.example.org/t/TENANT/…
//	https://zuul.example.org/api/tenant/TENANT/…
//
// The tenant is "" if the URL names none.
func parseURL(raw string) (root, tenant string, err error) {
	u, err := url.Parse(raw)
	switch {
	case raw == "":
		return "", "", errors.New("url is missing: the address of Zuul's pages, such as https://zuul.example.org")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return "", "", errors.New("url is no web address; want one such as https://zuul.example.org")
	case u.User != nil:
		return "", "", fmt.Errorf("url %s holds a user: put it in the credentials file", u.Redacted())
	case u.RawQuery != "":
		return "", "", fmt.Errorf("url %s holds a query: pipelines, projects, branches and jobs have keys of their own", raw)
	}
	before, after, many := strings.Cut(u.EscapedPath(), "/t/")
	if !many {
		before, after, many = strings.Cut(u.EscapedPath(), "/api/tenant/")
	}
	if many {
		tenant, _, _ = strings.Cut(after, "/")
		if tenant, err = url.PathUnescape(tenant); err != nil || tenant == "" {
			return "", "", fmt.Errorf("url %s names no tenant behind /t/", raw)
		}
	}
	return u.Scheme + "://" + u.Host + withoutPage(before), tenant, nil
}

// withoutPage takes the name of one of Zuul's pages from the end of a path.
func withoutPage(path string) string {
	path = strings.TrimRight(path, "/")
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return path
	}
	switch path[i+1:] {
	case "api", "tenants", "status", "builds", "buildsets", "jobs", "projects", "components":
		return strings.TrimRight(path[:i], "/")
	}
	return path
}

// tenant is a part of a Zuul that has pipelines and projects of its own.
type tenant struct {
	name string
	api  string // URL of what is to be known of it
	page string // URL of its pages
}

// tenant returns where a tenant of a Zuul of many is.
func (a api) tenant(name string) tenant {
	return tenant{name: name, api: a.root + "/api/tenant/" + url.PathEscape(name), page: a.root + "/t/" + url.PathEscape(name)}
}

// alone returns where the tenant of a Zuul is that shows a single one.
func (a api) alone(name string) tenant {
	return tenant{name: name, api: a.root + "/api", page: a.root}
}

// tenants asks for the names of all tenants.
func (a api) tenants(ctx context.Context) ([]string, error) {
	var all []struct {
		Name text `json:"name"`
	}
	if err := a.read(ctx, a.root+"/api/tenants", &all); err != nil {
		return nil, err
	}
	var names []string
	for _, t := range all {
		if t.Name != "" {
			names = append(names, string(t.Name))
		}
	}
	return names, nil
}

// only asks for the name of the tenant of a Zuul that shows a single one; "" if
// it is no such Zuul.
func (a api) only(ctx context.Context) (string, error) {
	var answer struct {
		Info struct {
			Tenant text `json:"tenant"`
		} `json:"info"`
	}
	err := a.read(ctx, a.root+"/api/info", &answer)
	return string(answer.Info.Tenant), err
}

// version asks for the version of the program that answers; "" if it does not
// tell, as those before Zuul 5.
func (a api) version(ctx context.Context) string {
	var components map[string]list[struct {
		Version text `json:"version"`
	}]
	if a.read(ctx, a.root+"/api/components", &components) != nil {
		return ""
	}
	for _, kind := range []string{"web", "scheduler"} {
		for _, c := range components[kind] {
			if c.Version != "" {
				return clean(c.Version, maxName)
			}
		}
	}
	return ""
}

// read asks for something small.
func (a api) read(ctx context.Context, from string, to any) error {
	data, err := get(ctx, a.client, from, maxAnswer)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, to); err != nil {
		return fmt.Errorf("read %s: %w", from, explain(data, err))
	}
	return nil
}

// The largest answers that are read: a build with a thousand artifacts has 200
// KiB, and few have that many. (What is beyond that of a page is on the next.)
const (
	maxAnswer = 4 << 20
	maxPage   = 8 << 20
)

// get asks for something. With an error it returns what came until then.
func get(ctx context.Context, client *sources.Client, from string, most int64) ([]byte, error) {
	res, err := client.Get(ctx, from, http.Header{"Accept": {"application/json"}})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // nothing was written
	data, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	switch {
	case err != nil:
		return data, fmt.Errorf("read %s: %w", from, err)
	case int64(len(data)) > most:
		return data[:most], fmt.Errorf("read %s: the answer is larger than %d MiB", from, most>>20)
	}
	return data, nil
}

// explain says why an answer is no JSON, if that is plain to see.
func explain(data []byte, err error) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return errors.New("this is a web page, not what Zuul's API answers; is the url that of Zuul's pages, and can they be seen without logging in?")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the answer was cut short: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("this is not what Zuul's API answers: %w", err)
}
