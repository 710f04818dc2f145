package fetch

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
)

// Certificate names the files, in PEM, of a client certificate, the
// certificates of its issuers after it, and of its key. They are read again for
// each new connection, so that they can be renewed under a running program.
type Certificate struct {
	Cert string
	Key  string // readable by its owner and group alone; zero: the file Cert holds the key too
}

// load reads a client certificate. No error holds any of the key.
func (c Certificate) load() (*tls.Certificate, error) {
	cert, err := os.ReadFile(c.Cert)
	if err != nil {
		return nil, err
	}
	key, err := readSecret(cmp.Or(c.Key, c.Cert))
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", c.Cert, cmp.Or(c.Key, c.Cert), err)
	}
	return &pair, nil
}

// readSecret reads a file that others must neither read nor change.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := checkMode(path, info); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// checkMode refuses a file of secrets that others can read or change; its group
// may read it.
func checkMode(path string, info os.FileInfo) error {
	if info.Mode().Perm()&0o027 == 0 || runtime.GOOS == "windows" {
		return nil
	}
	return fmt.Errorf("%s can be read or changed by others (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
}

// certificateList finds client certificates by host.
type certificateList map[string]Certificate

func newCertificateList(certificates map[string]Certificate) (certificateList, error) {
	list := certificateList{}
	for host, c := range certificates {
		name, err := hostKey(host)
		if err != nil {
			return nil, fmt.Errorf("client certificate of host %q: %w", host, err)
		}
		if _, err := c.load(); err != nil {
			return nil, fmt.Errorf("client certificate of host %q: %w", host, err)
		}
		list[name] = c
	}
	return list, nil
}

// hostKey returns an entry that stands for one host, maybe with a port, as
// lookupHost knows it.
func hostKey(host string) (string, error) {
	rule, err := parseHost(host)
	if err != nil || strings.ContainsAny(rule.glob, `*?[\`) || strings.Contains(host, "/") {
		return "", errors.New("that is no host name or address")
	}
	return rule.name(), nil
}

// lookupHost returns what a list holds for the host of a URL, by hostKey: for
// its port, or for all of them.
func lookupHost[V any](list map[string]V, u *url.URL) (name string, v V) {
	host, port, err := splitHost(u)
	if err != nil {
		return "", v
	}
	for _, name := range []string{host + " " + port, host + " "} {
		if v, ok := list[name]; ok {
			return name, v
		}
	}
	return "", v
}

// readAuthorities returns the system's certificate authorities and those of a file.
func readAuthorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificate authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authorities: %s holds no certificate in PEM", path)
	}
	return pool, nil
}
