package lang

import (
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/cowasm/cowasm/internal/diag"
)

// MaxSource is the limit of the size of a source file, in bytes.
const MaxSource = 1 << 20

// Further limits of a source file. The parser and the compiler are recursive:
// without a limit a file could exhaust the stack.
const (
	maxNesting = 100  // brackets within brackets
	maxTerms   = 5000 // operators and calls between two commas or lines
	maxIndent  = 100  // columns
	maxElif    = 1000 // in a file
)

// Options are the dialect: no while, no recursion, no reassignment of globals.
var options = &syntax.FileOptions{Set: true}

// A Program is a compiled file.
type Program struct{ prog *starlark.Program }

// Compile compiles a parsed file, once. A name is defined if the file binds it,
// or predeclared has it. The errors are diagnostics.
func Compile(f *syntax.File, predeclared starlark.StringDict) (*Program, error) {
	rewriteBody(f.Stmts)
	prog, err := starlark.FileProgram(f, predeclared.Has)
	if err != nil {
		list := Diagnose(err)
		for i, e := range list {
			list[i] = hintGlobal(e, predeclared)
		}
		return nil, list.Err()
	}
	return &Program{prog}, nil
}

// hintGlobal adds to an error about an undefined name which global was meant.
func hintGlobal(err error, predeclared starlark.StringDict) error {
	e, ok := err.(*diag.Error)
	if !ok || e.Hint != "" {
		return err
	}
	name, ok := strings.CutPrefix(e.Msg, "undefined: ")
	if !ok {
		return err
	}
	known := slices.DeleteFunc(predeclared.Keys(), func(name string) bool { return !isIdentifier(name) })
	if near := diag.Nearest(name, append(known, starlark.Universe.Keys()...)); near != "" {
		return e.WithHint("did you mean %s?", near)
	}
	return err
}

// Parse parses the file with the given path. The errors are diagnostics.
func Parse(path string, src []byte) (*syntax.File, error) {
	if err := checkSource(path, src); err != nil {
		return nil, err
	}
	f, err := options.Parse(path, src, 0)
	if err != nil {
		return nil, Diagnose(err).Err()
	}
	return f, nil
}

// checkSource reports whether the parser could handle src, by counting what it
// recurses on.
func checkSource(path string, src []byte) error {
	if len(src) > MaxSource {
		return diag.Errorf(diag.Position{File: path}, "the file has %d bytes, the limit is %d", len(src), MaxSource)
	}
	if i := strings.IndexByte(string(src), 0); i >= 0 {
		line := 1 + strings.Count(string(src[:i]), "\n")
		return diag.Errorf(diag.Position{File: path, Line: line}, "the file has a NUL byte; it is not text")
	}
	s := sourceScanner{path: path, src: src, line: 1, terms: []int{0}}
	return s.scan()
}

// A sourceScanner walks over a source just well enough to tell code from
// strings and comments.
type sourceScanner struct {
	path   string
	src    []byte
	pos    int
	line   int
	start  int // of the line
	indent int // spaces and tabs at the start of the line so far
	elifs  int
	terms  []int // for each open bracket, operators since the last comma
}

func (s *sourceScanner) fail(format string, args ...any) error {
	return diag.Errorf(diag.Position{File: s.path, Line: s.line, Col: s.pos - s.start + 1}, format, args...).
		WithHint("split it into several statements")
}

func (s *sourceScanner) scan() error {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		switch {
		case c == '\n':
			if len(s.terms) == 1 && (s.pos == 0 || s.src[s.pos-1] != '\\') {
				s.terms[0] = 0
			}
			s.newline()
		case c == '#':
			for s.pos+1 < len(s.src) && s.src[s.pos+1] != '\n' {
				s.pos++
			}
		case c == '"' || c == '\'':
			s.skipString(c)
		case c == '(' || c == '[' || c == '{':
			s.terms[len(s.terms)-1]++
			s.terms = append(s.terms, 0)
			if len(s.terms) > maxNesting+1 {
				return s.fail("brackets are nested more than %d deep", maxNesting)
			}
		case c == ')' || c == ']' || c == '}':
			if len(s.terms) > 1 {
				s.terms = s.terms[:len(s.terms)-1]
			}
		case c == ',' || c == ';':
			s.terms[len(s.terms)-1] = 0
		case strings.IndexByte("+-*/%|&^~<>=!.:", c) >= 0:
			s.terms[len(s.terms)-1]++
		case isLetter(c):
			start := s.pos
			for s.pos+1 < len(s.src) && isLetter(s.src[s.pos+1]) {
				s.pos++
			}
			switch string(s.src[start : s.pos+1]) {
			case "not", "and", "or", "in", "if", "else", "lambda", "for":
				s.terms[len(s.terms)-1]++
			case "elif":
				if s.elifs++; s.elifs > maxElif {
					return s.fail("the file has more than %d elif branches", maxElif)
				}
			}
		case c == ' ' || c == '\t':
			if s.indent == s.pos-s.start {
				s.indent++
			}
			if s.indent > maxIndent && len(s.terms) == 1 {
				return s.fail("the line is indented more than %d columns", maxIndent)
			}
		}
		if s.terms[len(s.terms)-1] > maxTerms {
			return s.fail("the expression has more than %d operators", maxTerms)
		}
		s.pos++
	}
	return nil
}

func (s *sourceScanner) newline() {
	s.line++
	s.start = s.pos + 1
	s.indent = 0
}

// skipString moves to the last byte of the string that starts here.
func (s *sourceScanner) skipString(quote byte) {
	triple := strings.HasPrefix(string(s.src[s.pos:min(len(s.src), s.pos+3)]), strings.Repeat(string(quote), 3))
	if triple {
		s.pos += 2
	}
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\':
			s.pos++
		case c == '\n':
			if !triple {
				s.pos-- // an error that the parser reports
				return
			}
			s.newline()
		case c == quote && !triple:
			return
		case c == quote && s.pos+2 < len(s.src) && s.src[s.pos+1] == quote && s.src[s.pos+2] == quote:
			s.pos += 2
			return
		}
	}
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
