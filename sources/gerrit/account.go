package gerrit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/watchcat-ci/watchcat/classify"
)

// account is a user of the server, as its JSON shows them. Any field may be empty.
type account struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Username string `json:"username"`
}

// login is the account's shortest unmistakable name.
func (a account) login() string { return clean(cmp.Or(a.Username, a.Email, a.Name), maxName) }

// person is the name that people know the account by.
func (a account) person() string { return clean(cmp.Or(a.Name, a.Username, a.Email), maxName) }

// accounts are globs of the accounts to believe; those of e-mail addresses are
// in lower case.
type accounts []string

func newAccounts(globs []string) (accounts, error) {
	if len(globs) == 0 {
		return nil, errors.New(`ci is missing: the user names of the CI accounts whose comments are to be read, such as ["zuul"]`)
	}
	var wrong []error
	all := make(accounts, len(globs))
	for i, glob := range globs {
		all[i] = glob
		if isEmail(glob) {
			all[i] = strings.ToLower(glob)
		}
		if strings.TrimSpace(glob) == "" {
			wrong = append(wrong, fmt.Errorf("ci: %q is no account nor a pattern of accounts", glob))
		}
	}
	return all, errors.Join(wrong...)
}

// has reports whether the account is one of them. An account without any name,
// as on comments by the server itself, is none. Upper and lower case differ but
// in e-mail addresses: to Gerrit, "zuul" and "Zuul" are two users, unless its
// auth.userNameCaseInsensitive is set.
func (all accounts) has(a account) bool {
	return slices.ContainsFunc(all, func(glob string) bool {
		name := a.nameFor(glob)
		return name != "" && classify.Glob(glob, name)
	})
}

// nameFor returns which of the account's names a glob speaks of. Anyone may
// take the full name of a CI on many servers, so it counts only where the glob
// cannot mean anything else.
func (a account) nameFor(glob string) string {
	switch {
	case isEmail(glob):
		return strings.ToLower(a.Email)
	case strings.Contains(glob, " "):
		return a.Name
	}
	return a.Username
}

// isEmail reports whether a glob speaks of e-mail addresses.
func isEmail(glob string) bool { return strings.Contains(glob, "@") }
