package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/ui"
)

// A fact is something that `cowasm info` can tell.
type fact struct {
	name string
	tell func() (string, error)
}

func (a *app) infoCommand() *cobra.Command {
	facts := []fact{
		{"workspace", func() (string, error) { return a.workspace.root, a.workspace.require() }},
		{"output_dir", func() (string, error) {
			return a.workspace.outDir(), a.workspace.require()
		}},
		{"cache_dir", a.flags.cache},
		{"store", a.storeSize},
		{"modules", a.modulesSize},
	}
	var names []string
	for _, f := range facts {
		names = append(names, f.name)
	}
	return &cobra.Command{
		Use:   "info [NAME]",
		Short: "Print where things are and how large the cache is",
		Long: `Info prints where the workspace, its results and the cache are, and how large
the parts of the cache are: the store (downloads, what was built, and results of
actions) and the modules that were translated to machine code. With a NAME it
prints that alone.`,
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: names,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return printFacts(facts)
			}
			for _, f := range facts {
				if f.name == args[0] {
					text, err := f.tell()
					if err == nil {
						fmt.Println(text)
					}
					return err
				}
			}
			err := usagef("cowasm info knows no %q", args[0])
			if near := diag.Nearest(args[0], names); near != "" {
				return err.hint("did you mean %s?", near)
			}
			return err.hint("run cowasm info for all that it knows")
		},
	}
}

func printFacts(facts []fact) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range facts {
		text, err := f.tell()
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s:\t%s\n", f.name, text)
	}
	return w.Flush()
}

// storeSize tells what the store takes up.
func (a *app) storeSize() (string, error) {
	dir, err := a.flags.cache()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "empty", nil
	}
	disk, err := store.OpenDisk(dir)
	if err != nil {
		return "", err
	}
	u, err := disk.Usage(context.Background())
	return fmt.Sprintf("%s in %s, %s", ui.Size(u.BlobBytes+u.ResultBytes+u.OtherBytes),
		count(u.Blobs, "blob"), count(u.Results, "result")), err
}

// modulesSize tells what the translated modules take up.
func (a *app) modulesSize() (string, error) {
	dir, err := a.flags.cache()
	if err != nil {
		return "", err
	}
	var size int64
	err = filepath.WalkDir(filepath.Join(dir, modulesDir), func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var info fs.FileInfo
			if info, err = e.Info(); err == nil {
				size += info.Size()
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process removed it, or there is none yet
		}
		return err
	})
	return ui.Size(size), err
}
