package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ulikunitz/xz"
)

// got is what Walk told of an entry, with all of its content.
type got struct {
	Entry
	Content string
}

func read(data []byte, limits Limits) ([]got, error) {
	var entries []got
	err := Walk("test", bytes.NewReader(data), int64(len(data)), limits, func(e Entry, content io.Reader) error {
		g := got{Entry: e}
		if e.Kind == File {
			b, err := io.ReadAll(content)
			if err != nil {
				return err
			}
			g.Content = string(b)
		}
		entries = append(entries, g)
		return nil
	})
	return entries, err
}

// wantError fails the test unless err contains each of parts.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not contain %q", err, part)
		}
	}
}

func file(name, content string) tarEntry {
	return tarEntry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}, content}
}

func symlink(name, target string) tarEntry {
	return tarEntry{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target}, ""}
}

func hardLink(name, target string) tarEntry {
	return tarEntry{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target}, ""}
}

func special(name string, flag byte) tarEntry {
	return tarEntry{tar.Header{Typeflag: flag, Name: name}, ""}
}

type tarEntry struct {
	tar.Header
	content string
}

func makeTar(t testing.TB, entries ...tarEntry) []byte {
	t.Helper()
	var buf bytes.Buffer
	tw := tar.NewWriter(&buf)
	for _, e := range entries {
		if err := tw.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(tw, e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func xzed(t testing.TB, data []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := xz.NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// bzip2ed is a tar file of one file, "a" with "hello\n", packed with bzip2.
const bzip2ed = "BZh91AY&SY\xd3\x86\xccK\x00\x00m{\x80\xc9\x90\x00\x04@\x00e\x00\x00\x00\xe2D\x9e\x00\x08\x08 \x00TB4\x00\x01\x93A\x155\x06\x83 h\x1fm\x99\x08\x84\xefDMm)\x95\xd3,PI\x05\xa0\xad\xc3\x12\x13xC%\x16M\xb8'\x8eS\xaah\x06\xaa\xb4\x11\x10\x0f\x8b\xb9\x22\x9c(Hi\xc3f%\x80"

func TestWalk(t *testing.T) {
	long := strings.Repeat("d/", 60) + strings.Repeat("n", 200)
	executable := file("p/run", "#!")
	executable.Mode = 0o755
	all := makeTar(t,
		tarEntry{tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "0123"}}, ""},
		special("./", tar.TypeDir), special("p/", tar.TypeDir), special("p/", tar.TypeDir),
		file("./p/a", "content"), hardLink("p/b", "p/a"), hardLink("p/c", "./p/b"),
		executable, symlink("p/l", "../p/./a"), symlink("q/deep/l", "../../p/nothing"),
		file(long, "long"), file("p/ü", ""), file("p/A", "differs in case"),
	)
	want := []got{
		{Entry{Path: "p", Kind: Dir}, ""},
		{Entry{Path: "p", Kind: Dir}, ""},
		{Entry{Path: "p/a", Size: 7}, "content"},
		{Entry{Path: "p/run", Size: 2, Executable: true}, "#!"},
		{Entry{Path: "p/l", Kind: Symlink, Target: "../p/./a"}, ""},
		{Entry{Path: "q/deep/l", Kind: Symlink, Target: "../../p/nothing"}, ""},
		{Entry{Path: long, Size: 4}, "long"},
		{Entry{Path: "p/ü"}, ""},
		{Entry{Path: "p/A", Size: 15}, "differs in case"},
		{Entry{Path: "p/b", Size: 7}, "content"},
		{Entry{Path: "p/c", Size: 7}, "content"},
	}
	gz := gzipped(t, all)
	tests := map[string][]byte{
		"tar":                all,
		"zeros behind tar":   append(bytes.Clone(all), make([]byte, 10<<10)...),
		"gzip":               gz,
		"zeros behind gzip":  append(bytes.Clone(gz), make([]byte, 777)...),
		"gzip of two pieces": append(gzipped(t, all[:1000]), gzipped(t, all[1000:])...),
		"xz":                 xzed(t, all),
		"xz with padding":    append(xzed(t, all), 0, 0, 0, 0),
	}
	for name, data := range tests {
		t.Run(name, func(t *testing.T) {
			entries, err := read(data, DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	good := makeTar(t, file("a", strings.Repeat("content", 1000)))
	gz, x := gzipped(t, good), xzed(t, good)
	edited := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 0x55
		return data
	}
	tests := map[string]struct {
		data []byte
		want []string
	}{
		"nothing":             {nil, []string{"archive test: is empty"}},
		"unknown format":      {[]byte("<html>not found</html>"), []string{"none of tar, gzip"}},
		"gzip of no tar":      {gzipped(t, []byte("hello")), []string{"not a tar file"}},
		"climbs":              {makeTar(t, file("a/../../b", "")), []string{`entry "a/../../b"`, `".."`}},
		"absolute":            {makeTar(t, file("/etc/passwd", "")), []string{`entry "/etc/passwd"`, "absolute"}},
		"backslash":           {makeTar(t, file(`..\b`, "")), []string{"backslash"}},
		"long name":           {makeTar(t, file("d/"+strings.Repeat("n", 256), "")), []string{"longer than 255"}},
		"deep":                {makeTar(t, file(strings.Repeat("d/", 200)+"f", "")), []string{"200 directories deep"}},
		"not UTF-8":           {makeTar(t, tarEntry{tar.Header{Typeflag: tar.TypeReg, Name: "caf\xe9", Format: tar.FormatGNU}, ""}), []string{"not UTF-8"}},
		"twice":               {makeTar(t, file("a", "1"), file("./a", "2")), []string{`entry "./a"`, "given twice"}},
		"file over directory": {makeTar(t, file("a/b", ""), file("a", "")), []string{"given twice"}},
		"below a file":        {makeTar(t, file("a", ""), file("a/b", "")), []string{`below "a", which is a file`}},
		"below a symlink":     {makeTar(t, symlink("a", "b"), file("a/b", "")), []string{`below "a", which is a symlink`}},
		"root as file":        {makeTar(t, symlink("./.", "b")), []string{"archive itself"}},
		"link out":            {makeTar(t, symlink("a/l", "../../etc")), []string{`entry "a/l"`, `"../../etc" leads out`}},
		"link out by links":   {makeTar(t, symlink("a/b/up", "../.."), symlink("l", "a/b/up/..")), []string{`entry "l"`, "leads out"}},
		"absolute link":       {makeTar(t, symlink("l", "/etc/passwd")), []string{"absolute"}},
		"link loop":           {makeTar(t, symlink("a", "b"), symlink("b", "a")), []string{"too many symlinks"}},
		"link to nothing":     {makeTar(t, symlink("l", "")), []string{"empty"}},
		"hard link ahead":     {makeTar(t, hardLink("l", "a"), file("a", "")), []string{`hard link to "a", which does not come before`}},
		"hard link out":       {makeTar(t, hardLink("l", "../a")), []string{`hard link to "../a"`}},
		"hard link to dir":    {makeTar(t, special("d", tar.TypeDir), hardLink("l", "d")), []string{"not a file"}},
		"hard link twice":     {makeTar(t, file("a", ""), hardLink("a", "a")), []string{"given twice"}},
		"device":              {makeTar(t, special("sda", tar.TypeBlock)), []string{`entry "sda"`, "only files"}},
		"fifo":                {makeTar(t, special("pipe", tar.TypeFifo)), []string{"only files"}},
		"global path":         {makeTar(t, tarEntry{tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"path": "x"}}, ""}, file("a", "")), []string{`global header sets "path"`}},
		"truncated tar":       {good[:3000], []string{"truncated"}},
		"tar without end":     {good[:len(good)-1024], []string{"truncated"}},
		"damaged tar":         {append(bytes.Clone(good[:7680]), bytes.Repeat([]byte{'x'}, 1024)...), []string{`after entry "a"`}},
		"data behind tar":     {append(bytes.Clone(good), 'x'), []string{"behind the end"}},
		"truncated gzip":      {gz[:len(gz)-9], []string{"gzip", "truncated"}},
		"gzip checksum":       {edited(gz, len(gz)-8), []string{"gzip", "checksum"}},
		"data behind gzip":    {append(bytes.Clone(gz), "garbage here"...), []string{"behind the end"}},
		"data behind zeros":   {append(bytes.Clone(gz), "\x00\x00x"...), []string{"behind the end"}},
		"truncated xz":        {x[:len(x)-30], []string{"xz"}},
		"xz without footer":   {x[:len(x)-12], []string{"xz"}},
		"xz checksum":         {edited(x, len(x)-40), []string{"xz"}},
		"data behind xz":      {append(bytes.Clone(x), "garbage here"...), []string{"xz"}},
		"truncated bzip2":     {[]byte(bzip2ed)[:70], []string{"bzip2", "truncated"}},
		"bzip2 checksum":      {edited([]byte(bzip2ed), 12), []string{"bzip2", "checksum"}},
		"data behind bzip2":   {[]byte(bzip2ed + "garbage"), []string{"bzip2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := read(test.data, DefaultLimits)
			wantError(t, err, append(test.want, "archive test")...)
		})
	}
}

// TestTruncated cuts archives everywhere.
func TestTruncated(t *testing.T) {
	content := makeTar(t, file("a", "content"), file("b", "more content"))
	for name, data := range map[string][]byte{
		"tar":   content[:len(content)-512], // one block of zeros is enough
		"gzip":  gzipped(t, content),
		"xz":    xzed(t, content),
		"bzip2": []byte(bzip2ed),
		"zip":   makeZip(t, "", zipEntry{"a", 0, "content"}),
	} {
		if _, err := read(data, DefaultLimits); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for n := range data {
			if _, err := read(data[:n], DefaultLimits); err == nil {
				t.Errorf("%s: cut to %d of %d bytes, there is no error", name, n, len(data))
			}
		}
	}
}

func TestBzip2(t *testing.T) {
	entries, err := read([]byte(bzip2ed), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]got{{Entry{Path: "a", Size: 6}, "hello\n"}}, entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func readFile(t *testing.T, name string) ([]got, error) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return read(data, DefaultLimits)
}

func TestSparse(t *testing.T) {
	gnutar, err := exec.LookPath("tar")
	if err != nil {
		t.Skip("there is no tar here to make sparse files with")
	}
	for _, format := range []string{"gnu", "posix"} {
		dir := t.TempDir()
		archive := filepath.Join(dir, "s.tar")
		script := fmt.Sprintf("cd %q && truncate -s 1M hole && printf x >>hole && %q -S --format=%s -cf %q hole", dir, gnutar, format, archive)
		if out, err := exec.Command("sh", "-c", script).CombinedOutput(); err != nil {
			t.Skipf("this tar makes no sparse files: %v: %s", err, out)
		}
		_, err := readFile(t, archive)
		wantError(t, err, "sparse")
	}
}

func TestLimits(t *testing.T) {
	var many []tarEntry
	for i := range 11 {
		many = append(many, file(fmt.Sprint(i), ""))
	}
	small := Limits{Size: 4096, Entries: 10, Ratio: 1000}
	_, err := read(makeTar(t, many...), Limits{Size: 1 << 20, Entries: 10, Ratio: 1000})
	wantError(t, err, "more than 10 entries")

	_, err = read(gzipped(t, makeTar(t, file("a", strings.Repeat("a", 10_000)))), small)
	wantError(t, err, "more than the allowed 4096 bytes")

	_, err = read(makeTar(t, file("a", strings.Repeat("a", 1000)),
		hardLink("b", "a"), hardLink("c", "a"), hardLink("d", "a"), hardLink("e", "a"), hardLink("f", "a")),
		Limits{Size: 4900, Entries: 10, Ratio: 1000})
	wantError(t, err, "more than the allowed 4900 bytes")

	_, err = read(gzipped(t, makeTar(t, file("zeros", string(make([]byte, ratioFreeSize))))),
		Limits{Size: 1 << 40, Entries: 10, Ratio: 10})
	wantError(t, err, "more than the allowed 67108864 bytes")
}

func TestVisitError(t *testing.T) {
	data := makeTar(t, file("a", "1"), file("b", "2"))
	stop := errors.New("stop here")
	visits := 0
	err := Walk("test", bytes.NewReader(data), int64(len(data)), DefaultLimits, func(Entry, io.Reader) error {
		visits++
		return stop
	})
	if !errors.Is(err, stop) || visits != 1 {
		t.Errorf("err = %v after %d visits, want %v after 1", err, visits, stop)
	}
}
