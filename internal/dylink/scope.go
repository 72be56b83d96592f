package dylink

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// globals returns the libraries that all others can use, in the order in which
// they are searched.
func (l *Linker) globals() []*library {
	var scope []*library
	for _, lib := range l.libraries {
		if lib.global {
			scope = append(scope, lib)
		}
	}
	return scope
}

// publish makes a library and what it needs global.
func (l *Linker) publish(lib *library) {
	for _, x := range breadthFirst(lib) {
		x.global = true
	}
}

// breadthFirst returns a library and all that it needs.
func breadthFirst(lib *library) []*library {
	scope := []*library{lib}
	for i := 0; i < len(scope); i++ {
		for _, n := range scope[i].needs {
			if !slices.Contains(scope, n) {
				scope = append(scope, n)
			}
		}
	}
	return scope
}

// scope returns where the symbols that a library imports are looked up.
func (l *Linker) scope(lib *library) []*library {
	return append(l.globals(), breadthFirst(lib.root)...)
}

// find returns the first definition of a symbol in a scope.
func find(scope []*library, name string) (*library, wasmfile.Export, bool) {
	for _, lib := range scope {
		if e, ok := lib.module.Export(name); ok {
			return lib, e, true
		}
	}
	return nil, wasmfile.Export{}, false
}

// An undefined is a symbol that nobody defines.
type undefined struct {
	name string
	what string // "function" or "data", as far as that is known
	near string
}

// An undefinedError says which symbols a library wants in vain.
type undefinedError struct {
	library string
	symbols []undefined
}

// shown is how many symbols an error names.
const shown = 5

func (e *undefinedError) Error() string {
	var list []string
	for i, s := range e.symbols {
		if i == shown {
			list = append(list, fmt.Sprintf("and %d more", len(e.symbols)-shown))
			break
		}
		list = append(list, fmt.Sprintf("%s %s%s", s.what, s.name, s.near))
	}
	return fmt.Sprintf("%s: undefined %s", e.library, strings.Join(list, ", "))
}

// near names what is called almost like a symbol that was not found, and who
// has it.
func near(name string, scope []*library) string {
	var names []string
	for _, lib := range scope {
		for _, e := range lib.module.Exports {
			names = append(names, e.Name)
		}
	}
	best := diag.Nearest(name, names)
	if best == "" {
		return ""
	}
	lib, _, _ := find(scope, best)
	return fmt.Sprintf(" (%s has %s)", lib.name, best)
}
