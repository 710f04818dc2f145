package democi

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/watchcat-ci/watchcat/sources/gerrit/gerrittest"
)

// Options says which world is built.
type Options struct {
	Now  time.Time // the world's jobs ran in the days before; zero: the time of the call
	Seed uint64    // another seed is another world; zero: the usual one
	Dir  string    // folder for key, known_hosts, configuration and cache; it must exist
}

// usualSeed is used where Options names none.
const usualSeed = 0x77617463686361

// World is a running CI system. Its methods may be called by several
// goroutines at once.
type World struct {
	facts  *facts
	gerrit *gerrittest.Server
	site   *server
	down   *deadEnd
	config string
}

// Start builds the world of the day, serves it on loopback until Close, and
// writes into o.Dir a configuration that reads it.
func Start(o Options) (*World, error) {
	w, err := start(o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the demo's CI system: %w", err), w.Close())
	}
	return w, nil
}

// start returns what was started even if it fails.
func start(o Options) (*World, error) {
	w := &World{}
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	if o.Seed == 0 {
		o.Seed = usualSeed
	}
	l, err := readLibrary()
	if err != nil {
		return w, err
	}
	w.facts = planDay(l, o.Now, o.Seed)
	if w.down, err = newDeadEnd(); err != nil {
		return w, err
	}
	var at addresses
	w.site, err = startServer(func(url string) (http.Handler, error) {
		at = addresses{logs: url, down: w.down.url()}
		s, err := newSite(w.facts, at)
		return s.handler(), err
	})
	if err != nil {
		return w, err
	}
	changes, err := w.facts.changesJSON(at)
	if err != nil {
		return w, err
	}
	if w.gerrit, err = gerrittest.Start(gerrittest.Options{User: "watchcat", Changes: changes}); err != nil {
		return w, err
	}
	return w, w.writeConfig(o.Dir, at)
}

// Close ends the world and waits until all of it has ended. The files in
// Options.Dir stay.
func (w *World) Close() error {
	var errs []error
	if w.gerrit != nil {
		w.gerrit.Close()
	}
	if w.site != nil {
		errs = append(errs, w.site.close())
	}
	if w.down != nil {
		errs = append(errs, w.down.close())
	}
	return errors.Join(errs...)
}

// Config is the path of a configuration that reads this world.
func (w *World) Config() string { return w.config }

// writeConfig writes the key, known_hosts and the configuration.
func (w *World) writeConfig(dir string, at addresses) error {
	keyFile, knownHosts, err := w.gerrit.WriteClientFiles(dir)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, configText, w.gerrit.Port(), filepath.Base(keyFile), filepath.Base(knownHosts))
	for _, j := range w.facts.periodic {
		fmt.Fprintf(&b, "  %q,\n", at.logs+"/periodic/"+j.name+"/")
	}
	b.WriteString(configEnd)
	w.config = filepath.Join(dir, "watchcat.toml")
	return os.WriteFile(w.config, []byte(b.String()), 0o644)
}

const configText = `# The demo's CI system, which listens on this machine only.

rules = ["default"]

[[gerrit]]
name = "review"
host = "127.0.0.1"
port = %d
user = "watchcat"
key = %q
known_hosts = %q
ci = ["zuul", "jenkins"]

[[periodic]]
name = "periodic"
pages = [
`

const configEnd = `]

[logs]
hosts = ["127.0.0.1"]
cache = "cache"
retries = 1         # one of the log servers is down, and stays so
per_second = 10_000 # this machine's own may be hurried
`
