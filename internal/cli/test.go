package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
)

// Values of --test_output.
const (
	outputSummary = "summary"
	outputErrors  = "errors"
	outputAll     = "all"
)

// mostFailures is how many failed cases of one test are printed.
const mostFailures = 50

func (a *app) testCommand() *cobra.Command {
	output := outputErrors
	cmd := &cobra.Command{
		Use:   "test [FLAG]... PATTERN...",
		Short: "Build targets and run those that are tests",
		Long: `Test builds the targets that the patterns match and runs those that are tests.
A test runs in the sandbox, so its result is as cacheable as any: only tests
that can have another result are run again. A test that is listed as failing
in the BUILD file must fail; if it passes, that is an error.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch output {
			case outputSummary, outputErrors, outputAll:
			default:
				return usagef("--test_output=%s has no meaning", output).hint("write summary, errors or all")
			}
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				summary, err := s.Test(ctx, patterns)
				s.display.Stop()
				if err != nil {
					return mistake(err)
				}
				return a.concludeTests(s, summary, output)
			})
		},
	}
	cmd.Flags().StringVar(&output, "test_output", output, "print `WHAT` of tests: errors (what went wrong), all (their logs) or summary")
	return cmd
}

// concludeTests prints what tests came to, and returns the error that ends the
// program accordingly.
func (a *app) concludeTests(s *session, summary *build.TestSummary, output string) error {
	passed, failed := 0, 0
	for _, t := range summary.Tests {
		if t.Passed {
			passed++
		} else {
			failed++
		}
		switch {
		case output == outputAll && t.Log != "":
			if err := a.printLog(t); err != nil {
				return err
			}
		case output != outputSummary && !t.Passed:
			printFailures(t)
		}
	}
	var err error
	switch {
	case len(summary.Failures) > 0:
		err = s.conclude("built", 0, summary.Failures, 0)
	case len(summary.Tests) == 0:
		return &exitError{exitNoTests, fmt.Errorf("the patterns match no test; %s built. Tests with the tag manual run when they are named", count(summary.Built, "other target"))}
	case failed > 0:
		err = &exitError{code: exitTestsFailed}
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	return err
}

// printFailures prints the cases of a test that did not go as they should.
func printFailures(t build.TestResult) {
	for i, f := range t.Failures {
		if i == mostFailures {
			fmt.Printf("%s: and %d more, see %s\n", t.Label, len(t.Failures)-i, t.Log)
			return
		}
		message := strings.TrimRight(f.Message, "\n")
		fmt.Printf("%s: %s: %s\n", t.Label, f.ID, strings.ReplaceAll(message, "\n", "\n    "))
	}
}

// printLog prints the whole log of a test.
func (a *app) printLog(t build.TestResult) error {
	log, err := os.ReadFile(filepath.Join(a.workspace.root, t.Log))
	if err != nil {
		return err
	}
	fmt.Printf("==== %s\n%s\n", t.Label, strings.TrimRight(string(log), "\n"))
	return nil
}
