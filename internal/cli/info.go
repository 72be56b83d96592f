package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/diag"
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
			return filepath.Join(a.workspace.root, outDir), a.workspace.require()
		}},
		{"cache_dir", a.flags.cache},
		{"blobs", a.cacheSize("blobs")},
		{"results", a.cacheSize("results")},
		{"modules", a.cacheSize(modulesDir)},
	}
	var names []string
	for _, f := range facts {
		names = append(names, f.name)
	}
	return &cobra.Command{
		Use:   "info [NAME]",
		Short: "Print where things are and how large the cache is",
		Long: `Info prints where the workspace, its results and the cache are, and what the
cache holds: blobs (downloads and what was built), results (of actions) and
modules (translated to machine code). With a NAME it prints that alone.`,
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

// cacheSize returns what tells the size of a part of the cache.
func (a *app) cacheSize(part string) func() (string, error) {
	return func() (string, error) {
		dir, err := a.flags.cache()
		if err != nil {
			return "", err
		}
		files, size := 0, int64(0)
		err = filepath.WalkDir(filepath.Join(dir, part), func(_ string, e fs.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				var info fs.FileInfo
				if info, err = e.Info(); err == nil {
					files++
					size += info.Size()
				}
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil // another process removed it, or there is none yet
			}
			return err
		})
		return fmt.Sprintf("%s, %s", count(files, "file"), ui.Size(size)), err
	}
}
