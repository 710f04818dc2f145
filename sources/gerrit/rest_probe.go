package gerrit

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/watchcat-ci/watchcat/sources"
)

// probeREST is Probe over HTTP. Nobody has no account to ask for.
func (s *Source) probeREST(ctx context.Context) (server sources.Server, err error) {
	api, err := newREST(ctx, s.options)
	if err != nil {
		return server, err
	}
	var version string
	if err := api.getJSON(ctx, "config/server/version", &version); err != nil {
		return server, err
	}
	server.Version = versionName(version)
	if api.prefix == "" {
		return server, nil
	}
	var self account
	if err := api.getJSON(ctx, "accounts/self", &self); err != nil {
		return server, err
	}
	server.Account = self.login()
	return server, nil
}

// getJSON decodes a small answer.
func (s *rest) getJSON(ctx context.Context, path string, v any) error {
	a := restAnswer{limit: maxVersion}
	if err := s.get(ctx, path, &a); err != nil {
		return err
	}
	text, err := body(a.text.Bytes())
	if err == nil && json.Unmarshal(text, v) != nil {
		err = errNoAnswer
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.pages, err)
	}
	return nil
}
