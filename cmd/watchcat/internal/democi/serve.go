package democi

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
)

// site is the web server of the world: logs, pages of periodic jobs, and a page
// for each change.
type site struct {
	facts *facts
	at    addresses
	dirs  map[string]*build // by folder of logs
	pages *template.Template
}

func newSite(f *facts, at addresses) (*site, error) {
	pages, err := template.New("pages").Parse(pageTemplates)
	if err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	s := &site{facts: f, at: at, dirs: map[string]*build{}, pages: pages}
	for _, b := range f.builds {
		if b.store != storeNone && b.store != storeDown && b.store != storeMissing {
			s.dirs[b.dir()] = b
		}
	}
	return s, nil
}

// handler returns the pages by their paths.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /periodic/{job}/{$}", s.periodic)
	mux.HandleFunc("GET /c/", s.change)
	mux.HandleFunc("GET /", s.log)
	return mux
}

// row is a line of a folder's listing.
type row struct{ Name, Date, Size string }

// pageTemplates are the listing of a folder, as Apache's autoindex writes it,
// and the page of a change.
const pageTemplates = `{{define "index"}}<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <title>Index of {{.Path}}</title>
 </head>
 <body>
<h1>Index of {{.Path}}</h1>
  <table>
   <tr><th valign="top"><img src="/icons/blank.gif" alt="[ICO]"></th><th><a href="?C=N;O=D">Name</a></th><th><a href="?C=M;O=A">Last modified</a></th><th><a href="?C=S;O=A">Size</a></th></tr>
   <tr><th colspan="4"><hr></th></tr>
<tr><td valign="top"><img src="/icons/back.gif" alt="[PARENTDIR]"></td><td><a href="../">Parent Directory</a></td><td>&nbsp;</td><td align="right">  - </td></tr>
{{range .Rows}}<tr><td valign="top"><img src="/icons/folder.gif" alt="[DIR]"></td><td><a href="{{.Name}}">{{.Name}}</a></td><td align="right">{{.Date}}  </td><td align="right">{{.Size}} </td></tr>
{{end}}   <tr><th colspan="4"><hr></th></tr>
</table>
</body></html>
{{end}}{{define "change"}}<!DOCTYPE html>
<html><head><title>{{.Number}}: {{.Subject}}</title></head>
<body><h1>{{.Subject}}</h1><p>{{.Project}}, change {{.Number}}, by {{.Owner}}</p><pre>{{.Message}}</pre></body></html>
{{end}}`

// apacheTime is how pages of periodic jobs print dates.
const apacheTime = "02-Jan-2006 15:04"

// periodic is the page of one periodic job: a row a build.
func (s *site) periodic(w http.ResponseWriter, r *http.Request) {
	var rows []row
	for _, b := range s.facts.builds {
		if b.run == nil && b.job.name == r.PathValue("job") {
			rows = append(rows, row{b.id[:7] + "/", b.ended.Format(apacheTime), " -"})
		}
	}
	if rows == nil {
		http.NotFound(w, r)
		return
	}
	s.render(w, "index", map[string]any{"Path": strings.TrimSuffix(r.URL.Path, "/"), "Rows": rows})
}

// change is the page of a change.
func (s *site) change(w http.ResponseWriter, r *http.Request) {
	for _, c := range s.facts.changes {
		if s.at.change(c) == s.at.logs+r.URL.Path {
			s.render(w, "change", map[string]any{
				"Number": c.number, "Subject": c.subject, "Project": c.project.name, "Owner": c.owner.Name, "Message": c.commitMessage(),
			})
			return
		}
	}
	http.NotFound(w, r)
}

func (s *site) render(w http.ResponseWriter, page string, data any) {
	w.Header().Set("Content-Type", "text/html;charset=UTF-8")
	// What cannot be written to a client that left is nobody's loss.
	_ = s.pages.ExecuteTemplate(w, page, data)
}

// log is a build's folder, or its console.
func (s *site) log(w http.ResponseWriter, r *http.Request) {
	folder, file := path.Split(r.URL.Path)
	b := s.dirs[folder]
	switch {
	case b == nil:
		http.NotFound(w, r)
	case file == "":
		s.render(w, "index", map[string]any{"Path": strings.TrimSuffix(folder, "/"), "Rows": []row{
			{b.file(), b.ended.Format("2006-01-02 15:04"), fmt.Sprintf("%.1fM", float64(b.size)/1e6)},
		}})
	case file == b.file():
		s.console(w, b)
	default:
		http.NotFound(w, r)
	}
}

// console streams a build's console in the way it is stored.
func (s *site) console(w http.ResponseWriter, b *build) {
	var to io.Writer = w
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch b.store {
	case storeGzip, storeCut:
		w.Header().Set("Content-Type", "application/gzip")
	case storeEncoded:
		w.Header().Set("Content-Encoding", "gzip")
	}
	if b.store != storePlain {
		zipped, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		to = zipped
		defer b.endGzip(zipped)
	}
	// What cannot be written to a client that left is nobody's loss.
	_ = s.facts.writeConsole(to, b, s.at)
}

// endGzip ends a stream; that of a log that is cut has no end.
func (b *build) endGzip(zipped *gzip.Writer) {
	if b.store == storeCut {
		_ = zipped.Flush()
		return
	}
	_ = zipped.Close()
}

// server is a site that is served.
type server struct {
	http *http.Server
	url  string
	done chan error
}

// startServer listens on loopback, on any free port. It serves what handler,
// which is told the server's address, makes.
func startServer(handler func(url string) (http.Handler, error)) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + listener.Addr().String(), done: make(chan error, 1)}
	h, err := handler(s.url)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s.http = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// close ends the server and waits until it has ended.
func (s *server) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close() // somebody is still reading
	}
	if ended := <-s.done; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// deadEnd is an address on loopback at which nobody listens, and at which nobody
// can begin to: the near end of a connection stands there.
type deadEnd struct {
	listener net.Listener
	conn     net.Conn
}

func newDeadEnd() (*deadEnd, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return &deadEnd{listener, conn}, nil
}

func (d *deadEnd) url() string { return "http://" + d.conn.LocalAddr().String() }

func (d *deadEnd) close() error { return errors.Join(d.conn.Close(), d.listener.Close()) }
