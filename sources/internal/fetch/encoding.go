package fetch

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// decodeBody undoes the encoding that the server chose for the way.
func decodeBody(resp *http.Response) error {
	decoded, err := DecodeBody(resp.Body, resp.Header.Get("Content-Encoding"))
	if err != nil {
		return err
	}
	if decoded == io.Reader(resp.Body) {
		return nil
	}
	resp.Body = &decodedBody{Reader: decoded, Closer: resp.Body}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.ContentLength = -1
	resp.Uncompressed = true
	return nil
}

// DecodeBody undoes a Content-Encoding. Servers err: what is said to be gzip and
// is not passes as it is. Where there is nothing to undo, r itself is returned.
func DecodeBody(r io.Reader, encoding string) (io.Reader, error) {
	encoding = strings.ToLower(strings.TrimSpace(encoding))
	switch encoding {
	case "", "identity", "none", "utf-8":
		return r, nil
	case "gzip", "x-gzip", "deflate":
	default:
		return nil, fmt.Errorf("the server answers in the encoding %q, which nobody asked for", encoding)
	}
	decoded, err := decoder(bufio.NewReader(r), encoding == "deflate")
	if err != nil {
		return nil, fmt.Errorf("content-encoding %s: %w", encoding, err)
	}
	return decoded, nil
}

// decoder tells by the first bytes what the encoding really is. "deflate" is
// zlib (RFC 9110, section 8.4.1.2), or from some servers bare deflate.
func decoder(r *bufio.Reader, deflate bool) (io.Reader, error) {
	magic, _ := r.Peek(2) // an error comes again when the rest is read
	if len(magic) < 2 {
		return r, nil
	}
	switch {
	case magic[0] == 0x1f && magic[1] == 0x8b:
		return gzip.NewReader(r)
	case !deflate:
		return r, nil
	case magic[0]&0x0f == 8 && (int(magic[0])<<8|int(magic[1]))%31 == 0:
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

type decodedBody struct {
	io.Reader
	io.Closer
}
