package gerrit

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/watchcat-ci/watchcat/sources"
)

// maxVersion is how long an answer to Probe may be, in bytes.
const maxVersion = 64 << 10

// Probe implements sources.Prober. Over SSH it logs in and asks for the version;
// over HTTP it asks for the version, and as whom it was let in.
func (s *Source) Probe(ctx context.Context) (sources.Server, error) {
	probe := s.probeSSH
	if s.options.URL != "" {
		probe = s.probeREST
	}
	server, err := probe(ctx)
	if err != nil {
		return server, fmt.Errorf("gerrit %s: %w", s.options.Name, err)
	}
	return server, nil
}

func (s *Source) probeSSH(ctx context.Context) (sources.Server, error) {
	conn, err := dial(ctx, s.options)
	if err != nil {
		return sources.Server{}, err
	}
	defer conn.Close()
	server := sources.Server{Account: s.options.User}
	err = conn.run(ctx, "gerrit version", func(stdout io.Reader) error {
		text, err := io.ReadAll(io.LimitReader(stdout, maxVersion))
		if version, found := strings.CutPrefix(string(text), "gerrit version "); found {
			server.Version = versionName(version)
		}
		return err
	})
	switch {
	case err != nil:
		return server, fmt.Errorf("gerrit version at %s: %w", conn.address, err)
	case server.Version == "":
		return server, fmt.Errorf("what answers at %s is no Gerrit: is the port right (Gerrit's SSH is usually %d)?", conn.address, defaultPort)
	}
	return server, nil
}

// versionName returns the name of a version as the server tells it.
func versionName(told string) string {
	if told = clean(strings.TrimSpace(firstLine(told)), maxName); told == "" {
		return ""
	}
	return "Gerrit " + told
}
