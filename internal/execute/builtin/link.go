package builtin

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/dylink"
	"github.com/cowasm/cowasm/internal/tree"
)

// linkableFunction copies a side module if it can be linked to a program: what
// it lacks is told when it is built, not when it is first used.
var linkableFunction = function{
	usage:      "[--library=MODULE]... PROGRAM MODULE OUTPUT",
	flags:      []string{"library"},
	positional: 3,
	run: func(ctx context.Context, c *call) error {
		program, _, err := c.file(ctx, c.args[0])
		if err != nil {
			return err
		}
		_, e, err := c.file(ctx, c.args[1])
		if err != nil {
			return err
		}
		// A module finds what it needs beside itself.
		beside := map[string]string{path.Base(c.args[1]): c.args[1]}
		for _, p := range c.flags["library"] {
			beside[path.Base(p)] = p
		}
		err = dylink.Check(program, "/"+path.Base(c.args[1]), func(p string) ([]byte, error) {
			at, ok := beside[path.Base(p)]
			if !ok {
				return nil, errors.New("it is not among the libraries")
			}
			data, _, err := c.file(ctx, at)
			return data, err
		})
		if err != nil {
			return diag.Errorf(diag.Position{}, "it cannot be linked to %s: %w", path.Base(c.args[0]), err).
				WithHint("a library that has what is undefined belongs in deps; what WASI lacks, or is declared otherwise there, takes a patch of the source or a define")
		}
		return c.setFile(c.args[2], e.Digest, false)
	},
}

// file returns the contents of an input file.
func (c *call) file(ctx context.Context, p string) ([]byte, tree.Entry, error) {
	e, err := c.input(p)
	if err != nil {
		return nil, e, err
	}
	if e.Kind != tree.File {
		return nil, e, fmt.Errorf("%s is %s, not a file", p, kindName(e.Kind))
	}
	data, err := c.blobs.Get(ctx, e.Digest)
	return data, e, err
}
