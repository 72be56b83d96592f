package ninja

import (
	"maps"
	"slices"
)

// edge reads what follows the keyword build.
func (p *parser) edge(l *lexer, s *scope) error {
	start := l.last
	e := &Edge{Pos: l.at(start), meter: &p.meter}
	lists := []struct {
		before token // what introduces the list, if it is there
		to     *[]string
		paths  []value
	}{
		{"", &e.Outputs, nil}, {tokenPipe, &e.ImplicitOutputs, nil},
		{"", &e.Inputs, nil}, {tokenPipe, &e.ImplicitInputs, nil}, {tokenPipe2, &e.OrderOnly, nil}, {tokenPipeAt, &e.Validations, nil},
	}
	for i := range lists {
		if i == 2 {
			if err := p.edgeRule(l, s, e, len(lists[0].paths)+len(lists[1].paths) > 0); err != nil {
				return err
			}
		}
		if before := lists[i].before; before != "" && !l.accept(before) {
			continue
		}
		var err error
		if lists[i].paths, err = p.list(l); err != nil {
			return err
		}
	}
	if err := l.expect(tokenNewline); err != nil {
		return err
	}
	e.scope = s
	for l.accept(tokenIndent) {
		if e.scope == s {
			e.scope = newScope(s)
		}
		name, v, err := p.binding(l)
		if err != nil {
			return err
		}
		if e.scope.vars[name], err = p.evaluate(l, s, v); err != nil {
			return err
		}
	}
	l.last = start
	for _, list := range lists {
		var err error
		if *list.to, err = p.paths(l, e.scope, list.paths); err != nil {
			return err
		}
	}
	if err := p.checkPool(l, e); err != nil {
		return err
	}
	return p.graph.add(e)
}

// edgeRule reads the colon and the name of the rule.
func (p *parser) edgeRule(l *lexer, s *scope, e *Edge, outputs bool) error {
	if !outputs {
		l.next()
		return l.fail("expected the path of an output")
	}
	if err := l.expect(tokenColon); err != nil {
		return err
	}
	if e.Rule = l.name(); e.Rule == "" {
		return l.fail("expected the name of a rule")
	}
	if e.rule = s.rule(e.Rule); e.rule != nil {
		return nil
	}
	var known []string
	for at := s; at != nil; at = at.parent {
		known = slices.AppendSeq(known, maps.Keys(at.rules))
	}
	return suggest(l.fail("there is no rule %q", e.Rule), e.Rule, known)
}

func (p *parser) checkPool(l *lexer, e *Edge) error {
	pool, err := (&edgeScope{edge: e}).variable("pool")
	if err != nil {
		return l.fail("pool of the edge that makes %s: %w", e.Name(), err)
	}
	if pool != "" && !p.pools[pool] {
		return suggest(l.fail("there is no pool %q", pool), pool, slices.Collect(maps.Keys(p.pools)))
	}
	return nil
}
