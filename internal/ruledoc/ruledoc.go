// Package ruledoc writes the reference of rules, in Markdown, from the
// docstrings of the files that define them.
package ruledoc

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/starlark/lang"
	"github.com/cowasm/cowasm/starlark/loading"
)

const preamble = `# Rules

Written by ` + "`cowasm docs`" + ` from the docstrings in the files of rules. Change those, not
this page.

All rules also have the attributes ` + "`name`" + `, ` + "`visibility`" + `, ` + "`tags`" + ` and ` + "`testonly`" + `,
which mean what they mean in Bazel.
`

// Write returns the reference of what modules define for others: rules,
// providers, and functions with a docstring, be it by themselves or in a struct.
// Names that begin with an underscore are left out, and so is a module that has
// nothing else.
func Write(modules []*loading.Module) []byte {
	var b bytes.Buffer
	b.WriteString(preamble)
	for _, m := range modules {
		section := symbols(m)
		if len(section) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n", m.Path)
		paragraph(&b, m.Doc)
		for _, s := range section {
			b.WriteString(s)
		}
	}
	return b.Bytes()
}

// symbols returns the text on each symbol of m: first what m passes on from
// other files, then rules, functions and providers.
func symbols(m *loading.Module) []string {
	var passed, rules, functions, providers []string
	pass := func(name, file string) {
		passed = append(passed, fmt.Sprintf("- [`%s`](#%s), of %s\n", name, strings.ToLower(name), file))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Globals)) {
		if strings.HasPrefix(name, "_") {
			continue
		}
		var b bytes.Buffer
		switch v := m.Globals[name].(type) {
		case *lang.Rule:
			if v.Pos.File != m.Path {
				pass(name, v.Pos.File)
				continue
			}
			writeRule(&b, name, v)
			rules = append(rules, b.String())
		case *starlark.Function:
			if v.Doc() == "" {
				continue
			}
			if file := v.Position().Filename(); file != m.Path {
				pass(name, file)
				continue
			}
			writeFunction(&b, name, v)
			functions = append(functions, b.String())
		case *lang.Info:
			for _, field := range v.AttrNames() {
				if f, ok := v.Field(field).(*starlark.Function); ok && f.Doc() != "" {
					writeFunction(&b, name+"."+field, f)
				}
			}
			functions = append(functions, b.String())
		case *lang.Provider:
			if v.Pos.File != m.Path {
				pass(name, v.Pos.File)
				continue
			}
			writeProvider(&b, name, v)
			providers = append(providers, b.String())
		}
	}
	if len(passed) > 0 {
		passed[0] = "\n" + passed[0]
	}
	return slices.Concat(passed, rules, functions, providers)
}

func writeRule(b *bytes.Buffer, name string, r *lang.Rule) {
	fmt.Fprintf(b, "\n### %s\n", name)
	switch {
	case r.Test:
		b.WriteString("\nA test rule: `cowasm test` runs its targets.\n")
	case r.Executable:
		b.WriteString("\nAn executable rule: `cowasm run` starts its targets.\n")
	}
	paragraph(b, r.Doc)
	var names []string
	for name := range r.Attrs {
		if !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return
	}
	// Mandatory attributes first, each group by name.
	slices.SortFunc(names, func(x, y string) int {
		if mx, my := r.Attrs[x].Mandatory, r.Attrs[y].Mandatory; mx != my {
			if mx {
				return -1
			}
			return 1
		}
		return strings.Compare(x, y)
	})
	b.WriteString("\n| attribute | type | default | meaning |\n|---|---|---|---|\n")
	for _, name := range names {
		a := r.Attrs[name]
		def := "mandatory"
		if !a.Mandatory {
			def = "`" + cell(a.Default.String()) + "`"
		}
		meaning := cell(a.Doc)
		if a.Values != nil {
			var values []string
			for _, v := range a.Values {
				values = append(values, "`"+cell(v.String())+"`")
			}
			meaning = strings.TrimSpace(meaning + " One of " + strings.Join(values, ", ") + ".")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", name, a.Kind, def, meaning)
	}
}

func writeFunction(b *bytes.Buffer, name string, f *starlark.Function) {
	var params []string
	plain := f.NumParams()
	if f.HasKwargs() {
		plain--
	}
	if f.HasVarargs() {
		plain--
	}
	for i := range plain {
		param, _ := f.Param(i)
		if i == plain-f.NumKwonlyParams() && f.NumKwonlyParams() > 0 && !f.HasVarargs() {
			params = append(params, "*")
		}
		if d := f.ParamDefault(i); d != nil {
			param += " = " + d.String()
		}
		params = append(params, param)
	}
	if f.HasVarargs() {
		param, _ := f.Param(plain)
		params = append(params, "*"+param)
	}
	if f.HasKwargs() {
		param, _ := f.Param(f.NumParams() - 1)
		params = append(params, "**"+param)
	}
	fmt.Fprintf(b, "\n### %s\n\n```python\n%s(%s)\n```\n", name, name, strings.Join(params, ", "))
	paragraph(b, docstring(f.Doc()))
}

func writeProvider(b *bytes.Buffer, name string, p *lang.Provider) {
	fmt.Fprintf(b, "\n### %s\n\nA provider.", name)
	if p.Doc != "" {
		b.WriteString(" " + strings.TrimSpace(p.Doc))
	}
	b.WriteString("\n")
	if len(p.Fields) == 0 {
		return
	}
	b.WriteString("\n| field | meaning |\n|---|---|\n")
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		fmt.Fprintf(b, "| `%s` | %s |\n", field, cell(p.Fields[field]))
	}
}

// paragraph writes text after an empty line, unless there is none.
func paragraph(b *bytes.Buffer, text string) {
	if text = dedent(text); text != "" {
		fmt.Fprintf(b, "\n%s\n", text)
	}
}

// cell returns text as it can stand in a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// dedent removes from all lines but the first what they are indented by in
// common, and white space at both ends.
func dedent(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	indent := -1
	for _, line := range lines[1:] {
		if rest := strings.TrimLeft(line, " "); rest != "" && (indent < 0 || len(line)-len(rest) < indent) {
			indent = len(line) - len(rest)
		}
	}
	for i, line := range lines[1:] {
		lines[i+1] = strings.TrimRight(line[min(len(line), max(0, indent)):], " ")
	}
	return strings.Join(lines, "\n")
}

// docstring turns a function's docstring with sections such as "Args:" into
// Markdown: each "name: text" below it becomes an item of a list.
func docstring(doc string) string {
	var out []string
	section, items := "", 0 // items is what the items of the section are indented by
	for line := range strings.SplitSeq(dedent(doc), "\n") {
		text := strings.TrimSpace(line)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if section != "" && items == 0 {
			items = indent
		}
		switch name, meaning, ok := strings.Cut(text, ": "); {
		case indent == 0 && (text == "Args:" || text == "Returns:"):
			section, items = text, 0
			out = append(out, text, "")
		case section == "Args:" && indent == items && ok:
			out = append(out, fmt.Sprintf("- `%s`: %s", name, meaning))
		case section == "Args:" && indent > items:
			out = append(out, "  "+text)
		case section == "Returns:":
			out = append(out, text)
		default:
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
