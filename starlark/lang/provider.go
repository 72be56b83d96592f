package lang

import (
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"github.com/cowasm/cowasm/internal/diag"
)

// A Provider is a kind of facts that a target tells those that depend on it.
// Called, it makes an Info.
type Provider struct {
	Doc    string
	Fields map[string]string // to their docs; nil if any field is allowed
	Pos    diag.Position

	defaults map[string]starlark.Value // of fields that are not given
	name     string                    // that it was exported as; "" until its module is loaded
	init     starlark.Callable         // turns arguments into a dict of fields; nil if there is none
}

// The providers that the build itself understands.
var (
	// DefaultInfo has the files that a target stands for.
	DefaultInfo = &Provider{name: "DefaultInfo", Doc: "The files that a target stands for.",
		Fields:   map[string]string{"files": "depset of File: what `cowasm build` builds and what a dependant's ctx.files has"},
		defaults: map[string]starlark.Value{"files": &Depset{order: orderDefault}}}

	// RunInfo says how `cowasm run` starts a target.
	RunInfo = &Provider{name: "RunInfo", Doc: "How `cowasm run` starts a target.",
		Fields: map[string]string{
			"executable":        "File or path in the sandbox: the WebAssembly program",
			"arguments":         "list of string or File: come before the user's own",
			"default_arguments": "list of string or File: take the place of the user's own if there are none",
			"env":               "dict of string: the environment",
			"mounts":            "dict from path in the sandbox to File",
			"inputs":            "list or depset of File: placed at their paths",
			"user_directory":    "path in the sandbox: where the program sees the folder that the user is in, and where it starts; it sees none by default",
		},
		defaults: frozen(map[string]starlark.Value{
			"arguments":         new(starlark.List),
			"default_arguments": new(starlark.List),
			"env":               new(starlark.Dict),
			"mounts":            new(starlark.Dict),
			"inputs":            new(starlark.List),
			"user_directory":    starlark.String(""),
		})}

	// TestInfo has the reports that `cowasm test` judges.
	TestInfo = &Provider{name: "TestInfo", Doc: "What `cowasm test` judges.",
		Fields: map[string]string{"reports": "list of File: JSON reports that actions write"}}
)

func frozen(fields map[string]starlark.Value) map[string]starlark.Value {
	for _, v := range fields {
		v.Freeze()
	}
	return fields
}

// makeProvider is provider(doc = "", fields = None, init = None). With init it
// returns the provider and a constructor that bypasses init.
func makeProvider(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	p := &Provider{Pos: callerPosition(thread)}
	var fields starlark.Iterable
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "doc?", &p.Doc, "fields??", &fields, "init??", &p.init); err != nil {
		return nil, err
	}
	if fields != nil {
		p.Fields = map[string]string{}
		for _, v := range elements(fields) {
			name, ok := starlark.AsString(v)
			if !ok {
				return nil, fmt.Errorf("provider: a field's name is %s, want a string", Describe(v))
			}
			p.Fields[name] = ""
			if dict, ok := fields.(*starlark.Dict); ok {
				if doc, _, err := dict.Get(v); err == nil {
					p.Fields[name], _ = starlark.AsString(doc)
				}
			}
		}
	}
	if p.init == nil {
		return p, nil
	}
	raw := starlark.NewBuiltin("raw constructor", func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return p.instance(args, kwargs)
	})
	return starlark.Tuple{p, raw}, nil
}

// CallInternal makes an Info.
func (p *Provider) CallInternal(thread *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if p.init == nil {
		return p.instance(args, kwargs)
	}
	v, err := starlark.Call(thread, p.init, args, kwargs)
	if err != nil {
		return nil, err
	}
	dict, ok := v.(*starlark.Dict)
	if !ok {
		return nil, fmt.Errorf("%s: init returned %s, want a dict of fields", p.Name(), Describe(v))
	}
	return p.instance(nil, dict.Items())
}

func (p *Provider) instance(args starlark.Tuple, kwargs []starlark.Tuple) (*Info, error) {
	if len(args) > 0 {
		return nil, fmt.Errorf("%s: fields are given by name only", p.Name())
	}
	fields := make(map[string]starlark.Value, len(kwargs))
	for _, kv := range kwargs {
		name, ok := starlark.AsString(kv[0])
		if !ok {
			return nil, fmt.Errorf("%s: a field's name is %s, want a string", p.Name(), Describe(kv[0]))
		}
		if _, known := p.Fields[name]; p.Fields != nil && !known {
			return nil, hinted(fmt.Errorf("%s has no field %q", p.Name(), name),
				"%s", Suggest(name, slices.Collect(maps.Keys(p.Fields)), "its fields are "))
		}
		fields[name] = kv[1]
	}
	for name, v := range p.defaults {
		if fields[name] == nil || fields[name] == starlark.None {
			fields[name] = v
		}
	}
	return NewInfo(p, fields), nil
}

// Name returns the name that the provider was exported as by its module.
func (p *Provider) Name() string {
	if p.name == "" {
		return "provider"
	}
	return p.name
}

// String returns "<provider NAME>".
func (p *Provider) String() string { return "<provider " + p.Name() + ">" }

// Type returns "Provider".
func (*Provider) Type() string { return "Provider" }

// Freeze freezes the constructor.
func (p *Provider) Freeze() {
	if p.init != nil {
		p.init.Freeze()
	}
}

// Truth returns true.
func (*Provider) Truth() starlark.Bool { return true }

// Hash returns the hash of the place where the provider is defined.
func (p *Provider) Hash() (uint32, error) {
	return starlark.String(p.Name() + p.Pos.String()).Hash()
}

var _ starlark.Callable = (*Provider)(nil)
