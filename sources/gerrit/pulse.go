package gerrit

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// pulse keeps a connection alive, and closes it when the other side is gone
// without a word: behind a firewall that forgot the connection, say. It asks a
// question that costs nothing, to which every server has some answer. While a
// server that is merely slow answers it, it is waited for.
type pulse struct {
	limit   time.Duration // how long nothing at all is heard before the server is given up
	timer   *time.Timer
	lost    atomic.Bool // the server was given up
	done    chan struct{}
	running sync.WaitGroup
}

// newPulse begins to watch over a connection whose answers are waited for as
// long as timeout.
func newPulse(client *ssh.Client, timeout time.Duration) *pulse {
	p := &pulse{limit: timeout / 2, done: make(chan struct{})}
	p.timer = time.AfterFunc(p.limit, func() {
		p.lost.Store(true)
		client.Close()
	})
	p.running.Go(func() { p.ask(client) })
	return p
}

// ask asks over and over, until the connection or the pulse ends.
func (p *pulse) ask(client *ssh.Client) {
	tick := time.NewTicker(max(p.limit/2, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-tick.C:
		}
		if _, _, err := client.SendRequest("keepalive@openssh.com", true, nil); err != nil {
			return
		}
		p.heard()
	}
}

// heard notes a sign of life.
func (p *pulse) heard() { p.timer.Reset(p.limit) }

// stop ends the watch over a connection that is closed.
func (p *pulse) stop() {
	close(p.done)
	p.running.Wait()
	p.timer.Stop()
}
