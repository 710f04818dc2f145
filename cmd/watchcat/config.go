package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/patterns/strict"
)

// config is what watchcat.toml holds. Its zero value is that of an empty file.
type config struct {
	Rules    []string         `toml:"rules"`
	Timezone zone             `toml:"timezone"`
	Gerrit   []gerritConfig   `toml:"gerrit"`
	Periodic []periodicConfig `toml:"periodic"`
	Zuul     []zuulConfig     `toml:"zuul"`
	Jenkins  []jenkinsConfig  `toml:"jenkins"`
	Local    []localConfig    `toml:"local"`
	Logs     logsConfig       `toml:"logs"`
	Report   reportConfig     `toml:"report"`

	path  string        // the file it was read from; "": there is none
	index *strict.Index // where its keys stand; nil: there is none
	home  string        // of the user, for "~"
}

type gerritConfig struct {
	Name        string        `toml:"name"`
	Host        address       `toml:"host"`
	Port        int           `toml:"port"`
	User        string        `toml:"user"`
	Key         string        `toml:"key"`
	KnownHosts  string        `toml:"known_hosts"`
	URL         string        `toml:"url"`
	CI          []string      `toml:"ci"`
	Projects    []string      `toml:"projects"`
	Query       string        `toml:"query"`
	Cap         int           `toml:"cap"`
	Timeout     time.Duration `toml:"timeout"`
	CurrentOnly bool          `toml:"current_only"`
}

type logsConfig struct {
	Hosts        []hostGlob                   `toml:"hosts"`
	Cache        *string                      `toml:"cache"` // nil: the user's cache folder; "": none
	CacheAge     time.Duration                `toml:"cache_age"`
	CacheSize    size                         `toml:"cache_size"`
	MaxSize      size                         `toml:"max_size"`
	Reports      *[]string                    `toml:"reports"` // nil: those of testreport.DefaultGlobs
	Timeout      time.Duration                `toml:"timeout"`
	MaxTime      time.Duration                `toml:"max_time"`
	Retries      *int                         `toml:"retries"`
	PerHost      int                          `toml:"per_host"`
	PerSecond    float64                      `toml:"per_second"`
	CA           string                       `toml:"ca"`
	Credentials  string                       `toml:"credentials"`
	Certificates map[string]certificateConfig `toml:"certificates"`
}

// localConfig names logs of failures that are on this machine.
type localConfig struct {
	Name  string   `toml:"name"`
	Paths []string `toml:"paths"`
	Each  bool     `toml:"each"`
}

// certificateConfig names the files of a client certificate.
type certificateConfig struct {
	Cert string `toml:"cert"`
	Key  string `toml:"key"`
}

type reportConfig struct {
	Title string `toml:"title"`
}

// configName is the name of a configuration in the current folder, and in
// watchcat's folder below $XDG_CONFIG_HOME.
const configName = "watchcat.toml"

// configHelp says where configurations are looked for.
const configHelp = `The configuration is the first of: the file that --config names, the file that
$WATCHCAT_CONFIG names, ./watchcat.toml, and $XDG_CONFIG_HOME/watchcat/watchcat.toml
(~/.config/watchcat/watchcat.toml where that variable is not set).
`

// config reads the configuration. Without one it is empty and has no path.
func (a *app) config() (*config, error) {
	path, err := a.findConfig()
	if err != nil {
		return nil, usage(err)
	}
	if path == "" {
		return &config{home: a.env("HOME")}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, usage(fmt.Errorf("read configuration: %w", err))
	}
	c, err := parseConfig(path, text)
	if err != nil {
		return nil, usage(err)
	}
	c.home = a.env("HOME")
	return c, nil
}

// findConfig returns the path of the configuration, "" if there is none. One
// that was named must exist.
func (a *app) findConfig() (string, error) {
	if a.global.config != "" {
		return a.global.config, nil
	}
	if path := a.env("WATCHCAT_CONFIG"); path != "" {
		return path, nil
	}
	for _, path := range []string{configName, a.xdgConfig()} {
		if path == "" {
			continue
		}
		switch _, err := os.Stat(path); {
		case err == nil:
			return path, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("look for a configuration: %w", err)
		}
	}
	return "", nil
}

// xdgConfig returns the place of a user's configuration, "" where there is no home.
func (a *app) xdgConfig() string {
	folder := a.env("XDG_CONFIG_HOME")
	if folder == "" && a.env("HOME") != "" {
		folder = filepath.Join(a.env("HOME"), ".config")
	}
	if !filepath.IsAbs(folder) { // as the XDG specification has it
		return ""
	}
	return filepath.Join(folder, "watchcat", configName)
}

// parseConfig decodes and checks a configuration. The error is of type
// strict.Mistakes and holds all mistakes of the text.
func parseConfig(path string, text []byte) (*config, error) {
	c := &config{path: path}
	index, err := strict.Decode(path, text, c)
	c.index = index
	mistakes, _ := errors.AsType[strict.Mistakes](err)
	for i, m := range mistakes {
		mistakes[i] = explainSecret(m)
	}
	check := configCheck{index: index, mistakes: mistakes}
	check.config(c)
	if err := check.mistakes.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// secretKeys are keys that people try, and that no configuration has.
var secretKeys = []string{"password", "passwd", "passphrase", "token", "secret", "api_key", "private_key", "http_password"}

// explainSecret says of an unknown key that would hold a secret where that belongs.
func explainSecret(m strict.Mistake) strict.Mistake {
	if len(m.Path) == 0 || !strings.HasPrefix(m.What, "unknown key") {
		return m
	}
	key, _ := m.Path[len(m.Path)-1].(string)
	for _, secret := range secretKeys {
		if strings.EqualFold(key, secret) {
			m.What = fmt.Sprintf("%q: a configuration holds no secrets", key)
			m.Remedy = `name a file that does: key = "…" in [[gerrit]], credentials = "…" in [logs]; or use ssh-agent`
		}
	}
	return m
}

// file returns the path that a configuration means by name: "~" is the user's
// home, and what is relative is so to the configuration's folder.
func (c *config) file(name string) string {
	if name == "" {
		return ""
	}
	if rest, ok := strings.CutPrefix(name, "~"); ok && (rest == "" || rest[0] == '/') && c.home != "" {
		return filepath.Join(c.home, rest)
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(c.path), name)
}
