package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the versions of cowasm and of what it is made with",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				return fmt.Errorf("this program was built without its build information")
			}
			fmt.Printf("cowasm %s\n", moduleVersion(info))
			fmt.Printf("go %s %s/%s\n", info.GoVersion[len("go"):], runtime.GOOS, runtime.GOARCH)
			for _, dep := range info.Deps {
				switch dep.Path {
				case "github.com/tetratelabs/wazero", "go.starlark.net":
					fmt.Printf("%s %s\n", dep.Path, dep.Version)
				}
			}
			return nil
		},
	}
}

// moduleVersion returns the version of the program: its release, or the commit
// that it was built from.
func moduleVersion(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = "-" + s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = "+changes"
		}
	}
	return "development" + revision + modified
}
