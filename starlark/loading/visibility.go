package loading

import (
	"fmt"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
)

// A visibility is a set of packages. The zero value is the empty set: private.
type visibility struct {
	public   bool
	packages []string // exactly these
	subtrees []string // these and all below them
}

var public = &visibility{public: true}

// parseVisibility parses the values of a visibility attribute in package pkg.
func parseVisibility(specs []string, pkg string) (*visibility, error) {
	v := &visibility{}
	for _, spec := range specs {
		switch spec {
		case "//visibility:public":
			v.public = true
			continue
		case "//visibility:private":
			if len(specs) > 1 {
				return nil, fmt.Errorf("visibility: %q must be alone", spec)
			}
			continue
		}
		// Labels of the names __pkg__ and __subpackages__; the root's needs no
		// package.
		l, err := label.Parse(spec, pkg)
		if err == nil {
			switch l.Name {
			case "__pkg__":
				v.packages = append(v.packages, l.Package)
				continue
			case "__subpackages__":
				v.subtrees = append(v.subtrees, l.Package)
				continue
			}
		}
		return nil, diag.Errorf(diag.Position{}, "visibility %q is not understood", spec).
			WithHint("use //visibility:public, //visibility:private, //a/b:__pkg__ or //a/b:__subpackages__")
	}
	return v, nil
}

func (v *visibility) allows(pkg string) bool {
	if v.public {
		return true
	}
	for _, p := range v.packages {
		if p == pkg {
			return true
		}
	}
	for _, p := range v.subtrees {
		if p == "" || p == pkg || strings.HasPrefix(pkg, p+"/") {
			return true
		}
	}
	return false
}

func (v *visibility) strings() []string {
	if v.public {
		return []string{"//visibility:public"}
	}
	var list []string
	for _, p := range v.packages {
		list = append(list, "//"+p+":__pkg__")
	}
	for _, p := range v.subtrees {
		list = append(list, "//"+p+":__subpackages__")
	}
	if list == nil {
		return []string{"//visibility:private"}
	}
	return list
}
