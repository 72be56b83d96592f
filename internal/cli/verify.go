package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/store"
)

func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		ValidArgsFunction: a.completeTarget,

		Use:   "verify [PATTERN]...",
		Short: "Compare results or the whole cache with their digests",
		Long: `Verify compares what ` + outDir + ` has of the targets that the patterns match with
what was built, and executes nothing. Without patterns it reads the whole cache
and removes what is damaged, which the next build makes again.

To execute actions again and compare, there is cowasm build --check.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.verifyCache(cmd.Context())
			}
			patterns, err := a.workspace.patterns(args)
			if err != nil {
				return err
			}
			a.executeNothing()
			return a.inSession(cmd, func(ctx context.Context, s *session) error {
				list, err := s.Verify(ctx, patterns)
				s.display.Stop()
				if err != nil {
					return mistake(err)
				}
				wrong := 0
				for _, c := range list {
					if c.Wrong == "" {
						continue
					}
					wrong++
					if c.Path == "" {
						fmt.Printf("%s: %s\n", c.Label.Short(), c.Wrong)
					} else {
						fmt.Printf("%s: %s\n", c.Path, c.Wrong)
					}
				}
				return verified(len(list), "result", wrong, "cowasm build makes them again")
			})
		},
	}
}

// verifyCache reads the whole cache and removes what is damaged.
func (a *app) verifyCache(ctx context.Context) error {
	cache, err := a.flags.cache()
	if err != nil {
		return err
	}
	disk, err := openCache(cache)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx, func() {})
	defer stop()
	damaged := 0
	n, err := disk.Verify(ctx, func(d store.Damage) {
		damaged++
		fmt.Printf("%s: %s\n", filepath.Join(cache, filepath.FromSlash(d.Path)), d.Reason)
	})
	if interrupted(ctx) {
		return &exitError{code: exitInterrupted}
	}
	if err != nil {
		return err
	}
	return verified(n, "file", damaged, "they were removed, and will be made again when they are needed")
}

// verified says what a comparison of n things came to, of which some were wrong,
// and returns the error that ends the program accordingly.
func verified(n int, what string, wrong int, next string) error {
	if wrong > 0 {
		return fmt.Errorf("%d of %s not as they should be: %s", wrong, count(n, what), next)
	}
	fmt.Fprintf(os.Stderr, "%s compared, all as they should be\n", count(n, what))
	return nil
}
