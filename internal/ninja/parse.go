package ninja

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
)

// phony is the rule that runs nothing.
const phony = "phony"

// The version of ninja whose build files are understood.
const (
	majorVersion = 1
	minorVersion = 13
)

// maxIncludes bounds how deep build files may be nested.
const maxIncludes = 50

// ruleVariables are those that a rule may set.
var ruleVariables = []string{
	"command", "depfile", "deps", "description", "dyndep", "generator",
	"msvc_deps_prefix", "pool", "restat", "rspfile", "rspfile_content",
}

// A parser reads a build file and those that it includes.
type parser struct {
	graph *Graph
	read  func(name string) ([]byte, error)
	pools map[string]bool
	meter meter
	depth int
}

// Parse reads the build file with the given name, and those that it includes,
// by read. Names are relative to dir, the absolute path of the folder of the
// build; paths in the file that begin with dir name the same files as those
// without it.
func Parse(name, dir string, read func(name string) ([]byte, error)) (*Graph, error) {
	p := &parser{
		graph: &Graph{file: name, dir: dir, makers: map[string]*Edge{}, known: map[string]bool{}},
		read:  read,
		pools: map[string]bool{"console": true},
	}
	global := newScope(nil)
	global.rules[phony] = &rule{name: phony}
	if err := p.file(name, global, diag.Position{File: name}); err != nil {
		return nil, err
	}
	return p.graph, nil
}

// file reads a file, which was asked for at pos, into a scope.
func (p *parser) file(name string, s *scope, pos diag.Position) error {
	if p.depth == maxIncludes {
		return diag.Errorf(pos, "build files include each other more than %d deep", maxIncludes)
	}
	text, err := p.read(name)
	if err != nil {
		return diag.Errorf(pos, "reading %s: %w", name, err)
	}
	if err := p.meter.use(partCost + len(text)); err != nil {
		return diag.Errorf(pos, "the build file: %w", err)
	}
	p.depth++
	defer func() { p.depth-- }()
	l := &lexer{file: name, text: text}
	for {
		switch t := l.next(); t {
		case tokenNewline:
		case tokenEnd:
			return nil
		case tokenBuild:
			err = p.edge(l, s)
		case tokenDefault:
			err = p.defaults(l, s)
		case tokenIdent:
			l.pos = l.last
			err = p.variable(l, s)
		case tokenInclude:
			err = p.include(l, s, s)
		case tokenPool:
			err = p.pool(l, s)
		case tokenRule:
			err = p.rule(l, s)
		case tokenSubninja:
			err = p.include(l, s, newScope(s))
		default:
			err = l.unexpected(t, "a statement")
		}
		if err != nil {
			return err
		}
	}
}

// binding reads NAME = VALUE.
func (p *parser) binding(l *lexer) (name string, v value, err error) {
	if name = l.name(); name == "" {
		return "", nil, l.fail("expected the name of a variable")
	}
	at := l.last
	if err := l.expect(tokenEquals); err != nil {
		return "", nil, err
	}
	v, err = l.rest()
	l.last = at
	return name, v, err
}

// evaluate returns v in a scope.
func (p *parser) evaluate(l *lexer, s *scope, v value) (string, error) {
	text, err := p.meter.expandIn(s, v)
	if err != nil {
		return "", l.fail("the build file: %w", err)
	}
	return text, nil
}

func (p *parser) variable(l *lexer, s *scope) error {
	name, v, err := p.binding(l)
	if err != nil {
		return err
	}
	if s.vars[name], err = p.evaluate(l, s, v); err != nil {
		return err
	}
	if name == "ninja_required_version" {
		return checkVersion(l, s.vars[name])
	}
	return nil
}

func checkVersion(l *lexer, version string) error {
	parts := strings.SplitN(version, ".", 3)
	numbers := [2]int{}
	for i := range min(len(parts), 2) {
		n, err := strconv.Atoi(parts[i])
		if err != nil {
			return l.fail("%q is not a version of ninja", version)
		}
		numbers[i] = n
	}
	if slices.Compare(numbers[:], []int{majorVersion, minorVersion}) > 0 {
		return l.fail("the file requires version %s of ninja; up to %d.%d is understood", version, majorVersion, minorVersion)
	}
	return nil
}

func (p *parser) pool(l *lexer, s *scope) error {
	name := l.name()
	if name == "" {
		return l.fail("expected the name of a pool")
	}
	if p.pools[name] {
		return l.fail("there are two pools %q", name)
	}
	p.pools[name] = true
	at := l.last
	if err := l.expect(tokenNewline); err != nil {
		return err
	}
	hasDepth := false
	for l.accept(tokenIndent) {
		key, v, err := p.binding(l)
		if err != nil {
			return err
		}
		if key != "depth" {
			return l.fail("a pool has no variable %q", key).WithHint("it has depth")
		}
		depth, err := p.evaluate(l, s, v)
		if err != nil {
			return err
		}
		if n, err := strconv.Atoi(depth); err != nil || n < 0 {
			return l.fail("%q is not a depth", depth)
		}
		hasDepth = true
	}
	l.last = at
	if !hasDepth {
		return l.fail("pool %q has no depth", name)
	}
	return nil
}

func (p *parser) rule(l *lexer, s *scope) error {
	name := l.name()
	if name == "" {
		return l.fail("expected the name of a rule")
	}
	if s.rules[name] != nil {
		return l.fail("there are two rules %q", name)
	}
	at := l.last
	if err := l.expect(tokenNewline); err != nil {
		return err
	}
	r := &rule{name: name, bindings: map[string]value{}}
	for l.accept(tokenIndent) {
		key, v, err := p.binding(l)
		if err != nil {
			return err
		}
		if !slices.Contains(ruleVariables, key) {
			return suggest(l.fail("a rule has no variable %q", key), key, ruleVariables)
		}
		r.bindings[key] = v
	}
	l.last = at
	_, file := r.bindings["rspfile"]
	_, content := r.bindings["rspfile_content"]
	if file != content {
		return l.fail("rule %q has only one of rspfile and rspfile_content", name).WithHint("give it both")
	}
	if len(r.bindings["command"]) == 0 {
		err := l.fail("rule %q has no command", name)
		if l.peek(l.pos) == '\t' {
			return err.WithHint("indent with spaces; tabs are not allowed")
		}
		return err
	}
	s.rules[name] = r
	return nil
}

// suggest adds a hint at what was meant by name.
func suggest(err *diag.Error, name string, known []string) *diag.Error {
	if near := diag.Nearest(name, known); near != "" {
		return err.WithHint("did you mean %q?", near)
	}
	if len(known) <= len(ruleVariables) {
		return err.WithHint("there are %s", strings.Join(slices.Sorted(slices.Values(known)), ", "))
	}
	return err
}

func (p *parser) defaults(l *lexer, s *scope) error {
	start := l.pos
	paths, err := p.list(l)
	if err != nil {
		return err
	}
	l.last = start
	if len(paths) == 0 {
		return l.fail("expected the path of a target")
	}
	targets, err := p.paths(l, s, paths)
	if err != nil {
		return err
	}
	for _, t := range targets {
		if !p.graph.known[p.graph.Abs(t)] {
			return p.graph.unknown(t, l.at(l.last))
		}
	}
	p.graph.Defaults = append(p.graph.Defaults, targets...)
	return l.expect(tokenNewline)
}

// include reads another file, into a scope.
func (p *parser) include(l *lexer, s, into *scope) error {
	start := l.last
	v, err := l.path()
	if err != nil {
		return err
	}
	l.last = start
	name, err := p.evaluate(l, s, v)
	if err != nil {
		return err
	}
	if name == "" {
		return l.fail("expected the path of a build file")
	}
	if err := p.file(name, into, l.at(start)); err != nil {
		return err
	}
	return l.expect(tokenNewline)
}

// list reads paths up to something else.
func (p *parser) list(l *lexer) ([]value, error) {
	var list []value
	for {
		v, err := l.path()
		if err != nil {
			return nil, err
		}
		if len(v) == 0 {
			return list, nil
		}
		list = append(list, v)
	}
}

// paths evaluates paths in a scope.
func (p *parser) paths(l *lexer, s *scope, list []value) ([]string, error) {
	paths := make([]string, 0, len(list))
	for _, v := range list {
		text, err := p.evaluate(l, s, v)
		if err != nil {
			return nil, err
		}
		if text == "" {
			return nil, l.fail("a path is empty")
		}
		paths = append(paths, path.Clean(text))
	}
	return paths, nil
}
