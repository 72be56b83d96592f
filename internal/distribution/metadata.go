package distribution

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
)

// Metadata is what a PKG-INFO or METADATA file tells, in the format of the
// "Core metadata specifications".
type Metadata struct {
	Name           string
	Version        string
	Summary        string
	Licence        string // an SPDX expression, or empty if none is known
	RequiresPython string
	Requires       []Requirement
}

// ParseMetadata parses the content of a PKG-INFO or METADATA file.
func ParseMetadata(data []byte) (*Metadata, error) {
	// The format is that of mail. A file without a body has no empty line.
	msg, err := mail.ReadMessage(bytes.NewReader(append(bytes.Clone(data), "\n\n"...)))
	if err != nil {
		return nil, fmt.Errorf("the metadata cannot be read: %w", err)
	}
	get := func(name string) string {
		if v := strings.TrimSpace(msg.Header.Get(name)); v != "UNKNOWN" {
			return v
		}
		return ""
	}
	m := &Metadata{
		Name:           get("Name"),
		Version:        get("Version"),
		Summary:        get("Summary"),
		RequiresPython: get("Requires-Python"),
	}
	if m.Name == "" || m.Version == "" {
		return nil, fmt.Errorf("the metadata lacks a name or a version")
	}
	m.Licence = licence(get("License-Expression"), get("License"), msg.Header["Classifier"])
	for _, text := range msg.Header["Requires-Dist"] {
		r, err := ParseRequirement(text)
		if err != nil {
			return nil, err
		}
		m.Requires = append(m.Requires, r)
	}
	return m, nil
}

// Dependencies returns the names of what the distribution needs at run time on
// our platform, without extras, sorted, each once.
func (m *Metadata) Dependencies() ([]string, error) { return Names(m.Requires) }
