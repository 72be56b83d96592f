package readset

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/tree"
)

// An encoded Set is magic and then its root, of which only the name is left
// out. A node is its kind in a byte, and then
//
//	of a file      its size
//	of a content   its digest
//	of a symlink   its target
//	of a directory its digest, the number of nodes in it, and for each of them
//	               its name and the node
//	of a listing   the digest of the names, and the rest as for a directory
//
// Numbers are unsigned varints; a text is its length and its bytes; a digest is
// the 32 bytes of the hash and the size.
//
// The magic changes when a recorded set can be less than what was seen, since
// what was stored before must not be found any more.
const magic = "cowasm-readset-1\n"

// maxDepth bounds the nesting of what is decoded.
const maxDepth = 1 << 12

// Encode returns the encoding of s. There is one for each set.
func (s *Set) Encode() []byte { return s.root.append([]byte(magic)) }

func (n *node) append(b []byte) []byte {
	b = append(b, byte(n.kind))
	switch n.kind {
	case file:
		b = binary.AppendUvarint(b, uint64(n.size))
	case content, executable:
		b = appendDigest(b, n.digest)
	case symlink:
		b = appendText(b, n.target)
	case listing, directory:
		if n.kind == listing {
			b = appendDigest(b, n.names)
		}
		b = appendDigest(b, n.digest)
		b = binary.AppendUvarint(b, uint64(len(n.kids)))
		for _, k := range n.kids {
			b = k.append(appendText(b, k.name))
		}
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendDigest(b []byte, d digest.Digest) []byte {
	sum := d.Sum()
	return binary.AppendUvarint(append(b, sum[:]...), uint64(d.Size()))
}

// Decode is the inverse of Encode. It refuses what Encode would not have
// written.
func Decode(data []byte) (*Set, error) {
	body, ok := strings.CutPrefix(string(data), magic)
	if !ok {
		return nil, errors.New("read set: it does not start as one")
	}
	d := decoder{rest: body}
	root := d.node("", 0)
	switch {
	case d.err != nil:
	case d.rest != "":
		d.fail(fmt.Errorf("%d bytes follow it", len(d.rest)))
	case root.kind != directory && root.kind != listing:
		d.fail(errors.New("its root is no directory"))
	}
	if d.err != nil {
		return nil, fmt.Errorf("read set: %w", d.err)
	}
	return &Set{root}, nil
}

// A decoder takes what is encoded off its start. After an error, all that it
// takes is zero.
type decoder struct {
	rest string
	err  error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = ""
}

func (d *decoder) node(name string, depth int) *node {
	n := &node{name: name, kind: kind(d.byte())}
	switch n.kind {
	case absent:
	case file:
		n.size = d.size()
	case content, executable:
		n.digest = d.digest()
	case symlink:
		n.target = d.text()
	case listing, directory:
		if depth == maxDepth {
			d.fail(fmt.Errorf("it is nested more than %d directories deep", maxDepth))
		}
		if n.kind == listing {
			n.names = d.digest()
		}
		n.digest = d.digest()
		for range d.uvarint() {
			name := d.text()
			if err := tree.CheckName(name); d.err == nil && err != nil {
				d.fail(err)
			}
			if last := len(n.kids) - 1; last >= 0 && n.kids[last].name >= name {
				d.fail(fmt.Errorf("%q is out of order", name))
			}
			if d.err != nil {
				break
			}
			n.kids = append(n.kids, d.node(name, depth+1))
		}
	default:
		d.fail(fmt.Errorf("there is no kind %d", n.kind))
	}
	return n
}

func (d *decoder) take(n uint64) string {
	if n > uint64(len(d.rest)) {
		d.fail(io.ErrUnexpectedEOF)
		return ""
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *decoder) byte() byte {
	b := d.take(1)
	if b == "" {
		return 0
	}
	return b[0]
}

func (d *decoder) uvarint() uint64 {
	head := d.rest[:min(len(d.rest), binary.MaxVarintLen64)]
	v, n := binary.Uvarint([]byte(head))
	if n <= 0 || n != len(binary.AppendUvarint(nil, v)) {
		d.fail(errors.New("a number in it is malformed"))
		return 0
	}
	d.take(uint64(n))
	return v
}

func (d *decoder) size() int64 {
	v := int64(d.uvarint())
	if v < 0 {
		d.fail(errors.New("a size in it is too large"))
		return 0
	}
	return v
}

func (d *decoder) text() string { return d.take(d.uvarint()) }

func (d *decoder) digest() digest.Digest {
	var sum [32]byte
	copy(sum[:], d.take(uint64(len(sum))))
	size := d.size()
	if d.err != nil {
		return digest.Digest{}
	}
	return digest.FromSum(sum, size)
}
