package cli

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/inspection"
)

func (a *app) explainCommand() *cobra.Command {
	return &cobra.Command{
		ValidArgsFunction: a.completeTarget,

		Use:   "explain PATTERN...",
		Short: "Tell why actions ran in the last build, or would run now",
		Long: `Explain goes through all actions behind the targets that the patterns match, and
tells of those that the last build executed, and of those that the next one
would, what is other than when an earlier result was made: the command, that is
its arguments, environment and outputs, or else the files that the program has
read, looked for or listed, by path and digest. It executes nothing.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("explain needs a target").hint("as in cowasm explain //packages/six")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			expression := "deps(" + strings.Join(args, " + ") + ")"
			return a.withActions(cmd, expression, func(ctx context.Context, s *session, actions []build.Action) error {
				history, err := inspection.ReadHistory(a.workspace.outDir())
				if err != nil {
					return err
				}
				explanation := inspection.Explanation{Store: s.Store, Load: s.Load, History: history}
				return explanation.Write(ctx, os.Stdout, actions)
			})
		},
	}
}
