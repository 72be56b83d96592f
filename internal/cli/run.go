package cli

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
)

func (a *app) runCommand() *cobra.Command {
	folder := "."
	cmd := &cobra.Command{
		Use:   "run [FLAG]... TARGET [-- ARGUMENT...]",
		Short: "Build a target and run it",
		Long: `Run builds a target and runs it in a sandbox, with this terminal as its input
and output. What follows -- is given to the program, whose exit code is the
one of cowasm.

Programs that work on files, such as Python with a bundle, start in the current
folder: they see it as /work, and what they do there is done. Nothing else of
this machine can be reached. With --dir=FOLDER it is another folder, and with
--dir= none; what the program writes is then gone when it ends.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no target is named").hint("write cowasm run TARGET -- ARGUMENTS")
			}
			if dash := cmd.ArgsLenAtDash(); dash == 0 {
				return usagef("the target must come before --").hint("write cowasm run TARGET -- ARGUMENTS")
			}
			target, err := a.target(args[0])
			if err != nil {
				return err
			}
			if info, err := os.Stat(folder); folder != "" && (err != nil || !info.IsDir()) {
				return usagef("--dir=%s: there is no such folder", folder)
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				code, report, err := s.Run(ctx, target, args[1:], build.Foreground{
					Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
					Env:    terminalEnv(),
					Folder: folder,
				})
				s.display.Stop()
				switch {
				case err != nil:
					return mistake(err)
				case !report.OK():
					return s.conclude("built", 0, report.Failures, report.Skipped)
				case code != 0:
					return &exitError{code: code}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&folder, "dir", folder, "let the program work in `FOLDER`; none if it is empty")
	return cmd
}

// terminalEnv returns what the environment says of the terminal, which is all
// that a program in the foreground is told of it.
func terminalEnv() map[string]string {
	env := map[string]string{}
	for _, name := range []string{"COLORTERM", "NO_COLOR", "TERM"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	return env
}
