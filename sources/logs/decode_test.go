package logs_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

func decode(r io.Reader, o logs.DecodeOptions) (string, error) {
	text, err := logs.Decode(r, o)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(text)
	return string(b), err
}

func TestDecode(t *testing.T) {
	long := strings.Repeat("0123456789abcde\n", 1<<13)
	tests := []struct{ name, in, want, err string }{
		{"empty", "", "", ""},
		{"text", long, long, ""},
		{"gzip", zip(t, long), long, ""},
		{"two layers", zip(t, zip(t, long)), long, ""},
		{"third layer is left", zip(t, zip(t, zip(t, "x"))), zip(t, "x"), ""},
		{"two members", zip(t, "one\n") + zip(t, "two\n"), "one\ntwo\n", ""},
		{"magic alone", "\x1f\x8b", "\x1f\x8b", ""},
		{"other method", "\x1f\x8b\x07xxxxxxxxxxx", "\x1f\x8b\x07xxxxxxxxxxx", ""},
		{"binary", "\x00\xff\xfe\x80\x7fELF", "\x00\xff\xfe\x80\x7fELF", ""},
		{"wrong checksum", zip(t, "text")[:22] + "\x00\x00\x00\x00\x04\x00\x00\x00", "text", "checksum"},
		{"begins with zeros", strings.Repeat("\x00", 1024) + "text", strings.Repeat("\x00", 1024) + "text", ""},
		{"tar", tarball(t, entry{"x", "text"}), "", "an archive (its files are named archive//path), not a log"},
		{"zip", zip(t, zipFile(t, entry{"x", "text"})), "", "an archive (its files are named archive//path), not a log"},
		{"garbage behind", zip(t, "text") + "garbage that is no gzip", "text", "gzip: "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, slow := range []bool{false, true} {
				var r io.Reader = strings.NewReader(tt.in)
				if slow {
					r = iotest.OneByteReader(r)
				}
				got, err := decode(r, logs.DecodeOptions{})
				if got != tt.want || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
					t.Errorf("got %.60q, %v", got, err)
				}
			}
		})
	}
}

// What PowerShell's ">" writes is UTF-16.
func TestUTF16(t *testing.T) {
	const text = "one\r\ntwo é € 😀\n\nfour\n"
	long := strings.Repeat("a line with an é\n", 20_000)
	tests := []struct{ name, in, want string }{
		{"little-endian", utf16le(text), text},
		{"big-endian", utf16be(text), text},
		{"long", utf16le(long), long},
		{"gzip", zip(t, utf16le(text)), text},
		{"HTML", utf16le("<html>\n<pre>&lt;é\n</pre>"), "\n<é\n"},
		{"mark alone", "\xff\xfe", ""},
		{"odd last byte", utf16le("one\n") + "x", "one\n\ufffd"},
		{"half a pair before a line's end", "\xfe\xff\xd8\x3d\x00\n\x00x", "\ufffd\nx"},
		{"half a pair at the end", "\xff\xfex\x00\x3d\xd8", "x\ufffd"},
		{"second half alone", "\xfe\xff\xdc\x00\x00\n", "\ufffd\n"},
		{"second mark", utf16le("\ufeffx"), "\ufeffx"},
		{"UTF-32", "\xff\xfe\x00\x00x\x00\x00\x00", "\xff\xfe\x00\x00x\x00\x00\x00"},
		{"half a mark", "\xff", "\xff"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(iotest.HalfReader(strings.NewReader(tt.in)), logs.DecodeOptions{})
			if got != tt.want || err != nil {
				t.Errorf("got %.60q, %v; want %.60q", got, err, tt.want)
			}
		})
	}
}

// The error that ends a log cut short is not lost in decoding, and the limit
// holds for what is decoded too.
func TestCutUTF16(t *testing.T) {
	broken := errors.New("broken")
	got, err := decode(io.MultiReader(strings.NewReader(utf16be("text")), iotest.ErrReader(broken)), logs.DecodeOptions{})
	if got != "text" || !errors.Is(err, broken) {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = decode(strings.NewReader(utf16be(strings.Repeat("€", 100))), logs.DecodeOptions{MaxBytes: 250})
	if got != strings.Repeat("€", 83)+"€"[:1] || !errors.Is(err, logs.ErrTooLarge) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestCutGzip(t *testing.T) {
	var want strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&want, "line %d of a log\n", i*i)
	}
	gz := zip(t, want.String())
	for _, cut := range []int{1, 8, 9, len(gz) / 2, len(gz) - 100} {
		got, err := decode(strings.NewReader(gz[:len(gz)-cut]), logs.DecodeOptions{})
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(want.String(), got) {
			t.Errorf("cut by %d: error %v after %d bytes", cut, err, len(got))
		}
		if len(got) == 0 && cut < len(gz)-1000 {
			t.Errorf("cut by %d: no text", cut)
		}
	}
}

func TestReadErrorIsPassedOn(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader("text"), iotest.ErrReader(broken))
	if got, err := decode(r, logs.DecodeOptions{}); got != "text" || !errors.Is(err, broken) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestTooLarge(t *testing.T) {
	const limit = 1 << 20
	bomb := zip(t, strings.Repeat("\x00", 32*limit))
	nothing := zip(t, strings.Repeat(zip(t, ""), 2*limit/len(zip(t, ""))))
	tests := []struct {
		name, in string
		want     int
		large    bool
	}{
		{"just so", strings.Repeat("x", limit), limit, false},
		{"one more", strings.Repeat("x", limit+1), limit, true},
		{"just so, gzip", zip(t, strings.Repeat("x", limit)), limit, false},
		{"bomb", bomb, limit, true},
		{"bomb in a bomb", zip(t, bomb), limit, true},
		{"a lot of nothing", nothing, 0, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(strings.NewReader(tt.in), logs.DecodeOptions{MaxBytes: limit})
			if len(got) != tt.want || errors.Is(err, logs.ErrTooLarge) != tt.large {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if tt.large && lacks(err, "cut at 1 MiB") {
				t.Errorf("error %v does not say where", err)
			}
		})
	}
}

// TestErrorsInWhatIsReadAhead: an error that comes while Decode still looks at
// what it has is not lost, even if its reader says it only once.
func TestErrorsInWhatIsReadAhead(t *testing.T) {
	got, err := decode(strings.NewReader(strings.Repeat("x", 101)), logs.DecodeOptions{MaxBytes: 100})
	if len(got) != 100 || !errors.Is(err, logs.ErrTooLarge) {
		t.Errorf("limit: %d bytes, %v", len(got), err)
	}
	broken := errors.New("broken")
	if got, err := decode(&onceReader{broken}, logs.DecodeOptions{}); got != "" || !errors.Is(err, broken) {
		t.Errorf("error said once: got %q, %v", got, err)
	}
}

// onceReader says its error once, and then that all is well.
type onceReader struct{ err error }

func (r *onceReader) Read([]byte) (int, error) {
	err := r.err
	r.err = io.EOF
	return 0, err
}

// A console.html of Jenkins, as os-loganalyze and old log servers give it.
const consolePage = `<!DOCTYPE html>
<html><head><title>job #12 Console</title>
<script>
var x = "<pre>no log</pre>";
</script>
</head><body>
<pre class="console-output">Started by <a href='/user/x'>user &lt;x&gt;</a>
+ echo &quot;a&nbsp;&amp;&nbsp;b&quot;
  File "x.py", line 1, in <module>
one<br/>two <b>bold</b>` + "\rover\r\n" + `tab	end</pre>
<p>footer</p>
<pre>more</pre></body></html>
`

func TestHTML(t *testing.T) {
	want := strings.Repeat("\n", 6) + `Started by user <x>
+ echo "a & b"
  File "x.py", line 1, in <module>
one` + "\rtwo bold\rover\r\n" + `tab	end

more
`
	tests := []struct{ name, in, want, err string }{
		{"console", consolePage, want, ""},
		{"console in gzip", zip(t, consolePage), want, ""},
		{"upper case, XHTML", "\ufeff<?xml version=\"1.0\"?>\n<!-- x -->\n<HTML><PRE>x</PRE>", "\n\nx", ""},
		{"bare pre", "<pre>\nx &lt; y\n</pre>\n", "\nx < y\n\n", ""},
		{"entities at ends", "<pre>&amp", "&", ""},
		{"unknown entity", "<pre>&nosuch; &", "&nosuch; &", ""},
		{"generics and comparisons", "<pre>Map<String, int> if (i <n && j > 3) </thing>", "Map<String, int> if (i <n && j > 3) </thing>", ""},
		{"comment", "<pre>a<!-- x\ny -->b", "a\nb", ""},
		{"hidden", "<pre>a<script>x\ny</script>b<style>z</style>", "a\nb", ""},
		{"unclosed tag at the end", "<pre>a\n<span cla", "a\n", ""},
		{"invalid UTF-8", "<pre>\xff\xfe &lt;", "\xff\xfe <", ""},
		{"error page", "<html><head><title>503 Service &amp; Sorry</title></head><body>x</body></html>", "", `an HTML page with the title "503 Service & Sorry", not a log`},
		{"no title", "<!doctype HTML><body>x", "", "an HTML page, not a log"},
		{"Apache's listing", "<html><head><title>Index of /logs</title></head><body><pre>x</pre>", "", "an HTML page that lists a folder"},
		{"nginx's listing", "<html>\r\n<head><title>Index of /logs/</title></head>\r\n<body><pre>x</pre>", "", "an HTML page that lists a folder"},
		{"IIS' listing", "<html><head><title>host - /logs/</title></head><body><pre>x</pre>", "", "an HTML page that lists a folder"},
		{"Jetty's error", "<html><head><title>Error 404 Not Found</title></head><body><h2>HTTP ERROR 404</h2><p>Reason:<pre>    Not Found</pre></p>", "", `an HTML page with the title "Error 404 Not Found", not a log`},
		{"Tomcat's error", "<html><head><title>HTTP Status 500 – Internal Server Error</title></head><body><pre>x</pre>", "", `an HTML page with the title "HTTP Status 500 `},
		{"a job's number is no error", "<html><head><title>404 tests #12 Console</title></head><body><pre>x</pre>", "x", ""},
		{"login page", "<!DOCTYPE html>\n<html class=\"devise-layout-html\"><head><title>Sign in · GitLab</title></head><body><form></form>", "", `an HTML page with the title "Sign in · GitLab", not a log`},
		{"S3", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>", "", `an object store's error "NoSuchKey", not a log`},
		{"Google's", "<?xml version='1.0' encoding='UTF-8'?><Error><Code>AccessDenied</Code>", "", `an object store's error "AccessDenied", not a log`},
		{"object store's, no prologue", "<Error>\n  <Code>\nx\x1b", "", `an object store's error "x\x1b", not a log`},
		{"no object store: other XML", "<Errors><Code>x", "<Errors><Code>x", ""},
		{"script only", "<html><script>'<pre>x</pre>'</script></html>", "", "an HTML page, not a log"},
		{"no HTML: XML", "<?xml version=\"1.0\"?><testsuite/>", "<?xml version=\"1.0\"?><testsuite/>", ""},
		{"no HTML: other words", "<htmlish> <pref>", "<htmlish> <pref>", ""},
		{"no HTML: later", "curl: <html><body>x", "curl: <html><body>x", ""},
		{"no HTML: open comment", "<!-- x", "<!-- x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(iotest.HalfReader(strings.NewReader(tt.in)), logs.DecodeOptions{})
			if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err && lacks(err, tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLongHTML reads more text than is held in memory, with tags and entities
// all over the borders of the pieces.
func TestLongHTML(t *testing.T) {
	const line = "0123456789 &lt;&amp;<b>x</b>\n"
	const lines = 200_000
	tests := []struct{ name, in, want string }{
		{"tags", "<pre>" + strings.Repeat(line, lines), strings.Repeat("0123456789 <&x\n", lines)},
		{"no tags", "<pre>" + strings.Repeat("&lt;&#x41;&amp;\n", lines), strings.Repeat("<A&\n", lines)},
		{"one line", "<pre>" + strings.Repeat("x", 1<<22), strings.Repeat("x", 1<<22)},
		{"ampersands", "<pre>" + strings.Repeat("&", 1<<22), strings.Repeat("&", 1<<22)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(strings.NewReader(tt.in), logs.DecodeOptions{})
			if err != nil || got != tt.want {
				t.Errorf("%d bytes, want %d; %v", len(got), len(tt.want), err)
			}
		})
	}
	if _, err := decode(strings.NewReader("<html>"+strings.Repeat("x", 1<<22)+"<pre>log"), logs.DecodeOptions{}); lacks(err, "an HTML page, not a log") {
		t.Errorf("page before the log: %v", err)
	}
}

func TestRealConsole(t *testing.T) {
	const path = "../../../shared/samples/logs/console.html.gz"
	f, err := os.Open(path)
	if err != nil {
		t.Skip("the samples are not here: ", err)
	}
	defer f.Close()
	raw, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(bytes.NewReader(page), logs.DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	tags := regexp.MustCompile(`</?(a|pre)( [^>]*)?>`)
	want := html.UnescapeString(tags.ReplaceAllString(string(page), ""))
	if got != want {
		t.Error(cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
	if lines := strings.Count(got, "\n"); lines != 21373 {
		t.Errorf("%d lines", lines)
	}
}

// Pages of servers are no logs, though two of them have their list in a <pre>.
func TestRealPages(t *testing.T) {
	for name, want := range map[string]string{
		"apache_pre_index_2013.html":      "an HTML page that lists a folder",
		"nginx_autoindex.html":            "an HTML page that lists a folder",
		"httpdir_1.html":                  `an HTML page with the title "Index of /logs/98/24398/5/check/dhall-diff/23b9eed"`,
		"cistatus-periodic.RENDERED.html": "an HTML page, not a log",
		"prow_0.html":                     `an HTML page with the title "Job History: pr-logs/`,
	} {
		page, err := os.ReadFile("../../../shared/samples/html/" + name)
		if err != nil {
			t.Skip("the samples are not here: ", err)
		}
		if got, err := decode(bytes.NewReader(page), logs.DecodeOptions{}); !errors.Is(err, fs.ErrNotExist) || lacks(err, want) {
			t.Errorf("%s: %.40q, %v", name, got, err)
		}
	}
}

// FuzzDecode looks for panics, for text that is lost or made up, and for more
// text than the limit.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "text\r\n\x00\xff", zip(f, "text"), zip(f, zip(f, "text")), zip(f, "text")[:20], consolePage, zip(f, consolePage),
		"<pre>&amp;&", "<pre><a<b></pre", "<!-- --><html><pre>", "\x1f\x8b\x08", "<?xml ?><html>", "<html><title>Index of", "<pre><plaintext>x",
		inZlib(f, "text"), inZstd(f, "text"), xzThreads, xzNoCheck, xzX86, bzipped, "x^2 + y^2", "PK\x03\x04",
		utf16le("one\ntwo 😀"), utf16be("<pre>x"), "\xff\xfe\x3d\xd8\n\x00x",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 1 << 16
		got, err := decode(bytes.NewReader(in), logs.DecodeOptions{MaxBytes: limit})
		if len(got) > limit*2 { // unknown entities can double
			t.Fatalf("%d bytes", len(got))
		}
		again, err2 := decode(iotest.OneByteReader(bytes.NewReader(in)), logs.DecodeOptions{MaxBytes: limit})
		if got != again || fmt.Sprint(err) != fmt.Sprint(err2) {
			t.Fatalf("read in pieces it is another: %q, %v and %q, %v", got, err, again, err2)
		}
		if len(in) <= limit && !looksCompressed(in) && !isUTF16(in) && !errors.Is(err, fs.ErrNotExist) && !bytes.Contains(in, []byte("<")) && (got != string(in) || err != nil) {
			t.Fatalf("text was changed: %q, %v", got, err)
		}
		if strings.Contains(strings.ToLower(string(in)), "<pre>") && err == nil && strings.HasPrefix(string(in), "<pre>") {
			if a, b := strings.Count(string(in), "\n"), strings.Count(got, "\n"); a > b {
				t.Fatalf("line breaks were lost: %d of %d", a-b, a)
			}
		}
	})
}

// looksCompressed reports whether a file begins as a compressed one does: by what
// no text has, or with characters that no text has.
func looksCompressed(in []byte) bool {
	for _, magic := range []string{"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\xfd7zXZ\x00", "BZh"} {
		if bytes.HasPrefix(in, []byte(magic)) {
			return true
		}
	}
	isSkipped := len(in) > 3 && string(in[1:4]) == "\x2a\x4d\x18"
	return isSkipped || len(in) > 2 && in[0] == 'x' && bytes.ContainsFunc(in[2:], unicode.IsControl)
}

func BenchmarkDecodeGzip(b *testing.B) {
	text := counted(200_000)
	gz := zip(b, text)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r, err := logs.Decode(strings.NewReader(gz), logs.DecodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeHTML(b *testing.B) {
	page := "<pre>" + strings.Repeat("2013-09-27 18:14:10.807 | + <a href='https://x'>git</a> clone &lt;x>\n", 50_000)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		r, err := logs.Decode(bufio.NewReader(strings.NewReader(page)), logs.DecodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
