package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/edit"
)

func (a *app) editCommand() *cobra.Command {
	return &cobra.Command{
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return a.completeTarget(cmd, args, typed)
			}
			var names []string
			for _, name := range edit.CommandNames() {
				if strings.HasPrefix(name, typed) {
					names = append(names, name)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},

		Use:   "edit 'COMMAND'... TARGET...",
		Short: "Change BUILD files by commands",
		Long: `Edit applies the commands of buildozer to targets, and prints the names of the
files that it changed. If anything goes wrong no file is changed. For example:

  cowasm edit 'add deps //packages/idna' //packages/requests
  cowasm edit 'set shards 4' '//packages/*:upstream_test'
  cowasm edit 'print label licence' '//packages/...:%source_archive'
  cowasm edit 'new_load //rules:cc.bzl cc_library' //packages/libs/zlib:__pkg__

A target is a label whose parts may be globs, %KIND for all targets of a rule,
or __pkg__ for the file itself. Arguments beginning with // or : are targets.
In a command a space in a word is written with a backslash before it.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.workspace.require(); err != nil {
				return err
			}
			commands, targets, err := a.parseEdit(args)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			packages, err := a.packages()
			if err != nil {
				return err
			}
			changed, err := edit.Apply(a.workspace.root, packages, commands, targets, os.Stdout)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			for _, pkg := range changed {
				fmt.Println(buildFile(pkg))
			}
			return nil
		},
	}
}

// parseEdit parses the arguments of edit: commands, then targets.
func (a *app) parseEdit(args []string) ([]edit.Command, []edit.Target, error) {
	var commands []edit.Command
	var targets []edit.Target
	var mistakes diag.List
	for _, arg := range args {
		if len(arg) > 1 && (arg[:2] == "//" || arg[0] == ':') {
			t, err := edit.ParseTarget(arg, a.workspace.pkg)
			if err != nil {
				mistakes = append(mistakes, err)
			}
			targets = append(targets, t)
			continue
		}
		c, err := edit.ParseCommand(arg)
		if err != nil {
			mistakes = append(mistakes, err)
		}
		commands = append(commands, c)
	}
	if mistakes == nil && (commands == nil || targets == nil) {
		mistakes = append(mistakes, usagef("edit needs a command and a target").
			hint("as in cowasm edit 'add deps //packages/idna' //packages/requests"))
	}
	return commands, targets, mistakes.Err()
}
