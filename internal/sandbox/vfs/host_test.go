package vfs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// mounted returns a file system with a folder of the host at user, in which
// there is a file.
func mounted(t *testing.T) (fs *vfs.FS, folder string) {
	t.Helper()
	outside := t.TempDir()
	folder = filepath.Join(outside, "folder")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"secret": "outside", "folder/in.txt": "given"} {
		if err := os.WriteFile(filepath.Join(outside, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	fs, _ = newFS(t, map[string]string{"py/lib": "input", "etc": "->py"})
	if err := fs.Mount("user", root); err != nil {
		t.Fatal(err)
	}
	return fs, folder
}

// onHost returns what is in a file of the host.
func onHost(t *testing.T, folder, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func TestMount(t *testing.T) {
	fs, folder := mounted(t)
	if got := list(t, fs, "/"); got != ". .. etc py user" {
		t.Errorf("the root has %s", got)
	}
	if got := read(t, fs, "/user/in.txt"); got != "given" {
		t.Errorf("in.txt holds %q", got)
	}

	// What the guest does is done, and what others do is seen.
	write(t, fs, "/user/out.txt", "made")
	if got := onHost(t, folder, "out.txt"); got != "made" {
		t.Errorf("out.txt holds %q", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "in.txt"), []byte("changed"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := read(t, fs, "/user/in.txt"); got != "changed" {
		t.Errorf("in.txt holds %q", got)
	}
	write(t, fs, "/user/in.txt", "new")
	if got := onHost(t, folder, "in.txt"); got != "new" {
		t.Errorf("in.txt holds %q on the host", got)
	}
	ok(t, fs.Mkdir(fs.Root(), "user/dir"))
	write(t, fs, "user/dir/x", "1")
	ok(t, fs.Rename(fs.Root(), "user/dir", fs.Root(), "user/moved"))
	if got := read(t, fs, "user/moved/x"); got != "1" {
		t.Errorf("x holds %q", got)
	}
	ok(t, fs.Rename(fs.Root(), "user/moved/x", fs.Root(), "user/out.txt"))
	ok(t, fs.Link(fs.Root(), "user/out.txt", false, fs.Root(), "user/link"))
	ok(t, fs.Symlink("out.txt", fs.Root(), "user/soft"))
	if got := read(t, fs, "user/soft"); got != "1" {
		t.Errorf("soft holds %q", got)
	}
	if target, _ := fs.Readlink(fs.Root(), "user/soft"); target != "out.txt" {
		t.Errorf("soft leads to %q", target)
	}
	ok(t, fs.Rmdir(fs.Root(), "user/moved"))
	ok(t, fs.Unlink(fs.Root(), "user/out.txt"))
	if got := list(t, fs, "user"); got != ". .. in.txt link soft" {
		t.Errorf("user has %s", got)
	}
	var names []string
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"in.txt", "link", "soft"}, names); diff != "" {
		t.Errorf("on the host (-want +got):\n%s", diff)
	}
	// The host's files are no part of what the guest observed of its inputs.
	for _, o := range fs.Observations() {
		if strings.HasPrefix(o.Path, "user/") {
			t.Errorf("%s was recorded", o.Path)
		}
	}
}

// An open file stays what it is, whatever happens to its name.
func TestMountedFile(t *testing.T) {
	fs, folder := mounted(t)
	reader, e := fs.Open(fs.Root(), "user/in.txt", 0)
	ok(t, e)
	writer, e := fs.Open(fs.Root(), "user/in.txt", vfs.Write)
	ok(t, e)
	ok(t, writer.WriteAt([]byte("take"), 0))
	buf := make([]byte, 10)
	if n, e := reader.ReadAt(buf, 0); string(buf[:n]) != "taken" || e != errno.OK {
		t.Errorf("read %q, %v", buf[:n], e)
	}
	ok(t, writer.Truncate(2))
	if s := reader.Stat(); s.Size != 2 || s.Ino != writer.Stat().Ino || s.Links != 1 {
		t.Errorf("it is %+v", s)
	}
	ok(t, fs.Unlink(fs.Root(), "user/in.txt"))
	ok(t, writer.WriteAt([]byte("st"), 2))
	if n, e := reader.ReadAt(buf, 0); string(buf[:n]) != "tast" || e != errno.OK {
		t.Errorf("after it was removed: read %q, %v", buf[:n], e)
	}
	reader.Close()
	writer.Close()

	write(t, fs, "user/times", "")
	n, e := fs.Lookup(fs.Root(), "user/times", false)
	ok(t, e)
	then := uint64(1e18)
	ok(t, n.SetTimes(nil, &then))
	info, err := os.Stat(filepath.Join(folder, "times"))
	if err != nil || !info.ModTime().Equal(time.Unix(1e9, 0)) || n.Stat().Mtim != then {
		t.Errorf("the time is %v, %v; the guest sees %d", info.ModTime(), err, n.Stat().Mtim)
	}
	if data, e := n.Content(); len(data) != 0 || e != errno.OK {
		t.Errorf("content is %q, %v", data, e)
	}
}

// Nothing leads out of the folder, and nothing that could block is opened.
func TestMountedFolderIsClosed(t *testing.T) {
	fs, folder := mounted(t)
	for name, target := range map[string]string{"up": "../secret", "abs": filepath.Join(filepath.Dir(folder), "secret"), "guest": "/py/lib", "dir": ".."} {
		if err := os.Symlink(target, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, fs, "user/guest"); got != "input" {
		t.Errorf("a link that leads to the guest's own files gives %q", got)
	}
	for _, p := range []string{"user/up", "user/abs", "user/dir/secret", "user/../secret"} {
		if got := read(t, fs, p); got != errno.ENOENT.Error() {
			t.Errorf("%s gives %q", p, got)
		}
	}
	// Links are made as they are written, and followed as all.
	ok(t, fs.Symlink("../../secret", fs.Root(), "user/made"))
	if got := read(t, fs, "user/made"); got != errno.ENOENT.Error() {
		t.Errorf("a link that the guest made gives %q", got)
	}
	if got := onHost(t, filepath.Dir(folder), "secret"); got != "outside" {
		t.Errorf("the secret is %q", got)
	}
}

func TestMountErrors(t *testing.T) {
	fs, folder := mounted(t)
	root := fs.Root()
	for _, dir := range []string{"full/of", "empty"} {
		if err := os.MkdirAll(filepath.Join(folder, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	open := func(p string, flags vfs.OpenFlag) errno.Errno {
		n, err := fs.Open(root, p, flags)
		if err == errno.OK {
			n.Close()
		}
		return err
	}
	for _, test := range []struct {
		name string
		got  errno.Errno
		want errno.Errno
	}{
		{"missing", open("user/none", 0), errno.ENOENT},
		{"missing directory", open("user/none/x", vfs.Create), errno.ENOENT},
		{"below a file", open("user/in.txt/x", vfs.Create), errno.ENOTDIR},
		{"exclusive", open("user/in.txt", vfs.Create|vfs.Exclusive), errno.EEXIST},
		{"write to a directory", open("user/full", vfs.Write), errno.EISDIR},
		{"file as a directory", open("user/in.txt", vfs.Directory), errno.ENOTDIR},
		{"directory with a slash", open("user/new/", vfs.Create), errno.EISDIR},
		{"mkdir", fs.Mkdir(root, "user/full"), errno.EEXIST},
		{"symlink", fs.Symlink("x", root, "user/in.txt"), errno.EEXIST},
		{"unlink a directory", fs.Unlink(root, "user/full"), errno.EISDIR},
		{"rmdir a file", fs.Rmdir(root, "user/in.txt"), errno.ENOTDIR},
		{"rmdir what is not empty", fs.Rmdir(root, "user/full"), errno.ENOTEMPTY},
		{"rmdir the folder", fs.Rmdir(root, "user"), errno.EROFS},
		{"rename the folder", fs.Rename(root, "user", root, "play"), errno.EROFS},
		{"rename a directory into itself", fs.Rename(root, "user/full", root, "user/full/of/x"), errno.EINVAL},
		{"rename a directory onto a file", fs.Rename(root, "user/full", root, "user/in.txt"), errno.ENOTDIR},
		{"rename a file onto a directory", fs.Rename(root, "user/in.txt", root, "user/full"), errno.EISDIR},
		{"rename a file to a directory", fs.Rename(root, "user/in.txt", root, "user/y/"), errno.ENOTDIR},
		{"rename to itself", fs.Rename(root, "user/in.txt", root, "user/in.txt"), errno.OK},
		{"rename onto what is empty", fs.Rename(root, "user/empty", root, "user/full/of"), errno.OK},
		{"rename onto what is not empty", fs.Rename(root, "user/full/of", root, "user/full"), errno.ENOTEMPTY},
		{"rename out of the folder", fs.Rename(root, "user/in.txt", root, "in.txt"), errno.EXDEV},
		{"rename into the folder", fs.Rename(root, "py", root, "user/py"), errno.EXDEV},
		{"link into the folder", fs.Link(root, "py/lib", false, root, "user/lib"), errno.EXDEV},
		{"link out of the folder", fs.Link(root, "user/in.txt", false, root, "lib"), errno.EXDEV},
		{"link to a directory", fs.Link(root, "user/full", false, root, "user/other"), errno.EPERM},
	} {
		if test.got != test.want {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}

	folderRoot, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer folderRoot.Close()
	for _, p := range []string{"py", "py/lib/x", "user"} {
		if err := fs.Mount(p, folderRoot); err == nil {
			t.Errorf("something was mounted over %s", p)
		}
	}
	if err := fs.Mount("a/b", folderRoot); err != nil {
		t.Error(err)
	}
	if got := read(t, fs, "a/b/in.txt"); got != "given" {
		t.Errorf("a/b/in.txt holds %q", got)
	}
	// What two names in the sandbox lead to is one folder, but they are two mounts.
	if err := fs.Rename(root, "a/b/in.txt", root, "user/x"); err != errno.EXDEV {
		t.Errorf("rename between mounts: %v", err)
	}
}
