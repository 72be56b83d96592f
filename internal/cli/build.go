package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/build"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/ui"
)

func (a *app) buildCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "build [FLAG]... PATTERN...",
		Short: "Build targets, and print the path, size and sha256 of what they gave",
		Long: `Build builds the targets that the patterns match:

  //packages/six          the target six of the package packages/six
  //packages/six:src      the target src of that package
  //packages/six:all      all targets of that package
  //packages/...          all targets of all packages in packages and below
  -//packages/sympy/...   but not these

A pattern without // is relative to the current folder. Results appear in
` + outDir + `; folders only of targets that are named one by one.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				report, err := s.Build(ctx, patterns)
				s.display.Stop()
				if err != nil {
					return mistake(err)
				}
				printBuilt(report.Targets)
				return s.conclude("built", len(report.Targets), report.Failures, report.Skipped)
			})
		},
	}
	return cmd
}

// printBuilt prints what targets gave, one file to a line.
func printBuilt(targets []build.Built) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, t := range targets {
		for _, f := range t.Files {
			if f.Directory {
				fmt.Fprintf(w, "%s%c\tfolder\ttree %s\n", f.Path, os.PathSeparator, f.Digest.Hash())
			} else {
				fmt.Fprintf(w, "%s\t%d bytes\tsha256 %s\n", f.Path, f.Digest.Size(), f.Digest.Hash())
			}
		}
	}
	w.Flush()
}

// conclude says what a build came to, and returns the error that ends the
// program accordingly.
func (s *session) conclude(verb string, targets int, failures []*execute.Failure, skipped int) error {
	totals := s.display.Totals()
	actions := "no action had to be executed"
	if totals.Executed > 0 {
		actions = count(totals.Executed, "action") + " executed"
	}
	if totals.Cached > 0 {
		actions += fmt.Sprintf(", %d cached", totals.Cached)
	}
	elapsed := ui.Duration(totals.Elapsed)
	if len(failures) == 0 {
		fmt.Fprintf(os.Stderr, "%s %s in %s: %s\n", verb, count(targets, "target"), elapsed, actions)
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the build failed after %s: %s, %s", elapsed, actions, count(len(failures), "failure"))
	if skipped > 0 {
		fmt.Fprintf(&b, ", %s not tried", count(skipped, "action"))
	}
	for _, f := range failures {
		fmt.Fprintf(&b, "\n  %s: %s", f.Step.Owner.Short(), firstLine(f))
	}
	return &exitError{exitFailed, errors.New(b.String())}
}

// firstLine says which action failed, without the details that were shown when
// it did.
func firstLine(f *execute.Failure) string {
	if f.Step.Progress != "" {
		return f.Step.Mnemonic + ", " + f.Step.Progress
	}
	return f.Step.Mnemonic
}

// count returns "1 action", "2 actions".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// mistake gives errors that are due to the user's files their exit code.
func mistake(err error) error {
	var one *diag.Error
	var several diag.List
	if errors.As(err, &one) || errors.As(err, &several) {
		return &exitError{exitUsage, err}
	}
	return err
}

// target parses the name of one target.
func (a *app) target(arg string) (label.Label, error) {
	p, err := label.ParsePattern(arg, a.workspace.pkg)
	if err != nil {
		return label.Label{}, &exitError{exitUsage, err}
	}
	if !p.Single() || p.Negative {
		return label.Label{}, usagef("%s does not name one target", arg).hint("write //package:name")
	}
	return p.Label, nil
}

func (a *app) fetchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fetch [FLAG]... PATTERN...",
		Short: "Download the sources that targets are made from, for later builds --offline",
		RunE: func(cmd *cobra.Command, args []string) error {
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				sources, err := s.Fetch(ctx, patterns)
				s.display.Stop()
				if err != nil {
					return failure(err, sources)
				}
				fmt.Fprintf(os.Stderr, "%s in the cache\n", count(len(sources), "source"))
				return nil
			})
		},
	}
	return cmd
}

func (a *app) vendorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vendor [FLAG]... FOLDER PATTERN...",
		Short: "Copy the sources that targets are made from to a folder",
		Long: `Vendor downloads the sources that the targets are made from and copies them to
a folder. With --vendor_dir=FOLDER, a build on another machine takes them from
there and, with --offline too, needs no network.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("no folder is named").hint("write cowasm vendor FOLDER PATTERN")
			}
			if strings.HasPrefix(args[0], "//") || strings.HasPrefix(args[0], ":") {
				return usagef("%s is a pattern; the folder comes first", args[0]).hint("write cowasm vendor FOLDER %s", args[0])
			}
			patterns, err := a.workspace.patterns(args[1:])
			if err != nil {
				return err
			}
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				sources, err := s.Vendor(ctx, patterns, args[0])
				s.display.Stop()
				if err != nil {
					return failure(err, sources)
				}
				var size int64
				for _, source := range sources {
					if d, err := s.Store.FindSHA256(ctx, source.SHA256); err == nil {
						size += d.Size()
					}
				}
				fmt.Fprintf(os.Stderr, "%s in %s, %s\n", count(len(sources), "source"), args[0], ui.Size(size))
				return nil
			})
		},
	}
	return cmd
}

// failure gives an error of fetching its exit code. If sources are known, then
// the user's files are right.
func failure(err error, sources []fetch.Source) error {
	if sources == nil {
		return mistake(err)
	}
	return err
}
