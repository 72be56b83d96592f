package wasi

import (
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
)

// A description is what one or, after dup, several descriptors stand for: an
// open file or directory, or one end of a channel.
type description struct {
	refs    int
	node    *vfs.Node // or
	channel channel

	read, write bool
	flags       uint16 // fdflags
	offset      int64
	preopen     bool
	terminal    Terminal    // nil if it is none
	locked      uint64      // the kind of lock that flock gave it
	listing     []vfs.Entry // of a directory, as it was when reading it began
}

// The fdflags.
const (
	flagAppend   = 1 << 0
	flagNonblock = 1 << 2
	allFlags     = 1<<5 - 1
)

// The filetypes.
const (
	typeUnknown   = 0
	typeCharacter = 2
	typeDirectory = 3
	typeRegular   = 4
	typeSocket    = 6
	typeSymlink   = 7
)

// The rights, of which only those to read and to write are enforced; the
// others tell a libc what kind of thing a descriptor is.
const (
	rightRead      = 1 << 1
	rightSeek      = 1 << 2
	rightSetFlags  = 1 << 3
	rightTell      = 1 << 5
	rightWrite     = 1 << 6
	rightsData     = 1<<0 | 1<<4 | 1<<7 | rightSeek | rightTell
	rightsChange   = 1<<8 | 1<<22
	rightsStat     = 1<<21 | 1<<23
	rightPoll      = 1 << 27
	rightShutdown  = 1 << 28
	rightsOfFile   = rightsData | rightRead | rightWrite | rightsChange | rightsStat | rightPoll | rightSetFlags
	rightsOfPath   = 1<<9 | 1<<10 | 1<<11 | 1<<12 | 1<<13 | 1<<14 | 1<<15 | 1<<16 | 1<<17 | 1<<18 | 1<<19 | 1<<20 | 1<<24 | 1<<25 | 1<<26
	rightsOfDir    = rightsOfPath | rightsStat | rightSetFlags | 1<<0 | 1<<4
	rightsOfStream = rightPoll | 1<<21 | rightSetFlags
)

func (d *description) isDir() bool { return d.node != nil && d.node.Kind() == tree.Dir }

func (d *description) nonblocking() bool { return d.flags&flagNonblock != 0 }

func (d *description) filetype() uint8 {
	switch {
	case d.node != nil:
		return filetype(d.node.Kind(), d.node.Null())
	case d.terminal != nil:
		return typeCharacter
	case d.socket() != nil:
		return typeSocket
	}
	return typeUnknown
}

func filetype(k tree.Kind, null bool) uint8 {
	switch {
	case null:
		return typeCharacter
	case k == tree.Dir:
		return typeDirectory
	case k == tree.Symlink:
		return typeSymlink
	}
	return typeRegular
}

func (d *description) socket() *socket {
	s, _ := d.channel.(*socket)
	return s
}

func (d *description) rights() (base, inheriting uint64) {
	if d.isDir() {
		return rightsOfDir, rightsOfDir | rightsOfFile
	}
	if d.node != nil {
		base = rightsData | rightsStat | rightPoll | rightSetFlags
	} else {
		base = rightsOfStream
		if d.socket() != nil {
			base |= rightShutdown
		}
	}
	if d.read {
		base |= rightRead
	}
	if d.write {
		base |= rightWrite
		if d.node != nil {
			base |= rightsChange
		}
	}
	return base, 0
}

// readAt reads from the given offset of a file.
func (d *description) readAt(p []byte, off int64) (int, errno.Errno) {
	switch {
	case d.isDir():
		return 0, errno.EISDIR
	case !d.read:
		return 0, errno.EBADF
	}
	return d.node.ReadAt(p, off)
}

// writeAt writes to the given offset of a file.
func (d *description) writeAt(p []byte, off int64) (int, errno.Errno) {
	if !d.write {
		return 0, errno.EBADF
	}
	if err := d.node.WriteAt(p, off); err != errno.OK {
		return 0, err
	}
	return len(p), errno.OK
}

// waiter returns the reader behind a descriptor, if one can wait for it.
func (d *description) waiter() Waiter {
	in, ok := d.channel.(*input)
	if !ok {
		return nil
	}
	w, _ := in.r.(Waiter)
	return w
}

// size returns the size of the file.
func (d *description) size() int64 { return d.node.Stat().Size }
