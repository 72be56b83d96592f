package distribution

import (
	"fmt"
	"slices"
	"strings"

	"deps.dev/util/semver"
)

// environment is what markers can ask for. It is what the Python of our
// toolchain answers.
var environment = map[string]string{
	"implementation_name":            "cpython",
	"implementation_version":         pythonRelease,
	"os_name":                        "posix",
	"platform_machine":               "wasm32",
	"platform_python_implementation": "CPython",
	"platform_release":               "",
	"platform_system":                "wasi",
	"platform_version":               "",
	"python_full_version":            pythonRelease,
	"python_version":                 pythonVersion,
	"sys_platform":                   "wasi",
}

// evaluateMarker evaluates an environment marker. Its grammar is that of PEP
// 508, "Environment Markers".
func evaluateMarker(marker, extra string) (bool, error) {
	tokens, err := markerTokens(marker)
	if err != nil {
		return false, fmt.Errorf("the marker %q cannot be read: %w", marker, err)
	}
	p := &markerParser{tokens: tokens, extra: CanonicalName(extra)}
	holds, err := p.or(0)
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("%q is too much", p.tokens[0])
	}
	if err != nil {
		return false, fmt.Errorf("the marker %q cannot be read: %w", marker, err)
	}
	return holds, nil
}

// markerTokens splits a marker into names, operators, parentheses and strings.
// A string keeps its first quote.
func markerTokens(s string) ([]string, error) {
	const operators = "<>=!~"
	var tokens []string
	for s = strings.TrimLeft(s, " \t"); s != ""; s = strings.TrimLeft(s, " \t") {
		n := 0
		switch c := s[0]; {
		case c == '(' || c == ')':
			n = 1
		case c == '\'' || c == '"':
			end := strings.IndexByte(s[1:], c)
			if end < 0 {
				return nil, fmt.Errorf("%s has no end", s)
			}
			tokens = append(tokens, s[:end+1])
			s = s[end+2:]
			continue
		case strings.IndexByte(operators, c) >= 0:
			for n < len(s) && strings.IndexByte(operators, s[n]) >= 0 {
				n++
			}
		default:
			for n < len(s) && strings.IndexByte(" \t()'\""+operators, s[n]) < 0 {
				n++
			}
		}
		tokens = append(tokens, s[:n])
		s = s[n:]
	}
	return tokens, nil
}

// maxMarkerDepth bounds the nesting of parentheses.
const maxMarkerDepth = 50

type markerParser struct {
	tokens []string
	extra  string // canonical
}

func (p *markerParser) accept(token string) bool {
	if len(p.tokens) == 0 || p.tokens[0] != token {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *markerParser) or(depth int) (bool, error) {
	holds, err := p.and(depth)
	for err == nil && p.accept("or") {
		var other bool
		other, err = p.and(depth)
		holds = holds || other
	}
	return holds, err
}

func (p *markerParser) and(depth int) (bool, error) {
	holds, err := p.comparison(depth)
	for err == nil && p.accept("and") {
		var other bool
		other, err = p.comparison(depth)
		holds = holds && other
	}
	return holds, err
}

func (p *markerParser) comparison(depth int) (bool, error) {
	if p.accept("(") {
		if depth == maxMarkerDepth {
			return false, fmt.Errorf("more than %d parentheses", maxMarkerDepth)
		}
		holds, err := p.or(depth + 1)
		if err == nil && !p.accept(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return holds, err
	}
	if len(p.tokens) < 3 {
		return false, fmt.Errorf("it ends too early")
	}
	left, isExtra, err := p.value()
	if err != nil {
		return false, err
	}
	op := p.tokens[0]
	p.tokens = p.tokens[1:]
	if op == "not" && p.accept("in") {
		op = "not in"
	}
	if len(p.tokens) == 0 {
		return false, fmt.Errorf("it ends too early")
	}
	right, alsoExtra, err := p.value()
	if err != nil {
		return false, err
	}
	if isExtra || alsoExtra {
		left, right = CanonicalName(left), CanonicalName(right)
	}
	return compare(left, op, right)
}

// value returns the value of the next token, and whether it is that of extra.
func (p *markerParser) value() (value string, isExtra bool, err error) {
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	if token[0] == '\'' || token[0] == '"' {
		return token[1:], false, nil
	}
	if token == "extra" {
		return p.extra, true, nil
	}
	// PEP 345 had names with a dot.
	v, ok := environment[strings.ReplaceAll(token, ".", "_")]
	if !ok {
		return "", false, fmt.Errorf("there is no variable %q", token)
	}
	return v, false, nil
}

// compare compares as versions if that is possible, else as strings.
func compare(left, op, right string) (bool, error) {
	switch op {
	case "in":
		return strings.Contains(right, left), nil
	case "not in":
		return !strings.Contains(right, left), nil
	}
	if !slices.Contains([]string{"==", "!=", "<", "<=", ">", ">=", "~=", "==="}, op) {
		return false, fmt.Errorf("there is no operator %q", op)
	}
	if _, err := semver.PyPI.Parse(left); err == nil {
		if c, err := semver.PyPI.ParseConstraint(op + right); err == nil {
			return c.Match(left), nil
		}
	}
	switch op {
	case "==", "===":
		return left == right, nil
	case "!=":
		return left != right, nil
	case "<":
		return left < right, nil
	case "<=":
		return left <= right, nil
	case ">":
		return left > right, nil
	case ">=":
		return left >= right, nil
	}
	return false, fmt.Errorf("%q and %q are not versions, so %s says nothing", left, right, op)
}
