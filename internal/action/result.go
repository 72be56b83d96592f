package action

import (
	"fmt"
	"time"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/readset"
)

// A Result is what came of an action. What it names by digest is in the store
// that the executor was given.
type Result struct {
	ExitCode int
	Stdout   []byte
	Stderr   []byte
	Files    []OutputFile // sorted by path
	Dirs     []OutputDir  // sorted by path

	// Duration is the time that the execution took, for the user's eyes only.
	Duration time.Duration

	// Cached says that the result was found, not made now; ByReadSet, that it is
	// that of an action with other inputs, of which the program saw the same.
	// They are not encoded.
	Cached    bool
	ByReadSet bool

	// Observed is what the program observed of its inputs, nil if that is not
	// known. It is not encoded.
	Observed []readset.Observation
}

// An OutputFile is a file that an action made.
type OutputFile struct {
	Path       string
	Digest     digest.Digest
	Executable bool
}

// An OutputDir is a directory that an action made. The store has every
// Directory message of it and, for those who want all of it at once, the Tree
// message.
type OutputDir struct {
	Path string
	Root digest.Digest // of the root Directory message
	Tree digest.Digest // of the Tree message
}

// Encode returns r as an ActionResult message of the Remote Execution API.
func (r *Result) Encode() ([]byte, error) {
	m := &remoteexecution.ActionResult{
		ExitCode:          int32(r.ExitCode),
		StdoutRaw:         r.Stdout,
		StderrRaw:         r.Stderr,
		ExecutionMetadata: &remoteexecution.ExecutedActionMetadata{VirtualExecutionDuration: durationpb.New(r.Duration)},
	}
	for _, f := range r.Files {
		m.OutputFiles = append(m.OutputFiles, &remoteexecution.OutputFile{Path: f.Path, Digest: f.Digest.Proto(), IsExecutable: f.Executable})
	}
	for _, d := range r.Dirs {
		m.OutputDirectories = append(m.OutputDirectories, &remoteexecution.OutputDirectory{
			Path: d.Path, TreeDigest: d.Tree.Proto(), RootDirectoryDigest: d.Root.Proto()})
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encoding an action result: %w", err)
	}
	return data, nil
}

// DecodeResult is the inverse of Encode.
func DecodeResult(data []byte) (*Result, error) {
	m := &remoteexecution.ActionResult{}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("action result: %w", err)
	}
	r := &Result{
		ExitCode: int(m.ExitCode),
		Stdout:   m.StdoutRaw,
		Stderr:   m.StderrRaw,
		Duration: m.GetExecutionMetadata().GetVirtualExecutionDuration().AsDuration(),
	}
	for _, f := range m.OutputFiles {
		d, err := digest.FromProto(f.Digest)
		if err != nil || d.IsZero() {
			return nil, fmt.Errorf("action result: output %s has no valid digest", f.Path)
		}
		r.Files = append(r.Files, OutputFile{f.Path, d, f.IsExecutable})
	}
	for _, f := range m.OutputDirectories {
		root, err := digest.FromProto(f.RootDirectoryDigest)
		if err != nil || root.IsZero() {
			return nil, fmt.Errorf("action result: output %s has no valid root digest", f.Path)
		}
		tree, err := digest.FromProto(f.TreeDigest)
		if err != nil || tree.IsZero() {
			return nil, fmt.Errorf("action result: output %s has no valid tree digest", f.Path)
		}
		r.Dirs = append(r.Dirs, OutputDir{f.Path, root, tree})
	}
	return r, nil
}
