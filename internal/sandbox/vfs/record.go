package vfs

import (
	"path"
	"slices"
	"strings"
)

// Access tells what a guest observed of an input.
type Access uint8

const (
	Looked Access = 1 << iota // that it is there, its kind, size or target
	Read                      // the content of a file
	Listed                    // the names and kinds in a directory
	Absent                    // that it is not there
)

// An Observation says what a guest observed of a path of the input tree.
type Observation struct {
	Path   string // relative to the root, "" for the root
	Access Access
}

// observe records an access, if n is an input.
func (n *Node) observe(a Access) {
	if n.seen&a != 0 || !(n.input || a == Listed && n.fixed) {
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

// observeAbsent records that a directory has no entry of some name.
func (n *Node) observeAbsent(name string) {
	if len(n.fs.absent) >= maxAbsent {
		n.observe(Listed)
		return
	}
	n.fs.absent[path.Join(n.path, name)] = true
}

// Observations returns all that the guest observed of its inputs, sorted by
// path. A deterministic program that observes the same again does the same.
//
// Paths are those of the input tree itself: links were resolved, and a link
// that was followed is listed as such. All but the last name of a path are
// directories.
func (fs *FS) Observations() []Observation {
	list := make([]Observation, 0, len(fs.observed)+len(fs.absent))
	for _, n := range fs.observed {
		list = append(list, Observation{n.path, n.seen})
	}
	for p := range fs.absent {
		list = append(list, Observation{p, Absent})
	}
	slices.SortFunc(list, func(a, b Observation) int { return strings.Compare(a.Path, b.Path) })
	return list
}
