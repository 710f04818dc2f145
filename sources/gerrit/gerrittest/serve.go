package gerrittest

import (
	"fmt"
	"io"
	"net"
	"sync"

	"golang.org/x/crypto/ssh"
)

// accept serves connections until the listener is closed.
func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		if !s.enter(conn) {
			conn.Close()
			return
		}
		s.running.Go(func() {
			defer s.leave(conn)
			s.serve(conn)
		})
	}
}

// enter remembers an open connection; false says that the server is closing.
func (s *Server) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.done:
		return false
	default:
	}
	s.open[conn] = true
	s.connections++
	return true
}

func (s *Server) leave(conn net.Conn) {
	conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, conn)
}

// serve speaks SSH on one connection until either side leaves.
func (s *Server) serve(conn net.Conn) {
	server, channels, requests, err := ssh.NewServerConn(conn, s.config)
	if err != nil {
		return
	}
	defer server.Close()
	left := make(chan struct{})
	var sessions sync.WaitGroup
	sessions.Go(func() { s.discard(requests) })
	for incoming := range channels {
		if incoming.ChannelType() != "session" {
			incoming.Reject(ssh.UnknownChannelType, "sessions only")
			continue
		}
		channel, requests, err := incoming.Accept()
		if err != nil {
			break
		}
		sessions.Go(func() { s.session(server, session{channel, requests, left}) })
	}
	close(left)
	sessions.Wait()
}

// discard answers the requests that belong to no session: none is understood.
func (s *Server) discard(requests <-chan *ssh.Request) {
	for request := range requests {
		if request.WantReply && !s.deaf {
			request.Reply(false, nil)
		}
	}
}

// session is one channel of a connection.
type session struct {
	channel  ssh.Channel
	requests <-chan *ssh.Request
	left     <-chan struct{} // closed when the connection ended
}

// session answers the first command of a session, or its request for a shell.
func (s *Server) session(server ssh.Conn, c session) {
	defer c.channel.Close()
	for request := range c.requests {
		var exit int
		switch request.Type {
		case "exec":
			var command struct{ Line string }
			if err := ssh.Unmarshal(request.Payload, &command); err != nil {
				request.Reply(false, nil)
				continue
			}
			request.Reply(true, nil)
			exit = s.run(command.Line, c.channel)
		case "shell":
			request.Reply(true, nil)
			exit = refuseShell(c.channel.Stderr())
		default:
			request.Reply(request.Type == "env" || request.Type == "pty-req", nil)
			continue
		}
		finish(server, c, exit)
		return
	}
}

// run notes a command and answers it.
func (s *Server) run(command string, channel ssh.Channel) int {
	s.mu.Lock()
	s.commands = append(s.commands, command)
	s.mu.Unlock()
	return s.answer(command, channel, channel.Stderr())
}

// refuseShell says what Gerrit says to those who ask for a shell.
func refuseShell(stderr io.Writer) int {
	fmt.Fprint(stderr, "\r\n  ****    Welcome to Gerrit Code Review    ****\r\n\r\n"+
		"  Hi, you have successfully connected over SSH.\r\n\r\n"+
		"  Unfortunately, interactive shells are disabled.\r\n")
	return 127
}

// finish ends a session as its answer wants it.
func finish(server ssh.Conn, c session, exit int) {
	switch exit {
	case HangUp:
		server.Close()
	case Silence:
		for range c.requests {
		}
		<-c.left
	default:
		c.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(exit)}))
	}
}
