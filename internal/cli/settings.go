package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/starlark/loading"
)

// addSettings registers a flag for each build setting of the workspace, and
// --define for all of them, on the verbs that build. A WORKSPACE file that
// cannot be evaluated has none; the verbs that need it say why.
func (a *app) addSettings(cmds ...*cobra.Command) error {
	a.flags.settings = map[string]*string{}
	var settings []*loading.Setting
	if a.workspace.root != "" {
		if ws, err := loading.Open(os.DirFS(a.workspace.root), loading.Options{}); err == nil {
			settings = ws.Settings()
		}
	}
	for _, s := range settings {
		a.flags.settings[s.Name] = new(string)
	}
	for _, cmd := range cmds {
		cmd.Flags().StringArrayVar(&a.flags.defines, "define", nil, "set a build setting, as in `NAME=VALUE`")
		for _, s := range settings {
			if cmd.Flags().Lookup(s.Name) != nil || cmd.Root().PersistentFlags().Lookup(s.Name) != nil {
				return usagef("%s: the build setting %q has the name of a flag of cowasm", s.Pos, s.Name).hint("give it another name")
			}
			// pflag takes what is in backquotes for the name of the value.
			value, doc := "VALUE", strings.ReplaceAll(s.Doc, "`", "")
			if s.Values != nil {
				value = strings.Join(s.Values, "|")
			}
			usage := fmt.Sprintf("build setting, `%s`: %s", value, doc)
			cmd.Flags().StringVar(a.flags.settings[s.Name], s.Name, s.Default, usage)
		}
	}
	return nil
}
