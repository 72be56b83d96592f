package vfs

import (
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
)

// find returns the entry of a directory with the given name, nil if there is
// none, and records what that tells of the inputs. Whoever resolves names calls
// it for each, so that what a guest does with a path tells it nothing more but
// for contents and listings.
func (n *Node) find(name string) (*Node, errno.Errno) {
	c, err := n.child(name)
	if err != errno.OK {
		return nil, err
	}
	if c != nil {
		c.observe(readset.Looked)
	} else if n.input {
		n.observeAbsent(name)
	}
	return c, errno.OK
}

// observe records an access, if n is an input.
func (n *Node) observe(a readset.Access) {
	if n.seen&a != 0 || !n.input {
		return
	}
	if n.seen == 0 {
		n.fs.observed = append(n.fs.observed, n)
	}
	n.seen |= a
}

// maxAbsent bounds how many names are recorded as absent. A guest that looks
// for more of them is taken to have read the directories it looks in, which
// says as much.
const maxAbsent = 1 << 17

// observeAbsent records that a directory of inputs has no entry of some name.
func (n *Node) observeAbsent(name string) {
	if len(n.fs.absent) >= maxAbsent {
		n.observe(readset.Listed)
		return
	}
	n.fs.absent[path.Join(n.path, name)] = true
}

// Observations returns all that the guest observed of its inputs, sorted by
// path, and what was observed to prepare the file system for it. A
// deterministic program that observes the same again does the same.
//
// Paths are those of the input tree itself: links were resolved, and a link
// that was followed is listed as such. A directory that was prepared was absent;
// what is below it needs no mention.
func (fs *FS) Observations() []readset.Observation {
	list := make([]readset.Observation, 0, len(fs.observed)+len(fs.absent))
	for _, n := range fs.observed {
		list = append(list, readset.Observation{Path: n.path, Access: n.seen})
	}
	for p := range fs.absent {
		list = append(list, readset.Observation{Path: p, Access: readset.Absent})
	}
	slices.SortFunc(list, func(a, b readset.Observation) int { return strings.Compare(a.Path, b.Path) })
	return list
}
