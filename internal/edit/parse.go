package edit

import (
	"errors"
	"fmt"

	"github.com/bazelbuild/buildtools/build"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/diag"
)

// Parse parses a BUILD, .bzl or WORKSPACE file; its name, which messages have,
// says which. The error is that of a build, where a build fails too.
func Parse(name string, data []byte) (*build.File, error) {
	tree, err := build.Parse(name, data)
	if err == nil {
		return tree, nil
	}
	var mistake build.ParseError
	if !errors.As(err, &mistake) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	pos := diag.Position{File: name, Line: mistake.Pos.Line, Col: mistake.Pos.LineRune}
	// The parser of Starlark says what is wrong, that of buildtools only where.
	var better syntax.Error
	if _, err := new(syntax.FileOptions).Parse(name, data, 0); errors.As(err, &better) {
		pos.Line, pos.Col = int(better.Pos.Line), int(better.Pos.Col)
		return nil, diag.Errorf(pos, "%s", better.Msg)
	}
	return nil, diag.Errorf(pos, "%s", mistake.Message)
}
