package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/distribution"
	"github.com/cowasm/cowasm/internal/fetch"
	"github.com/cowasm/cowasm/internal/skeleton"
	"github.com/cowasm/cowasm/internal/store"
)

func (a *app) newCommand() *cobra.Command {
	var native bool
	cmd := &cobra.Command{
		Use:   "new [--offline] [--native] NAME[==VERSION]...",
		Short: "Write the BUILD file of a package from its release",
		Long: `New writes packages/NAME/BUILD for a Python distribution: its source with the
hash, the bundle with what it depends on, and its own tests. It asks the package
index that pip is configured to use, takes the newest final release for the
Python of this workspace unless a version is given, downloads its sdist and looks
into it. What it cannot know it tells.

A release that has no wheel for all platforms is built by its own build system,
from C, C++ or Cython.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("new needs the name of a distribution").hint("as in cowasm new click, or cowasm new click==8.1.8")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withFetcher(cmd, func(ctx context.Context, disk *store.Disk, fetcher *fetch.Fetcher) error {
				for _, arg := range args {
					if err := a.newPackage(ctx, disk, fetcher, arg, native); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	a.flags.addFetch(cmd.Flags())
	cmd.Flags().BoolVar(&native, "native", false, "build native code even if it is optional")
	return cmd
}

// newPackage writes the BUILD file of one distribution, as the user named it,
// with its native code even if that is optional or only if it is not.
func (a *app) newPackage(ctx context.Context, disk *store.Disk, fetcher *fetch.Fetcher, arg string, native bool) error {
	name, version, versioned := strings.Cut(arg, "==")
	if !distribution.ValidName(name) || versioned && !distribution.ValidVersion(version) {
		return usagef("%q is not the name of a distribution", arg).hint("write NAME or NAME==VERSION")
	}
	project := distribution.CanonicalName(name)
	shown := skeleton.Folder + "/" + project
	dir := filepath.Join(a.workspace.root, filepath.FromSlash(shown))
	build := filepath.Join(dir, "BUILD")
	if _, err := os.Lstat(build); err == nil {
		exists := usagef("%s/BUILD exists already", shown)
		if versioned {
			return exists.hint("for that release: cowasm update --to=%s //%s", version, shown)
		}
		return exists.hint("for its newest release: cowasm update //%s", shown)
	}

	files, err := fetcher.Project(ctx, name)
	var unknown *fetch.NoProjectError
	if errors.As(err, &unknown) {
		return usagef("%w", err).hint("check how it is spelt: the name on the index can differ from what is imported")
	}
	if err != nil {
		return err
	}
	release, err := skeleton.Choose(project, version, files)
	if err != nil {
		return err
	}
	release.Pure = release.Pure && !native
	source, err := readSdist(ctx, disk, fetcher, release)
	if err != nil {
		return err
	}
	known, err := skeleton.ReadPackages(os.DirFS(a.workspace.root))
	if err != nil {
		return err
	}
	k, err := skeleton.New(release, source, known)
	if err != nil {
		return err
	}
	text, err := k.BUILD()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("making the folder of the package: %w", err)
	}
	if err := atomicfile.Write(build, text, 0o666); err != nil {
		return err
	}
	fmt.Printf("%s/BUILD: %s %s\n", shown, project, release.Version)
	for _, line := range k.Advice() {
		fmt.Println("  " + line)
	}
	fmt.Printf("  build and test it: cowasm test //%s:all\n", shown)
	return nil
}

// readSdist downloads the sdist of a release and looks into it.
func readSdist(ctx context.Context, disk *store.Disk, fetcher *fetch.Fetcher, r *skeleton.Release) (*skeleton.Source, error) {
	d, err := fetcher.Fetch(ctx, fetch.Source{
		Name:   r.Sdist.Name,
		SHA256: r.Sdist.SHA256,
		PURLs:  []string{r.PURL()},
	})
	if err != nil {
		return nil, err
	}
	file, err := disk.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	source, err := skeleton.ReadSource(r.Sdist.Name, file, info.Size())
	if err != nil {
		return nil, diag.Errorf(diag.Position{}, "the sdist of %s %s cannot be used: %w", r.Project, r.Version, err)
	}
	return source, nil
}
