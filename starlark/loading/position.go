package loading

import (
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/starlark/lang"
)

// A callSite is the call in a BUILD file that declared a target, directly or
// through a macro.
type callSite struct {
	pos  diag.Position
	expr *syntax.CallExpr // nil if it is not known
}

// callSites are the calls of a file by the position of their bracket, which is
// where the interpreter says that a call is.
type callSites map[diag.Position]*syntax.CallExpr

func indexCalls(f *syntax.File) callSites {
	sites := callSites{}
	syntax.Walk(f, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok {
			sites[lang.Position(call.Lparen)] = call
		}
		return true
	})
	return sites
}

// at returns the call in the given file that the interpreter is in.
func (sites callSites) at(thread *starlark.Thread, file string) *callSite {
	for _, frame := range thread.CallStack() {
		if frame.Pos.Filename() != file {
			continue
		}
		pos := lang.Position(frame.Pos)
		expr := sites[pos]
		if expr != nil {
			pos = lang.Position(syntax.Start(expr))
		}
		return &callSite{pos, expr}
	}
	return &callSite{pos: diag.Position{File: file}}
}

// argument returns the keyword argument of the given name, or nil.
func (c *callSite) argument(name string) *syntax.BinaryExpr {
	if c.expr == nil {
		return nil
	}
	for _, arg := range c.expr.Args {
		if kv, ok := arg.(*syntax.BinaryExpr); ok && kv.Op == syntax.EQ {
			if id, ok := kv.X.(*syntax.Ident); ok && id.Name == name {
				return kv
			}
		}
	}
	return nil
}

// find returns the position of a string in an argument, of the argument if it
// has no such string, or of the call if it has no such argument.
func (c *callSite) find(name, text string) diag.Position {
	return c.findString(name, func(s string) bool { return text != "" && s == text })
}

// findLabel is find for a label in whatever form it is written.
func (c *callSite) findLabel(name string, l label.Label, pkg string) diag.Position {
	return c.findString(name, func(s string) bool {
		parsed, err := label.Parse(s, pkg)
		return err == nil && parsed == l
	})
}

func (c *callSite) findString(name string, match func(string) bool) diag.Position {
	arg := c.argument(name)
	if arg == nil {
		return c.pos
	}
	pos := lang.Position(syntax.Start(arg))
	found := false
	syntax.Walk(arg.Y, func(n syntax.Node) bool {
		if lit, ok := n.(*syntax.Literal); ok && !found {
			if s, ok := lit.Value.(string); ok && match(s) {
				pos, found = lang.Position(lit.TokenPos), true
			}
		}
		return !found
	})
	return pos
}
