package fetch

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// authority signs certificates for a test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // its certificate
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "the authority of a test"}, SerialNumber: big.NewInt(1),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	var files Certificate
	files, a.cert, a.key = a.sign(t, template, nil)
	a.file = files.Cert
	return a
}

// sign makes a key and a certificate for it, and writes both into files; without
// an issuer it is its own.
func (a *authority) sign(t *testing.T, template *x509.Certificate, issuer *authority) (Certificate, *x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.ReplaceAll(template.Subject.CommonName, " ", "-")
	files := Certificate{Cert: filepath.Join(a.dir, name+".pem"), Key: filepath.Join(a.dir, name+".key")}
	writePEM(t, files.Cert, "CERTIFICATE", der)
	writePEM(t, files.Key, "PRIVATE KEY", keyDER)
	return files, cert, key
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// leaf makes a certificate for a host name, or a person.
func (a *authority) leaf(t *testing.T, name string, until time.Time) Certificate {
	t.Helper()
	files, _, _ := a.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, SerialNumber: big.NewInt(2),
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a)
	return files
}

// serveTLS starts a server that has a certificate of the authority for a name,
// and tells its client's.
func (a *authority) serveTLS(t *testing.T, name string, until time.Time, ask tls.ClientAuthType) (port string) {
	t.Helper()
	files := a.leaf(t, name, until)
	pair, err := tls.LoadX509KeyPair(files.Cert, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Proto)
		for _, cert := range r.TLS.PeerCertificates {
			fmt.Fprint(w, " ", cert.Subject.CommonName)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	clients := x509.NewCertPool()
	clients.AddCert(a.cert)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: ask, ClientCAs: clients}
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndexByte(s.URL, ':'):]
}

func hour() time.Time { return time.Now().Add(time.Hour) }

// What the other side thinks of a client's certificate comes after the handshake
// (TLS 1.3), and may be overtaken by the end of the connection.
const noClient = `(certificate required|at once); does it want a client certificate, or another\?|connection was reset|hung up`

func TestCertificates(t *testing.T) {
	a := newAuthority(t)
	names := resolver(t, map[string][4]byte{
		"logs.test.": {127, 0, 0, 1}, "other.test.": {127, 0, 0, 1}, "open.test.": {127, 0, 0, 1},
	})
	open := a.serveTLS(t, "logs.test", hour(), tls.NoClientCert)
	closed := a.serveTLS(t, "logs.test", hour(), tls.RequireAndVerifyClientCert)
	curious := a.serveTLS(t, "open.test", hour(), tls.RequestClientCert)
	expired := a.serveTLS(t, "logs.test", time.Now().Add(-time.Hour), tls.NoClientCert)
	me := map[string]Certificate{"logs.test": a.leaf(t, "me", hour())}
	atPort := map[string]Certificate{"logs.test" + open: me["logs.test"]}
	for _, tt := range []struct {
		name   string
		url    string
		caFile string
		mine   map[string]Certificate
		want   string // an expression for the answer, or in the error
	}{
		{"authority of one's own", "logs.test" + open, a.file, nil, "HTTP/2.0"},
		{"authority not known", "logs.test" + open, "", nil, "the server's certificate is not trusted: "},
		{"wrong name", "other.test" + open, a.file, nil, "the server's certificate is for another host: x509: certificate is valid for logs.test, not other.test;"},
		{"expired", "logs.test" + expired, a.file, nil, "the server's certificate has expired, or is not valid yet: "},
		{"client certificate", "logs.test" + closed, a.file, me, "HTTP/2.0 me"},
		{"no client certificate", "logs.test" + closed, a.file, nil, noClient},
		{"nor for this port", "logs.test" + closed, a.file, atPort, noClient},
		{"not shown to another host", "open.test" + curious, a.file, me, "HTTP/2.0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, Options{Hosts: []string{"*.test"}, CAFile: tt.caFile, Certificates: tt.mine, resolver: names})
			got, err := get(t, c, "https://"+tt.url+"/")
			if err != nil {
				got = err.Error()
				if !isType[*DownError](err) {
					t.Errorf("error %#v is no DownError", err)
				}
			}
			expr := regexp.MustCompile(tt.want)
			if at := expr.FindString(got); at == "" || err == nil && at != got {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A certificate that is renewed on disk is the one of the next connection.
func TestClientCertificateIsRenewed(t *testing.T) {
	a := newAuthority(t)
	port := a.serveTLS(t, "logs.test", hour(), tls.RequireAndVerifyClientCert)
	mine := a.leaf(t, "me", hour())
	c := newClient(t, Options{
		Hosts: []string{"*.test"}, CAFile: a.file, Certificates: map[string]Certificate{"logs.test": mine},
		resolver: resolver(t, map[string][4]byte{"logs.test.": {127, 0, 0, 1}}),
	})
	c.transport.routes.of["logs.test "].direct.ForceAttemptHTTP2 = false // its connections are idle a little later
	for _, name := range []string{"me", "me later"} {
		renewed := a.leaf(t, name, hour())
		if err := os.Rename(renewed.Key, mine.Key); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(renewed.Cert, mine.Cert); err != nil {
			t.Fatal(err)
		}
		if got, err := get(t, c, "https://logs.test"+port); got != "HTTP/1.1 "+name {
			t.Errorf("got %q, %v", got, err)
		}
		c.Close()
	}
}

// Key and certificate may be in one file.
func TestCertificateOptions(t *testing.T) {
	a := newAuthority(t)
	mine := a.leaf(t, "me", hour())
	cert, _ := os.ReadFile(mine.Cert)
	key, _ := os.ReadFile(mine.Key)
	write := func(name string, mode os.FileMode, text ...byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, text, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	both := write("both.pem", 0o600, append(cert, key...)...)
	open := write("open.pem", 0o604, key...)
	empty := write("empty.pem", 0o600)
	of := func(host, cert, key string) Options {
		return Options{Certificates: map[string]Certificate{host: {Cert: cert, Key: key}}}
	}
	for _, tt := range []struct {
		name string
		o    Options
		want string
	}{
		{"two files", of("logs.test", mine.Cert, mine.Key), ""},
		{"one file", of("logs.test:8443", both, ""), ""},
		{"others can read the key", of("logs.test", mine.Cert, open), `client certificate of host "logs.test": ` + open + " can be read or changed by others (mode 0604); run: chmod 600 " + open},
		{"a glob", of("*.test", mine.Cert, mine.Key), "that is no host name or address"},
		{"a block", of("10.0.0.0/8", mine.Cert, mine.Key), "that is no host name or address"},
		{"no such file", of("logs.test", mine.Cert+"x", mine.Key), "no such file"},
		{"no key", of("logs.test", empty, empty), empty + " and " + empty},
		{"another's key", of("logs.test", a.file, mine.Key), "private key does not match"},
		{"authorities", Options{CAFile: a.file}, ""},
		{"no authorities", Options{CAFile: empty}, "certificate authorities: " + empty + " holds no certificate in PEM"},
		{"no such authorities", Options{CAFile: empty + "x"}, "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(tt.want, "chmod") {
				t.Skip("no modes here")
			}
			_, err := New(tt.o)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), string(key[40:80])) {
				t.Error("the error holds the key")
			}
		})
	}
}
