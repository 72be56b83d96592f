package wasmfile

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// errTruncated says that a module ends in the middle of something.
var errTruncated = errors.New("it ends too early")

// A Reader reads a part of a module. After the first error it returns zeros, and
// nothing is left.
type Reader struct {
	b   []byte
	err error
}

// NewReader returns a Reader of b.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Rest returns what was not read yet.
func (r *Reader) Rest() []byte { return r.b }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// Failf makes an error of what was read. Only the first one counts.
func (r *Reader) Failf(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	r.b = nil
}

// Bytes reads n bytes.
func (r *Reader) Bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.b)) {
		if r.err == nil {
			r.err = errTruncated
		}
		r.b = nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

// Byte reads a byte.
func (r *Reader) Byte() byte {
	if b := r.Bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint32 reads an unsigned LEB128 number of at most 32 bits.
func (r *Reader) Uint32() uint32 {
	var v uint32
	for shift := 0; ; shift += 7 {
		c := r.Byte()
		if shift == 28 && c > 0x0f {
			r.Failf("a number is too large")
			return 0
		}
		v |= uint32(c&0x7f) << shift
		if c&0x80 == 0 {
			return v
		}
	}
}

// Signed reads a signed LEB128 number of at most the given number of bits.
func (r *Reader) Signed(bits int) int64 {
	var v int64
	for shift := 0; shift < bits; {
		c := r.Byte()
		v |= int64(c&0x7f) << shift
		shift += 7
		if c&0x80 == 0 {
			if shift < 64 && c&0x40 != 0 {
				v |= -1 << shift
			}
			if bits < 64 && (v < -1<<(bits-1) || v >= 1<<(bits-1)) {
				r.Failf("a number is too large")
				return 0
			}
			return v
		}
	}
	r.Failf("a number is too large")
	return 0
}

// Count reads the length of a vector, whose elements take a byte at least.
func (r *Reader) Count() uint32 {
	n := r.Uint32()
	if uint64(n) > uint64(len(r.b)) {
		if r.err == nil {
			r.err = errTruncated
		}
		r.b = nil
		return 0
	}
	return n
}

// Name reads a name.
func (r *Reader) Name() string {
	b := r.Bytes(r.Uint32())
	if !utf8.Valid(b) {
		r.Failf("a name is not valid UTF-8: %q", b)
		return ""
	}
	return string(b)
}

// Sub returns a Reader of the next n bytes, whose errors are its own.
func (r *Reader) Sub(n uint32) *Reader {
	return &Reader{b: r.Bytes(n), err: r.err}
}

// End fails if anything is left.
func (r *Reader) End() error {
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.b))
	}
	return r.err
}

// ValueTypes reads a list of value types.
func (r *Reader) ValueTypes() []ValueType {
	b := r.Bytes(r.Uint32())
	types := make([]ValueType, len(b))
	for i, t := range b {
		types[i] = ValueType(t)
		if types[i].String() == "unknown type" {
			r.Failf("0x%02x is not a type of values that is known here", t)
		}
	}
	return types
}

// Import reads an import, all but whether it is weak, which is said elsewhere.
func (r *Reader) Import() Import {
	i := Import{Module: r.Name(), Name: r.Name(), Kind: Kind(r.Byte())}
	switch i.Kind {
	case Func:
		i.Type = r.Uint32()
	case Table:
		if t := ValueType(r.Byte()); t != FuncRef && t != ExternRef {
			r.Failf("a table has elements of an unknown type")
		}
		r.limits()
	case Memory:
		r.limits()
	case Global:
		i.Global = r.globalType()
	case Tag:
		r.tagAttribute()
		i.Type = r.Uint32()
	default:
		r.Failf("the import %q is of no known kind", i.Name)
	}
	return i
}

// tagAttribute reads what a tag is for, of which there is one thing.
func (r *Reader) tagAttribute() {
	if attribute := r.Byte(); attribute != 0 {
		r.Failf("a tag has the unknown attribute %d", attribute)
	}
}

// limits passes over the limits of a table or a memory.
func (r *Reader) limits() {
	flags := r.Byte()
	if flags > 3 {
		r.Failf("the limits have flags 0x%02x: memories and tables with 64 bit addresses are not known here", flags)
	}
	r.Uint32()
	if flags&1 != 0 {
		r.Uint32()
	}
}

func (r *Reader) globalType() GlobalType {
	t := ValueType(r.Byte())
	mutable := r.Byte()
	if mutable > 1 {
		r.Failf("0x%02x does not say whether a global is mutable", mutable)
	}
	return GlobalType{t, mutable == 1}
}

// constExpr reads a constant expression with its end.
func (r *Reader) constExpr() ConstExpr {
	e := ConstExpr{Simple: true}
	for r.err == nil {
		switch op := r.Byte(); op {
		case 0x0b: // end
			return e
		case 0x41: // i32.const
			e.Offset += int32(r.Signed(32))
		case 0x6a: // i32.add, of what was summed up already
		case 0x23: // global.get
			e.Simple = e.Simple && !e.HasGlobal
			e.HasGlobal, e.Global = true, r.Uint32()
		case 0x42: // i64.const
			r.Signed(64)
			e.Simple = false
		case 0x43: // f32.const
			r.Bytes(4)
			e.Simple = false
		case 0x44: // f64.const
			r.Bytes(8)
			e.Simple = false
		case 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // further arithmetic of integers
			e.Simple = false
		case 0xd0: // ref.null
			r.Byte()
			e.Simple = false
		case 0xd2: // ref.func
			r.Uint32()
			e.Simple = false
		case 0xfd: // v128.const
			if sub := r.Uint32(); sub != 12 {
				r.Failf("a constant expression has the instruction 0xfd %d", sub)
			}
			r.Bytes(16)
			e.Simple = false
		default:
			r.Failf("a constant expression has the instruction 0x%02x", op)
		}
	}
	return ConstExpr{}
}
