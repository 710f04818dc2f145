package gerrit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/crypto/ssh"
)

// explainDial says what to do about a server that cannot be reached.
func explainDial(ctx context.Context, o Options, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("connect to %s: %w", o.address(), context.Cause(ctx))
	}
	remedy := "is the host right, and the network up?"
	dns, isDNS := errors.AsType[*net.DNSError](err)
	network, isNet := errors.AsType[net.Error](err)
	switch {
	case isDNS && dns.IsNotFound:
		remedy = "is its name right?"
	case errors.Is(err, syscall.ECONNREFUSED):
		remedy = fmt.Sprintf("nothing listens there: is the port right (Gerrit's SSH is usually %d), and the server up?", defaultPort)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		remedy = "there is no way to it from here: is the network up, is a VPN needed?"
	case isNet && network.Timeout():
		remedy = fmt.Sprintf("no answer within %v: is a firewall or VPN in the way?", o.Timeout)
	}
	return fmt.Errorf("connect to %s: %w: %s", o.address(), err, remedy)
}

// explainHandshake says what to do about a server that was reached, but let
// nobody in.
func explainHandshake(ctx context.Context, o Options, keys *keys, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("log in to %s: %w", o.address(), context.Cause(ctx))
	}
	remedy := "does an SSH server listen on that port?"
	offers, isOffer := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	network, isNet := errors.AsType[net.Error](err)
	switch {
	case strings.Contains(err.Error(), "no common public key signature algorithm"):
		return fmt.Errorf("log in to %s: the server takes no signature of an RSA key but ssh-rsa, which rests on SHA-1 and can be forged, so it is not used: "+
			"register a key made by ssh-keygen -t ed25519 there and set key to it, or have the server updated (Gerrit 3.5.4, 3.6.0 or later); offered: %s (%w)", o.address(), keys, err)
	case strings.Contains(err.Error(), "unable to authenticate"):
		return fmt.Errorf("log in to %s as %q: Permission denied (publickey): either that is not your user name there, or none of these keys is registered for it: %s; "+
			"register one in the server's web pages (Settings, SSH Keys) and try: ssh -p %d %s@%s gerrit version", o.address(), o.User, keys, o.Port, o.User, o.Host)
	case strings.Contains(strings.ToLower(err.Error()), "too many"):
		remedy = "the server allows no more attempts or connections: name the right key file as key, and let no other program keep connections open"
	case isOffer && allSHA1(offers.RequestedAlgorithms):
		remedy = fmt.Sprintf("all it has of this (%s) rests on SHA-1 or worse, which can be forged, so it is not used: have the server updated",
			clean(strings.Join(offers.RequestedAlgorithms, ", "), maxName))
	case isOffer && offers.What == "host key":
		remedy = fmt.Sprintf("it has no host key of the kinds that known_hosts has of it; compare the others with what the people who run the server publish, then run: ssh-keyscan -p %d %s >> ~/.ssh/known_hosts", o.Port, o.Host)
	case isOffer:
		remedy = "the server is too old or too new for this program"
	case isNet && network.Timeout():
		remedy = fmt.Sprintf("no answer within %v: the server is overloaded, or no SSH server", o.Timeout)
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		remedy = "the server hung up: it may have too many connections, be starting, or be no SSH server"
	}
	return fmt.Errorf("log in to %s: %w: %s", o.address(), err, remedy)
}

// allSHA1 reports whether algorithms are all known to be too weak.
func allSHA1(algorithms []string) bool {
	weak := ssh.InsecureAlgorithms()
	known := slices.Concat(weak.HostKeys, weak.KeyExchanges, []string{"ext-info-s", "kex-strict-s-v00@openssh.com"})
	return len(algorithms) > 0 && !slices.ContainsFunc(algorithms, func(a string) bool { return !slices.Contains(known, a) })
}
