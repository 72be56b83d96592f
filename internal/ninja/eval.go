package ninja

import (
	"errors"
	"slices"
	"strings"
)

// A value is text with references to variables.
type value []part

// A part is literal text or the name of a variable.
type part struct {
	text      string
	reference bool
}

// A scope holds the variables and rules of a file, or the variables of an edge.
type scope struct {
	parent *scope // of the file that this one is a subninja of, or that the edge is in
	vars   map[string]string
	rules  map[string]*rule
}

func newScope(parent *scope) *scope {
	return &scope{parent: parent, vars: map[string]string{}, rules: map[string]*rule{}}
}

// variable returns the value of a variable, "" if it has none.
func (s *scope) variable(name string) string {
	for ; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return ""
}

// rule returns the rule with the given name, or nil.
func (s *scope) rule(name string) *rule {
	for ; s != nil; s = s.parent {
		if r := s.rules[name]; r != nil {
			return r
		}
	}
	return nil
}

// A rule is a command with holes.
type rule struct {
	name     string
	bindings map[string]value
}

// maxText bounds what the variables of a graph expand to, in bytes. A few lines
// that double each other would otherwise fill any memory. Parts of a value count
// as partCost bytes, since to expand an empty one takes time, too.
const (
	maxText  = 1 << 27
	partCost = 32
)

var errTooLarge = errors.New("its variables expand to more text than any build needs")

// A meter counts what variables have expanded to.
type meter int

func (m *meter) use(n int) error {
	if *m += meter(n); *m > maxText {
		return errTooLarge
	}
	return nil
}

// expand returns v with each reference replaced by what lookup returns.
func (m *meter) expand(v value, lookup func(name string) (string, error)) (string, error) {
	var b strings.Builder
	for _, p := range v {
		text := p.text
		if p.reference {
			var err error
			if text, err = lookup(text); err != nil {
				return "", err
			}
		}
		if err := m.use(partCost + len(text)); err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// expandIn returns v with the variables of s.
func (m *meter) expandIn(s *scope, v value) (string, error) {
	return m.expand(v, func(name string) (string, error) { return s.variable(name), nil })
}

// An edgeScope is where the variables of a rule are looked up for an edge.
type edgeScope struct {
	edge  *Edge
	quote bool     // paths in $in and $out, for a shell
	open  []string // variables of the rule that are being expanded
}

// variable returns the value of a variable. Those of the edge come first, then
// those of the rule, which are expanded when they are asked for, then those of
// the file. As in ninja, an edge without variables of its own has those of the
// file in their place.
func (s *edgeScope) variable(name string) (string, error) {
	e := s.edge
	switch name {
	case "in":
		return s.list(e.Inputs, " ")
	case "in_newline":
		return s.list(e.Inputs, "\n")
	case "out":
		return s.list(e.Outputs, " ")
	}
	if v, ok := e.scope.vars[name]; ok {
		return v, nil
	}
	v, ok := e.rule.bindings[name]
	if !ok {
		return e.scope.parent.variable(name), nil
	}
	if slices.Contains(s.open, name) {
		return "", errors.New("the variables of its rule need each other: " + strings.Join(append(s.open, name), " -> "))
	}
	s.open = append(s.open, name)
	text, err := e.meter.expand(v, s.variable)
	s.open = s.open[:len(s.open)-1]
	return text, err
}

func (s *edgeScope) list(paths []string, separator string) (string, error) {
	var b strings.Builder
	for i, p := range paths {
		if i > 0 {
			b.WriteString(separator)
		}
		if s.quote {
			p = quote(p)
		}
		b.WriteString(p)
	}
	return b.String(), nil
}

// quote returns p in the form in which a shell takes it as one word.
func quote(p string) string {
	for i := range len(p) {
		if c := p[i]; nameLength([]byte{c}, true) == 0 && c != '+' && c != '/' {
			return "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
		}
	}
	return p
}
