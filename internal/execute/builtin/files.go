package builtin

import (
	"context"
	"fmt"
	"strings"

	"github.com/cowasm/cowasm/internal/tree"
)

var writeFunction = function{
	usage:      "[--executable] CONTENT OUTPUT",
	switches:   []string{"executable"},
	positional: 2,
	run: func(ctx context.Context, c *call) error {
		return c.writeFile(ctx, c.args[1], []byte(c.args[0]), len(c.flags["executable"]) > 0)
	},
}

var copyFunction = function{
	usage:      "SRC DST [SRC DST]...",
	positional: -2,
	run: func(ctx context.Context, c *call) error {
		if len(c.args)%2 != 0 {
			return fmt.Errorf("%s has no destination", c.args[len(c.args)-1])
		}
		for i := 0; i < len(c.args); i += 2 {
			if err := c.copy(ctx, c.args[i], c.args[i+1]); err != nil {
				return err
			}
		}
		return nil
	},
}

func (c *call) copy(ctx context.Context, src, dst string) error {
	e, err := c.input(src)
	if err != nil {
		return err
	}
	switch e.Kind {
	case tree.File:
		return c.setFile(dst, e.Digest, e.Executable)
	case tree.Dir:
		return c.setDir(ctx, dst, e.Digest)
	}
	return fmt.Errorf("%s is a symlink, which cannot be an output", src)
}

var fileFunction = function{
	usage:      "DIR PATH OUTPUT",
	positional: 3,
	run: func(ctx context.Context, c *call) error {
		root, err := c.directory(c.args[0])
		if err != nil {
			return err
		}
		e, err := lookup(c.load, root, c.args[1])
		if err != nil {
			return fmt.Errorf("in %s: %w", c.args[0], err)
		}
		if e.Kind != tree.File {
			return fmt.Errorf("in %s: %s is %s, not a file", c.args[0], c.args[1], kindName(e.Kind))
		}
		return c.setFile(c.args[2], e.Digest, e.Executable)
	},
}

var mergeFunction = function{
	usage:      "OUTDIR [PATH=SRC]...",
	positional: -1,
	run: func(ctx context.Context, c *call) error {
		b := tree.NewBuilder(c.load)
		for _, arg := range c.args[1:] {
			at, src, ok := strings.Cut(arg, "=")
			if !ok {
				return fmt.Errorf("argument %q is not of the form PATH=SRC", arg)
			}
			e, err := c.input(src)
			if err == nil {
				err = place(b, at, e)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", arg, err)
			}
		}
		return c.writeDir(ctx, c.args[0], b)
	},
}

var withoutFunction = function{
	usage:      "INDIR OUTDIR [PATH]...",
	positional: -2,
	run: func(ctx context.Context, c *call) error {
		root, err := c.directory(c.args[0])
		if err != nil {
			return err
		}
		b := tree.NewBuilder(c.load)
		if err := b.AddTree(".", root); err != nil {
			return err
		}
		for _, p := range c.args[2:] {
			if err := b.Remove(p); err != nil {
				return err
			}
		}
		return c.writeDir(ctx, c.args[1], b)
	},
}

// place adds the entry e at the path at, whatever name it had before.
func place(b *tree.Builder, at string, e tree.Entry) error {
	switch e.Kind {
	case tree.File:
		return b.AddFile(at, e.Digest, e.Executable)
	case tree.Symlink:
		return b.AddSymlink(at, e.Target)
	}
	return b.AddTree(at, e.Digest)
}

var selectFunction = function{
	usage:      "[--include=GLOB]... [--optional=GLOB]... [--exclude=GLOB]... INDIR OUTDIR",
	flags:      []string{"include", "optional", "exclude"},
	positional: 2,
	run: func(ctx context.Context, c *call) error {
		sel, err := newSelection(c.flags)
		if err != nil {
			return err
		}
		root, err := c.directory(c.args[0])
		if err != nil {
			return err
		}
		b := tree.NewBuilder(c.load)
		err = tree.Walk(c.load, root, func(p string, e tree.Entry) error {
			switch {
			case !sel.has(p):
				return nil
			case e.Kind == tree.Dir:
				return c.keepEmpty(b, p, e)
			}
			return place(b, p, e)
		})
		if err != nil {
			return err
		}
		if err := sel.check(); err != nil {
			return err
		}
		return c.writeDir(ctx, c.args[1], b)
	},
}

// keepEmpty adds the directory e if it is empty: others are added with what is
// in them.
func (c *call) keepEmpty(b *tree.Builder, p string, e tree.Entry) error {
	d, err := c.load(e.Digest)
	if err != nil || len(d.Entries) > 0 {
		return err
	}
	return b.AddDir(p)
}
