// Package lower translates the exceptions of a WebAssembly module into plain
// code, for engines that have none.
//
// It takes the standard form of
// https://webassembly.github.io/spec/core/ with tags, throw, throw_ref,
// try_table and exnref; not the older form with try, catch and delegate.
// What a compiler makes of setjmp and longjmp are exceptions, too.
//
// An exception in flight is a state of the program: a global holds its tag, by
// number, or zero, and another one what it carries, which is one i32. To throw
// is to set both and to branch to the innermost handler around, which may be
// the end of the function. After each call that may have thrown, the tag is
// tested. An exnref becomes an i64: the tag and what it carries.
//
// A program defines and exports the globals; side modules import them, so
// exceptions cross modules. A function between the one that throws and the one
// that catches has to pass the exception on, whatever language it is of. So if
// the main module has tags, each side module is lowered, with tags or without;
// and if it has none, nothing in the process can be thrown, and every module
// stays as it is.
//
// It differs from what it stands for in one way: an exception that nothing
// catches unwinds everything. The globals say so when the outermost function
// has returned.
package lower

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// Version counts the changes in what this package makes of a module. It is for
// those who keep the results.
const Version = 1

// The names of the globals, of type i32, that hold an exception in flight. Side
// modules import them from env.
const (
	TagGlobal   = "__eh_tag" // 0: there is none
	ValueGlobal = "__eh_val"
)

// The numbers of the tags that are known by name, which are those of C++ and of
// longjmp. They mean the same in all modules.
const (
	TagCPP     = 1
	TagLongjmp = 2
	tagOwn     = 3 // the first tag that a program has for itself
)

var tagNumbers = map[string]int32{"__cpp_exception": TagCPP, "__c_longjmp": TagLongjmp}

// env is the module that side modules import from, but for what the host has.
const env = "env"

// Program lowers a program or a main module. One without tags is returned as it
// is.
func Program(module []byte) ([]byte, error) {
	m, err := parse(module)
	if err != nil || !m.HasTags() {
		return module, err
	}
	own := uint32(len(m.Globals))
	m.tagGlobal, m.valueGlobal = m.importedGlobals+own, m.importedGlobals+own+1
	return m.lower()
}

// Side lowers a side module of a program that has tags. One that cannot throw
// is returned as it is.
func Side(module []byte) ([]byte, error) {
	m, err := parse(module)
	if err != nil {
		return nil, err
	}
	m.side = true
	m.tagGlobal, m.valueGlobal = m.importedGlobals, m.importedGlobals+1
	return m.lower()
}

// A module is one that is being lowered.
type module struct {
	*wasmfile.Module
	original []byte
	sections []wasmfile.Section
	side     bool

	importedGlobals uint32
	imports         []wasmfile.Import // the functions
	tags            []int32           // the numbers of the tags
	types           []wasmfile.FuncType

	tagGlobal, valueGlobal uint32
}

// parse reads a module.
func parse(b []byte) (*module, error) {
	sections, err := wasmfile.Sections(b)
	if err != nil {
		return nil, err
	}
	parsed, err := wasmfile.Parse(b)
	if err != nil {
		return nil, err
	}
	m := &module{Module: parsed, original: b, sections: sections}
	for _, t := range parsed.Types {
		m.types = append(m.types, wasmfile.FuncType{Params: plain(t.Params), Results: plain(t.Results)})
	}
	for _, i := range parsed.Imports {
		switch i.Kind {
		case wasmfile.Func:
			m.imports = append(m.imports, i)
		case wasmfile.Global:
			m.importedGlobals++
		}
	}
	return m, nil
}

// plain returns value types with i64 in place of exnref.
func plain(types []wasmfile.ValueType) []wasmfile.ValueType {
	types = slices.Clone(types)
	for i, t := range types {
		if t == wasmfile.ExnRef {
			types[i] = wasmfile.I64
		}
	}
	return types
}

// lower makes the new module.
func (m *module) lower() ([]byte, error) {
	if err := m.numberTags(); err != nil {
		return nil, err
	}
	functions, err := m.scan()
	if err != nil {
		return nil, err
	}
	throws := m.spread(functions)
	if m.side && !m.HasTags() && !slices.Contains(throws, true) {
		return m.original, nil
	}
	code, err := m.code(functions, throws)
	if err != nil {
		return nil, err
	}
	return m.assemble(code)
}

// numberTags gives each tag its number.
func (m *module) numberTags() error {
	number := func(name string, t uint32) (int32, error) {
		if got := m.Types[t]; len(got.Params) != 1 || got.Params[0] != wasmfile.I32 || len(got.Results) != 0 {
			return 0, fmt.Errorf("it has a tag of the type %s; exceptions of C and C++ carry one i32", got)
		}
		if name == "" {
			return tagOwn + int32(len(m.tags)), nil
		}
		n, ok := tagNumbers[name]
		if !ok {
			return 0, fmt.Errorf("it has a tag named %q; only those of C++ and of longjmp are known", name)
		}
		return n, nil
	}
	for _, i := range m.Imports {
		if i.Kind != wasmfile.Tag {
			continue
		}
		n, err := number(i.Name, i.Type)
		if err != nil {
			return err
		}
		m.tags = append(m.tags, n)
	}
	imported := len(m.tags)
	names := make([]string, len(m.Tags))
	for _, e := range m.Exports {
		if e.Kind == wasmfile.Tag && e.Index >= uint32(imported) {
			names[e.Index-uint32(imported)] = e.Name
		}
	}
	for i, t := range m.Tags {
		if m.side && names[i] == "" {
			return errors.New("it has a tag that no other module can have; a side module takes the C++ runtime from the program")
		}
		n, err := number(names[i], t)
		if err != nil {
			return err
		}
		m.tags = append(m.tags, n)
	}
	return nil
}

// global returns the index of a global in the new module.
func (m *module) global(index uint32) uint32 {
	if m.side && index >= m.importedGlobals {
		return index + 2
	}
	return index
}

// blockType returns the type of a block that takes and leaves nothing but the
// given values.
func (m *module) blockType(params, results []wasmfile.ValueType) []byte {
	if len(params) == 0 && len(results) == 0 {
		return []byte{noValue}
	}
	if len(params) == 0 && len(results) == 1 {
		return []byte{byte(results[0])}
	}
	t := wasmfile.FuncType{Params: params, Results: results}
	i := slices.IndexFunc(m.types, t.Equal)
	if i < 0 {
		i = len(m.types)
		m.types = append(m.types, t)
	}
	return wasmfile.AppendSigned(nil, int64(i))
}

func appendIndex(b []byte, i uint32) []byte { return binary.AppendUvarint(b, uint64(i)) }
