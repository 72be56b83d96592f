package builtin_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

func TestLinkable(t *testing.T) {
	unary := wasmfile.FuncType{Params: []wasmfile.ValueType{wasmfile.I32}}
	program := func() string {
		var b wasmfile.Builder
		b.Export("puts", wasmfile.Func, b.Func(unary, new(wasmfile.Code)))
		return string(b.Bytes())
	}()
	side := func(calls string, t wasmfile.FuncType, needed ...string) string {
		var b wasmfile.Builder
		b.Dylink(wasmfile.Dylink{Needed: needed})
		b.ImportFunc("env", calls, t)
		return string(b.Bytes())
	}
	for _, test := range []struct {
		name, module string
		want         string // of the error; empty: there is none
	}{
		{"good", side("puts", unary), ""},
		{"misspelt", side("put", unary), "linkable@1: it cannot be linked to program.wasm: /x.so: undefined function put (main has puts)"},
		{"type", side("puts", wasmfile.FuncType{}), "/x.so: it calls puts as () -> (), but in main it is (i32) -> ()"},
		{"needs", side("puts", unary, "lib.so"), ""},
		{"lacks", side("puts", unary, "gone.so"), "needed by /x.so: /gone.so: it is not among the libraries"},
		{"no module", "\x7fELF", "/x.so: it is a native library (ELF)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := files{"program.wasm": program, "x.so": test.module, "d/lib.so": side("puts", unary)}
			got, err := newBench(t).run(in, []string{"out.so"}, "linkable@1", "--library=d/lib.so", "program.wasm", "x.so", "out.so")
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Fatalf("the error is %v", err)
				}
				return
			}
			must(t, err)
			if diff := cmp.Diff(files{"out.so": test.module}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
