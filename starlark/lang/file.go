package lang

import (
	"path"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/action"
)

// A File is the Starlark value of an artifact. There is one File for each
// artifact, so that files compare by identity.
type File struct {
	Artifact *action.Artifact
	Source   bool // it is a file of the workspace, made by no action
}

var _ starlark.HasAttrs = (*File)(nil)

// String returns "<file PATH>".
func (f *File) String() string { return "<file " + f.Artifact.Path + ">" }

// Type returns "File".
func (*File) Type() string { return "File" }

// Freeze does nothing: a file is immutable to Starlark.
func (*File) Freeze() {}

// Truth returns true.
func (*File) Truth() starlark.Bool { return true }

// Hash returns the hash of the path.
func (f *File) Hash() (uint32, error) { return starlark.String(f.Artifact.Path).Hash() }

// Attr returns an attribute of the file, by Bazel's names.
func (f *File) Attr(name string) (starlark.Value, error) {
	p := f.Artifact.Path
	switch name {
	case "path":
		return starlark.String(p), nil
	case "basename":
		return starlark.String(path.Base(p)), nil
	case "dirname":
		if dir := path.Dir(p); dir != "." {
			return starlark.String(dir), nil
		}
		return starlark.String(""), nil
	case "extension":
		return starlark.String(strings.TrimPrefix(path.Ext(p), ".")), nil
	case "owner":
		return Label{f.Artifact.Owner}, nil
	case "is_directory":
		return starlark.Bool(f.Artifact.Directory), nil
	case "is_source":
		return starlark.Bool(f.Source), nil
	}
	return nil, nil
}

// AttrNames returns the names that Attr knows.
func (*File) AttrNames() []string {
	return []string{"basename", "dirname", "extension", "is_directory", "is_source", "owner", "path"}
}

// OutDir is the folder of the sandbox below which actions see what other
// actions made.
const OutDir = "out"
