package query

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cowasm/cowasm/internal/diag"
)

// The grammar. All operators are of one precedence and associate to the left,
// as in Bazel.
//
//	expr    = operand {operator operand}
//	operand = word | function "(" expr {"," expr} ")" | "set" "(" {word} ")" | "(" expr ")"
//
// An argument that stands for a number, a name or a regular expression is a
// word too.

// maxDepth bounds the nesting of parentheses.
const maxDepth = 100

// An expr is a word, a set of words, a call or an operation.
type expr struct {
	offset int // in the query, of its first byte
	word   string
	call   string  // the function's name, empty unless it is a call
	op     byte    // '+', '-' or '^', zero unless it is an operation
	set    bool    // args are words
	args   []*expr // of a call, a set or an operation
}

type token struct {
	kind   byte // 'w' for a word, 0 for the end, else the character itself
	text   string
	quoted bool
	offset int
}

type parser struct {
	query string
	pos   int
	tok   token
	depth int
	known map[string]function
}

// parse parses a query that calls some of the known functions.
func parse(query string, known map[string]function) (*expr, error) {
	if !utf8.ValidString(query) {
		return nil, mistake(query, 0, "the query is not UTF-8")
	}
	p := &parser{query: query, known: known}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind == 0 {
		return nil, mistake(query, 0, "the query is empty").WithHint(`write for example "deps(//packages/six)"`)
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != 0 {
		return nil, p.unexpected("an operator or the end of the query")
	}
	return e, nil
}

// mistake returns an error at an offset of the query, shown below it.
func mistake(query string, offset int, format string, args ...any) *diag.Error {
	column := utf8.RuneCountInString(query[:offset]) + 1
	line := strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, query)
	return diag.Errorf(diag.Position{}, "query, column %d: %s\n\t%s\n\t%*s", column, fmt.Sprintf(format, args...), line, column, "^")
}

func (p *parser) unexpected(want string) *diag.Error {
	switch p.tok.kind {
	case 0:
		return mistake(p.query, p.tok.offset, "the query ends where %s should be", want)
	case 'w':
		return mistake(p.query, p.tok.offset, "%q stands where %s should be", p.tok.text, want)
	}
	return mistake(p.query, p.tok.offset, "%q stands where %s should be", string(p.tok.kind), want)
}

// next reads the next token.
func (p *parser) next() error {
	for p.pos < len(p.query) && strings.IndexByte(" \t\r\n", p.query[p.pos]) >= 0 {
		p.pos++
	}
	start := p.pos
	if start == len(p.query) {
		p.tok = token{offset: start}
		return nil
	}
	c := p.query[start]
	switch {
	case strings.IndexByte("(),+-^", c) >= 0:
		p.pos++
		p.tok = token{kind: c, offset: start}
		return nil
	case c == '"' || c == '\'':
		end := strings.IndexByte(p.query[start+1:], c)
		if end < 0 {
			return mistake(p.query, start, "the quoted word that begins here does not end").WithHint("add %c", c)
		}
		p.pos = start + 1 + end + 1
		p.tok = token{kind: 'w', text: p.query[start+1 : p.pos-1], quoted: true, offset: start}
		return nil
	}
	for p.pos < len(p.query) && wordByte(p.query[p.pos]) {
		p.pos++
	}
	if p.pos == start {
		r, _ := utf8.DecodeRuneInString(p.query[start:])
		return mistake(p.query, start, "%q has no meaning in a query", r).WithHint("put words with special characters in quotes")
	}
	p.tok = token{kind: 'w', text: p.query[start:p.pos], offset: start}
	if op, ok := operatorWords[p.tok.text]; ok {
		p.tok.kind = op
	}
	return nil
}

// operatorWords are the long names of the operators.
var operatorWords = map[string]byte{"union": '+', "except": '-', "intersect": '^'}

// wordByte reports whether c may be in a word without quotes. A hyphen may not
// come first; next has taken that for an operator.
func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("*/@.-_:$~[]", c) >= 0
}

func (p *parser) expr() (*expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, mistake(p.query, p.tok.offset, "parentheses are nested more than %d deep", maxDepth)
	}
	defer func() { p.depth-- }()
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for p.tok.kind == '+' || p.tok.kind == '-' || p.tok.kind == '^' {
		op := p.tok.kind
		if err := p.next(); err != nil {
			return nil, err
		}
		right, err := p.operand()
		if err != nil {
			return nil, err
		}
		// A chain of one operator is one node, so that the depth of the tree
		// is that of the parentheses.
		if left.op == op {
			left.args = append(left.args, right)
		} else {
			left = &expr{offset: left.offset, op: op, args: []*expr{left, right}}
		}
	}
	return left, nil
}

func (p *parser) operand() (*expr, error) {
	t := p.tok
	switch t.kind {
	case '(':
		if err := p.next(); err != nil {
			return nil, err
		}
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		// What stands in parentheses is not joined to the chain outside.
		return &expr{offset: t.offset, op: '+', args: []*expr{e}}, p.expect(')', t.offset)
	case 'w':
	default:
		return nil, p.unexpected("a target pattern or a function")
	}
	if err := p.next(); err != nil {
		return nil, err
	}
	if p.tok.kind != '(' || t.quoted {
		return &expr{offset: t.offset, word: t.text}, nil
	}
	open := p.tok.offset
	if err := p.next(); err != nil {
		return nil, err
	}
	if t.text == "set" {
		return p.set(t.offset, open)
	}
	f, ok := p.known[t.text]
	if !ok {
		err := mistake(p.query, t.offset, "there is no function %q", t.text)
		names := slices.Sorted(maps.Keys(p.known))
		if near := diag.Nearest(t.text, names); near != "" {
			return nil, err.WithHint("did you mean %s?", near)
		}
		return nil, err.WithHint("the functions are %s", strings.Join(names, ", "))
	}
	e := &expr{offset: t.offset, call: t.text}
	for p.tok.kind != ')' {
		arg, err := p.expr()
		if err != nil {
			return nil, err
		}
		e.args = append(e.args, arg)
		if p.tok.kind != ',' {
			break
		}
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	if err := p.expect(')', open); err != nil {
		return nil, err
	}
	if n := len(e.args); n < len(f.params)-f.optional || n > len(f.params) {
		return nil, mistake(p.query, t.offset, "%s has %d arguments", t.text, n).WithHint("write %s", f.usage(t.text))
	}
	for i, arg := range e.args {
		if f.params[i] != targets && !arg.isWord() {
			return nil, mistake(p.query, arg.offset, "the %s of %s must be a word, not an expression", f.params[i], t.text).
				WithHint("write %s; quote it if it has special characters", f.usage(t.text))
		}
	}
	return e, nil
}

func (p *parser) set(offset, open int) (*expr, error) {
	e := &expr{offset: offset, set: true}
	for p.tok.kind == 'w' {
		e.args = append(e.args, &expr{offset: p.tok.offset, word: p.tok.text})
		if err := p.next(); err != nil {
			return nil, err
		}
	}
	return e, p.expect(')', open)
}

// expect reads the closing parenthesis of the one at offset open.
func (p *parser) expect(kind byte, open int) error {
	if p.tok.kind == kind {
		return p.next()
	}
	if p.tok.kind == 0 {
		return mistake(p.query, open, "this parenthesis is never closed").WithHint("add ) at the end")
	}
	return p.unexpected("an operator, a comma or a closing parenthesis")
}

func (e *expr) isWord() bool { return e.call == "" && e.op == 0 && !e.set }
