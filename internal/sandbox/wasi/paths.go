package wasi

import (
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
)

// lookupFollow is the lookupflag that asks to follow a symlink at the end.
const lookupFollow = 1

// at decodes a directory descriptor and a path.
func (s *System) at(m Memory, fd, ptr, n uint64) (*vfs.Node, string, errno.Errno) {
	d, err := s.get(fd)
	if err != errno.OK {
		return nil, "", err
	}
	if d.node == nil {
		return nil, "", errno.ENOTDIR
	}
	p, err := text(m, ptr, n)
	return d.node, p, err
}

// lookup returns what a directory descriptor, lookupflags and a path lead to,
// which are the first parameters of a call.
func (s *System) lookup(m Memory, a []uint64) (*vfs.Node, errno.Errno) {
	dir, p, err := s.at(m, a[0], a[2], a[3])
	if err != errno.OK {
		return nil, err
	}
	return s.fs.Lookup(dir, p, a[1]&lookupFollow != 0)
}

// pathOpen is path_open(fd, lookupflags, path, len, oflags, base, inheriting,
// fdflags, opened*).
func pathOpen(s *System, m Memory, a []uint64) errno.Errno {
	const create, directory, exclusive, truncate = 1, 2, 4, 8
	dir, p, err := s.at(m, a[0], a[2], a[3])
	if err != errno.OK {
		return err
	}
	if a[4] > 15 || a[7] > allFlags || a[4]&(create|directory) == create|directory {
		return errno.EINVAL
	}
	var flags vfs.OpenFlag
	set := func(if1 bool, f vfs.OpenFlag) {
		if if1 {
			flags |= f
		}
	}
	set(a[1]&lookupFollow != 0, vfs.Follow)
	set(a[4]&create != 0, vfs.Create)
	set(a[4]&directory != 0, vfs.Directory)
	set(a[4]&exclusive != 0, vfs.Exclusive)
	set(a[4]&truncate != 0, vfs.Truncate)
	d := &description{flags: uint16(a[7])}
	d.write = a[5]&rightWrite != 0 && a[4]&directory == 0
	d.read = a[5]&rightRead != 0 || !d.write
	set(d.write, vfs.Write)

	fd, err := s.free()
	if err != errno.OK {
		return err
	}
	if err := put32(m, a[8], uint32(fd)); err != errno.OK {
		return err
	}
	if d.node, err = s.fs.Open(dir, p, flags); err != errno.OK {
		return err
	}
	_, err = s.add(d)
	return err
}

// pathFilestatGet is path_filestat_get(fd, lookupflags, path, len, filestat*).
func pathFilestatGet(s *System, m Memory, a []uint64) errno.Errno {
	n, err := s.lookup(m, a)
	if err != errno.OK {
		return err
	}
	return putFilestat(m, a[4], n)
}

// pathFilestatSetTimes is path_filestat_set_times(fd, lookupflags, path, len,
// atim, mtim, fstflags).
func pathFilestatSetTimes(s *System, m Memory, a []uint64) errno.Errno {
	n, err := s.lookup(m, a)
	if err != errno.OK {
		return err
	}
	return s.setTimes(n, a[4], a[5], a[6])
}

// pathCall makes path_create_directory, path_remove_directory and
// path_unlink_file, all (fd, path, len), of what the file system does then.
func pathCall(do func(*vfs.FS, *vfs.Node, string) errno.Errno) func(*System, Memory, []uint64) errno.Errno {
	return func(s *System, m Memory, a []uint64) errno.Errno {
		dir, p, err := s.at(m, a[0], a[1], a[2])
		if err != errno.OK {
			return err
		}
		return do(s.fs, dir, p)
	}
}

// pathReadlink is path_readlink(fd, path, len, buf, buflen, used*).
func pathReadlink(s *System, m Memory, a []uint64) errno.Errno {
	dir, p, err := s.at(m, a[0], a[1], a[2])
	if err != errno.OK {
		return err
	}
	target, err := s.fs.Readlink(dir, p)
	if err != errno.OK {
		return err
	}
	buf, err := view(m, a[3], a[4])
	if err != errno.OK {
		return err
	}
	return put32(m, a[5], uint32(copy(buf, target)))
}

// pathSymlink is path_symlink(target, len, fd, path, len).
func pathSymlink(s *System, m Memory, a []uint64) errno.Errno {
	target, err := text(m, a[0], a[1])
	if err != errno.OK {
		return err
	}
	dir, p, err := s.at(m, a[2], a[3], a[4])
	if err != errno.OK {
		return err
	}
	return s.fs.Symlink(target, dir, p)
}

// pathLink is path_link(oldfd, lookupflags, oldpath, len, newfd, newpath, len).
func pathLink(s *System, m Memory, a []uint64) errno.Errno {
	oldDir, oldPath, err := s.at(m, a[0], a[2], a[3])
	if err != errno.OK {
		return err
	}
	newDir, newPath, err := s.at(m, a[4], a[5], a[6])
	if err != errno.OK {
		return err
	}
	return s.fs.Link(oldDir, oldPath, a[1]&lookupFollow != 0, newDir, newPath)
}

// pathRename is path_rename(oldfd, oldpath, len, newfd, newpath, len).
func pathRename(s *System, m Memory, a []uint64) errno.Errno {
	oldDir, oldPath, err := s.at(m, a[0], a[1], a[2])
	if err != errno.OK {
		return err
	}
	newDir, newPath, err := s.at(m, a[3], a[4], a[5])
	if err != errno.OK {
		return err
	}
	return s.fs.Rename(oldDir, oldPath, newDir, newPath)
}
