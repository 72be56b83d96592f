// Package diag holds errors that tell a user where something is wrong, what is
// wrong and what to do next.
package diag

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// A Position is a place in a file. Line and column count from 1; zero means
// that they are not known.
type Position struct {
	File string // relative to the workspace, with slashes
	Line int
	Col  int
}

// String returns "file:line:col", leaving out what is not known.
func (p Position) String() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// An Error is a mistake with its place and, where there is one, the next step.
type Error struct {
	Pos  Position
	Msg  string
	Hint string // a sentence without a final stop, or empty
	Err  error  // the cause, or nil; Msg already describes it
}

// Errorf returns an Error at pos. A %w operand becomes its cause.
func Errorf(pos Position, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Pos: pos, Msg: err.Error(), Err: errors.Unwrap(err)}
}

// WithHint returns a copy of e with a hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// Error returns "file:line:col: message" and, on a line of its own, the hint.
func (e *Error) Error() string {
	var b strings.Builder
	if pos := e.Pos.String(); pos != "" {
		b.WriteString(pos)
		b.WriteString(": ")
	}
	b.WriteString(e.Msg)
	if e.Hint != "" {
		b.WriteString("\n\thint: ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Unwrap returns the cause of e.
func (e *Error) Unwrap() error { return e.Err }

// A List is several independent errors, in order.
type List []error

// Error returns the errors, one to a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, err := range l {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors, for errors.Is and errors.As.
func (l List) Unwrap() []error { return l }

// Err returns nil if l is empty, its only error if it has one, else l.
func (l List) Err() error {
	switch len(l) {
	case 0:
		return nil
	case 1:
		return l[0]
	}
	return l
}

// Unique returns l without errors that say the same as an earlier one.
func (l List) Unique() List {
	var list List
	seen := map[string]bool{}
	for _, err := range l {
		if text := err.Error(); !seen[text] {
			seen[text] = true
			list = append(list, err)
		}
	}
	return list
}

// Nearest returns the candidate that a user who wrote word most likely meant,
// or "" if none is near. Of equally near ones it returns the first in
// alphabetical order.
func Nearest(word string, candidates []string) string {
	sorted := append([]string(nil), candidates...)
	sort.Strings(sorted)
	best, bestDist := "", max(1, len(word)/3)+1
	for _, c := range sorted {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// Some returns the first three of a list, and how many more there are.
func Some(list []string) string {
	n := min(3, len(list))
	text := strings.Join(list[:n], ", ")
	if more := len(list) - n; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// editDistance returns how many bytes must be inserted, removed, replaced or
// swapped with their neighbour to turn a into b: the optimal string alignment
// distance.
func editDistance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
