// Package loading turns the files of a workspace into targets: it evaluates
// WORKSPACE, BUILD and .bzl files, each at most once and only when it is needed.
//
// Loading does not call the implementations of rules; that is analysis.
package loading

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// The names of files and folders that mean something to a workspace.
const (
	WorkspaceFile = "WORKSPACE"  // marks the root
	BuildFile     = "BUILD"      // makes its folder a package
	OutputDir     = "cowasm-out" // holds results and is never searched
)

// Options are what a Workspace may be told.
type Options struct {
	// Print takes what the function print writes; nil drops it.
	Print func(pos diag.Position, msg string)
}

// A Workspace is a tree of packages. It is not safe for concurrent use.
type Workspace struct {
	fsys     fs.FS
	opts     Options
	name     string
	settings []*Setting // sorted by name

	modules  map[label.Label]*moduleState
	packages map[string]*packageState
	isPkg    map[string]bool // by folder, as far as known

	commonGlobals, moduleGlobals, buildGlobals starlark.StringDict
}

// Open opens the workspace whose root is fsys, and evaluates its WORKSPACE
// file.
func Open(fsys fs.FS, opts Options) (*Workspace, error) {
	ws := &Workspace{
		fsys:     fsys,
		opts:     opts,
		modules:  map[label.Label]*moduleState{},
		packages: map[string]*packageState{},
		isPkg:    map[string]bool{},
	}
	ws.commonGlobals = lang.Common()
	ws.moduleGlobals = merge(ws.commonGlobals, lang.ModuleGlobals(), starlark.StringDict{"native": nativeModule()})
	ws.buildGlobals = merge(ws.commonGlobals, natives())
	if err := ws.loadWorkspaceFile(); err != nil {
		return nil, err
	}
	return ws, nil
}

func merge(dicts ...starlark.StringDict) starlark.StringDict {
	sum := starlark.StringDict{}
	for _, d := range dicts {
		for name, v := range d {
			sum[name] = v
		}
	}
	return sum
}

// Name returns the name that the WORKSPACE file gives the workspace.
func (ws *Workspace) Name() string { return ws.name }

// IsPackage reports whether the folder, relative to the root and empty for it,
// has a BUILD file.
func (ws *Workspace) IsPackage(dir string) bool {
	is, known := ws.isPkg[dir]
	if !known {
		info, err := fs.Stat(ws.fsys, path.Join(dir, BuildFile))
		is = err == nil && info.Mode().IsRegular() && !isOutput(dir)
		ws.isPkg[dir] = is
	}
	return is
}

func isOutput(dir string) bool { return dir == OutputDir || strings.HasPrefix(dir, OutputDir+"/") }

// filePackage returns the package that a file is part of.
func (ws *Workspace) filePackage(file string) string {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if ws.IsPackage(dir) {
			return dir
		}
	}
	return ""
}

// Packages returns the paths of all packages at or below dir, sorted. It leaves
// out folders for results, hidden ones and those named testdata.
func (ws *Workspace) Packages(dir string) ([]string, error) {
	root := dir
	if root == "" {
		root = "."
	}
	var list []string
	err := fs.WalkDir(ws.fsys, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := path.Base(p)
			if p != root && (strings.HasPrefix(base, ".") || base == "testdata" || isOutput(p)) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Base(p) == BuildFile {
			pkg := path.Dir(p)
			if pkg == "." {
				pkg = ""
			}
			if ws.IsPackage(pkg) {
				list = append(list, pkg)
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("searching //%s for packages: %w", dir, err)
	}
	slices.Sort(list)
	return list, nil
}

// stat tells about a file that a BUILD file names.
func (ws *Workspace) stat(file string) (fs.FileInfo, error) { return fs.Stat(ws.fsys, file) }

// runner returns a Runner for the file.
func (ws *Workspace) runner(file string, declarer lang.Declarer, load func(string) (starlark.StringDict, error)) *lang.Runner {
	return &lang.Runner{
		Name:  file,
		Scope: &lang.Scope{FilePackage: ws.filePackage, Declarer: declarer},
		Print: ws.opts.Print,
		Load:  load,
	}
}

// Runner returns a Runner for rule implementations.
func (ws *Workspace) Runner(name string) *lang.Runner { return ws.runner(name, nil, nil) }
