package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/query"
	"github.com/cowasm/cowasm/starlark/loading"
)

func (a *app) queryCommand() *cobra.Command {
	format := query.Formats[0]
	cmd := &cobra.Command{
		Use:   "query [--output=FORMAT] EXPRESSION",
		Short: "Ask which targets there are and what depends on what",
		Long: `Query prints the targets that an expression stands for: a pattern, or

  deps(X[, DEPTH])               what X needs, itself included
  rdeps(UNIVERSE, X[, DEPTH])    what in UNIVERSE and its deps needs X
  somepath(X, Y), allpaths(X, Y) how X needs Y
  kind(RE, X)                    those of X whose rule matches, as in kind("_test rule", //...)
  attr(NAME, RE, X)              those of X whose attribute matches
  filter(RE, X)                  those of X whose label matches
  labels(NAME, X)                what an attribute of X names
  tests(X)                       the tests in X
  set(X Y Z)                     several patterns
  X + Y, X - Y, X ^ Y            union, except, intersect

Write X as a pattern or an expression again, and RE in quotes. The language is
that of Bazel's query.`,
		Args: oneQuery("cowasm query 'deps(//packages/six)'"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.workspace.require(); err != nil {
				return err
			}
			ctx, stop := interruptible(cmd.Context(), func() {})
			defer stop()
			ws, err := loading.Open(os.DirFS(a.workspace.root), loading.Options{})
			if err != nil {
				return &exitError{exitUsage, err}
			}
			targets, err := query.Run(ctx, query.FromWorkspace(ws), strings.TrimPrefix(args[0], notAFlag), a.workspace.pkg)
			switch {
			case interrupted(ctx):
				return &exitError{code: exitInterrupted}
			case err != nil:
				return mistake(err)
			case len(targets) == 0:
				fmt.Fprintln(os.Stderr, "no target is among the results")
			}
			return mistake(query.Write(os.Stdout, format, targets))
		},
	}
	cmd.Flags().StringVar(&format, "output", format, "print targets as `FORMAT`: "+strings.Join(query.Formats, ", "))
	return cmd
}

// oneQuery checks that a query is the only argument, as in the example.
func oneQuery(example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usagef("a query is one argument").hint("put it in quotes, as in %s", example)
		}
		return nil
	}
}
