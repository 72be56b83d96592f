package lower

import (
	"errors"

	"github.com/cowasm/cowasm/internal/wasmfile"
)

// code returns the code section of the new module.
func (m *module) code(functions []function, throws []bool) ([]byte, error) {
	out := appendIndex(nil, uint32(len(functions)))
	for i, f := range functions {
		body := f.body
		if may := throws[len(m.imports)+i]; may || f.ownGlobal && m.side {
			var err error
			if body, err = m.rewrite(f, m.types[m.Functions[i]], throws, may); err != nil {
				return nil, m.inFunction(i, err)
			}
		}
		out = appendIndex(out, uint32(len(body)))
		out = append(out, body...)
	}
	return out, nil
}

// A block is one around the instruction that is being written.
type block struct {
	catches []catch
	try     bool
}

// A rewriter writes one function.
type rewriter struct {
	*module
	throws []bool
	out    []byte

	// The blocks around, the outermost first, and which of them were there
	// before, in the same order: labels count those. Landings are those whose
	// end is where an exception goes.
	blocks   []block
	source   []int
	landings []int

	saved uint32 // the local for throw_ref
	err   error
}

// rewrite returns the new body of a function. One that may throw is
//
//	block            ; to leave it with an exception
//	  block results
//	    its code
//	  end
//	  return
//	end
//	zeros, as results
func (m *module) rewrite(f function, t wasmfile.FuncType, throws []bool, may bool) ([]byte, error) {
	w := &rewriter{module: m, throws: throws}
	r := wasmfile.NewReader(f.body)
	w.locals(r, f, t)
	if may {
		w.open(block{}, false, []byte{noValue})
		w.landings = append(w.landings, 0)
		w.open(block{}, true, m.blockType(nil, t.Results))
	} else {
		w.blocks, w.source = []block{{}}, []int{0}
	}
	for len(w.source) > 0 && r.Err() == nil && w.err == nil {
		if len(r.Rest()) == 0 {
			return nil, errors.New("its code ends too early")
		}
		w.instruction(read(r))
	}
	if err := errors.Join(r.End(), w.err); err != nil {
		return nil, err
	}
	if may {
		w.op(opReturn).op(opEnd)
		for _, v := range t.Results {
			w.zero(v)
		}
		w.op(opEnd)
	}
	return w.out, nil
}

// locals writes the declarations of the locals.
func (w *rewriter) locals(r *wasmfile.Reader, f function, t wasmfile.FuncType) {
	count := uint64(len(t.Params))
	groups := r.Count()
	extra := uint32(0)
	if f.rethrows {
		extra = 1
	}
	w.index(groups + extra)
	for ; groups > 0 && r.Err() == nil; groups-- {
		n := r.Uint32()
		count += uint64(n)
		w.index(n)
		w.out = append(w.out, byte(plain([]wasmfile.ValueType{wasmfile.ValueType(r.Byte())})[0]))
	}
	if f.rethrows {
		if count >= 1<<32-1 {
			w.err = errors.New("it has too many locals")
		}
		w.saved = uint32(count)
		w.index(1).op(byte(wasmfile.I64))
	}
}

func (w *rewriter) op(b ...byte) *rewriter {
	w.out = append(w.out, b...)
	return w
}

func (w *rewriter) index(i uint32) *rewriter {
	w.out = appendIndex(w.out, i)
	return w
}

// open begins a block.
func (w *rewriter) open(b block, source bool, blockType []byte) {
	if source {
		w.source = append(w.source, len(w.blocks))
	}
	w.blocks = append(w.blocks, b)
	w.op(opBlock).op(blockType...)
}

// label returns the new number of a label.
func (w *rewriter) label(old uint64) uint32 {
	if old >= uint64(len(w.source)) {
		w.err = errors.New("it branches to a label that is not there")
		return 0
	}
	return uint32(len(w.blocks) - 1 - w.source[len(w.source)-1-int(old)])
}

// landing returns the label to which an exception goes.
func (w *rewriter) landing() uint32 {
	return uint32(len(w.blocks) - 1 - w.landings[len(w.landings)-1])
}

// instruction writes what an instruction becomes.
func (w *rewriter) instruction(in instruction) {
	switch in.op {
	case opBlock, opLoop, opIf:
		w.source = append(w.source, len(w.blocks))
		w.blocks = append(w.blocks, block{})
		w.op(in.op).op(w.plainBlock(in)...)
	case opTryTable:
		w.try(in)
	case opEnd:
		w.end()
	case opBr, opBrIf:
		w.op(in.op).index(w.label(uint64(in.index)))
	case opBrTable:
		w.op(in.op).index(uint32(len(in.labels) - 1))
		for _, l := range in.labels {
			w.index(w.label(uint64(l)))
		}
	case opCall:
		w.op(in.raw...)
		if w.throws[in.index] {
			w.check()
		}
	case opCallIndirect:
		w.op(in.raw...)
		w.check()
	case opThrow:
		w.op(opGlobalSet).index(w.valueGlobal)
		w.setTag(w.tag(in.index))
		w.op(opBr).index(w.landing())
	case opThrowRef:
		w.throwRef()
	case opGlobalGet, opGlobalSet:
		w.op(in.op).index(w.global(in.index))
	case opRefNull:
		if in.index == uint32(wasmfile.ExnRef) {
			w.op(opI64Const, 0)
		} else {
			w.op(in.raw...)
		}
	case opSelectTyped:
		w.op(in.op).index(uint32(len(in.types)))
		for _, t := range plain(in.types) {
			w.op(byte(t))
		}
	default:
		w.op(in.raw...)
	}
}

// exnRefBlock is the type of a block that leaves an exnref, as it is read.
const exnRefBlock = int64(wasmfile.ExnRef) - 0x80

// plainBlock returns the type of a block.
func (w *rewriter) plainBlock(in instruction) []byte {
	if in.block == exnRefBlock {
		return []byte{byte(wasmfile.I64)}
	}
	return wasmfile.AppendSigned(nil, in.block)
}

// check goes to the landing if the call before has thrown.
func (w *rewriter) check() {
	w.op(opGlobalGet).index(w.tagGlobal)
	w.op(opBrIf).index(w.landing())
}

// tag returns the number of a tag.
func (w *rewriter) tag(index uint32) int32 {
	if uint64(index) >= uint64(len(w.tags)) {
		w.err = errors.New("it uses a tag that is not there")
		return 0
	}
	return w.tags[index]
}

func (w *rewriter) setTag(number int32) {
	w.out = wasmfile.AppendSigned(append(w.out, opI32Const), int64(number))
	w.op(opGlobalSet).index(w.tagGlobal)
}

// throwRef throws what an exnref stands for, which must not be null.
func (w *rewriter) throwRef() {
	w.op(opLocalTee).index(w.saved).op(opI64Eqz, opIf, noValue, opUnreachable, opEnd)
	w.op(opLocalGet).index(w.saved).op(opI32WrapI64, opGlobalSet).index(w.valueGlobal)
	w.op(opLocalGet).index(w.saved).op(opI64Const, 32, opI64ShrU, opI32WrapI64, opGlobalSet).index(w.tagGlobal)
	w.op(opBr).index(w.landing())
}

// try begins a try_table, which becomes
//
//	block            ; with the type of the try_table
//	  block          ; where exceptions of its code go
//	    its code
//	    br 1
//	  end
//	  the clauses
//	  br             ; to where other exceptions go
//	end
func (w *rewriter) try(in instruction) {
	var params []wasmfile.ValueType
	if in.block >= 0 {
		if in.block >= int64(len(w.Types)) {
			w.err = errors.New("a block has a type that is not there")
			return
		}
		params = w.types[in.block].Params
	}
	w.open(block{catches: in.catches, try: true}, true, w.plainBlock(in))
	w.landings = append(w.landings, len(w.blocks))
	w.open(block{}, false, w.blockType(params, nil))
}

// end ends a block that was there before.
func (w *rewriter) end() {
	if len(w.blocks) > 1 && w.blocks[len(w.blocks)-2].try {
		catches := w.blocks[len(w.blocks)-2].catches
		w.op(opBr, 1, opEnd)
		w.blocks = w.blocks[:len(w.blocks)-1]
		w.landings = w.landings[:len(w.landings)-1]
		w.catch(catches)
	}
	w.blocks = w.blocks[:len(w.blocks)-1]
	w.source = w.source[:len(w.source)-1]
	w.op(opEnd)
}

// catch writes the clauses of a try_table. The try_table itself, which is the
// innermost block then, is not among the blocks that their labels count.
func (w *rewriter) catch(catches []catch) {
	for _, c := range catches {
		depth := w.label(uint64(c.label) + 1)
		if !c.all {
			w.op(opGlobalGet).index(w.tagGlobal)
			w.out = wasmfile.AppendSigned(append(w.out, opI32Const), int64(w.tag(c.tag)))
			w.op(opI32Eq, opIf, noValue)
			depth++
			w.op(opGlobalGet).index(w.valueGlobal)
		}
		if c.ref {
			w.op(opGlobalGet).index(w.tagGlobal).op(opI64ExtendI32U, opI64Const, 32, opI64Shl)
			w.op(opGlobalGet).index(w.valueGlobal).op(opI64ExtendI32U, opI64Or)
		}
		w.setTag(0)
		w.op(opBr).index(depth)
		if !c.all {
			w.op(opEnd)
		}
	}
	w.op(opBr).index(w.landing())
}

// zero writes the value that a function which throws leaves.
func (w *rewriter) zero(t wasmfile.ValueType) {
	switch t {
	case wasmfile.I32:
		w.op(opI32Const, 0)
	case wasmfile.I64:
		w.op(opI64Const, 0)
	case wasmfile.F32:
		w.op(opF32Const).op(make([]byte, 4)...)
	case wasmfile.F64:
		w.op(opF64Const).op(make([]byte, 8)...)
	case wasmfile.V128:
		w.op(prefixVector, vectorConst).op(make([]byte, 16)...)
	default:
		w.op(opRefNull, byte(t))
	}
}
