package logs_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
	"github.com/watchcat-ci/watchcat/sources/logs"
)

// twoLines is what the literals below hold.
const twoLines = "one line of a log\nanother line of a log\n"

// Made by bzip2 1.0.8, which Go's library can only read.
var bzipped = unhex("425a68393141592653592007ea8100001251800010400023e5940020003100d000950d36a64c38e3d238217f514176206b258e9113ec1772453850902007ea81")

// Made by xz 5.4.1, with options that Go's encoder lacks.
var (
	xzThreads = unhex("fd377a585a00000ae1fb0ca104c0262821011c000000000000000000d30ea51fe00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de470221500000000007377a515f243131f14f5ccbd3a3a2107cd1bc04878146644c1747c1de1c0fd3100015a280fa86755189b4b9a01000000000a595a") // -9 -T2 --check=sha256
	xzNoCheck = unhex("fd377a585a000000ff12d9410200210116000000742fe5a3e00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de4702215000000000000013228a04943f806729e7a010000000000595a")                                                                                 // --check=none
	xzCRC32   = unhex("fd377a585a0000016922de360200210116000000742fe5a3e00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de4702215000000000097a8190e00013628a48c2f9c9042990d010000000001595a")                                                                         // --check=crc32
	xzCRC64   = unhex("fd377a585a000004e6d6b446020021011c00000010cf58cce00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de470221500000000002e4f9d19c109876600013a28a8c39a301fb6f37d010000000004595a")                                                                 // -9
	xzX86     = unhex("fd377a585a000004e6d6b44602010400210116000d86351fe00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de470221500000000002e4f9d19c109876600013a28a8c39a301fb6f37d010000000004595a")                                                                 // --x86 --lzma2
	xzBig     = unhex("fd377a585a000004e6d6b44602002101250000003b787b41e00027001e5d00379b88ce769a9df225e735709c442b88511d27c65e6df32de470221500000000002e4f9d19c109876600013a28a8c39a301fb6f37d010000000004595a")                                                                 // --lzma2=dict=1536MiB
)

func unhex(s string) string {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func inZlib(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	return packed(t, &b, zlib.NewWriter(&b), nil, text)
}

func inXZ(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := xz.NewWriter(&b)
	return packed(t, &b, w, err, text)
}

func inZstd(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
	return packed(t, &b, w, err, text)
}

func packed(t testing.TB, b *bytes.Buffer, w io.WriteCloser, err error, text string) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// counted returns a text whose lines differ.
func counted(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "line %d of a log\n", i*i)
	}
	return b.String()
}

func TestCompressions(t *testing.T) {
	long := counted(20_000)
	skipped := "\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
	tests := []struct{ name, in, want, err string }{
		{"zlib", inZlib(t, long), long, ""},
		{"zlib, short", inZlib(t, "x"), "x", ""},
		{"zlib, best", "\x78\xda" + inZlib(t, long)[2:], long, ""},
		{"zstd", inZstd(t, long), long, ""},
		{"zstd, frames", inZstd(t, "one\n") + inZstd(t, "two\n"), "one\ntwo\n", ""},
		{"zstd, begins with a frame to skip", skipped + inZstd(t, long), long, ""},
		{"xz", inXZ(t, long), long, ""},
		{"xz, streams and padding", inXZ(t, "one\n") + "\x00\x00\x00\x00" + xzCRC32 + "\x00\x00\x00\x00", "one\n" + twoLines, ""},
		{"xz, empty", inXZ(t, ""), "", ""},
		{"xz of threads", xzThreads, twoLines, ""},
		{"xz, no check", xzNoCheck, twoLines, ""},
		{"xz, CRC32", xzCRC32, twoLines, ""},
		{"xz -9", xzCRC64, twoLines, ""},
		{"bzip2", bzipped, twoLines, ""},
		{"bzip2, streams", bzipped + bzipped, twoLines + twoLines, ""},
		{"two layers", inZstd(t, inXZ(t, long)), long, ""},
		{"third layer is left", zip(t, inZlib(t, bzipped)), bzipped, ""},
		{"gzip, zeros behind", zip(t, "text") + strings.Repeat("\x00", 10_000), "text", ""},
		{"gzip, zeros between", zip(t, "one\n") + "\x00" + zip(t, "two\n"), "one\ntwo\n", ""},
		{"gzip, garbage behind zeros", zip(t, "text") + "\x00\x00garbage, that is no gzip", "text", "gzip: invalid header"},
		{"zlib, garbage behind", inZlib(t, "text") + "garbage", "text", "zlib: more behind the end"},
		{"zstd, garbage behind", inZstd(t, "text") + "garbage", "text", "zstd: "},
		{"xz, garbage behind", xzNoCheck + "garbage, that is no xz", twoLines, "xz: header: damaged"},
		{"xz, half a header behind", xzNoCheck + "gar", twoLines, "xz: unexpected EOF"},
		{"bzip2, garbage behind", bzipped + "garbage", twoLines, "bzip2 data invalid"},
		{"xz, filters", xzX86, "", "xz: filters other than LZMA2 cannot be read"},
		{"xz, large window", xzBig, "", "xz: it asks for a window of 1536 MiB; at most 64 MiB are given"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(tt.in), iotest.HalfReader(strings.NewReader(tt.in)), iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, err := decode(r, logs.DecodeOptions{})
				if got != tt.want || (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
					t.Errorf("got %.60q, %v", got, err)
				}
			}
		})
	}
}

// Text that begins as one of the compressions does is text.
func TestTextThatLooksCompressed(t *testing.T) {
	for _, text := range []string{
		"x^", "x^2", "x^2 + y^2 = z^2\n", "x^3;", "x^" + counted(1000), "x\x01", "x\xda", "x\x9c is no zlib\n",
		"BZh", "BZh9 is a magic number\n", "BZh91AY&S", "\x1f\x8b", "(\xb5/", "P*M", "\xfd7zXZ",
		"PK", "PK\x03", "ustar", strings.Repeat("0", 600),
	} {
		if got, err := decode(strings.NewReader(text), logs.DecodeOptions{}); got != text || err != nil {
			t.Errorf("%.30q became %.30q, %v", text, got, err)
		}
	}
	for c := range 256 { // the first byte behind the header decides about blocks
		text := "x^" + string([]byte{byte(c)}) + " is no zlib, whatever comes first\n"
		if got, err := decode(strings.NewReader(text), logs.DecodeOptions{}); c >= ' ' && (got != text || err != nil) {
			t.Errorf("%.30q became %.30q, %v", text, got, err)
		}
	}
}

// A cut anywhere leaves the text before it, and an error that tells; so does
// damage.
func TestCutAndDamaged(t *testing.T) {
	want := counted(50_000)
	for name, in := range map[string]string{
		"gzip": zip(t, want), "zlib": inZlib(t, want), "zstd": inZstd(t, want), "xz": inXZ(t, want), "bzip2": bzipped, "xz of threads": xzThreads,
	} {
		t.Run(name, func(t *testing.T) {
			want := want
			if len(in) < 1000 {
				want = twoLines
			}
			for _, cut := range []int{1, 4, 5, 20, len(in) / 3, len(in) / 2} {
				got, err := decode(strings.NewReader(in[:len(in)-cut]), logs.DecodeOptions{})
				if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(want, got) {
					t.Errorf("cut by %d: error %v after %d bytes", cut, err, len(got))
				}
				if len(got) < len(want)/8 && len(in) > 1000 {
					t.Errorf("cut by %d of %d: only %d bytes", cut, len(in), len(got))
				}
			}
			damaged := []byte(in)
			damaged[len(in)*2/3] ^= 0x10
			if got, err := decode(bytes.NewReader(damaged), logs.DecodeOptions{}); err == nil {
				t.Errorf("damaged: no error after %d of %d bytes", len(got), len(want))
			}
		})
	}
}

// Damage to a short log in xz is told, or has done no harm.
func TestDamagedXZ(t *testing.T) {
	for at := range xzCRC32 {
		damaged := []byte(xzCRC32)
		damaged[at] ^= 1
		got, err := decode(bytes.NewReader(damaged), logs.DecodeOptions{})
		if isMagic := at < 6; err == nil && got != twoLines && !isMagic {
			t.Errorf("byte %d: %q and no error", at, got)
		}
	}
}

// withDictionary returns an xz block header that asks for a dictionary.
func withDictionary(code byte) string {
	header := []byte{2, 0, 0x21, 1, code, 0, 0, 0}
	return xzCRC32[:12] + string(binary.LittleEndian.AppendUint32(header, crc32.ChecksumIEEE(header))) + xzCRC32[24:]
}

func TestLargeWindows(t *testing.T) {
	tests := []struct{ name, in, err string }{
		{"xz, 64 MiB", withDictionary(28), ""},
		{"xz, 96 MiB", withDictionary(29), "xz: it asks for a window of 96 MiB"},
		{"xz, 4 GiB", withDictionary(40), "xz: it asks for a window of 4095 MiB"},
		{"xz, more than there can be", withDictionary(41), "xz: "},
		{"xz, second stream", xzCRC32 + withDictionary(40), "xz: it asks for a window of 4095 MiB"},
		{"zstd, 64 MiB", largeZstd, ""},
		{"zstd, 128 MiB", "\x28\xb5\x2f\xfd\x00\x88\x09\x00\x00x", "zstd: window size exceeded"},
		{"zstd, 3.75 TB", "\x28\xb5\x2f\xfd\x00\xff" + strings.Repeat("\x00", 100), "zstd: "},
	}
	for _, tt := range tests {
		used := allocated(func() {
			if _, err := decode(strings.NewReader(tt.in), logs.DecodeOptions{}); (err == nil) != (tt.err == "") || err != nil && lacks(err, tt.err) {
				t.Errorf("%s: error %v", tt.name, err)
			}
		})
		if tt.err != "" && used > 16<<20 {
			t.Errorf("%s: %d MiB were allocated", tt.name, used>>20)
		}
	}
}
