// Package patch applies unified diffs, as diff -u and git write them, strictly:
// each hunk must fit exactly at the line that it names. A source is pinned by
// its hash, so a patch that fits elsewhere only is a patch for something else.
package patch

import (
	"bytes"
	"fmt"
)

// A Change is what a patch does to one file.
type Change struct {
	Old   string // path before, relative, without the diff's first folder; empty if the file is new
	New   string // path after, likewise; empty if the file is deleted
	mode  string // git's mode after, if it is given
	hunks []hunk
}

// A hunk replaces lines. Lines have their end, if there is one.
type hunk struct {
	line  int // of the patch, counting from 1
	start int // index of the first old line
	old   [][]byte
	new   [][]byte
}

// Executable reports whether the file is executable after the change, given
// whether it was before.
func (c *Change) Executable(before bool) bool {
	if c.mode == "" {
		return before
	}
	return c.mode == modeExecutable
}

// Apply returns the content of the file after the change. A file that is new
// has no content before, one that is deleted must have none after.
func (c *Change) Apply(old []byte) ([]byte, error) {
	lines := bytes.SplitAfter(old, []byte("\n"))
	if len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	var out []byte
	at := 0
	for _, h := range c.hunks {
		if h.start < at {
			return nil, fmt.Errorf("line %d: the hunk overlaps the one before or comes before it", h.line)
		}
		for ; at < h.start && at < len(lines); at++ {
			out = append(out, lines[at]...)
		}
		for i, want := range h.old {
			if h.start+i >= len(lines) {
				return nil, fmt.Errorf("line %d: the hunk does not fit: %s has only %d lines", h.line, c.Old, len(lines))
			}
			if got := lines[h.start+i]; !bytes.Equal(got, want) {
				return nil, fmt.Errorf("line %d: the hunk does not fit: line %d of %s is %.80q, not %.80q", h.line, h.start+i+1, c.Old, got, want)
			}
		}
		if h.start > len(lines) {
			return nil, fmt.Errorf("line %d: the hunk does not fit: %s has only %d lines", h.line, c.Old, len(lines))
		}
		at += len(h.old)
		for _, l := range h.new {
			out = append(out, l...)
		}
	}
	for ; at < len(lines); at++ {
		if len(out) > 0 && out[len(out)-1] != '\n' {
			return nil, fmt.Errorf("the patch takes the newline off a line of %s that is not its last", c.Old)
		}
		out = append(out, lines[at]...)
	}
	if c.New == "" && len(out) > 0 {
		return nil, fmt.Errorf("the patch deletes %s, but does not have all of its lines", c.Old)
	}
	return out, nil
}
