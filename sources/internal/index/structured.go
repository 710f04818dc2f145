package index

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
)

// jsonEntry is an entry of nginx ("autoindex_format json") or of Caddy:
//
//	{"name":"a","type":"directory","mtime":"Wed, 26 Mar 2014 07:48:16 GMT"}
//	{"name":"a/","url":"./a/","mod_time":"2014-03-26T07:48:16Z","is_dir":true}
type jsonEntry struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	MTime string `json:"mtime"`
	Mod   string `json:"mod_time"`
	IsDir *bool  `json:"is_dir"`
}

func (l *list) json(text []byte, at *url.URL) error {
	var entries []jsonEntry
	if err := json.Unmarshal(text, &entries); err != nil {
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	for _, e := range entries {
		if e.Type == "" && e.IsDir == nil {
			return ErrNone
		}
		l.plain(at, e.Name, e.Type == "directory" || e.IsDir != nil && *e.IsDir, e.MTime+e.Mod)
	}
	l.Known = true
	return nil
}

// xmlList is the XML of nginx ("autoindex_format xml"):
//
//	<list><directory mtime="2014-03-26T07:48:16Z">a</directory></list>
type xmlList struct {
	XMLName     xml.Name   `xml:"list"`
	Directories []xmlEntry `xml:"directory"`
	Files       []xmlEntry `xml:"file"`
}

type xmlEntry struct {
	Name  string `xml:",chardata"`
	MTime string `xml:"mtime,attr"`
}

func (l *list) xml(text []byte, at *url.URL) error {
	var listed xmlList
	if err := xml.Unmarshal(text, &listed); err != nil {
		return fmt.Errorf("%w: %w", ErrNone, err)
	}
	for _, e := range listed.Directories {
		l.plain(at, e.Name, true, e.MTime)
	}
	for _, e := range listed.Files {
		l.plain(at, e.Name, false, e.MTime)
	}
	l.Known = true
	return nil
}

// plain adds an entry that is told by its name.
func (l *list) plain(at *url.URL, name string, dir bool, date string) {
	name = strings.TrimSuffix(name, "/")
	e := Entry{Name: name, Dir: dir}
	e.Modified, _ = Date(date, l.zone)
	u := url.URL{Scheme: at.Scheme, Host: at.Host, Path: l.folders[0] + name}
	if dir {
		u.Path += "/"
	}
	e.URL = u.String()
	l.add(e)
}
