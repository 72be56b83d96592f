package distribution

import (
	_ "embed"
	"strings"
	"sync"
)

// An Import is a module that a Python source names in an import statement.
type Import struct {
	Module string // dotted and absolute
	Nested bool   // not at the top of the file, so that it may never be executed
}

// Top returns the top-level module.
func (i Import) Top() string {
	top, _, _ := strings.Cut(i.Module, ".")
	return top
}

// Imports returns the absolute imports of a Python source, in order. It reads
// the text alone: an import by a computed name is not found, one in code that
// never runs is.
func Imports(source []byte) []Import {
	var imports []Import
	for line := range logicalLines(source) {
		for i, statement := range strings.Split(line.code, ";") {
			nested := line.indented || i > 0 && strings.Contains(line.code, ":")
			for _, module := range importedModules(strings.TrimSpace(statement)) {
				imports = append(imports, Import{Module: module, Nested: nested})
			}
		}
	}
	return imports
}

// importedModules returns the absolute modules that a statement imports.
func importedModules(statement string) []string {
	keyword, rest, _ := strings.Cut(strings.ReplaceAll(statement, "\t", " "), " ")
	var modules []string
	switch keyword {
	case "import":
		for _, part := range strings.Split(rest, ",") {
			if words := strings.Fields(part); len(words) == 1 || len(words) == 3 && words[1] == "as" {
				modules = append(modules, words[0])
			}
		}
	case "from":
		if words := strings.Fields(rest); len(words) > 1 && words[1] == "import" && words[0][0] != '.' {
			modules = append(modules, words[0])
		}
	}
	return modules
}

type logicalLine struct {
	code     string // without strings and comments
	indented bool
}

// logicalLines yields the logical lines of a Python source: what is in
// parentheses or continued by a backslash is one line.
func logicalLines(source []byte) func(yield func(logicalLine) bool) {
	return func(yield func(logicalLine) bool) {
		s := strings.ReplaceAll(string(source), "\r\n", "\n")
		var code strings.Builder
		depth := 0
		flush := func() bool {
			line := code.String()
			code.Reset()
			trimmed := strings.TrimLeft(line, " \t\f")
			return trimmed == "" || yield(logicalLine{code: trimmed, indented: len(trimmed) < len(line)})
		}
		for s != "" {
			n := 1
			switch c := s[0]; {
			case c == '#':
				if n = strings.IndexByte(s, '\n'); n < 0 {
					n = len(s)
				}
			case c == '\'' || c == '"':
				n = stringLen(s)
				code.WriteByte(c)
			case c == '\\' && len(s) > 1 && s[1] == '\n':
				n = 2
				code.WriteByte(' ')
			case c == '\n' && depth > 0:
				code.WriteByte(' ')
			case c == '\n':
				if !flush() {
					return
				}
			default:
				switch c {
				case '(', '[', '{':
					depth++
				case ')', ']', '}':
					depth = max(0, depth-1)
				}
				code.WriteByte(c)
			}
			s = s[n:]
		}
		flush()
	}
}

// stringLen returns the length of the string literal that s begins with.
func stringLen(s string) int {
	quote := s[:1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s, triple) {
		quote = triple
	}
	for i := len(quote); i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.HasPrefix(s[i:], quote):
			return i + len(quote)
		case s[i] == '\n' && len(quote) == 1:
			return i
		}
	}
	return len(s)
}

// standard lists sys.stdlib_module_names of the Python that bundles are for.
//
//go:embed stdlib.txt
var standard string

var standardModules = sync.OnceValue(func() map[string]bool {
	modules := map[string]bool{"__main__": true, "test": true}
	for name := range strings.Lines(standard) {
		modules[strings.TrimSuffix(name, "\n")] = true
	}
	return modules
})

// IsStandard reports whether a top-level module is part of Python.
func IsStandard(module string) bool { return standardModules()[module] }
