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

// A Package is an evaluated BUILD file. It is immutable.
type Package struct {
	Path string // relative to the workspace, "" for its root
	File string // the BUILD file

	targets    map[string]*Target
	exports    map[string]*visibility // files that other packages may name
	visibility *visibility            // of targets that have none themselves
}

type packageState struct {
	pkg *Package
	err error
}

// Targets returns all targets, sorted by label.
func (p *Package) Targets() []*Target {
	return slices.SortedFunc(maps.Values(p.targets), func(a, b *Target) int { return a.Label.Compare(b.Label) })
}

// names returns the names of targets and exported files.
func (p *Package) names() []string {
	return slices.AppendSeq(slices.Collect(maps.Keys(p.targets)), maps.Keys(p.exports))
}

// Package evaluates the BUILD file of a package.
func (ws *Workspace) Package(pkg string) (*Package, error) {
	if s, ok := ws.packages[pkg]; ok {
		return s.pkg, s.err
	}
	s := &packageState{}
	ws.packages[pkg] = s
	s.pkg, s.err = ws.evalPackage(pkg)
	return s.pkg, s.err
}

func (ws *Workspace) evalPackage(pkg string) (*Package, error) {
	if !ws.IsPackage(pkg) {
		return nil, ws.missingPackage(pkg)
	}
	file := path.Join(pkg, BuildFile)
	src, err := readFile(ws.fsys, file)
	if err != nil {
		return nil, err
	}
	f, err := lang.Parse(file, src)
	if err != nil {
		return nil, err
	}
	l := &packageLoader{
		ws:    ws,
		pkg:   &Package{Path: pkg, File: file, targets: map[string]*Target{}, exports: map[string]*visibility{}, visibility: &visibility{}},
		sites: indexCalls(f),
	}
	loaded, errs := ws.resolveLoads(f, pkg, nil)
	l.errs = append(checkDialect(f), errs...)
	program, err := lang.Compile(f, ws.buildGlobals)
	if err != nil {
		l.errs = append(l.errs, ws.hintLoads(err)...)
	}
	if err := l.errs.Err(); err != nil {
		return nil, err
	}
	if _, err := ws.runner(file, l, loaded.get).Exec(program, ws.buildGlobals); err != nil {
		l.errs = append(l.errs, lang.Diagnose(err)...)
	}
	if err := l.errs.Err(); err != nil {
		return nil, err
	}
	return l.pkg, nil
}

func (ws *Workspace) missingPackage(pkg string) error {
	e := diag.Errorf(diag.Position{}, "there is no package //%s", pkg)
	if info, err := ws.stat(cleanDir(pkg)); err == nil && info.IsDir() {
		return e.WithHint("the folder has no %s file", BuildFile)
	}
	parent := path.Dir(pkg)
	if parent == "." {
		parent = ""
	}
	var near []string
	entries, err := fs.ReadDir(ws.fsys, cleanDir(parent))
	if err != nil {
		return e.WithHint("there is no folder %s", parent)
	}
	for _, entry := range entries {
		if entry.IsDir() && ws.IsPackage(path.Join(parent, entry.Name())) {
			near = append(near, entry.Name())
		}
	}
	if n := diag.Nearest(path.Base(pkg), near); n != "" {
		return e.WithHint("did you mean //%s?", path.Join(parent, n))
	}
	return e
}

// cleanDir is the name of a package's folder for package fs.
func cleanDir(pkg string) string {
	if pkg == "" {
		return "."
	}
	return pkg
}

// hintLoads adds to errors about undefined names which load statement would
// define them, or one that is spelt alike.
func (ws *Workspace) hintLoads(err error) diag.List {
	list := lang.Diagnose(err)
	defined := map[string]label.Label{}
	for _, l := range slices.SortedFunc(maps.Keys(ws.modules), label.Label.Compare) {
		if m := ws.modules[l].module; m != nil {
			for _, name := range exported(m.Globals) {
				if _, ok := defined[name]; !ok {
					defined[name] = l
				}
			}
		}
	}
	names := slices.Collect(maps.Keys(defined))
	for i, e := range list {
		var d *diag.Error
		if !errors.As(e, &d) {
			continue
		}
		name, ok := strings.CutPrefix(d.Msg, "undefined: ")
		if !ok {
			continue
		}
		if l, ok := defined[name]; ok {
			list[i] = d.WithHint("add load(%q, %q)", l.String(), name)
		} else if near := diag.Nearest(name, names); d.Hint == "" && near != "" {
			list[i] = d.WithHint("did you mean %s? Then add load(%q, %q)", near, defined[near].String(), near)
		}
	}
	return list
}

// checkDialect reports what .bzl files may do and BUILD files may not.
func checkDialect(f *syntax.File) diag.List {
	var errs diag.List
	for _, stmt := range f.Stmts {
		if def, ok := stmt.(*syntax.DefStmt); ok {
			errs = append(errs, diag.Errorf(lang.Position(def.Def), "a BUILD file cannot define functions").
				WithHint("define %s in a .bzl file and load it", def.Name.Name))
		}
	}
	return errs
}

// A packageLoader collects what a BUILD file declares while it is evaluated.
type packageLoader struct {
	ws    *Workspace
	pkg   *Package
	sites callSites
	errs  diag.List

	called bool // the function package was
}

// PackagePath returns the package being loaded.
func (l *packageLoader) PackagePath() string { return l.pkg.Path }

// Limits of a package.
const (
	maxTargets  = 100_000
	maxMistakes = 100 // after which the file is not evaluated further
)

// Declare adds a target. Mistakes in its attributes do not stop the file.
func (l *packageLoader) Declare(thread *starlark.Thread, rule *lang.Rule, kwargs []starlark.Tuple) error {
	t := &Target{Rule: rule, pkg: l.pkg, call: l.sites.at(thread, l.pkg.File), attrs: map[string]starlark.Value{}, TestOnly: rule.Test}
	t.Pos = t.call.pos
	ok := true
	report := func(attr, text string, err error) {
		ok = false
		l.errs = append(l.errs, placed(err, t.call.find(attr, text))...)
	}
	for _, kv := range kwargs {
		name := string(kv[0].(starlark.String))
		a := rule.AttrByName(name)
		if a == nil || strings.HasPrefix(name, "_") {
			report(name, "", rule.UnknownAttr(name))
			continue
		}
		if kv[1] == starlark.None {
			continue
		}
		v, problems := a.Convert(kv[1], l.pkg.Path)
		for _, p := range problems {
			report(name, p.At, withContext(fmt.Sprintf("attribute %q of %s", name, rule.Name()), p.Err))
		}
		if len(problems) > 0 {
			continue
		}
		if _, isSelect := v.(*lang.Select); isSelect && lang.CommonAttrs[name] != nil {
			report(name, "", fmt.Errorf("attribute %q cannot depend on select", name))
			continue
		}
		v.Freeze()
		t.attrs[name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(rule.Attrs)) {
		if rule.Attrs[name].Mandatory && t.attrs[name] == nil && !given(kwargs, name) {
			report("", "", fmt.Errorf("%s needs the attribute %q", rule.Name(), name))
		}
	}
	l.setCommon(t, kwargs, report)
	if len(l.errs) > maxMistakes {
		return fmt.Errorf("there are more than %d mistakes", maxMistakes)
	}
	if !ok {
		return nil
	}
	if len(l.pkg.targets) >= maxTargets {
		return fmt.Errorf("the package has more than %d targets", maxTargets)
	}
	l.pkg.targets[t.Label.Name] = t
	return nil
}

func given(kwargs []starlark.Tuple, name string) bool {
	return slices.ContainsFunc(kwargs, func(kv starlark.Tuple) bool {
		return kv[0] == starlark.String(name) && kv[1] != starlark.None
	})
}

// setCommon sets what the attributes of all rules say.
func (l *packageLoader) setCommon(t *Target, kwargs []starlark.Tuple, report func(attr, text string, err error)) {
	name, _ := starlark.AsString(t.attrs["name"])
	if name == "" {
		if !given(kwargs, "name") || t.attrs["name"] != nil {
			report("name", "", fmt.Errorf("%s needs a name", t.Rule.Name()))
		}
		return
	}
	var err error
	if t.Label, err = label.Parse(":"+name, l.pkg.Path); err != nil {
		report("name", name, err)
	}
	if old := l.pkg.targets[name]; old != nil {
		report("name", name, fmt.Errorf("target %q is declared already, at %s", name, old.Pos))
	}
	t.Tags = stringList(t.attrs["tags"])
	if v, ok := t.attrs["testonly"].(starlark.Bool); ok {
		t.TestOnly = bool(v) || t.Rule.Test
	}
	if v := t.attrs["visibility"]; v != nil {
		if t.visibility, err = parseVisibility(stringList(v), l.pkg.Path); err != nil {
			report("visibility", "", err)
		}
	}
}

// stringList returns the strings of a converted string_list, nil for nil.
func stringList(v starlark.Value) []string {
	list, ok := v.(*starlark.List)
	if !ok {
		return nil
	}
	strs := make([]string, 0, list.Len())
	for e := range list.Elements() {
		s, _ := starlark.AsString(e)
		strs = append(strs, s)
	}
	return strs
}

// withContext puts what in front of an error's message.
func withContext(what string, err error) error {
	if d, ok := lang.AsDiagnostic(err); ok {
		d.Msg = what + ": " + d.Msg
		return d
	}
	return fmt.Errorf("%s: %w", what, err)
}
