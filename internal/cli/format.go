package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/spf13/cobra"

	"github.com/cowasm/cowasm/internal/atomicfile"
	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/edit"
)

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [--check] [FILE|FOLDER]...",
		Short: "Format BUILD, .bzl and WORKSPACE files",
		Long: `Fmt puts BUILD, .bzl and WORKSPACE files into their standard form, that of
buildifier, and prints the names of the files that it changed. A folder stands
for all such files in it and below; without arguments it is the current one.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			return formatAll(args, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "change nothing; list the files that are not formatted, and exit with 1 if there are any")
	return cmd
}

// formatAll formats files and all files below folders. It goes on after a file
// that cannot be parsed.
func formatAll(roots []string, check bool) error {
	var files []string
	for _, root := range roots {
		found, err := starlarkFiles(root)
		if err != nil {
			return err
		}
		files = append(files, found...)
	}
	var mistakes diag.List
	unformatted := false
	for _, file := range files {
		changed, err := formatFile(file, !check)
		if err != nil {
			mistakes = append(mistakes, err)
		} else if changed {
			unformatted = true
			fmt.Println(filepath.ToSlash(file))
		}
	}
	switch {
	case mistakes != nil:
		return &exitError{exitUsage, mistakes.Err()}
	case check && unformatted:
		return &exitError{exitFailed, errors.New("the files above are not formatted; run cowasm fmt")}
	}
	return nil
}

// starlarkFiles returns root, or all files below it that are written in
// Starlark. Hidden folders and the output folder are left out.
func starlarkFiles(root string) ([]string, error) {
	info, err := os.Stat(root)
	if pkg, isLabel := strings.CutPrefix(root, "//"); isLabel && err != nil {
		pkg, _, _ = strings.Cut(pkg, ":")
		return nil, usagef("%s is a label; files and folders are wanted", root).
			hint("as in %s", cmp.Or(strings.TrimSuffix(strings.TrimSuffix(pkg, "..."), "/"), "."))
	}
	if err != nil {
		return nil, usagef("%w", err)
	}
	if !info.IsDir() {
		return []string{root}, nil
	}
	var files []string
	err = filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		switch name := e.Name(); {
		case err != nil:
			return err
		case e.IsDir() && p != root && (strings.HasPrefix(name, ".") || name == outDir):
			return fs.SkipDir
		case e.Type().IsRegular() && (name == "BUILD" || name == "WORKSPACE" || strings.HasSuffix(name, ".bzl")):
			files = append(files, p)
		}
		return nil
	})
	return files, err
}

// formatFile reports whether file is not in its standard form and, if write is
// set, puts it into that form.
func formatFile(file string, write bool) (changed bool, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return false, err
	}
	tree, err := edit.Parse(filepath.ToSlash(file), data)
	if err != nil {
		return false, err
	}
	formatted := build.Format(tree)
	if bytes.Equal(data, formatted) {
		return false, nil
	}
	if !write {
		return true, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return false, err
	}
	return true, atomicfile.Write(file, formatted, info.Mode().Perm())
}
