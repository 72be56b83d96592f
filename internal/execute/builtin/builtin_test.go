package builtin_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/execute/builtin"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// files are the content of a tree by path. A path that ends in a slash is an
// empty directory, content that begins with "->" is the target of a symlink,
// and a path that ends in a star is that of an executable file.
type files map[string]string

// A bench is a store with an executor of builtin functions.
type bench struct {
	t        *testing.T
	disk     *store.Disk
	load     tree.Loader
	executor execute.Executor
	fetched  []fetch.Source
}

func newBench(t *testing.T) *bench {
	t.Helper()
	disk, err := store.OpenDisk(t.TempDir())
	must(t, err)
	b := &bench{t: t, disk: disk, load: store.Directories(disk)}
	b.executor = builtin.New(disk, b.load, func(ctx context.Context, s fetch.Source) (digest.Digest, error) {
		b.fetched = append(b.fetched, s)
		return disk.FindSHA256(ctx, s.SHA256)
	})
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) put(content string) digest.Digest {
	b.t.Helper()
	d, err := b.disk.Put(b.t.Context(), []byte(content))
	must(b.t, err)
	return d
}

func (b *bench) tree(fs files) digest.Digest {
	b.t.Helper()
	build := tree.NewBuilder(b.load)
	for p, content := range fs {
		switch target, isLink := strings.CutPrefix(content, "->"); {
		case strings.HasSuffix(p, "/"):
			must(b.t, build.AddDir(p))
		case isLink:
			must(b.t, build.AddSymlink(p, target))
		default:
			must(b.t, build.AddFile(strings.TrimSuffix(p, "*"), b.put(content), strings.HasSuffix(p, "*")))
		}
	}
	root, err := store.PutTree(b.t.Context(), b.disk, build)
	must(b.t, err)
	return root
}

func (b *bench) files(root digest.Digest) files {
	b.t.Helper()
	fs := files{}
	must(b.t, tree.Walk(b.load, root, func(p string, e tree.Entry) error {
		switch e.Kind {
		case tree.Symlink:
			fs[p] = "->" + e.Target
		case tree.File:
			data, err := b.disk.Get(b.t.Context(), e.Digest)
			if e.Executable {
				p += "*"
			}
			fs[p] = string(data)
			return err
		case tree.Dir:
			if d, err := b.load(e.Digest); err != nil || len(d.Entries) == 0 {
				fs[p+"/"] = ""
				return err
			}
		}
		return nil
	}))
	return fs
}

// run calls a function on a tree of inputs. An output that ends in a slash is a
// directory. It returns all outputs as one tree.
func (b *bench) run(inputs files, outputs []string, args ...string) (files, error) {
	b.t.Helper()
	a := &action.Action{
		Owner: label.Label{Package: "p", Name: "t"}, Executor: "builtin",
		Arguments: args, InputRoot: b.tree(inputs),
	}
	for _, o := range outputs {
		if dir, ok := strings.CutSuffix(o, "/"); ok {
			a.OutputDirs = append(a.OutputDirs, dir)
		} else {
			a.OutputFiles = append(a.OutputFiles, o)
		}
	}
	// What a builtin makes must be complete, which only the cache checks.
	r, err := execute.Cache(b.executor, b.disk).Execute(b.t.Context(), a)
	if err != nil {
		return nil, err
	}
	got := files{}
	for _, f := range r.Files {
		data, err := b.disk.Get(b.t.Context(), f.Digest)
		must(b.t, err)
		name := f.Path
		if f.Executable {
			name += "*"
		}
		got[name] = string(data)
	}
	for _, d := range r.Dirs {
		for p, content := range b.files(d.Root) {
			got[path.Join(d.Path, p)+p[len(path.Clean(p)):]] = content
		}
	}
	return got, nil
}

// makeTar returns a tar file whose entries come in the order of their paths.
func makeTar(t *testing.T, fs files) string {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, p := range slices.Sorted(maps.Keys(fs)) {
		hdr := &tar.Header{Name: strings.TrimSuffix(p, "*"), Mode: 0o644, Typeflag: tar.TypeReg, Size: int64(len(fs[p]))}
		if strings.HasSuffix(p, "*") {
			hdr.Mode = 0o755
		}
		if strings.HasSuffix(p, "/") {
			hdr.Typeflag = tar.TypeDir
		}
		if target, ok := strings.CutPrefix(fs[p], "->"); ok {
			hdr.Typeflag, hdr.Linkname, hdr.Size = tar.TypeSymlink, target, 0
		}
		must(t, w.WriteHeader(hdr))
		if hdr.Size > 0 {
			_, err := io.WriteString(w, fs[p])
			must(t, err)
		}
	}
	must(t, w.Close())
	return buf.String()
}

func TestFunctions(t *testing.T) {
	dir := files{"d/a.py": "A", "d/run*": "R", "d/sub/b.py": "B", "d/sub/deep/c.c": "C", "d/link": "->a.py", "d/empty/": "", "f": "F", "x*": "X"}
	sdist := makeTar(t, files{"six-1.0/": "", "six-1.0/six.py": "code\n", "six-1.0/test/t.py": "test\n", "six-1.0/configure*": "sh\n", "six-1.0/l": "->six.py"})
	patch := "--- a/six.py\n+++ b/six.py\n@@ -1 +1 @@\n-code\n+better\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n--- a/test/t.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-test\n"
	second := "--- a/six.py\n+++ b/six.py\n@@ -1 +1 @@\n-better\n+best\ndiff --git a/new b/newer\nrename from new\nrename to newer\nold mode 100644\nnew mode 100755\n"
	tests := []struct {
		name    string
		inputs  files
		outputs []string
		args    []string
		want    files
	}{
		{"write", nil, []string{"o"}, []string{"write@1", "hello\n", "o"}, files{"o": "hello\n"}},
		{"write executable", nil, []string{"o"}, []string{"write@1", "--executable", "--executable", "o"}, files{"o*": "--executable"}},
		{"copy files", dir, []string{"o", "p"}, []string{"copy@1", "f", "p", "x", "o"}, files{"p": "F", "o*": "X"}},
		{"copy a directory", dir, []string{"o/"}, []string{"copy@1", "d/sub", "o"}, files{"o/b.py": "B", "o/deep/c.c": "C"}},
		{"copy all", files{"f": "F"}, []string{"o/"}, []string{"copy@1", ".", "o"}, files{"o/f": "F"}},
		{"file", dir, []string{"o"}, []string{"file@1", "d", "sub/deep/c.c", "o"}, files{"o": "C"}},
		{"merge", dir, []string{"o/"}, []string{"merge@1", "o", "bin/x=x", "lib=d/sub", "lib/deep/f=f", ".=d/sub/deep"},
			files{"o/bin/x*": "X", "o/lib/b.py": "B", "o/lib/deep/c.c": "C", "o/lib/deep/f": "F", "o/c.c": "C"}},
		{"merge the same twice", dir, []string{"o/"}, []string{"merge@1", "o", "a=f", "a=f", "d=d/sub", "d=d/sub"},
			files{"o/a": "F", "o/d/b.py": "B", "o/d/deep/c.c": "C"}},
		{"merge nothing", nil, []string{"o/"}, []string{"merge@1", "o"}, files{}},
		{"select all", dir, []string{"o/"}, []string{"select@1", "d", "o"},
			files{"o/a.py": "A", "o/run*": "R", "o/sub/b.py": "B", "o/sub/deep/c.c": "C", "o/link": "->a.py", "o/empty/": ""}},
		{"select some", dir, []string{"o/"}, []string{"select@1", "--include=**/*.py", "--include=sub/deep", "--exclude=a.py", "d", "o"},
			files{"o/sub/b.py": "B", "o/sub/deep/c.c": "C"}},
		{"select what may be there", dir, []string{"o/"}, []string{"select@1", "--optional=a.py", "--optional=b.py", "d", "o"}, files{"o/a.py": "A"}},
		{"exclude a directory", dir, []string{"o/"}, []string{"select@1", "--exclude=sub", "--exclude={link,empty}", "d", "o"},
			files{"o/a.py": "A", "o/run*": "R"}},
		{"without", dir, []string{"o/"}, []string{"without@1", "d", "o", "a.py", "sub/deep", "link", "none/x", "empty"},
			files{"o/run*": "R", "o/sub/b.py": "B"}},
		{"without nothing", dir, []string{"o/"}, []string{"without@1", "d/sub", "o"}, files{"o/b.py": "B", "o/deep/c.c": "C"}},
		{"extract", files{"a": sdist}, []string{"o/"}, []string{"extract@1", "a", "o"},
			files{"o/six-1.0/six.py": "code\n", "o/six-1.0/test/t.py": "test\n", "o/six-1.0/configure*": "sh\n", "o/six-1.0/l": "->six.py"}},
		{"extract stripped", files{"a": sdist}, []string{"o/"}, []string{"extract@1", "--strip=auto", "a", "o"},
			files{"o/six.py": "code\n", "o/test/t.py": "test\n", "o/configure*": "sh\n", "o/l": "->six.py"}},
		{"auto strips nothing", files{"a": makeTar(t, files{"a/x": "1", "b/x": "2"})}, []string{"o/"}, []string{"extract@1", "--strip=auto", "a", "o"},
			files{"o/a/x": "1", "o/b/x": "2"}},
		{"auto strips no file", files{"a": makeTar(t, files{"x": "1"})}, []string{"o/"}, []string{"extract@1", "--strip=auto", "a", "o"}, files{"o/x": "1"}},
		{"extract some", files{"a": sdist}, []string{"o/"}, []string{"extract@1", "--strip=1", "--include=**/*.py", "--exclude=test/**", "a", "o"}, files{"o/six.py": "code\n"}},
		{"extract and patch", files{"a": sdist, "p1": patch, "p2": second}, []string{"o/"},
			[]string{"extract@1", "--strip=1", "--exclude=l", "--patch=p1", "--patch=p2", "a", "o"},
			files{"o/six.py": "best\n", "o/configure*": "sh\n", "o/newer*": "n\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newBench(t).run(tt.inputs, tt.outputs, tt.args...)
			must(t, err)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	dir := files{"d/a.py": "A", "d/link": "->a.py", "f": "F"}
	archive := func(fs files) files {
		return files{"a": makeTar(t, fs), "p": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-1\n+2\n"}
	}
	tests := []struct {
		name    string
		inputs  files
		outputs []string
		args    []string
		want    string
	}{
		{"no name", nil, nil, nil, "the action does not name a builtin function"},
		{"near", nil, nil, []string{"extrct@1"}, "there is no builtin function \"extrct@1\"\n\thint: did you mean \"extract@1\"?"},
		{"other version", nil, nil, []string{"tar@2"}, "there is no builtin function \"tar@2\"\n\thint: did you mean \"tar@1\"?"},
		{"unknown", nil, nil, []string{"compile@1"},
			"there is no builtin function \"compile@1\"\n\thint: the builtin functions are copy@1, extract@1, fetch@1, file@1, linkable@1, merge@1, select@1, tar@1, without@1, write@1"},
		{"too few", nil, nil, []string{"tar@1", "d"}, "tar@1: 1 arguments are too few\n\thint: the arguments of tar@1 are [--unfinished] DIR OUTPUT"},
		{"too few of many", nil, nil, []string{"copy@1"}, "copy@1: 0 arguments are too few\n\thint: the arguments of copy@1 are SRC DST [SRC DST]..."},
		{"too many", nil, nil, []string{"tar@1", "d", "o", "p"}, "tar@1: unexpected argument \"d\"\n\thint: the arguments of tar@1 are [--unfinished] DIR OUTPUT"},
		{"unknown flag", nil, nil, []string{"write@1", "--exec", "x", "o"}, "write@1: unexpected argument \"--exec\"\n\thint: the arguments of write@1 are [--executable] CONTENT OUTPUT"},
		{"switch with a value", nil, nil, []string{"write@1", "--executable=1", "x", "o"}, "write@1: unexpected argument \"--executable=1\"\n\thint: the arguments of write@1 are [--executable] CONTENT OUTPUT"},
		{"odd", dir, []string{"o"}, []string{"copy@1", "f", "o", "d"}, "copy@1: d has no destination"},
		{"no such input", dir, []string{"o"}, []string{"copy@1", "d/a.pi", "o"}, "copy@1: d/a.pi is not there\n\thint: there is d/a.py"},
		{"nothing near", dir, []string{"o"}, []string{"copy@1", "zzzzzz", "o"}, "copy@1: zzzzzz is not there"},
		{"below a file", dir, []string{"o"}, []string{"copy@1", "f/x", "o"}, "copy@1: f/x: f is a file, not a directory"},
		{"undeclared", dir, []string{"o"}, []string{"copy@1", "f", "p"}, "copy@1: p is not a declared output file of the action\n\thint: it declares o"},
		{"file for directory", dir, []string{"o/"}, []string{"copy@1", "f", "o"}, "copy@1: o is not a declared output file of the action"},
		{"symlink", dir, []string{"o"}, []string{"copy@1", "d/link", "o"}, "copy@1: d/link is a symlink, which cannot be an output"},
		{"not all outputs", dir, []string{"o", "p"}, []string{"copy@1", "f", "o"}, "copy@1: output p is not among the arguments"},
		{"output twice", dir, []string{"o"}, []string{"copy@1", "f", "o", "f", "o"}, "copy@1: output o is among the arguments more than once"},
		{"file is a directory", dir, []string{"o"}, []string{"file@1", ".", "d", "o"}, "file@1: in .: d is a directory, not a file"},
		{"file of a file", dir, []string{"o"}, []string{"file@1", "f", "d", "o"}, "file@1: f is a file, not a directory"},
		{"file is missing", dir, []string{"o"}, []string{"file@1", "d", "b.py", "o"}, "file@1: in d: b.py is not there\n\thint: there is a.py"},
		{"merge form", dir, []string{"o/"}, []string{"merge@1", "o", "f"}, "merge@1: argument \"f\" is not of the form PATH=SRC"},
		{"merge conflict", files{"f": "1", "g": "2"}, []string{"o/"}, []string{"merge@1", "o", "x=f", "x=g"}, "merge@1: x=g: two different inputs are placed at x"},
		{"merge outside", dir, []string{"o/"}, []string{"merge@1", "o", "../x=f"}, "merge@1: ../x=f: path \"..\" is not inside the tree"},
		{"without above", dir, []string{"o/"}, []string{"without@1", "d", "o", "../x"}, "without@1: path \"../x\" is not inside the tree"},
		{"bad glob", dir, []string{"o/"}, []string{"select@1", "--include=[", "d", "o"}, "select@1: \"[\" is not a valid glob"},
		{"nothing to include", dir, []string{"o/"}, []string{"select@1", "--include=a.py", "--include=lnk/**", "d", "o"}, "select@1: nothing matches \"lnk/**\"\n\thint: there is link"},
		{"nothing to exclude", dir, []string{"o/"}, []string{"select@1", "--exclude=sub/*/f.py", "d", "o"}, "select@1: nothing matches \"sub/*/f.py\""},
		{"nothing in an archive", files{"a": makeTar(t, files{"doc/x": ""})}, []string{"o/"}, []string{"extract@1", "--include=docs/x", "a", "o"},
			"extract@1: archive a: nothing matches \"docs/x\"\n\thint: there is doc"},
		{"strip", archive(files{"x": "1\n"}), []string{"o/"}, []string{"extract@1", "--strip=-1", "a", "o"}, "extract@1: archive a: --strip=-1 is neither a number nor auto"},
		{"strip twice", archive(files{"x": "1\n"}), []string{"o/"}, []string{"extract@1", "--strip=1", "--strip=2", "a", "o"}, "extract@1: --strip is given more than once"},
		{"strip a file", archive(files{"x": "1\n"}), []string{"o/"}, []string{"extract@1", "--strip=1", "a", "o"}, "extract@1: archive a: --strip=1 leaves nothing of the path x"},
		{"strip to one path", archive(files{"a/x": "1\n", "b/x": "2\n"}), []string{"o/"}, []string{"extract@1", "--strip=1", "a", "o"}, "extract@1: archive a: --strip=1 gives two entries the path x"},
		{"strip below a link", archive(files{"a/l": "->../b/x", "b/x": "2\n"}), []string{"o/"}, []string{"extract@1", "--strip=1", "a", "o"}, "extract@1: archive a: --strip=1 lets the symlink a/l lead out of the tree"},
		{"patch does not fit", archive(files{"x": "other\n"}), []string{"o/"}, []string{"extract@1", "--patch=p", "a", "o"},
			"extract@1: patch p: line 3: the hunk does not fit: line 1 of x is \"other\\n\", not \"1\\n\""},
		{"patch of nothing", archive(files{"y": "other\n"}), []string{"o/"}, []string{"extract@1", "--patch=p", "a", "o"}, "extract@1: patch p: it changes x, which is not a file of the tree"},
		{"patch over something", files{"a": makeTar(t, files{"x": ""}), "p": "--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+2\n"}, []string{"o/"},
			[]string{"extract@1", "--patch=p", "a", "o"}, "extract@1: patch p: it creates x, which is there already"},
		{"no patch", files{"a": makeTar(t, files{"x": ""}), "p": "?"}, []string{"o/"}, []string{"extract@1", "--patch=p", "a", "o"}, "extract@1: patch p: there is no change in it"},
		{"no archive", files{"a": "hello"}, []string{"o/"}, []string{"extract@1", "a", "o"}, "extract@1: archive a: is none of tar, gzip, bzip2, xz and zip"},
		{"fetch without hash", nil, []string{"o"}, []string{"fetch@1", "--sha256=x", "--sha256=x", "o"}, "fetch@1: --sha256 is given more than once"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := newBench(t).run(tt.inputs, tt.outputs, tt.args...)
			if err == nil {
				t.Fatalf("no error, but %q", got)
			}
			if err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestFetch(t *testing.T) {
	b := newBench(t)
	d := b.put("archive")
	args := []string{"fetch@1", "--sha256=" + d.Hash(), "--purl=pkg:pypi/six@1.17.0", "--url=u1", "--url=u2", "o"}
	got, err := b.run(nil, []string{"o"}, args...)
	must(t, err)
	if diff := cmp.Diff(files{"o": "archive"}, got); diff != "" {
		t.Error(diff)
	}
	want := []fetch.Source{{Name: "//p:t", SHA256: d.Hash(), URLs: []string{"u1", "u2"}, PURLs: []string{"pkg:pypi/six@1.17.0"}}}
	if diff := cmp.Diff(want, b.fetched); diff != "" {
		t.Error(diff)
	}
	args[1] = "--sha256=" + digest.Of([]byte("other")).Hash()
	_, err = b.run(nil, []string{"o"}, args...)
	var notFound *store.NotFoundError
	if !errors.As(err, &notFound) {
		t.Errorf("got %v", err)
	}
}

// What tar@1 writes depends on the tree alone, and extract@1 gives it back.
func TestTarRoundTrip(t *testing.T) {
	b := newBench(t)
	dir := files{"d/z": "Z", "d/a/b/c*": "C", "d/a/l": "->b/c", "d/empty/": "", "d/" + strings.Repeat("long/", 50) + "f": "F"}
	packed, err := b.run(dir, []string{"o"}, "tar@1", "d", "o")
	must(t, err)
	r := tar.NewReader(strings.NewReader(packed["o"]))
	for {
		hdr, err := r.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		if hdr.ModTime.Unix() != 315532800 || hdr.Uid != 0 || hdr.Gid != 0 || hdr.Uname != "" || hdr.Gname != "" {
			t.Errorf("%s: %+v", hdr.Name, hdr)
		}
	}
	unpacked, err := b.run(files{"a": packed["o"]}, []string{"d/"}, "extract@1", "a", "d")
	must(t, err)
	if diff := cmp.Diff(dir, unpacked); diff != "" {
		t.Error(diff)
	}
}

// Parts of an archive are one when they follow each other.
func TestTarInParts(t *testing.T) {
	b := newBench(t)
	dir := files{"d/sub/x": "X", "e/sub/y": "Y", "e/z": "Z"}
	first, err := b.run(dir, []string{"o"}, "tar@1", "--unfinished", "d", "o")
	must(t, err)
	second, err := b.run(dir, []string{"o"}, "tar@1", "e", "o")
	must(t, err)
	unpacked, err := b.run(files{"a": first["o"] + second["o"]}, []string{"o/"}, "extract@1", "a", "o")
	must(t, err)
	if diff := cmp.Diff(files{"o/sub/x": "X", "o/sub/y": "Y", "o/z": "Z"}, unpacked); diff != "" {
		t.Error(diff)
	}
}

// The same call gives the same result, however often it is made.
func TestDeterministic(t *testing.T) {
	fs := files{}
	for i := range 200 {
		fs[fmt.Sprintf("top/%d/f%d", i%7, i)] = fmt.Sprint(i)
	}
	var keys []digest.Digest
	for range 3 {
		b := newBench(t)
		a := &action.Action{
			Executor: "builtin", Arguments: []string{"extract@1", "--strip=1", "a", "o"},
			InputRoot: b.tree(files{"a": makeTar(t, fs)}), OutputDirs: []string{"o"},
		}
		r, err := b.executor.Execute(t.Context(), a)
		must(t, err)
		keys = append(keys, r.Dirs[0].Root, r.Dirs[0].Tree)
	}
	if keys[0] != keys[2] || keys[0] != keys[4] || keys[1] != keys[3] || keys[1] != keys[5] {
		t.Errorf("got %v", keys)
	}
}
