package execute

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// An Output is what has become of an artifact.
type Output struct {
	Digest     digest.Digest // of the file, or of the root Directory
	Executable bool
	Directory  bool
	Tree       digest.Digest // of the Tree message of a directory
}

// Place adds the output to a tree, at the relative path p.
func (o Output) Place(b *tree.Builder, p string) error {
	if o.Directory {
		return b.AddTree(p, o.Digest)
	}
	return b.AddFile(p, o.Digest, o.Executable)
}

// outputOf returns the output of r at path.
func outputOf(r *action.Result, path string) (Output, bool) {
	for _, f := range r.Files {
		if f.Path == path {
			return Output{Digest: f.Digest, Executable: f.Executable}, true
		}
	}
	for _, d := range r.Dirs {
		if d.Path == path {
			return Output{Digest: d.Root, Directory: true, Tree: d.Tree}, true
		}
	}
	return Output{}, false
}

// match reports how the outputs of r differ from those that the step declares.
func match(s *action.Step, r *action.Result) error {
	for _, a := range s.Outputs {
		out, ok := outputOf(r, a.Path)
		if !ok {
			return fmt.Errorf("output %s was not written", a.Path)
		}
		if out.Directory && !a.Directory {
			return fmt.Errorf("output %s is declared as a file, but a directory was written", a.Path)
		}
		if !out.Directory && a.Directory {
			return fmt.Errorf("output %s is declared as a directory, but a file was written", a.Path)
		}
	}
	if n := len(r.Files) + len(r.Dirs); n != len(s.Outputs) {
		return fmt.Errorf("there are %d outputs, %d are declared", n, len(s.Outputs))
	}
	return nil
}

// prepare turns a step into an action. The results of the steps that produce
// its inputs are given; what has no producer is read from the workspace. When
// prepare returns, the store has all directories of the input root that are not
// parts of produced inputs, and all source files.
func (b *builder) prepare(ctx context.Context, s *action.Step, made map[*action.Step]*action.Result) (*action.Action, error) {
	root, err := b.inputRoot(ctx, s.Inputs, made)
	if err != nil {
		return nil, err
	}
	a := &action.Action{
		Owner: s.Owner, Mnemonic: s.Mnemonic, Progress: s.Progress, Scratch: s.Scratch,
		Executor: s.Executor, Arguments: s.Arguments, Env: s.Env,
		InputRoot: root, Limits: s.Limits, WorkingDirectory: s.WorkingDirectory,
	}
	for _, out := range s.Outputs {
		if out.Directory {
			a.OutputDirs = append(a.OutputDirs, out.Path)
		} else {
			a.OutputFiles = append(a.OutputFiles, out.Path)
		}
	}
	slices.Sort(a.OutputDirs)
	slices.Sort(a.OutputFiles)
	return a, nil
}

// inputRoot returns the root of the tree of inputs. What an expander returns has
// many steps with the very same inputs, whose tree is put together once.
func (b *builder) inputRoot(ctx context.Context, inputs []action.Input, made map[*action.Step]*action.Result) (digest.Digest, error) {
	put := func() (digest.Digest, error) { return b.putInputs(ctx, inputs, made) }
	if len(inputs) == 0 {
		return put()
	}
	once, _ := b.trees.LoadOrStore(inputList{&inputs[0], len(inputs)}, sync.OnceValues(put))
	return once.(func() (digest.Digest, error))()
}

// An inputList identifies a slice of inputs.
type inputList struct {
	first  *action.Input
	length int
}

// putInputs puts the tree of inputs into the store.
func (b *builder) putInputs(ctx context.Context, inputs []action.Input, made map[*action.Step]*action.Result) (root digest.Digest, err error) {
	t := tree.NewBuilder(b.Load)
	need := map[digest.Digest]func() error{} // how to put what may be missing
	for _, in := range inputs {
		var out Output
		if p := in.Artifact.Producer; p != nil {
			var ok bool
			if out, ok = outputOf(made[p], in.Artifact.Path); !ok {
				return root, fmt.Errorf("input %s is not an output of %s", in.Artifact.Path, p.Owner)
			}
		} else {
			if in.Artifact.Directory {
				return root, fmt.Errorf("input %s is a directory of the workspace; only files can be inputs", in.Artifact.Path)
			}
			d, err := b.sources.digest(ctx, in.Artifact.Path)
			if err != nil {
				return root, err
			}
			// Source files are never executable: not all hosts can tell.
			out = Output{Digest: d}
			need[d] = func() error { return b.sources.restore(ctx, in.Artifact.Path, d) }
		}
		if err := out.Place(t, in.Path); err != nil {
			return root, fmt.Errorf("input %s: %w", in.Artifact.Path, err)
		}
	}
	root, err = t.Build(func(data []byte) error {
		need[digest.Of(data)] = func() error {
			_, err := b.Blobs.Put(ctx, data)
			return err
		}
		return nil
	})
	if err != nil {
		return root, err
	}
	missing, err := b.Blobs.Missing(ctx, slices.Collect(maps.Keys(need)))
	if err != nil {
		return root, err
	}
	for _, d := range missing {
		if err := need[d](); err != nil {
			return root, err
		}
	}
	return root, nil
}

// verifyInputs reads all that the tree root holds, so that the store notices
// what is damaged. It passes over what is missing.
func verifyInputs(ctx context.Context, blobs store.Blobs, root digest.Digest) {
	seen := map[digest.Digest]bool{}
	todo := []tree.Entry{{Kind: tree.Dir, Digest: root}}
	for len(todo) > 0 && ctx.Err() == nil {
		e := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[e.Digest] || e.Kind == tree.Symlink {
			continue
		}
		seen[e.Digest] = true
		data, err := blobs.Get(ctx, e.Digest)
		if err != nil || e.Kind != tree.Dir {
			continue
		}
		if dir, err := tree.Decode(data); err == nil {
			todo = append(todo, dir.Entries...)
		}
	}
}
