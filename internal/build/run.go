package build

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

// A Program starts a WebAssembly program in the foreground, in a sandbox whose
// file system begins as the tree root. It returns the program's exit code.
type Program func(ctx context.Context, p Foreground, root digest.Digest) (exitCode int, err error)

// A Foreground is what a program that is started in the foreground is given.
type Foreground struct {
	Arguments []string // the first is the path of the program in the sandbox
	Env       map[string]string
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer

	Folder   string // host path of a folder that the program works in; empty for none
	FolderAt string // where it is in the sandbox, relative to the root
}

// A launch is what a target says is to be run.
type launch struct {
	Arguments []string // the first is the path of the program
	Default   []string // further arguments, if the user gives none
	Env       map[string]string
	FolderAt  string // as in Foreground

	root digest.Digest // of the tree of inputs
}

// Run builds a target, and starts what it says is to be run with args added to
// its arguments; without args, with those that the target has for that case. The
// variables of user are added to its environment, unless it has them, and the
// folder is seen by targets that say where. If the target cannot be built, the
// report says why and no program was started.
func (b *Builder) Run(ctx context.Context, l label.Label, args []string, user Foreground) (exitCode int, report *Report, err error) {
	question, err := b.question("run", l.String())
	if err != nil {
		return 0, nil, err
	}
	report = &Report{}
	what := &launch{}
	files, ok, err := b.recall(ctx, question, what)
	if err != nil {
		return 0, nil, err
	}
	if ok {
		what.root = files[0].Digest
	} else if what, report, err = b.launch(ctx, l, question); what == nil || err != nil {
		return 0, report, err
	}
	if len(args) == 0 {
		args = what.Default
	}
	user.Arguments = slices.Concat(what.Arguments, args)
	env := map[string]string{}
	maps.Copy(env, user.Env)
	maps.Copy(env, what.Env)
	user.Env, user.FolderAt = env, what.FolderAt
	exitCode, err = b.Program(ctx, user, what.root)
	return exitCode, report, err
}

// launch builds a target and returns what it says is to be run, which it
// remembers as the answer to a question. If the target cannot be built, the
// report says why and there is no launch.
func (b *Builder) launch(ctx context.Context, l label.Label, question digest.Digest) (*launch, *Report, error) {
	begun := time.Now()
	targets, err := b.analyse(ctx, []label.Pattern{{Label: l}})
	if err != nil {
		return nil, nil, err
	}
	spec := targets[0].Run
	if spec == nil {
		return nil, nil, (&diag.Error{Msg: fmt.Sprintf("%s is a %s, which cannot be run", l, targets[0].Kind)}).
			WithHint("only targets whose rule returns a RunInfo can")
	}
	var roots []*action.Artifact
	for _, in := range spec.Inputs {
		roots = append(roots, in.Artifact)
	}
	what := &launch{
		Arguments: slices.Concat([]string{spec.Executable}, spec.Arguments),
		Default:   spec.DefaultArguments,
		Env:       spec.Env,
		FolderAt:  spec.UserDirectory,
	}
	var report *Report
	err = b.execute(ctx, 1, roots, b.KeepGoing, func(outcome *execute.Outcome) (err error) {
		report = newReport(outcome)
		if report.OK() {
			what.root, err = b.inputRoot(ctx, spec.Inputs, outcome)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", l, err)
	}
	if !report.OK() {
		return nil, report, nil
	}
	return what, report, b.remember(ctx, question, begun, what, action.OutputFile{Path: "root", Digest: what.root})
}

// inputRoot puts the tree of the given inputs into the store.
func (b *Builder) inputRoot(ctx context.Context, inputs []action.Input, outcome *execute.Outcome) (digest.Digest, error) {
	t := tree.NewBuilder(b.Load)
	for _, in := range inputs {
		out, ok := outcome.Output(in.Artifact)
		if !ok {
			return digest.Digest{}, fmt.Errorf("input %s was not made", in.Artifact.Path)
		}
		if err := out.Place(t, in.Path); err != nil {
			return digest.Digest{}, fmt.Errorf("input %s: %w", in.Artifact.Path, err)
		}
	}
	return store.PutTree(ctx, b.Store, t)
}
