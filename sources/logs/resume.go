package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/watchcat-ci/watchcat/sources/internal/fetch"
)

// maxResumes is how often a download that was cut is taken up again.
const maxResumes = 3

// download is a log on its way from its server, as it is sent. One that is cut
// goes on where it was, if the server can do that and its log is still the same
// (RFC 9110, section 14); else it ends in the error that cut it.
type download struct {
	ctx     context.Context
	ask     func(http.Header) (*http.Response, error)
	header  http.Header // of the first answer
	body    io.ReadCloser
	have    int64
	total   int64 // -1: not known
	limit   int64
	resumed int
}

type asker = func(http.Header) (*http.Response, error)

func newDownload(ctx context.Context, ask asker, resp *http.Response, limit int64) *download {
	return &download{ctx: ctx, ask: ask, header: resp.Header, body: resp.Body, total: resp.ContentLength, limit: limit}
}

func (d *download) encoding() string { return d.header.Get("Content-Encoding") }

func (d *download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.have += int64(n)
		if err == io.EOF && d.have < d.total {
			err = io.ErrUnexpectedEOF
		}
		if d.have > d.limit {
			return n, fmt.Errorf("cut at %s: %w", size(d.limit), ErrTooLarge)
		}
		if d.isCut(err) && d.resume() {
			err = nil
		}
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
}

func (d *download) Close() error { return d.body.Close() }

// isCut reports whether a download ended before its time. One that was given up
// because the server kept us waiting is not asked for again.
func (d *download) isCut(err error) bool {
	if err == nil || err == io.EOF || d.ctx.Err() != nil {
		return false
	}
	_, late := errors.AsType[*fetch.TimeoutError](err)
	return !late
}

// resume asks for the rest, or for all if nothing came yet.
func (d *download) resume() bool {
	header, ok := d.restOnly()
	if !ok || d.resumed == maxResumes {
		return false
	}
	d.resumed++
	d.body.Close()
	resp, err := d.ask(header)
	if err != nil {
		return false
	}
	if !d.fits(resp) {
		resp.Body.Close()
		return false
	}
	if d.have == 0 {
		d.header, d.total = resp.Header, resp.ContentLength
	}
	d.body = resp.Body
	return true
}

// restOnly returns the header that asks for the rest of the same log. There is
// none if the server does not tell how the same log is known.
func (d *download) restOnly() (http.Header, bool) {
	if d.have == 0 {
		return http.Header{}, true
	}
	same := validator(d.header, "Etag")
	if same == "" {
		same = validator(d.header, "Last-Modified")
	}
	if same == "" || strings.HasPrefix(same, "W/") || strings.EqualFold(d.header.Get("Accept-Ranges"), "none") {
		return nil, false
	}
	return http.Header{"Range": {fmt.Sprintf("bytes=%d-", d.have)}, "If-Range": {same}}, true
}

// fits reports whether an answer goes on where the download was cut. Servers
// that compress on the way have been seen to forget that for a part.
func (d *download) fits(resp *http.Response) bool {
	if resp.Header.Get("Content-Encoding") != d.encoding() {
		return false
	}
	if d.have == 0 {
		return resp.StatusCode != http.StatusPartialContent
	}
	start, total, err := contentRange(resp.Header.Get("Content-Range"))
	if resp.StatusCode != http.StatusPartialContent || err != nil || start != d.have {
		return false
	}
	etag := resp.Header.Get("Etag")
	if etag != "" && etag != d.header.Get("Etag") || d.total >= 0 && total >= 0 && total != d.total {
		return false
	}
	d.total = max(d.total, total)
	return true
}

// contentRange reads the header of a part: "bytes 100-199/200", or "/*" where the
// total, here -1, is not known.
func contentRange(value string) (start, total int64, err error) {
	unit, value, _ := strings.Cut(value, " ")
	span, all, _ := strings.Cut(value, "/")
	first, _, ok := strings.Cut(span, "-")
	if !ok || !strings.EqualFold(unit, "bytes") {
		return 0, 0, fmt.Errorf("no range of bytes: %q", value)
	}
	if start, err = byteCount(first); err != nil || all == "*" {
		return start, -1, err
	}
	total, err = byteCount(all)
	return start, total, err
}

func byteCount(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err
}
