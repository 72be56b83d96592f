package wasmfile

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// errTruncated says that a module ends in the middle of something.
var errTruncated = errors.New("it ends too early")

// A reader reads a part of a module. After the first error it returns zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
	r.b = nil
}

func (r *reader) bytes(n uint32) []byte {
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

func (r *reader) byte() byte {
	if b := r.bytes(1); b != nil {
		return b[0]
	}
	return 0
}

// uint32 reads an unsigned LEB128 number of at most 32 bits.
func (r *reader) uint32() uint32 {
	var v uint32
	for shift := 0; ; shift += 7 {
		c := r.byte()
		if shift == 28 && c > 0x0f {
			r.fail("a number is too large")
			return 0
		}
		v |= uint32(c&0x7f) << shift
		if c&0x80 == 0 {
			return v
		}
	}
}

// signed reads a signed LEB128 number of at most the given number of bits.
func (r *reader) signed(bits int) int64 {
	var v int64
	for shift := 0; shift < bits; {
		c := r.byte()
		v |= int64(c&0x7f) << shift
		shift += 7
		if c&0x80 == 0 {
			if shift < 64 && c&0x40 != 0 {
				v |= -1 << shift
			}
			if bits < 64 && (v < -1<<(bits-1) || v >= 1<<(bits-1)) {
				r.fail("a number is too large")
				return 0
			}
			return v
		}
	}
	r.fail("a number is too large")
	return 0
}

// count reads the length of a vector, whose elements take a byte at least.
func (r *reader) count() uint32 {
	n := r.uint32()
	if uint64(n) > uint64(len(r.b)) {
		if r.err == nil {
			r.err = errTruncated
		}
		r.b = nil
		return 0
	}
	return n
}

func (r *reader) name() string {
	b := r.bytes(r.uint32())
	if !utf8.Valid(b) {
		r.fail("a name is not valid UTF-8: %q", b)
		return ""
	}
	return string(b)
}

// sub returns a reader of the next n bytes, whose errors are its own.
func (r *reader) sub(n uint32) *reader {
	return &reader{b: r.bytes(n), err: r.err}
}

// end fails if anything is left.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.b))
	}
	return r.err
}

func (r *reader) valueTypes() []ValueType {
	b := r.bytes(r.uint32())
	types := make([]ValueType, len(b))
	for i, t := range b {
		types[i] = ValueType(t)
		if types[i].String() == "unknown type" {
			r.fail("0x%02x is not a type of values that is known here", t)
		}
	}
	return types
}

// limits passes over the limits of a table or a memory.
func (r *reader) limits() {
	flags := r.byte()
	if flags > 3 {
		r.fail("the limits have flags 0x%02x: memories and tables with 64 bit addresses are not known here", flags)
	}
	r.uint32()
	if flags&1 != 0 {
		r.uint32()
	}
}

func (r *reader) globalType() GlobalType {
	t := ValueType(r.byte())
	mutable := r.byte()
	if mutable > 1 {
		r.fail("0x%02x does not say whether a global is mutable", mutable)
	}
	return GlobalType{t, mutable == 1}
}

// constExpr reads a constant expression with its end.
func (r *reader) constExpr() ConstExpr {
	e := ConstExpr{Simple: true}
	for r.err == nil {
		switch op := r.byte(); op {
		case 0x0b: // end
			return e
		case 0x41: // i32.const
			e.Offset += int32(r.signed(32))
		case 0x6a: // i32.add, of what was summed up already
		case 0x23: // global.get
			e.Simple = e.Simple && !e.HasGlobal
			e.HasGlobal, e.Global = true, r.uint32()
		case 0x42: // i64.const
			r.signed(64)
			e.Simple = false
		case 0x43: // f32.const
			r.bytes(4)
			e.Simple = false
		case 0x44: // f64.const
			r.bytes(8)
			e.Simple = false
		case 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // further arithmetic of integers
			e.Simple = false
		case 0xd0: // ref.null
			r.byte()
			e.Simple = false
		case 0xd2: // ref.func
			r.uint32()
			e.Simple = false
		case 0xfd: // v128.const
			if sub := r.uint32(); sub != 12 {
				r.fail("a constant expression has the instruction 0xfd %d", sub)
			}
			r.bytes(16)
			e.Simple = false
		default:
			r.fail("a constant expression has the instruction 0x%02x", op)
		}
	}
	return ConstExpr{}
}
