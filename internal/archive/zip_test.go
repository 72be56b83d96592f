package archive

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type zipEntry struct {
	name    string
	mode    fs.FileMode // 0 leaves it to the default, as Windows programs do
	content string
}

func makeZip(t testing.TB, comment string, entries ...zipEntry) []byte {
	t.Helper()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode != 0 {
			h.SetMode(e.mode)
		}
		w, err := zw.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.SetComment(comment); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestZip(t *testing.T) {
	data := makeZip(t, "a comment",
		zipEntry{"six.py", 0, "import this"},
		zipEntry{"d/", fs.ModeDir | 0o755, ""},
		zipEntry{"d/run", 0o755, "#!"},
		zipEntry{"d/link", fs.ModeSymlink | 0o777, "../six.py"},
		zipEntry{"ü", 0o644, ""},
	)
	entries, err := read(data, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := []got{
		{Entry{Path: "six.py", Size: 11}, "import this"},
		{Entry{Path: "d", Kind: Dir}, ""},
		{Entry{Path: "d/run", Size: 2, Executable: true}, "#!"},
		{Entry{Path: "d/link", Kind: Symlink, Target: "../six.py"}, ""},
		{Entry{Path: "ü"}, ""},
	}
	if diff := cmp.Diff(want, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if entries, err := read(makeZip(t, ""), DefaultLimits); err != nil || len(entries) != 0 {
		t.Errorf("an empty zip file gives %v, error %v", entries, err)
	}
}

func TestZipRefused(t *testing.T) {
	one := makeZip(t, "", zipEntry{"a", 0, strings.Repeat("content", 100)})
	// flag is in the central directory, 8 bytes behind its magic.
	encrypted := bytes.Clone(one)
	encrypted[bytes.Index(one, []byte("PK\x01\x02"))+8] |= 1
	damaged := bytes.Clone(one)
	damaged[40] ^= 0x55
	// The checksum is 16 bytes behind the magic, the size 24.
	checksum := bytes.Clone(one)
	checksum[bytes.Index(one, []byte("PK\x01\x02"))+16] ^= 1
	longer := bytes.Clone(one)
	longer[bytes.Index(one, []byte("PK\x01\x02"))+24]--
	shorter := bytes.Clone(one)
	shorter[bytes.Index(one, []byte("PK\x01\x02"))+24]++
	tests := map[string]struct {
		data []byte
		want string
	}{
		"climbs":          {makeZip(t, "", zipEntry{"a/../../b", 0, ""}), `entry "a/../../b": the path contains ".."`},
		"absolute":        {makeZip(t, "", zipEntry{"/a", 0, ""}), "absolute"},
		"backslash":       {makeZip(t, "", zipEntry{`a\b`, 0, ""}), "backslash"},
		"not UTF-8":       {makeZip(t, "", zipEntry{"caf\xe9", 0, ""}), "not UTF-8"},
		"twice":           {makeZip(t, "", zipEntry{"a", 0, "1"}, zipEntry{"a", 0, "2"}), "given twice"},
		"fifo":            {makeZip(t, "", zipEntry{"a", fs.ModeNamedPipe, ""}), "special file"},
		"link out":        {makeZip(t, "", zipEntry{"a", fs.ModeSymlink | 0o777, "../b"}), "leads out"},
		"long link":       {makeZip(t, "", zipEntry{"a", fs.ModeSymlink | 0o777, strings.Repeat("b", maxPath+1)}), "longer than 4096"},
		"root":            {makeZip(t, "", zipEntry{".", 0, ""}), "archive itself"},
		"truncated":       {one[:len(one)-10], "zip"},
		"headless":        {one[10:], "none of tar"},
		"data behind":     {append(bytes.Clone(one), "garbage"...), "behind the end"},
		"encrypted":       {encrypted, `entry "a": is encrypted`},
		"damaged content": {damaged, `entry "a": zip`},
		"checksum":        {checksum, "checksum"},
		"longer":          {longer, `entry "a"`},
		"shorter":         {shorter, `entry "a"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := read(test.data, DefaultLimits)
			wantError(t, err, "archive test: ", test.want)
		})
	}
}

func TestZipLimits(t *testing.T) {
	data := makeZip(t, "", zipEntry{"a", 0, strings.Repeat("a", 3000)}, zipEntry{"b", 0, strings.Repeat("b", 3000)})
	_, err := read(data, Limits{Size: 5000, Entries: 10, Ratio: 1000})
	wantError(t, err, `entry "b"`, "more than the allowed 5000 bytes")
	_, err = read(data, Limits{Size: 1 << 20, Entries: 1, Ratio: 1000})
	wantError(t, err, "more than 1 entries")
}
