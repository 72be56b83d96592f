package wasm

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
	"github.com/cowasm/cowasm/internal/store"
)

// maxMessage is the largest message in bytes: a result holds at most twice
// maxOutput, and what was observed of inputs.
const maxMessage = 256 << 20

// A request goes to a worker. Exactly one field is set; the first request is
// Open.
type request struct {
	Open *openRequest `json:",omitempty"`
	Run  *runRequest  `json:",omitempty"`
}

// openRequest tells a worker where things are.
type openRequest struct {
	Store   string
	Modules string
	Threads int
}

// runRequest is an action to run, as action.Encode encodes it.
type runRequest struct {
	Action  []byte
	Command []byte
}

// A reply comes from a worker. Exactly one field is set. To a runRequest there
// are several, of which Done is the last.
type reply struct {
	Compiling *compiling `json:",omitempty"`
	Compiled  *compiled  `json:",omitempty"`
	Started   *started   `json:",omitempty"`
	Done      *done      `json:",omitempty"`
}

// compiling says that a module is being translated.
type compiling struct {
	Path   string
	Module string // digest
}

// compiled ends compiling.
type compiled struct {
	Module string // digest
	Err    string `json:",omitempty"`
}

// started says that the guest has been started.
type started struct{}

// done is what came of an action.
type done struct {
	Result []byte   `json:",omitempty"` // as action.Result.Encode encodes it
	Err    *failure `json:",omitempty"`
	Report Report
}

// A failure is an error that crosses the process boundary.
type failure struct {
	Message string
	Lost    string `json:",omitempty"` // digest of what the store turned out not to have
}

// newFailure returns what is to be told of err, nil if that is nil.
func newFailure(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Message: err.Error()}
	var lost *store.NotFoundError
	if errors.As(err, &lost) {
		f.Lost = lost.Digest.String()
	}
	return f
}

// Error returns the message of the error that f stands for.
func (f *failure) Error() string { return f.Message }

// Unwrap returns a store.NotFoundError if the error was due to one, so that
// what is lost can be made again.
func (f *failure) Unwrap() error {
	if f.Lost == "" {
		return nil
	}
	return &store.NotFoundError{Digest: digestOf(f.Lost)}
}

// A Report is what a guest did, besides its result.
type Report struct {
	// Observed is all that the guest observed of its inputs, and what was
	// observed for it to run and to collect its outputs.
	Observed []readset.Observation `json:",omitempty"`

	// Dropped are the paths of what it wrote outside its outputs and /tmp,
	// sorted.
	Dropped []string `json:",omitempty"`
}

// send writes a message: its length in four bytes, the most significant first,
// and its JSON encoding.
func send(w io.Writer, message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	if len(data) > maxMessage {
		return fmt.Errorf("a message of %d bytes is larger than the limit of %d", len(data), maxMessage)
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), data...))
	return err
}

// receive reads a message. The error is io.EOF if there is none.
func receive(r io.Reader, message any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size > maxMessage {
		return fmt.Errorf("a message of %d bytes is larger than the limit of %d", size, maxMessage)
	}
	// The buffer grows with what comes: the size alone is not trusted.
	var buf bytes.Buffer
	if n, err := io.CopyN(&buf, r, int64(size)); err != nil {
		return fmt.Errorf("a message of %d bytes ended after %d: %w", size, n, io.ErrUnexpectedEOF)
	}
	d := json.NewDecoder(&buf)
	d.DisallowUnknownFields()
	if err := d.Decode(message); err != nil {
		return fmt.Errorf("a message cannot be decoded: %w", err)
	}
	return nil
}

// digestOf parses the digest in a message.
func digestOf(s string) digest.Digest {
	d, err := digest.Parse(s)
	if err != nil {
		return digest.Digest{} // only shown
	}
	return d
}
