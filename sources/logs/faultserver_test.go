package logs_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	stdlog "log"
	"math/big"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// names is the name server to ask, instead of the system's.
var names atomic.Pointer[nameServer]

// The resolver of all clients is replaced before any of them looks at it.
func init() {
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if ours := names.Load(); ours != nil {
			return ours.dial(ctx)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
}

// nameServer is a name server of our own. What ends in .test is this machine;
// other names have faults.
type nameServer struct {
	conn   net.PacketConn
	mu     sync.Mutex
	askers []net.Conn
	closed bool
	wg     sync.WaitGroup
}

// useNames makes this process ask a name server of our own until the test ends.
func useNames(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameServer{conn: conn}
	n.wg.Go(func() { answerNames(conn) })
	names.Store(n)
	t.Cleanup(func() { names.Store(nil); n.close() })
	return n
}

func (n *nameServer) dial(ctx context.Context) (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return nil, net.ErrClosed
	}
	conn, err := new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	if err == nil {
		n.askers = append(n.askers, conn)
	}
	return conn, err
}

// close also ends the questions that have no answer: the standard library
// waits for one for 5 s, whether anybody still wants it or not.
func (n *nameServer) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	for _, conn := range n.askers {
		conn.Close()
	}
	n.conn.Close()
	n.wg.Wait()
}

func answerNames(conn net.PacketConn) {
	buf := make([]byte, 1500)
	asked := map[string]int{} // for addresses of IPv4
	for {
		n, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		var m dnsmessage.Message
		if err != nil || m.Unpack(buf[:n]) != nil {
			continue
		}
		m.Response, m.Authoritative, m.Additionals = true, true, nil
		q := m.Questions[0]
		if q.Type == dnsmessage.TypeA {
			asked[q.Name.String()]++
		}
		if !resolve(&m, q, asked[q.Name.String()]) {
			continue
		}
		if reply, err := m.Pack(); err == nil {
			conn.WriteTo(reply, from)
		}
	}
}

// resolve answers a question; it returns false where the name server is silent.
func resolve(m *dnsmessage.Message, q dnsmessage.Question, times int) bool {
	address := [4]byte{127, 0, 0, 1}
	switch name := q.Name.String(); {
	case name == "silent.example.":
		return false
	case name == "broken.example.":
		m.RCode = dnsmessage.RCodeServerFailure
		return true
	case name == "rebind.example.":
		if times == 1 {
			address = [4]byte{93, 184, 216, 34}
		}
	case !strings.HasSuffix(name, ".test."):
		m.RCode = dnsmessage.RCodeNameError
		return true
	}
	if q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: address},
		}}
	}
	return true
}

func nameFaults(t *testing.T) []fault {
	s := serve(t, answer(goodLog))
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	// Who looks where the name leads, and then connects to the name, is cheated.
	addresses, err := net.DefaultResolver.LookupHost(t.Context(), "rebind.example")
	if err != nil || len(addresses) != 1 || addresses[0] != "93.184.216.34" {
		t.Fatalf("rebind.example is first at %v, %v", addresses, err)
	}
	return []fault{
		elsewhere("no such name", "http://nowhere.example", `no host has the name "nowhere.example"; is it written right?`),
		elsewhere("name server broken", "http://broken.example", `the name "broken.example" could not be looked up: `),
		elsewhere("name server silent", "http://silent.example", `the name "silent.example" could not be looked up: `),
		{name: "name that leads inside the second time", url: "http://rebind.example:" + port + "/", why: "host rebind.example has the private address 127.0.0.1"},
	}
}

// secureServers speak TLS; each has something about its certificate.
type secureServers struct {
	authorities        string // file that the client believes
	good, old, unknown string // ports
}

func serveSecurely(t *testing.T) secureServers {
	t.Helper()
	good := selfSigned(t, time.Now().Add(time.Hour))
	old := selfSigned(t, time.Now().Add(-time.Hour))
	s := secureServers{authorities: filepath.Join(t.TempDir(), "authorities.pem")}
	var text []byte
	for _, cert := range []tls.Certificate{good, old} {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})...)
	}
	if err := os.WriteFile(s.authorities, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.good, s.old = servePort(t, good), servePort(t, old)
	s.unknown = servePort(t, selfSigned(t, time.Now().Add(time.Hour)))
	return s
}

func selfSigned(t *testing.T, until time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		DNSNames: []string{"logs.test"}, SerialNumber: big.NewInt(until.Unix()),
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func servePort(t *testing.T, cert tls.Certificate) string {
	s := httptest.NewUnstartedServer(answer(goodLog))
	s.Config.ErrorLog = stdlog.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL[strings.LastIndexByte(s.URL, ':'):]
}

func (s secureServers) faults() []fault {
	return []fault{
		{name: "TLS without a fault", url: "https://logs.test" + s.good + "/"},
		elsewhere("TLS with a wrong name", "https://other.test"+s.good, "the server's certificate is for another host: x509: certificate is valid for logs.test, not other.test"),
		elsewhere("expired certificate", "https://logs.test"+s.old, "the server's certificate has expired, or is not valid yet"),
		elsewhere("unknown authority", "https://logs.test"+s.unknown, "the server's certificate is not trusted"),
		elsewhere("plain where TLS is said", "https://HOST", "the server does not speak TLS; is it http:// that is meant?"),
	}
}

// quiet keeps to itself what net/http prints when a server sends too much.
func quiet(t *testing.T) {
	t.Helper()
	stdlog.SetOutput(io.Discard)
	t.Cleanup(func() { stdlog.SetOutput(os.Stderr) })
}

// openFiles counts the files that this process has open, sockets among them; 0
// where that cannot be told.
func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Log("open files cannot be counted here: ", err)
	}
	return len(entries)
}
