// Package tree holds Merkle trees of files: directories that name their
// contents by digest, encoded as the Remote Execution API's Directory messages
// in their canonical form, so that equal trees have equal digests.
package tree

import (
	"fmt"
	"slices"
	"strings"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"

	"github.com/cowasm/cowasm/internal/digest"
)

// A Kind tells what an Entry is.
type Kind uint8

const (
	File Kind = iota
	Dir
	Symlink
)

// An Entry is a name in a directory.
type Entry struct {
	Name       string
	Kind       Kind
	Digest     digest.Digest // of the content (File) or of the encoded Directory (Dir)
	Executable bool          // File only
	Target     string        // Symlink only, with slashes
}

// A Directory is a list of entries, sorted by name, each name once.
// It must not be changed once it is shared.
type Directory struct {
	Entries []Entry
}

// Lookup returns the entry with the given name.
func (d *Directory) Lookup(name string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(d.Entries, name, func(e Entry, name string) int {
		return strings.Compare(e.Name, name)
	})
	if !ok {
		return Entry{}, false
	}
	return d.Entries[i], true
}

// Encode returns the canonical encoding of d and its digest.
func (d *Directory) Encode() ([]byte, digest.Digest) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(d.proto())
	if err != nil {
		// Names were checked to be UTF-8, the only thing that Marshal can refuse.
		panic(fmt.Sprintf("tree: encoding a directory: %v", err))
	}
	return data, digest.Of(data)
}

func (d *Directory) proto() *remoteexecution.Directory {
	m := &remoteexecution.Directory{}
	for _, e := range d.Entries {
		switch e.Kind {
		case File:
			m.Files = append(m.Files, &remoteexecution.FileNode{Name: e.Name, Digest: e.Digest.Proto(), IsExecutable: e.Executable})
		case Dir:
			m.Directories = append(m.Directories, &remoteexecution.DirectoryNode{Name: e.Name, Digest: e.Digest.Proto()})
		case Symlink:
			m.Symlinks = append(m.Symlinks, &remoteexecution.SymlinkNode{Name: e.Name, Target: e.Target})
		}
	}
	return m
}

// Decode parses an encoded Directory. It refuses what Encode would not have
// written, so that two different encodings never mean the same tree.
func Decode(data []byte) (*Directory, error) {
	m := &remoteexecution.Directory{}
	if err := proto.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	d, err := fromProto(m)
	if err != nil {
		return nil, err
	}
	if again, _ := d.Encode(); !slices.Equal(again, data) {
		return nil, fmt.Errorf("directory: not in canonical form")
	}
	return d, nil
}

func fromProto(m *remoteexecution.Directory) (*Directory, error) {
	d := &Directory{}
	if n := len(m.Files) + len(m.Directories) + len(m.Symlinks); n > 0 {
		d.Entries = make([]Entry, 0, n)
	}
	for _, f := range m.Files {
		dg, err := requiredDigest(f.Name, f.Digest)
		if err != nil {
			return nil, err
		}
		d.Entries = append(d.Entries, Entry{Name: f.Name, Kind: File, Digest: dg, Executable: f.IsExecutable})
	}
	for _, s := range m.Directories {
		dg, err := requiredDigest(s.Name, s.Digest)
		if err != nil {
			return nil, err
		}
		d.Entries = append(d.Entries, Entry{Name: s.Name, Kind: Dir, Digest: dg})
	}
	for _, s := range m.Symlinks {
		d.Entries = append(d.Entries, Entry{Name: s.Name, Kind: Symlink, Target: s.Target})
	}
	if err := d.normalise(); err != nil {
		return nil, err
	}
	return d, nil
}

func requiredDigest(name string, p *remoteexecution.Digest) (digest.Digest, error) {
	d, err := digest.FromProto(p)
	if err != nil {
		return d, fmt.Errorf("directory entry %q: %w", name, err)
	}
	if d.IsZero() {
		return d, fmt.Errorf("directory entry %q has no digest", name)
	}
	return d, nil
}

// normalise sorts the entries and checks their names.
func (d *Directory) normalise() error {
	slices.SortFunc(d.Entries, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	for i, e := range d.Entries {
		if err := CheckName(e.Name); err != nil {
			return err
		}
		if i > 0 && d.Entries[i-1].Name == e.Name {
			return fmt.Errorf("directory has two entries named %q", e.Name)
		}
		if e.Kind == Symlink && e.Target == "" {
			return fmt.Errorf("symlink %q has no target", e.Name)
		}
	}
	return nil
}

// CheckName reports why name cannot be an entry of a directory.
func CheckName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%q is not a file name", name)
	case len(name) > 255:
		return fmt.Errorf("file name %.40q… is longer than 255 bytes", name)
	case strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("file name %q contains a slash or a zero byte", name)
	case strings.ToValidUTF8(name, "") != name:
		return fmt.Errorf("file name %q is not UTF-8", name)
	}
	return nil
}
