package cli

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/ruledoc"
	"github.com/cowasm/cowasm/starlark/loading"
)

// docsCommand is for those who maintain a set of rules, and hidden from others.
func (a *app) docsCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "docs [FOLDER]",
		Short:  "Print the reference of the rules in a folder, by default rules",
		Hidden: true,
		Args:   cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.workspace.require(); err != nil {
				return err
			}
			folder := "rules"
			if len(args) > 0 {
				folder = path.Join(a.workspace.pkg, filepath.ToSlash(args[0]))
			}
			text, err := ruleReference(os.DirFS(a.workspace.root), folder)
			if err != nil {
				return mistake(err)
			}
			_, err = os.Stdout.Write(text)
			return err
		},
	}
}

// ruleReference returns the reference of all rules below a folder of the
// workspace. Folders named tests have none for others.
func ruleReference(root fs.FS, folder string) ([]byte, error) {
	ws, err := loading.Open(root, loading.Options{})
	if err != nil {
		return nil, err
	}
	var modules []*loading.Module
	err = fs.WalkDir(root, folder, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && e.Name() == "tests" {
			return fs.SkipDir
		}
		if err != nil || e.IsDir() || path.Ext(p) != ".bzl" {
			return err
		}
		m, err := ws.Module(label.Label{Package: path.Dir(p), Name: path.Base(p)})
		modules = append(modules, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ruledoc.Write(modules), nil
}
