// Package label holds names of targets, such as //packages/six:upstream_test,
// and patterns that match many of them, such as //packages/... .
package label

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// A Label names a target: Name in the package (a folder with a BUILD file)
// Package, which is relative to the workspace and empty for its root.
type Label struct {
	Package string
	Name    string
}

// Parse parses a label. A relative one (":name" or "name") is taken to be in
// package pkg. "//a/b" is short for "//a/b:b".
func Parse(s, pkg string) (Label, error) {
	rest, absolute := strings.CutPrefix(s, "//")
	if !absolute {
		if strings.HasPrefix(s, "@") {
			return Label{}, fmt.Errorf("label %q: %w", s, errOtherRepository)
		}
		name := strings.TrimPrefix(s, ":")
		if err := checkName(name); err != nil {
			return Label{}, fmt.Errorf("label %q: %w", s, err)
		}
		return Label{pkg, name}, nil
	}
	p, name, ok := strings.Cut(rest, ":")
	if !ok {
		name = path.Base(p)
	}
	if err := checkPackage(p); err != nil {
		return Label{}, fmt.Errorf("label %q: %w", s, err)
	}
	if p == "" && !ok {
		return Label{}, fmt.Errorf("label %q has no target name", s)
	}
	if err := checkName(name); err != nil {
		return Label{}, fmt.Errorf("label %q: %w", s, err)
	}
	return Label{p, name}, nil
}

var errOtherRepository = errors.New("it names another repository; cowasm has one repository, write //package:name")

// String returns the canonical form, as in "//a/b:c".
func (l Label) String() string { return "//" + l.Package + ":" + l.Name }

// Short returns "//a/b" for "//a/b:b", and the canonical form otherwise.
func (l Label) Short() string {
	if l.Package != "" && path.Base(l.Package) == l.Name {
		return "//" + l.Package
	}
	return l.String()
}

// Compare orders labels by package, then by name.
func (l Label) Compare(m Label) int {
	if c := strings.Compare(l.Package, m.Package); c != 0 {
		return c
	}
	return strings.Compare(l.Name, m.Name)
}

// checkPackage reports why p cannot be the path of a package.
func checkPackage(p string) error {
	if p == "" {
		return nil
	}
	for part := range strings.SplitSeq(p, "/") {
		if err := checkPart("package", part); err != nil {
			return err
		}
	}
	return nil
}

// checkName reports why name cannot be the name of a target. A name may have
// slashes, since files below a package are targets too.
func checkName(name string) error {
	if name == "" {
		return fmt.Errorf("the target name is empty")
	}
	for part := range strings.SplitSeq(name, "/") {
		if err := checkPart("target name", part); err != nil {
			return err
		}
	}
	return nil
}

func checkPart(what, part string) error {
	switch part {
	case "":
		return fmt.Errorf("the %s has an empty part", what)
	case ".", "..", "...":
		return fmt.Errorf("the %s may not contain %q", what, part)
	}
	for _, r := range part {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', strings.ContainsRune("_.-+=@~,#!%^()[]{}$&", r):
		default:
			return fmt.Errorf("the %s may not contain %q", what, r)
		}
	}
	return nil
}
