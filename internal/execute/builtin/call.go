package builtin

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// A call is one execution of a function: its arguments, its input tree, and the
// result in the making.
type call struct {
	action *action.Action
	blobs  store.Blobs
	load   tree.Loader
	result *action.Result

	args  []string            // those after the flags
	flags map[string][]string // values by name; of a switch, an empty one
}

// parse takes the arguments apart. A flag is --name=value, a switch is --name.
// Where their number is fixed, the last arguments are no flags whatever they
// look like.
func (c *call) parse(f function, args []string) *diag.Error {
	n := 0 // of flags and switches
	if f.positional >= 0 {
		n = len(args) - f.positional
	}
	if n < 0 || len(args) < -f.positional {
		return &diag.Error{Msg: fmt.Sprintf("%s: %d arguments are too few", c.action.Arguments[0], len(args))}
	}
	c.flags = map[string][]string{}
	for _, arg := range args[:n] {
		name, value, hasValue := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		known := f.switches
		if hasValue {
			known = f.flags
		}
		if !strings.HasPrefix(arg, "--") || !slices.Contains(known, name) {
			return &diag.Error{Msg: fmt.Sprintf("%s: unexpected argument %q", c.action.Arguments[0], arg)}
		}
		c.flags[name] = append(c.flags[name], value)
	}
	c.args = args[n:]
	return nil
}

// flag returns the value of a flag that may be given once.
func (c *call) flag(name, otherwise string) (string, error) {
	switch values := c.flags[name]; len(values) {
	case 0:
		return otherwise, nil
	case 1:
		return values[0], nil
	}
	return "", fmt.Errorf("--%s is given more than once", name)
}

// input returns what is at the path p of the input tree.
func (c *call) input(p string) (tree.Entry, error) {
	return lookup(c.load, c.action.InputRoot, p)
}

// lookup returns what is at the path p of the tree with the given root. It does
// not follow symlinks.
func lookup(load tree.Loader, root digest.Digest, p string) (tree.Entry, error) {
	at := tree.Entry{Kind: tree.Dir, Digest: root}
	if p = path.Clean(p); p == "." {
		return at, nil
	}
	done := ""
	for name := range strings.SplitSeq(p, "/") {
		if at.Kind != tree.Dir {
			return at, fmt.Errorf("%s: %s is %s, not a directory", p, done, kindName(at.Kind))
		}
		d, err := load(at.Digest)
		if err != nil {
			return at, fmt.Errorf("%s: %w", p, err)
		}
		var ok bool
		if at, ok = d.Lookup(name); !ok {
			return at, notThere(p, done, name, d)
		}
		done = path.Join(done, name)
	}
	return at, nil
}

func notThere(p, dir, name string, d *tree.Directory) error {
	err := &diag.Error{Msg: fmt.Sprintf("%s is not there", p)}
	names := make([]string, len(d.Entries))
	for i, e := range d.Entries {
		names[i] = e.Name
	}
	if near := diag.Nearest(name, names); near != "" {
		return err.WithHint("there is %s", path.Join(dir, near))
	}
	return err
}

func kindName(k tree.Kind) string {
	switch k {
	case tree.Dir:
		return "a directory"
	case tree.Symlink:
		return "a symlink"
	}
	return "a file"
}

// directory returns the root of the directory at the path p of the input tree.
func (c *call) directory(p string) (digest.Digest, error) {
	e, err := c.input(p)
	if err == nil && e.Kind != tree.Dir {
		err = fmt.Errorf("%s is %s, not a directory", p, kindName(e.Kind))
	}
	return e.Digest, err
}

// read returns the content of the file at the path p of the input tree.
func (c *call) read(ctx context.Context, p string) ([]byte, error) {
	e, err := c.input(p)
	if err != nil {
		return nil, err
	}
	if e.Kind != tree.File {
		return nil, fmt.Errorf("%s is %s, not a file", p, kindName(e.Kind))
	}
	return c.blobs.Get(ctx, e.Digest)
}

// writeFile makes the output file at path.
func (c *call) writeFile(ctx context.Context, path string, data []byte, executable bool) error {
	d, err := c.blobs.Put(ctx, data)
	if err != nil {
		return err
	}
	return c.setFile(path, d, executable)
}

// setFile makes the output file at path, whose content is in the store.
func (c *call) setFile(path string, d digest.Digest, executable bool) error {
	if !slices.Contains(c.action.OutputFiles, path) {
		return c.undeclared("file", path, c.action.OutputFiles)
	}
	c.result.Files = append(c.result.Files, action.OutputFile{Path: path, Digest: d, Executable: executable})
	return nil
}

// writeDir makes the output directory at path.
func (c *call) writeDir(ctx context.Context, path string, b *tree.Builder) error {
	root, err := store.PutTree(ctx, c.blobs, b)
	if err != nil {
		return err
	}
	return c.setDir(ctx, path, root)
}

// setDir makes the output directory at path, whose content is in the store.
func (c *call) setDir(ctx context.Context, path string, root digest.Digest) error {
	if !slices.Contains(c.action.OutputDirs, path) {
		return c.undeclared("directory", path, c.action.OutputDirs)
	}
	out, err := store.PutOutputDir(ctx, c.blobs, c.load, path, root)
	if err != nil {
		return err
	}
	c.result.Dirs = append(c.result.Dirs, out)
	return nil
}

func (c *call) undeclared(what, path string, declared []string) error {
	err := &diag.Error{Msg: fmt.Sprintf("%s is not a declared output %s of the action", path, what)}
	if len(declared) > 0 {
		return err.WithHint("it declares %s", strings.Join(declared, ", "))
	}
	return err
}

// finish returns the result, which must have all outputs.
func (c *call) finish() (*action.Result, error) {
	r := c.result
	slices.SortFunc(r.Files, func(a, b action.OutputFile) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Dirs, func(a, b action.OutputDir) int { return cmp.Compare(a.Path, b.Path) })
	made := map[string]int{}
	for _, f := range r.Files {
		made[f.Path]++
	}
	for _, d := range r.Dirs {
		made[d.Path]++
	}
	for _, p := range slices.Concat(c.action.OutputFiles, c.action.OutputDirs) {
		if made[p] == 0 {
			return nil, fmt.Errorf("%s: output %s is not among the arguments", c.action.Arguments[0], p)
		}
		if made[p] > 1 {
			return nil, fmt.Errorf("%s: output %s is among the arguments more than once", c.action.Arguments[0], p)
		}
	}
	return r, nil
}
