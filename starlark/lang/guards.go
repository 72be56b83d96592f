package lang

import (
	"fmt"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

// Limits of one value.
const (
	maxText  = 4 << 20 // bytes of a string
	maxItems = 1 << 20 // elements of a list, a tuple or a range
	maxBits  = 1 << 16 // of an integer that a multiplication yields
)

// guards returns the builtins that take the place of what could allocate
// without bound in one step; see rewrite.go.
func guards() starlark.StringDict {
	dict := starlark.StringDict{
		".":       starlark.NewBuiltin(".", checkedAttr),
		"getattr": starlark.NewBuiltin("getattr", checkedGetattr),
		"range":   starlark.NewBuiltin("range", makeRange),
		"json":    checkedJSON(),
	}
	for op := range checkedOperators {
		dict[op.String()] = starlark.NewBuiltin(op.String(), checkedBinary(op))
		dict[op.String()+"="] = starlark.NewBuiltin(op.String()+"=", checkedBinary(op))
	}
	dict["zip"] = starlark.NewBuiltin("zip", checkedZip)
	for _, name := range []string{"fail", "print", "repr", "str"} {
		dict[name] = checkedText(starlark.Universe[name].(*starlark.Builtin))
	}
	return dict
}

func errText() error  { return fmt.Errorf("the string would be longer than %d MiB", maxText>>20) }
func errItems() error { return fmt.Errorf("the list would have more than %d elements", maxItems) }

// checkedBinary returns a builtin for op or, if it is called by the name of
// an augmented assignment, for that.
func checkedBinary(op syntax.Token) func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
		x, y := args[0], args[1]
		if err := checkOperands(op, x, y); err != nil {
			return nil, err
		}
		// x += y extends a list in place.
		if list, ok := x.(*starlark.List); ok && op == syntax.PLUS && strings.HasSuffix(b.Name(), "=") {
			if it, ok := y.(starlark.Iterable); ok {
				extend, err := list.Attr("extend")
				if err == nil {
					_, err = extend.(*starlark.Builtin).CallInternal(thread, starlark.Tuple{it}, nil)
				}
				return list, err
			}
		}
		return starlark.Binary(op, x, y)
	}
}

func checkOperands(op syntax.Token, x, y starlark.Value) error {
	switch op {
	case syntax.PLUS:
		return checkSizes(x, y, func(a, b int) int { return a + b })
	case syntax.STAR:
		if n, ok := x.(starlark.Int); ok {
			if m, ok := y.(starlark.Int); ok {
				if n.BigInt().BitLen()+m.BigInt().BitLen() > maxBits {
					return fmt.Errorf("the number would have more than %d bits", maxBits)
				}
				return nil
			}
			x, y = y, x
		}
		if n, ok := y.(starlark.Int); ok && starlark.Len(x) > 0 {
			count, err := starlark.AsInt32(n)
			if err != nil {
				return fmt.Errorf("repeat count %s is too large", Describe(n))
			}
			return checkSizes(x, x, func(a, _ int) int { return a * max(0, count) })
		}
	case syntax.PERCENT:
		if format, ok := x.(starlark.String); ok {
			return checkFormat(string(format), "%", y)
		}
	}
	return nil
}

// checkSizes checks the length of what an operator makes of two strings, lists
// or tuples. Lengths are at most 2^31, so the size cannot overflow.
func checkSizes(x, y starlark.Value, size func(int, int) int) error {
	switch x.(type) {
	case starlark.String, starlark.Bytes:
		if n := starlark.Len(y); n >= 0 && size(starlark.Len(x), n) > maxText {
			return errText()
		}
	case *starlark.List, starlark.Tuple:
		if n := starlark.Len(y); n >= 0 && size(starlark.Len(x), n) > maxItems {
			return errItems()
		}
	}
	return nil
}

// checkFormat checks the length of a string whose verbs stand for values.
func checkFormat(format, verb string, values starlark.Value) error {
	size := len(format)
	if tuple, ok := values.(starlark.Tuple); ok && verb == "%" { // each is used once
		size += textSize(tuple)
	} else {
		size += strings.Count(format, verb) * textSize(values)
	}
	if size > maxText {
		return errText()
	}
	return nil
}

// textSize returns about the length of the text of v, and more than maxText if
// it is longer than that. It looks at no more than maxText values, whereas
// values that share their parts can have a text of exponential length.
func textSize(v starlark.Value) int {
	left := maxText
	var visit func(v starlark.Value, depth int) bool
	visit = func(v starlark.Value, depth int) bool {
		n := 8
		if s, ok := starlark.AsString(v); ok {
			n = len(s) + 2
		}
		if left -= n; left < 0 || depth > maxDepsetDepth {
			left = -1
			return false
		}
		switch v := v.(type) {
		case *starlark.Dict:
			for k, e := range v.Entries() {
				if !visit(k, depth+1) || !visit(e, depth+1) {
					return false
				}
			}
		case starlark.String, starlark.Bytes:
		case *Info:
			for _, e := range v.values {
				if !visit(e, depth+1) {
					return false
				}
			}
		case *Select:
			for _, p := range v.parts {
				if p.value != nil && !visit(p.value, depth+1) {
					return false
				}
				for _, b := range p.branches {
					if !visit(b.Value, depth+1) {
						return false
					}
				}
			}
		case *Depset:
			for _, e := range v.List() {
				if !visit(e, depth+1) {
					return false
				}
			}
		case starlark.Sequence:
			for e := range starlark.Elements(v) {
				if !visit(e, depth+1) {
					return false
				}
			}
		}
		return true
	}
	visit(v, 0)
	return maxText - left
}

// checkedText returns a builtin that turns its arguments to text, bounded.
func checkedText(f *starlark.Builtin) *starlark.Builtin {
	return starlark.NewBuiltin(f.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		size := textSize(args)
		for _, kv := range kwargs { // sep is between any two
			size += len(args) * textSize(kv[1])
		}
		if size > maxText {
			return nil, fmt.Errorf("%s: %w", f.Name(), errText())
		}
		return f.CallInternal(thread, args, kwargs)
	})
}

// checkedJSON returns the module json. It lacks indent and encode_indent, whose
// result can be far longer than their arguments.
func checkedJSON() *starlarkstruct.Module {
	return &starlarkstruct.Module{Name: "json", Members: starlark.StringDict{
		"encode": checkedText(json.Module.Members["encode"].(*starlark.Builtin)),
		"decode": starlark.NewBuiltin("json.decode", checkedDecode),
	}}
}

// maxJSONDepth is the number of brackets within each other in JSON. The decoder
// is recursive: without a limit a text could exhaust the stack.
const maxJSONDepth = 1000

// checkedDecode is json.decode, bounded.
func checkedDecode(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	values := append(starlark.Tuple{}, args...)
	for _, kv := range kwargs {
		values = append(values, kv[1])
	}
	for _, v := range values {
		if text, ok := starlark.AsString(v); ok && jsonDepth(text) > maxJSONDepth {
			return nil, fmt.Errorf("%s: brackets would be nested more than %d deep", b.Name(), maxJSONDepth)
		}
	}
	return json.Module.Members["decode"].(*starlark.Builtin).CallInternal(thread, args, kwargs)
}

// jsonDepth returns how deep brackets are nested in a text, if it is JSON.
func jsonDepth(text string) int {
	depth, deepest := 0, 0
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		case inString:
		case c == '[' || c == '{':
			depth++
			deepest = max(deepest, depth)
		case c == ']' || c == '}':
			depth--
		}
	}
	return deepest
}

// checkedZip is zip, bounded.
func checkedZip(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) > 0 && len(args)*max(0, starlark.Len(args[0])) > maxItems {
		return nil, errItems()
	}
	return starlark.Universe["zip"].(*starlark.Builtin).CallInternal(thread, args, kwargs)
}

// checkedGetattr is getattr(x, name, default), with methods checked.
func checkedGetattr(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Universe["getattr"].(*starlark.Builtin).CallInternal(thread, args, kwargs)
	if err != nil {
		return nil, err
	}
	return checkedMethod(v), nil
}

// checkedAttr is the expression x.name for a name in checkedMethods.
func checkedAttr(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, name := args[0], string(args[1].(starlark.String))
	if x, ok := x.(starlark.HasAttrs); ok {
		v, err := x.Attr(name)
		if err != nil {
			return nil, err
		}
		if v != nil {
			return checkedMethod(v), nil
		}
	}
	return nil, fmt.Errorf("%s has no .%s field or method", x.Type(), name)
}

// checkedMethod returns v or, if it is a method that could allocate without
// bound, one that checks its arguments first.
func checkedMethod(v starlark.Value) starlark.Value {
	f, ok := v.(*starlark.Builtin)
	if !ok || f.Receiver() == nil || !checkedMethods[f.Name()] {
		return v
	}
	return starlark.NewBuiltin(f.Name(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if err := checkMethod(f, args, kwargs); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name(), err)
		}
		return f.CallInternal(thread, args, kwargs)
	})
}

func checkMethod(f *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) error {
	if list, ok := f.Receiver().(*starlark.List); ok {
		if len(args) == 1 && list.Len()+max(0, starlark.Len(args[0])) > maxItems {
			return errItems()
		}
		return nil
	}
	recv, ok := starlark.AsString(f.Receiver())
	if !ok {
		return nil
	}
	switch f.Name() {
	case "join":
		if len(args) == 1 && len(recv)*max(0, starlark.Len(args[0]))+textSize(args[0]) > maxText {
			return errText()
		}
	case "replace":
		if len(args) >= 2 {
			old, _ := starlark.AsString(args[0])
			new, _ := starlark.AsString(args[1])
			if len(recv)+strings.Count(recv, old)*len(new) > maxText {
				return errText()
			}
		}
	case "format":
		all := append(starlark.Tuple{}, args...)
		for _, kv := range kwargs {
			all = append(all, kv[1])
		}
		return checkFormat(recv, "{", all)
	}
	return nil
}

// makeRange is range, bounded: everything that reads a range, such as list or
// sorted, then ends soon.
func makeRange(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	v, err := starlark.Universe["range"].(*starlark.Builtin).CallInternal(thread, args, kwargs)
	if err != nil {
		return nil, err
	}
	if n := starlark.Len(v); n > maxItems {
		return nil, fmt.Errorf("range: %d elements are more than the limit of %d", n, maxItems)
	}
	return v, nil
}
