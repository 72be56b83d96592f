package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/store"
)

// withFetcher runs f with what downloads sources and asks package indexes. The
// user sees downloads and can interrupt them.
func (a *app) withFetcher(cmd *cobra.Command, f func(context.Context, *store.Disk, *fetch.Fetcher) error) error {
	if err := a.workspace.require(); err != nil {
		return err
	}
	cache, err := a.flags.cache()
	if err != nil {
		return err
	}
	disk, err := openCache(cache)
	if err != nil {
		return err
	}
	display := a.newDisplay()
	ctx, stop := interruptible(cmd.Context(), func() {})
	defer stop()
	fetcher := fetch.New(disk, fetch.Options{
		Offline:   a.flags.offline,
		VendorDir: a.flags.vendorDir,
		Workspace: a.workspace.root,
		Events:    display,
	})
	display.Start()
	err = f(ctx, disk, fetcher)
	display.Stop()
	if err != nil && interrupted(ctx) {
		return &exitError{code: exitInterrupted}
	}
	return err
}
