package lower

import "github.com/cowasm/cowasm/internal/wasmfile"

// The instructions that matter here, and those that are written.
const (
	opUnreachable        = 0x00
	opBlock              = 0x02
	opLoop               = 0x03
	opIf                 = 0x04
	opThrow              = 0x08
	opThrowRef           = 0x0a
	opEnd                = 0x0b
	opBr                 = 0x0c
	opBrIf               = 0x0d
	opBrTable            = 0x0e
	opReturn             = 0x0f
	opCall               = 0x10
	opCallIndirect       = 0x11
	opReturnCall         = 0x12
	opReturnCallIndirect = 0x13
	opSelectTyped        = 0x1c
	opTryTable           = 0x1f
	opLocalGet           = 0x20
	opLocalTee           = 0x22
	opGlobalGet          = 0x23
	opGlobalSet          = 0x24
	opI32Const           = 0x41
	opI64Const           = 0x42
	opF32Const           = 0x43
	opF64Const           = 0x44
	opI32Eq              = 0x46
	opI64Eqz             = 0x50
	opI64Or              = 0x84
	opI64Shl             = 0x86
	opI64ShrU            = 0x88
	opI32WrapI64         = 0xa7
	opI64ExtendI32U      = 0xad
	opRefNull            = 0xd0
	prefixMisc           = 0xfc
	prefixVector         = 0xfd
	vectorConst          = 12

	noValue = 0x40 // the type of a block without values
)

// An instruction is one of a function's, with those of its immediates that
// matter here.
type instruction struct {
	op      byte
	raw     []byte
	index   uint32   // of the label, function, local, global, tag or reference type
	labels  []uint32 // of br_table
	block   int64    // the type of a block
	types   []wasmfile.ValueType
	catches []catch
}

// A catch is a clause of try_table.
type catch struct {
	all, ref   bool
	tag, label uint32
}

// read reads an instruction. It knows those that the engine knows, besides
// exceptions.
func read(r *wasmfile.Reader) instruction {
	before := r.Rest()
	in := instruction{op: r.Byte()}
	switch op := in.op; {
	case op == opBlock || op == opLoop || op == opIf:
		in.block = r.Signed(33)
	case op == opTryTable:
		in.block = r.Signed(33)
		in.catches = readCatches(r)
	case op == opThrow || op == opBr || op == opBrIf || op == opCall || op == opReturnCall ||
		op >= opLocalGet && op <= 0x26 || op == 0xd2: // variables, tables, ref.func
		in.index = r.Uint32()
	case op == opRefNull:
		in.index = uint32(r.Byte())
	case op == opBrTable:
		n := r.Count()
		in.labels = make([]uint32, 0, n+1)
		for range n {
			in.labels = append(in.labels, r.Uint32())
		}
		in.labels = append(in.labels, r.Uint32())
	case op == opCallIndirect || op == opReturnCallIndirect:
		r.Uint32()
		r.Uint32()
	case op == opSelectTyped:
		in.types = r.ValueTypes()
	case op >= 0x28 && op <= 0x3e: // loads and stores
		readMemoryArgument(r)
	case op == 0x3f || op == 0x40: // the size of the memory
		r.Uint32()
	case op == opI32Const:
		r.Signed(32)
	case op == opI64Const:
		r.Signed(64)
	case op == opF32Const:
		r.Bytes(4)
	case op == opF64Const:
		r.Bytes(8)
	case op == prefixMisc:
		readMisc(r)
	case op == prefixVector:
		readVector(r)
	case op == 0x06 || op == 0x07 || op == 0x09 || op == 0x18 || op == 0x19:
		r.Failf("it has exceptions in the old form (instruction 0x%02x); compile it with -mllvm -wasm-use-legacy-eh=false", op)
	case op > 0x15 && op < 0x1a || op > opTryTable && op < opLocalGet || op == 0x14 || op == 0x15 || op == 0x27 || op > 0xc4 && op != 0xd1:
		r.Failf("it has the unknown instruction 0x%02x", op)
	}
	in.raw = before[:len(before)-len(r.Rest())]
	return in
}

// readCatches reads the clauses of try_table.
func readCatches(r *wasmfile.Reader) []catch {
	var catches []catch
	for n := r.Count(); n > 0 && r.Err() == nil; n-- {
		kind := r.Byte()
		if kind > 3 {
			r.Failf("a clause of try_table has the unknown kind %d", kind)
		}
		c := catch{all: kind&2 != 0, ref: kind&1 != 0}
		if !c.all {
			c.tag = r.Uint32()
		}
		c.label = r.Uint32()
		catches = append(catches, c)
	}
	return catches
}

// readMemoryArgument passes over an alignment and an offset.
func readMemoryArgument(r *wasmfile.Reader) {
	r.Uint32()
	r.Uint32()
}

// readMisc passes over the rest of an instruction with the first prefix.
func readMisc(r *wasmfile.Reader) {
	switch sub := r.Uint32(); {
	case sub <= 7: // conversions
	case sub == 8 || sub == 10 || sub == 12 || sub == 14: // initialise and copy
		r.Uint32()
		r.Uint32()
	case sub <= 17: // drop, fill, grow, size
		r.Uint32()
	default:
		r.Failf("it has the unknown instruction 0x%02x %d", prefixMisc, sub)
	}
}

// readVector passes over the rest of an instruction on vectors.
func readVector(r *wasmfile.Reader) {
	switch sub := r.Uint32(); {
	case sub <= 11 || sub == 92 || sub == 93: // loads and stores
		readMemoryArgument(r)
	case sub == vectorConst || sub == 13: // v128.const, i8x16.shuffle
		r.Bytes(16)
	case sub >= 21 && sub <= 34: // lanes
		r.Byte()
	case sub >= 84 && sub <= 91: // loads and stores of lanes
		readMemoryArgument(r)
		r.Byte()
	case sub > 0x113:
		r.Failf("it has the unknown instruction 0x%02x 0x%x", prefixVector, sub)
	}
}
