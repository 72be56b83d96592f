package tree

import (
	"bytes"
	"testing"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/cowasm/cowasm/internal/digest"
)

func TestDecode(t *testing.T) {
	_, file := (&Directory{}).Encode()
	good := &remoteexecution.Directory{
		Files:       []*remoteexecution.FileNode{{Name: "b", Digest: file.Proto()}, {Name: "c", Digest: file.Proto(), IsExecutable: true}},
		Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: file.Proto()}},
		Symlinks:    []*remoteexecution.SymlinkNode{{Name: "d", Target: "../x"}},
	}
	d, err := Decode(marshal(t, good))
	if err != nil {
		t.Fatal(err)
	}
	want := &Directory{Entries: []Entry{
		{Name: "a", Kind: Dir, Digest: file},
		{Name: "b", Digest: file},
		{Name: "c", Digest: file, Executable: true},
		{Name: "d", Kind: Symlink, Target: "../x"},
	}}
	if diff := cmp.Diff(want, d, equalDigests); diff != "" {
		t.Error(diff)
	}
	for _, e := range want.Entries {
		if got, ok := d.Lookup(e.Name); !ok || got != e {
			t.Errorf("Lookup(%s) = %v, %v", e.Name, got, ok)
		}
	}
	for _, name := range []string{"", "aa", "e"} {
		if got, ok := d.Lookup(name); ok {
			t.Errorf("Lookup(%q) = %v", name, got)
		}
	}
}

func marshal(t *testing.T, m proto.Message) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeRefuses(t *testing.T) {
	ok := digest.Empty.Proto()
	file := func(name string) *remoteexecution.FileNode { return &remoteexecution.FileNode{Name: name, Digest: ok} }
	tests := []struct {
		name string
		m    *remoteexecution.Directory
		want string
	}{
		{"not sorted", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("b"), file("a")}}, "directory: not in canonical form"},
		{"twice", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("a"), file("a")}}, `directory has two entries named "a"`},
		{"file and directory", &remoteexecution.Directory{
			Files:       []*remoteexecution.FileNode{file("a")},
			Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: ok}},
		}, `directory has two entries named "a"`},
		{"traversal", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("..")}}, `".." is not a file name`},
		{"slash", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("a/b")}}, `file name "a/b" contains a slash or a zero byte`},
		{"no name", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{file("")}}, `"" is not a file name`},
		{"no digest", &remoteexecution.Directory{Files: []*remoteexecution.FileNode{{Name: "a"}}}, `directory entry "a" has no digest`},
		{"bad digest", &remoteexecution.Directory{Directories: []*remoteexecution.DirectoryNode{{Name: "a", Digest: &remoteexecution.Digest{Hash: "x"}}}},
			`directory entry "a": sha256 "x" has 1 characters, want 64`},
		{"no target", &remoteexecution.Directory{Symlinks: []*remoteexecution.SymlinkNode{{Name: "a"}}}, `symlink "a" has no target`},
		{"properties", &remoteexecution.Directory{NodeProperties: &remoteexecution.NodeProperties{}}, "directory: not in canonical form"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d, err := Decode(marshal(t, tt.m)); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, %v; want %s", d, err, tt.want)
			}
		})
	}
	if _, err := Decode([]byte("\xff")); err == nil {
		t.Error("no error for what is no message")
	}
}

// There is one encoding of a directory.
func FuzzDecode(f *testing.F) {
	d := &Directory{Entries: []Entry{{Name: "a", Kind: Dir, Digest: digest.Empty}, {Name: "b", Digest: digest.Empty}, {Name: "c", Kind: Symlink, Target: "b"}}}
	data, _ := d.Encode()
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		if again, dg := d.Encode(); !bytes.Equal(again, data) || dg != digest.Of(data) {
			t.Errorf("%q is decoded, but encoded as %q", data, again)
		}
	})
}
