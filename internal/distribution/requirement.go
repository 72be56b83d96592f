package distribution

import (
	"fmt"
	"slices"
	"strings"

	"deps.dev/util/pypi"
)

// A Requirement is a dependency on a distribution (PEP 508).
type Requirement struct {
	Name       string // canonical
	Constraint string // as in ">=1.0,<2", or empty
	Marker     string // when it is needed, or empty for always
}

// ParseRequirement parses a requirement.
func ParseRequirement(text string) (Requirement, error) {
	d, err := pypi.ParseDependency(strings.TrimSpace(text))
	if err != nil || !ValidName(d.Name) {
		return Requirement{}, fmt.Errorf("the requirement %q cannot be read", text)
	}
	return Requirement{Name: d.Name, Constraint: d.Constraint, Marker: d.Environment}, nil
}

// Names returns the names of those requirements that hold on our platform
// without extras, sorted, each once.
func Names(requirements []Requirement) ([]string, error) {
	var list []string
	for _, r := range requirements {
		holds, err := r.holds()
		if err != nil {
			return nil, err
		}
		if holds {
			list = append(list, r.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// holds reports whether the requirement counts on our platform, without extras.
func (r Requirement) holds() (bool, error) {
	if r.Marker == "" {
		return true, nil
	}
	return evaluateMarker(r.Marker, "")
}
