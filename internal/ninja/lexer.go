package ninja

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/cowasm/cowasm/internal/diag"
)

// A token is a kind of lexical element. Its text is the start of what error
// messages call it.
type token string

const (
	tokenBuild    token = "'build'"
	tokenColon    token = "':'"
	tokenDefault  token = "'default'"
	tokenEnd      token = "the end of the file"
	tokenEquals   token = "'='"
	tokenIdent    token = "a name"
	tokenInclude  token = "'include'"
	tokenIndent   token = "an indented line"
	tokenInvalid  token = "a character that has no place here"
	tokenNewline  token = "the end of the line"
	tokenPipe     token = "'|'"
	tokenPipe2    token = "'||'"
	tokenPipeAt   token = "'|@'"
	tokenPool     token = "'pool'"
	tokenRule     token = "'rule'"
	tokenSubninja token = "'subninja'"
)

var keywords = map[string]token{
	"build": tokenBuild, "default": tokenDefault, "include": tokenInclude,
	"pool": tokenPool, "rule": tokenRule, "subninja": tokenSubninja,
}

// A lexer takes a file apart. What a token is depends on what the grammar
// expects, so the parser asks for names and values by methods of their own.
type lexer struct {
	file string
	text []byte
	pos  int // offset of what is read next
	last int // offset of the token that was read last

	counted, lines int // line ends before the offset counted
}

// at returns the position of the byte at offset. It is quick if offsets only
// grow.
func (l *lexer) at(offset int) diag.Position {
	if offset < l.counted {
		l.counted, l.lines = 0, 0
	}
	l.lines += bytes.Count(l.text[l.counted:offset], []byte("\n"))
	l.counted = offset
	start := bytes.LastIndexByte(l.text[:offset], '\n') + 1
	return diag.Position{File: l.file, Line: 1 + l.lines, Col: 1 + utf8.RuneCount(l.text[start:offset])}
}

// fail returns an error at the token that was read last.
func (l *lexer) fail(format string, args ...any) *diag.Error {
	return diag.Errorf(l.at(l.last), format, args...)
}

// peek returns the byte at offset, 0 at the end.
func (l *lexer) peek(offset int) byte {
	if offset < len(l.text) {
		return l.text[offset]
	}
	return 0
}

// newline returns the length of the line end at offset, 0 if there is none.
func (l *lexer) newline(offset int) int {
	switch {
	case l.peek(offset) == '\n':
		return 1
	case l.peek(offset) == '\r' && l.peek(offset+1) == '\n':
		return 2
	}
	return 0
}

// next reads a token, comments before it included.
func (l *lexer) next() token {
	for {
		start := l.pos
		p := l.spaces(start)
		if l.peek(p) == '#' {
			if n := bytes.IndexByte(l.text[p:], '\n'); n >= 0 {
				l.pos = p + n + 1
				continue
			}
		}
		l.last = start
		if n := l.newline(p); n > 0 {
			l.pos = p + n
			return tokenNewline
		}
		if p > start {
			l.pos = p
			l.skip()
			return tokenIndent
		}
		if start == len(l.text) {
			return tokenEnd
		}
		t := l.word()
		l.skip()
		return t
	}
}

// word reads a token that is neither white space nor the end.
func (l *lexer) word() token {
	if n := nameLength(l.text[l.pos:], true); n > 0 {
		name := l.text[l.pos : l.pos+n]
		l.pos += n
		if t, ok := keywords[string(name)]; ok {
			return t
		}
		return tokenIdent
	}
	for _, t := range []struct {
		text  string
		token token
	}{{"|@", tokenPipeAt}, {"||", tokenPipe2}, {"|", tokenPipe}, {"=", tokenEquals}, {":", tokenColon}} {
		if bytes.HasPrefix(l.text[l.pos:], []byte(t.text)) {
			l.pos += len(t.text)
			return t.token
		}
	}
	l.pos++
	return tokenInvalid
}

// accept reads the next token if it is t.
func (l *lexer) accept(t token) bool {
	before := l.pos
	if l.next() == t {
		return true
	}
	l.pos = before
	return false
}

// expect reads the next token, which has to be t.
func (l *lexer) expect(t token) error {
	if got := l.next(); got != t {
		err := l.unexpected(got, string(t))
		if t == tokenColon && err.Hint == "" {
			return err.WithHint("outputs and the rule are separated by a colon; one within a path is written $:")
		}
		return err
	}
	return nil
}

// unexpected returns the error for a token that is not what is wanted.
func (l *lexer) unexpected(got token, want string) *diag.Error {
	err := l.fail("expected %s, got %s", want, got)
	if l.peek(l.last) == '\t' {
		return err.WithHint("indent with spaces; tabs are not allowed")
	}
	return err
}

// spaces returns the offset of the first byte from offset on that is no space.
func (l *lexer) spaces(offset int) int {
	for l.peek(offset) == ' ' {
		offset++
	}
	return offset
}

// skip passes over spaces and line ends that are escaped.
func (l *lexer) skip() {
	for {
		l.pos = l.spaces(l.pos)
		n := 0
		if l.peek(l.pos) == '$' {
			n = l.newline(l.pos + 1)
		}
		if n == 0 {
			return
		}
		l.pos += 1 + n
	}
}

// name reads a name, which may also be a keyword. It returns "" if there is
// none.
func (l *lexer) name() string {
	l.last = l.pos
	n := nameLength(l.text[l.pos:], true)
	name := string(l.text[l.pos : l.pos+n])
	l.pos += n
	l.skip()
	return name
}

// nameLength returns the length of the name that text begins with. Names in
// references without braces have no dots.
func nameLength(text []byte, dots bool) int {
	for i, c := range text {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.' && dots:
		default:
			return i
		}
	}
	return len(text)
}

// path reads a path, which is empty if there is none: it ends at a space, a
// colon, a bar or the end of the line.
func (l *lexer) path() (value, error) {
	v, err := l.value(" :|")
	l.skip()
	return v, err
}

// rest reads what is left of the line, with its end.
func (l *lexer) rest() (value, error) {
	v, err := l.value("")
	l.pos += l.newline(l.pos)
	return v, err
}

// value reads text with references to variables up to the end of the line or
// one of the bytes in stop.
func (l *lexer) value(stop string) (value, error) {
	var v value
	literal := func(text string) {
		if n := len(v); n > 0 && !v[n-1].reference {
			v[n-1].text += text
		} else {
			v = append(v, part{text: text})
		}
	}
	for {
		start := l.pos
		for l.pos < len(l.text) && strings.IndexByte("$\r\n\x00"+stop, l.text[l.pos]) < 0 {
			l.pos++
		}
		if l.pos > start {
			literal(string(l.text[start:l.pos]))
		}
		l.last = l.pos
		if l.pos == len(l.text) {
			return nil, l.fail("the file ends within a line").WithHint("end the last line with a newline")
		}
		switch c := l.text[l.pos]; {
		case l.newline(l.pos) > 0 || strings.IndexByte(stop, c) >= 0:
			return v, nil
		case c != '$':
			return nil, l.fail("a line has the character %q", c)
		}
		text, reference, err := l.escape()
		switch {
		case err != nil:
			return nil, err
		case reference:
			v = append(v, part{text, true})
		case text != "":
			literal(text)
		}
	}
}

// escape reads what begins with a dollar sign: the name of a variable, or
// literal text.
func (l *lexer) escape() (text string, reference bool, err error) {
	after := l.pos + 1
	if n := nameLength(l.text[after:], false); n > 0 {
		l.pos = after + n
		return string(l.text[after:l.pos]), true, nil
	}
	switch c := l.peek(after); c {
	case '$', ' ', ':':
		l.pos = after + 1
		return string(c), false, nil
	case '{':
		n := nameLength(l.text[after+1:], true)
		if end := after + 1 + n; n > 0 && l.peek(end) == '}' {
			l.pos = end + 1
			return string(l.text[after+1 : end]), true, nil
		}
	}
	if n := l.newline(after); n > 0 {
		l.pos = l.spaces(after + n)
		return "", false, nil
	}
	return "", false, l.fail("a dollar sign that neither escapes anything nor names a variable").WithHint("write $$ for a dollar sign")
}
