package vfs

import (
	"time"

	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// FileTime is the time of every file that is there before the guest starts, in
// nanoseconds since 1970: the start of 1980, the earliest that zip can hold.
const FileTime = 315532800e9

// tick is the least time between two changes. Programs that keep times as
// floating-point numbers of seconds still tell them apart.
const tick = uint64(time.Microsecond)

// SetClock says that the guest starts. What it makes or changes from now on
// gets the time that clock returns, in nanoseconds since 1970; of two changes,
// the second always gets a later one. As a program may only ask whether a
// directory has the time that it had, adding or removing an entry is a change
// of it.
func (fs *FS) SetClock(clock func() uint64) { fs.clock = clock }

// touch notes that n was changed.
func (n *Node) touch() {
	if n.fs.clock == nil {
		return
	}
	n.fs.changed = max(n.fs.clock(), n.fs.changed+tick)
	n.mtim = n.fs.changed
}

// SetTimes sets the times of n, in nanoseconds since 1970; nil leaves one as it
// is.
func (n *Node) SetTimes(atim, mtim *uint64) errno.Errno {
	if n.input {
		return errno.EROFS
	}
	if n.host != nil {
		return n.hostSetTimes(atim, mtim)
	}
	if atim != nil {
		n.atim = *atim
	}
	if mtim != nil {
		n.mtim = *mtim
	}
	return errno.OK
}
