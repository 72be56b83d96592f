package cli

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/inspection"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/query"
)

func (a *app) aqueryCommand() *cobra.Command {
	list := inspection.List{Format: inspection.Formats[0], Commands: true, Artifacts: true}
	cmd := &cobra.Command{
		Use:   "aquery [FLAG]... EXPRESSION",
		Short: "Show the actions of targets: command, inputs, outputs and key",
		Long: `Aquery shows the actions that targets are made by, without executing any. The
expression is that of cowasm query; around it may stand

  mnemonic(RE, X)   actions of X of some kind
  inputs(RE, X)     actions of X with an input whose path matches
  outputs(RE, X)    actions of X with an output whose path matches

A key can only be told of an action whose inputs have been made. So can the
actions that a package's own build system wants done.`,
		Args: oneQuery("cowasm aquery 'mnemonic(CcCompile, //packages/markupsafe:all)'"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := list.Check(); err != nil {
				return mistake(err)
			}
			return a.withActions(cmd, args[0], func(_ context.Context, _ *session, actions []build.Action) error {
				return list.Write(os.Stdout, actions)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&list.Format, "output", list.Format, "print actions as `FORMAT`: "+strings.Join(inspection.Formats, ", "))
	flags.BoolVar(&list.Commands, "include_commandline", true, "print command lines and environments")
	flags.BoolVar(&list.Artifacts, "include_artifacts", true, "print inputs and outputs")
	return cmd
}

// withActions calls f with the actions that a query is about.
func (a *app) withActions(cmd *cobra.Command, expression string, f func(context.Context, *session, []build.Action) error) error {
	a.executeNothing()
	return a.inSession(cmd, func(ctx context.Context, s *session) error {
		targets, filter, err := query.RunActions(ctx, query.FromWorkspace(s.Workspace), strings.TrimPrefix(expression, notAFlag), a.workspace.pkg)
		if err != nil {
			return mistake(err)
		}
		var labels []label.Label
		for _, t := range targets {
			if t.Kind != query.SourceFile {
				labels = append(labels, t.Label)
			}
		}
		all, err := s.Actions(ctx, labels)
		s.display.Stop()
		if err != nil {
			return mistake(err)
		}
		var list []build.Action
		for _, action := range all {
			if inputs, outputs := inspection.Paths(action.Step); filter.Matches(action.Step.Mnemonic, inputs, outputs) {
				list = append(list, action)
			}
		}
		return f(ctx, s, list)
	})
}

// executeNothing is for verbs that only look at what builds have made, and so
// have no flags of how to build.
func (a *app) executeNothing() {
	a.flags.jobs, a.flags.engine, a.flags.upToDate = 1, ownEngine, true
}
