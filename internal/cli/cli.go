// Package cli is the command line: its verbs, flags, messages and exit codes.
// It is the only package that prints and exits, and the only one that wires
// the others together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/execute/wasm"
)

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	var err error
	if isWorker(args) {
		err = wasm.WorkerMain(context.Background(), os.Stdin, os.Stdout, nil)
	} else {
		err = new(app).run(args)
	}
	var e *exitError
	if err != nil && (!errors.As(err, &e) || e.err != nil) {
		fmt.Fprintln(os.Stderr, "cowasm:", strings.TrimRight(err.Error(), "\n"))
	}
	return exitCode(err)
}

// An app is one run of the program.
type app struct {
	workspace workspace
	flags     flags
}

func (a *app) run(args []string) error {
	wd, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("finding the current folder: %w", err)
	}
	a.workspace = findWorkspace(filepath.Clean(wd))
	root, err := a.root()
	if err != nil {
		return err
	}
	root.InitDefaultHelpCmd()
	if cmd, rest, err := root.Find(args); err != nil && cmd == root && !strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return unknownVerb(root, rest)
	}
	root.SetArgs(protectPatterns(args))
	return root.ExecuteContext(context.Background())
}

// root returns the command line with all its verbs.
func (a *app) root() (*cobra.Command, error) {
	root := &cobra.Command{
		Use:   "cowasm",
		Short: "Build Python packages for WebAssembly",
		Long: `Cowasm builds Python packages for WebAssembly: cowasm build //packages/six
turns six's source release into one reproducible file. Every tool that a build
runs is itself a WebAssembly program in a sandbox, so that nothing but cowasm
has to be installed.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Run:           func(cmd *cobra.Command, _ []string) { cmd.Help() },
	}
	root.SetOut(os.Stdout)
	root.SetErr(os.Stderr)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(badFlag)
	root.AddGroup(
		&cobra.Group{ID: "build", Title: "Building:"},
		&cobra.Group{ID: "author", Title: "Writing BUILD files:"},
		&cobra.Group{ID: "look", Title: "Looking around:"},
		&cobra.Group{ID: "keep", Title: "Keeping house:"},
	)
	looking := []*cobra.Command{a.aqueryCommand(), a.explainCommand(), a.verifyCommand()}
	for _, verb := range []struct {
		group string
		cmd   *cobra.Command
	}{
		{"build", a.buildCommand()},
		{"build", a.testCommand()},
		{"build", a.runCommand()},
		{"build", a.fetchCommand()},
		{"build", a.vendorCommand()},
		{"build", a.bundleCommand()},
		{"author", a.newCommand()},
		{"author", a.updateCommand()},
		{"author", a.editCommand()},
		{"author", a.lintCommand()},
		{"look", a.queryCommand()},
		{"look", looking[0]},
		{"look", looking[1]},
		{"look", a.graphCommand()},
		{"look", a.infoCommand()},
		{"look", a.versionCommand()},
		{"keep", a.fmtCommand()},
		{"keep", a.cleanCommand()},
		{"keep", looking[2]},
		{"keep", completionCommand()},
		{"", a.docsCommand()},
		{"", a.packagesCommand()},
	} {
		verb.cmd.GroupID = verb.group
		verb.cmd.DisableFlagsInUseLine = true
		root.AddCommand(verb.cmd)
	}
	root.SetHelpCommandGroupID("keep")
	a.flags.addCommon(root.PersistentFlags())
	var builders []*cobra.Command
	for _, cmd := range root.Commands() {
		if cmd.GroupID == "build" {
			a.flags.addBuild(cmd.Flags())
			cmd.ValidArgsFunction = a.completeTarget
			builders = append(builders, cmd)
		}
	}
	return root, a.addSettings(append(builders, looking...)...)
}

// unknownVerb says that there is no such verb and which one comes near.
func unknownVerb(root *cobra.Command, args []string) error {
	name := ""
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			name = arg
			break
		}
	}
	var verbs []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			verbs = append(verbs, c.Name())
		}
	}
	err := usagef("there is no command %q", name)
	if near := diag.Nearest(name, verbs); near != "" {
		return err.hint("did you mean cowasm %s?", near)
	}
	return err.hint("run cowasm help for a list of commands")
}

// badFlag turns an error about a flag into one that names the nearest flag.
func badFlag(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if !errors.As(err, &missing) {
		return usagef("%w", err).hint("run cowasm %s --help for the flags", cmd.Name())
	}
	name := missing.GetSpecifiedName()
	if shorthands := missing.GetSpecifiedShortnames(); shorthands != "" {
		return usagef("cowasm %s has no flag -%s", cmd.Name(), name).hint("run cowasm %s --help for the flags", cmd.Name())
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	})
	bad := usagef("cowasm %s has no flag --%s", cmd.Name(), name)
	if near := diag.Nearest(name, known); near != "" {
		return bad.hint("did you mean --%s?", near)
	}
	return bad.hint("run cowasm %s --help for the flags", cmd.Name())
}
