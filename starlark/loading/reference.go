package loading

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// Target returns the target that a label names. Errors have no position; the
// caller knows who asks.
func (ws *Workspace) Target(l label.Label) (*Target, error) {
	pkg, err := ws.Package(l.Package)
	if err != nil {
		return nil, err
	}
	if t := pkg.targets[l.Name]; t != nil {
		return t, nil
	}
	return nil, missingTarget(pkg, l, "target")
}

func missingTarget(pkg *Package, l label.Label, what string) error {
	return diag.Errorf(diag.Position{}, "package //%s has no %s %q", l.Package, what, l.Name).
		WithHint("%s", lang.Suggest(l.Name, pkg.names(), "it has "))
}

// A Reference is what a label in an attribute names: a target or, if Target is
// nil, a file of the workspace.
type Reference struct {
	Label  label.Label
	Target *Target
	File   string // relative to the workspace
}

// Resolve returns what a label names. Errors have no position; the caller knows
// who asks.
func (ws *Workspace) Resolve(l label.Label) (Reference, error) {
	ref := Reference{Label: l}
	pkg, err := ws.Package(l.Package)
	if err != nil {
		return ref, err
	}
	if t := pkg.targets[l.Name]; t != nil {
		ref.Target = t
		return ref, nil
	}
	ref.File = path.Join(l.Package, l.Name)
	info, err := ws.stat(ref.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ref, missingTarget(pkg, l, "target or file")
	case err != nil:
		return ref, err
	case info.IsDir():
		return ref, diag.Errorf(diag.Position{}, "%s is a folder", ref.File).
			WithHint("name its files, as with glob([%q])", l.Name+"/**")
	case !info.Mode().IsRegular():
		return ref, diag.Errorf(diag.Position{}, "%s is not a regular file", ref.File)
	}
	return ref, ws.checkBoundary(l)
}

// checkBoundary reports whether a file belongs to another package than the one
// that its label says.
func (ws *Workspace) checkBoundary(l label.Label) error {
	for dir := path.Dir(l.Name); dir != "."; dir = path.Dir(dir) {
		if sub := path.Join(l.Package, dir); ws.IsPackage(sub) {
			return diag.Errorf(diag.Position{}, "%s belongs to package //%s", path.Join(l.Package, l.Name), sub).
				WithHint("write //%s:%s", sub, strings.TrimPrefix(l.Name, dir+"/"))
		}
	}
	return nil
}

// checkVisible reports whether a target of package pkg may depend on ref.
func (ws *Workspace) checkVisible(ref Reference, pkg string) error {
	if ref.Label.Package == pkg {
		return nil
	}
	if ref.Target != nil {
		if ref.Target.VisibleFrom(pkg) {
			return nil
		}
		return diag.Errorf(diag.Position{}, "%s is not visible from package //%s", ref.Label, pkg).
			WithHint("its visibility, set at %s, is %s", ref.Target.AttrPos("visibility"), strings.Join(ref.Target.Visibility(), ", "))
	}
	owner, err := ws.Package(ref.Label.Package)
	if err != nil {
		return err
	}
	v := owner.exports[ref.Label.Name]
	if v == nil {
		return diag.Errorf(diag.Position{}, "file %s is not exported by its package", ref.File).
			WithHint("add exports_files([%q]) to %s", ref.Label.Name, owner.File)
	}
	if !v.allows(pkg) {
		return diag.Errorf(diag.Position{}, "file %s is not visible from package //%s", ref.File, pkg).
			WithHint("it is exported to %s", strings.Join(v.strings(), ", "))
	}
	return nil
}
