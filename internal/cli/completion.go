package cli

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/loading"
)

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:       "completion bash|zsh|fish|powershell",
		Short:     "Print a script that makes a shell complete commands, flags and targets",
		Long:      "Completion prints a script for a shell. In bash, for example:\n\n  source <(cowasm completion bash)",
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("completion needs the name of one shell").hint("write cowasm completion bash, zsh, fish or powershell")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(os.Stdout, true)
			case "zsh":
				return root.GenZshCompletion(os.Stdout)
			case "fish":
				return root.GenFishCompletion(os.Stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(os.Stdout)
			}
			return usagef("there is no completion for the shell %q", args[0]).hint("the shells are bash, zsh, fish and powershell")
		},
	}
}

// completeTarget returns the packages or, after a colon, the targets that begin
// with what the user has typed. Whatever cannot be loaded is left out.
func (a *app) completeTarget(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	if a.workspace.root == "" {
		return nil, directive
	}
	ws, err := loading.Open(os.DirFS(a.workspace.root), loading.Options{})
	if err != nil {
		return nil, directive
	}
	var found []string
	add := func(candidate string) {
		if strings.HasPrefix(candidate, typed) {
			found = append(found, candidate)
		}
	}
	if dir, _, ok := strings.Cut(typed, ":"); ok {
		p, err := label.ParsePattern(dir+":all", a.workspace.pkg)
		if err != nil {
			return nil, directive
		}
		pkg, err := ws.Package(p.Label.Package)
		if err != nil {
			return nil, directive
		}
		for _, t := range pkg.Targets() {
			add(dir + ":" + t.Label.Name)
		}
		return found, directive
	}
	pkgs, err := ws.Packages("")
	if err != nil {
		return nil, directive
	}
	for _, pkg := range pkgs {
		add("//" + pkg)
		if below, ok := strings.CutPrefix(pkg, a.workspace.pkg+"/"); ok {
			add(below)
		} else if a.workspace.pkg == "" {
			add(pkg)
		}
	}
	return found, directive
}
