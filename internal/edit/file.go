// Package edit changes BUILD files without losing what people wrote into them:
// comments, order and everything that a change is not about.
package edit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/bazelbuild/buildtools/build"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/diag"
)

// A File is the BUILD file of a package while it is edited.
type File struct {
	Package string // relative to the root, with slashes
	Tree    *build.File

	host  string
	shown string // for messages, relative to the root
	read  []byte // as it was read
	edits []replacement
}

// A replacement puts text in the place of a part of the file.
type replacement struct {
	start, end int
	text       string
}

// Read reads and parses the BUILD file of a package below root.
func Read(root, pkg string) (*File, error) {
	f := &File{Package: pkg, host: filepath.Join(root, filepath.FromSlash(pkg), "BUILD")}
	f.shown = "BUILD"
	if pkg != "" {
		f.shown = pkg + "/BUILD"
	}
	var err error
	if f.read, err = os.ReadFile(f.host); err != nil {
		return nil, err
	}
	if f.Tree, err = Parse(f.shown, f.read); err != nil {
		var mistake *diag.Error
		if errors.As(err, &mistake) {
			return nil, mistake.WithHint("the file is left as it is; mend it first")
		}
		return nil, err
	}
	f.Tree.Pkg = pkg
	return f, nil
}

// Position returns where an expression of the file is.
func (f *File) Position(e build.Expr) diag.Position {
	start, _ := e.Span()
	return diag.Position{File: f.shown, Line: start.Line, Col: start.LineRune}
}

// Replace gives a string literal another value. Nothing else of the file
// changes, not even the layout of its line.
func (f *File) Replace(literal *build.StringExpr, value string) {
	start, end := literal.Span()
	quoted := build.FormatString(&build.StringExpr{Value: value})
	f.edits = append(f.edits, replacement{start.Byte, end.Byte, quoted})
}

// Content returns the file with all replacements.
func (f *File) Content() []byte {
	edits := slices.SortedFunc(slices.Values(f.edits), func(a, b replacement) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(f.read[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(f.read[at:])
	return out.Bytes()
}

// A change is the new content of a file.
type change struct {
	file    *File
	content []byte
}

// write writes files, if nobody else has changed any of them in the meantime.
// Each is written as a whole.
func write(changes []change) error {
	for _, c := range changes {
		now, err := os.ReadFile(c.file.host)
		if err != nil {
			return err
		}
		if !bytes.Equal(now, c.file.read) {
			return diag.Errorf(diag.Position{File: c.file.shown}, "the file was changed while it was being edited").
				WithHint("it is left as it is now; run the command again")
		}
	}
	for _, c := range changes {
		info, err := os.Stat(c.file.host)
		if err != nil {
			return err
		}
		if err := atomicfile.Write(c.file.host, c.content, info.Mode().Perm()); err != nil {
			return err
		}
		c.file.read = c.content
	}
	return nil
}

// Write writes the file with its replacements, atomically. It refuses to if the
// file is no longer what Read found.
func (f *File) Write() error {
	content := f.Content()
	f.edits = nil
	if bytes.Equal(content, f.read) {
		return nil
	}
	return write([]change{{f, content}})
}
