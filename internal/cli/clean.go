package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) cleanCommand() *cobra.Command {
	var cache bool
	cmd := &cobra.Command{
		Use:   "clean [--cache]",
		Short: "Remove results, or the whole cache",
		Long: `Clean removes the folder ` + outDir + `, which only shows what the cache has: the
next build fills it again without building anything. With --cache it removes
the cache instead, so that the next build starts from nothing.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if cache {
				dir, err := a.flags.cache()
				if err != nil {
					return err
				}
				if err := removeCache(dir); err != nil {
					return err
				}
				fmt.Printf("removed the cache in %s\n", dir)
				return nil
			}
			if err := a.workspace.require(); err != nil {
				return err
			}
			dir := a.workspace.outDir()
			if err := removeAll(dir); err != nil {
				return err
			}
			fmt.Printf("removed %s\n", dir)
			return nil
		},
	}
	cmd.Flags().BoolVar(&cache, "cache", false, "remove downloads, results and translated modules, for all workspaces")
	cmd.Flags().BoolVar(&cache, "expunge", false, "the same, under Bazel's name")
	return cmd
}
