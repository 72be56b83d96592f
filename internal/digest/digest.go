// Package digest names immutable content by its SHA-256 hash and its size, as
// the Remote Execution API does.
//
// A Digest is a validated value: one that came out of this package is either
// the zero value or has a complete hash and a size that is not negative. It is
// comparable and may be used as a map key.
package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
)

// A Digest identifies content by hash and size in bytes.
type Digest struct {
	hash [sha256.Size]byte
	size int64
}

// Empty is the digest of no bytes at all.
var Empty = Of(nil)

// Of returns the digest of data.
func Of(data []byte) Digest {
	return Digest{hash: sha256.Sum256(data), size: int64(len(data))}
}

// New returns the digest with the given lower-case hexadecimal SHA-256 hash
// and size in bytes.
func New(hash string, size int64) (Digest, error) {
	sum, err := ParseHash(hash)
	if err != nil {
		return Digest{}, err
	}
	if size < 0 {
		return Digest{}, fmt.Errorf("digest %s: negative size %d", hash, size)
	}
	return Digest{hash: sum, size: size}, nil
}

// FromSum returns the digest with the given SHA-256 hash and size in bytes, which
// must not be negative.
func FromSum(sum [sha256.Size]byte, size int64) Digest {
	if size < 0 {
		panic(fmt.Sprintf("digest: negative size %d", size))
	}
	return Digest{hash: sum, size: size}
}

// ParseHash parses a lower-case hexadecimal SHA-256 hash.
func ParseHash(hash string) ([sha256.Size]byte, error) {
	var sum [sha256.Size]byte
	if len(hash) != hex.EncodedLen(sha256.Size) {
		return sum, fmt.Errorf("sha256 %q has %d characters, want %d", hash, len(hash), hex.EncodedLen(sha256.Size))
	}
	if strings.ToLower(hash) != hash {
		return sum, fmt.Errorf("sha256 %q is not in lower case", hash)
	}
	if _, err := hex.Decode(sum[:], []byte(hash)); err != nil {
		return sum, fmt.Errorf("sha256 %q is not hexadecimal", hash)
	}
	return sum, nil
}

// Parse parses the form that String prints.
func Parse(s string) (Digest, error) {
	hash, size, ok := strings.Cut(s, "/")
	if !ok {
		return Digest{}, fmt.Errorf("digest %q is not of the form HASH/SIZE", s)
	}
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != size {
		return Digest{}, fmt.Errorf("digest %q: size %q is not a number", s, size)
	}
	return New(hash, n)
}

// FromProto converts a digest of the Remote Execution API. A nil message is
// the zero Digest.
func FromProto(p *remoteexecution.Digest) (Digest, error) {
	if p == nil {
		return Digest{}, nil
	}
	return New(p.Hash, p.SizeBytes)
}

// Proto returns d as a message of the Remote Execution API, nil if d is zero.
func (d Digest) Proto() *remoteexecution.Digest {
	if d.IsZero() {
		return nil
	}
	return &remoteexecution.Digest{Hash: d.Hash(), SizeBytes: d.size}
}

// Sum returns the hash.
func (d Digest) Sum() [sha256.Size]byte { return d.hash }

// Hash returns the hash in lower-case hexadecimal.
func (d Digest) Hash() string { return hex.EncodeToString(d.hash[:]) }

// Size returns the size of the content in bytes.
func (d Digest) Size() int64 { return d.size }

// IsZero reports whether d is the zero value, which names no content.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns the hash and the size, as in "e3b0c442…/0".
func (d Digest) String() string { return d.Hash() + "/" + strconv.FormatInt(d.size, 10) }

// A Hasher is an io.Writer that computes the digest of what is written to it.
type Hasher struct {
	h hash.Hash
	n int64
}

// NewHasher returns a Hasher that has seen nothing yet.
func NewHasher() *Hasher { return &Hasher{h: sha256.New()} }

// Write adds p to the content. It never fails.
func (h *Hasher) Write(p []byte) (int, error) {
	h.n += int64(len(p))
	return h.h.Write(p)
}

// Digest returns the digest of everything written so far.
func (h *Hasher) Digest() Digest {
	d := Digest{size: h.n}
	h.h.Sum(d.hash[:0])
	return d
}

// Copy copies r to w and returns the digest of what it copied.
func Copy(w io.Writer, r io.Reader) (Digest, error) {
	h := NewHasher()
	_, err := io.Copy(io.MultiWriter(w, h), r)
	return h.Digest(), err
}
