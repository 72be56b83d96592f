package loading

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// A Module is a loaded .bzl file.
type Module struct {
	Label   label.Label
	Path    string // relative to the workspace
	Doc     string // the string that the file begins with
	Globals starlark.StringDict
}

// moduleState is a module that is loaded, failed, or being loaded.
type moduleState struct {
	module *Module
	err    error
	done   bool
}

// Module loads a .bzl file. The label names the file.
func (ws *Workspace) Module(l label.Label) (*Module, error) {
	return ws.loadModule(l, nil)
}

// loadModule loads a module on behalf of the chain of modules that load it.
func (ws *Workspace) loadModule(l label.Label, chain []label.Label) (*Module, error) {
	if s, ok := ws.modules[l]; ok {
		if s.done {
			return s.module, s.err
		}
		return nil, loadCycle(append(chain[slices.Index(chain, l):], l))
	}
	s := &moduleState{}
	ws.modules[l] = s
	s.module, s.err = ws.evalModule(l, append(slices.Clone(chain), l))
	s.done = true
	return s.module, s.err
}

func loadCycle(chain []label.Label) error {
	return fmt.Errorf("the files load each other: %s", joinChain(chain))
}

func joinChain(chain []label.Label) string {
	parts := make([]string, len(chain))
	for i, l := range chain {
		parts[i] = l.String()
	}
	return strings.Join(parts, " -> ")
}

func (ws *Workspace) evalModule(l label.Label, chain []label.Label) (*Module, error) {
	m := &Module{Label: l, Path: path.Join(l.Package, l.Name)}
	if !ws.IsPackage(l.Package) {
		return nil, ws.missingPackage(l.Package)
	}
	if err := ws.checkBoundary(l); err != nil {
		return nil, err
	}
	src, err := readFile(ws.fsys, m.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ws.missingModule(l)
	}
	if err != nil {
		return nil, err
	}
	f, err := lang.Parse(m.Path, src)
	if err != nil {
		return nil, err
	}
	m.Doc = docstring(f)
	loaded, errs := ws.resolveLoads(f, l.Package, chain)
	p, err := lang.Compile(f, ws.moduleGlobals)
	if err != nil {
		errs = append(errs, ws.hintLoads(err)...)
	}
	if err := errs.Err(); err != nil {
		return nil, err
	}
	globals, err := ws.runner(m.Path, nil, loaded.get).Exec(p, ws.moduleGlobals)
	if err != nil {
		return nil, err
	}
	lang.Export(globals)
	m.Globals = globals
	return m, nil
}

func (ws *Workspace) missingModule(l label.Label) error {
	var names []string
	// A folder that cannot be listed leaves the hint empty.
	entries, _ := fs.ReadDir(ws.fsys, cleanDir(l.Package))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".bzl") {
			names = append(names, e.Name())
		}
	}
	return diag.Errorf(diag.Position{}, "there is no file %s", path.Join(l.Package, l.Name)).
		WithHint("%s", lang.Suggest(l.Name, names, "the folder has "))
}

// docstring returns the string that a file begins with.
func docstring(f *syntax.File) string {
	if len(f.Stmts) == 0 {
		return ""
	}
	if expr, ok := f.Stmts[0].(*syntax.ExprStmt); ok {
		if lit, ok := expr.X.(*syntax.Literal); ok {
			s, _ := lit.Value.(string)
			return s
		}
	}
	return ""
}

// loadedModules are the modules that a file loads, by the text of its load
// statements.
type loadedModules map[string]*Module

func (m loadedModules) get(text string) (starlark.StringDict, error) { return m[text].Globals, nil }

// resolveLoads loads all that the load statements of f name, and checks that
// the names are there. It reports all errors.
func (ws *Workspace) resolveLoads(f *syntax.File, pkg string, chain []label.Label) (loadedModules, diag.List) {
	loaded := loadedModules{}
	var errs diag.List
	for _, stmt := range f.Stmts {
		load, ok := stmt.(*syntax.LoadStmt)
		if !ok {
			continue
		}
		pos := lang.Position(load.Module.TokenPos)
		text := load.ModuleName()
		l, err := label.Parse(text, pkg)
		if err == nil && !strings.HasSuffix(l.Name, ".bzl") {
			err = diag.Errorf(pos, "%q is not a .bzl file", text).WithHint("write load(\"//folder:file.bzl\", \"name\")")
		}
		var m *Module
		if err == nil {
			m, err = ws.loadModule(l, chain)
		}
		if err != nil {
			errs = append(errs, placed(err, pos)...)
			continue
		}
		loaded[text] = m
		for _, id := range load.From {
			if _, ok := m.Globals[id.Name]; !ok {
				errs = append(errs, diag.Errorf(lang.Position(id.NamePos), "%s has no %q", l, id.Name).
					WithHint("%s", lang.Suggest(id.Name, exported(m.Globals), "it has ")))
			}
		}
	}
	return loaded, errs
}

func exported(globals starlark.StringDict) []string {
	names := slices.Collect(maps.Keys(globals))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "_") })
}

// placed returns the diagnostics in err. Those without a position get pos.
func placed(err error, pos diag.Position) diag.List {
	var list diag.List
	for _, e := range lang.Diagnose(err) {
		d, ok := lang.AsDiagnostic(e)
		if !ok {
			d = diag.Errorf(pos, "%w", e)
		}
		if d.Pos.File == "" {
			d.Pos = pos
		}
		list = append(list, d)
	}
	return list
}

// readFile reads a file of the workspace that is going to be evaluated.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, diag.Errorf(diag.Position{File: name}, "not a regular file")
	}
	if info.Size() > lang.MaxSource {
		return nil, diag.Errorf(diag.Position{File: name}, "the file has %d bytes, the limit is %d", info.Size(), lang.MaxSource)
	}
	return fs.ReadFile(fsys, name)
}
