package lang

import "go.starlark.net/syntax"

// The interpreter bounds the number of steps but not what one step allocates:
// doubling a string forty times takes forty steps. So before a file is
// compiled, the operators and methods whose result can be much larger than
// their operands are replaced by calls of the checked builtins of guards.go.
// Their names are no identifiers, so a file can neither call nor shadow them.

// checkedOperators are the operators that are replaced.
var checkedOperators = map[syntax.Token]bool{syntax.PLUS: true, syntax.STAR: true, syntax.PERCENT: true}

// augmented are the operators behind the assignments that are replaced.
var augmented = map[syntax.Token]syntax.Token{
	syntax.PLUS_EQ:    syntax.PLUS,
	syntax.STAR_EQ:    syntax.STAR,
	syntax.PERCENT_EQ: syntax.PERCENT,
}

// checkedMethods are the methods that are replaced.
var checkedMethods = map[string]bool{"extend": true, "format": true, "join": true, "replace": true}

// checkedCall returns name(args...), which the interpreter places at pos.
func checkedCall(name string, pos syntax.Position, args ...syntax.Expr) *syntax.CallExpr {
	return &syntax.CallExpr{Fn: &syntax.Ident{NamePos: pos, Name: name}, Lparen: pos, Args: args, Rparen: pos}
}

func rewriteBody(body []syntax.Stmt) {
	for _, s := range body {
		rewriteStmt(s)
	}
}

func rewriteStmt(s syntax.Stmt) {
	switch s := s.(type) {
	case *syntax.AssignStmt:
		rewriteAssignment(s)
	case *syntax.DefStmt:
		rewriteArgs(s.Params)
		rewriteBody(s.Body)
	case *syntax.ExprStmt:
		s.X = rewrite(s.X)
	case *syntax.ForStmt:
		rewriteTarget(s.Vars)
		s.X = rewrite(s.X)
		rewriteBody(s.Body)
	case *syntax.IfStmt:
		s.Cond = rewrite(s.Cond)
		rewriteBody(s.True)
		rewriteBody(s.False)
	case *syntax.ReturnStmt:
		if s.Result != nil {
			s.Result = rewrite(s.Result)
		}
	}
}

func rewriteAssignment(s *syntax.AssignStmt) {
	s.RHS = rewrite(s.RHS)
	// Of other targets than variables the operands would be evaluated twice;
	// what they can grow to is left to the limit on memory.
	if op, ok := augmented[s.Op]; ok {
		if id, ok := s.LHS.(*syntax.Ident); ok {
			s.RHS = checkedCall(op.String()+"=", s.OpPos, &syntax.Ident{NamePos: id.NamePos, Name: id.Name}, s.RHS)
			s.Op = syntax.EQ
		}
	}
	rewriteTarget(s.LHS)
}

// rewriteTarget rewrites the operands of what is assigned to.
func rewriteTarget(e syntax.Expr) {
	switch e := e.(type) {
	case *syntax.DotExpr:
		e.X = rewrite(e.X)
	case *syntax.IndexExpr:
		e.X, e.Y = rewrite(e.X), rewrite(e.Y)
	case *syntax.ListExpr:
		for _, x := range e.List {
			rewriteTarget(x)
		}
	case *syntax.ParenExpr:
		rewriteTarget(e.X)
	case *syntax.TupleExpr:
		for _, x := range e.List {
			rewriteTarget(x)
		}
	}
}

// rewriteArgs rewrites arguments, or parameters with their defaults.
func rewriteArgs(args []syntax.Expr) {
	for i, arg := range args {
		switch arg := arg.(type) {
		case *syntax.BinaryExpr:
			if arg.Op == syntax.EQ { // name = value
				arg.Y = rewrite(arg.Y)
				continue
			}
		case *syntax.UnaryExpr: // *args, **kwargs, or a lone *
			if arg.X == nil {
				continue
			}
		}
		args[i] = rewrite(arg)
	}
}

func rewriteAll(list []syntax.Expr) {
	for i, x := range list {
		list[i] = rewrite(x)
	}
}

func rewrite(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.BinaryExpr:
		e.X, e.Y = rewrite(e.X), rewrite(e.Y)
		if checkedOperators[e.Op] {
			return checkedCall(e.Op.String(), e.OpPos, e.X, e.Y)
		}
	case *syntax.CallExpr:
		e.Fn = rewrite(e.Fn)
		rewriteArgs(e.Args)
	case *syntax.Comprehension:
		e.Body = rewrite(e.Body)
		for _, c := range e.Clauses {
			switch c := c.(type) {
			case *syntax.ForClause:
				rewriteTarget(c.Vars)
				c.X = rewrite(c.X)
			case *syntax.IfClause:
				c.Cond = rewrite(c.Cond)
			}
		}
	case *syntax.CondExpr:
		e.Cond, e.True, e.False = rewrite(e.Cond), rewrite(e.True), rewrite(e.False)
	case *syntax.DictEntry:
		e.Key, e.Value = rewrite(e.Key), rewrite(e.Value)
	case *syntax.DictExpr:
		rewriteAll(e.List)
	case *syntax.DotExpr:
		e.X = rewrite(e.X)
		if checkedMethods[e.Name.Name] {
			name := &syntax.Literal{Token: syntax.STRING, TokenPos: e.NamePos, Raw: `"` + e.Name.Name + `"`, Value: e.Name.Name}
			return checkedCall(".", e.Dot, e.X, name)
		}
	case *syntax.IndexExpr:
		e.X, e.Y = rewrite(e.X), rewrite(e.Y)
	case *syntax.LambdaExpr:
		rewriteArgs(e.Params)
		e.Body = rewrite(e.Body)
	case *syntax.ListExpr:
		rewriteAll(e.List)
	case *syntax.ParenExpr:
		e.X = rewrite(e.X)
	case *syntax.SliceExpr:
		e.X = rewrite(e.X)
		for _, x := range []*syntax.Expr{&e.Lo, &e.Hi, &e.Step} {
			if *x != nil {
				*x = rewrite(*x)
			}
		}
	case *syntax.TupleExpr:
		rewriteAll(e.List)
	case *syntax.UnaryExpr:
		if e.X != nil {
			e.X = rewrite(e.X)
		}
	}
	return e
}
