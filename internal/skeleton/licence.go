package skeleton

import "strings"

// isLicence reports whether a file of this name holds a licence.
func isLicence(name string) bool {
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "LICENSE") || strings.HasPrefix(name, "LICENCE") || strings.HasPrefix(name, "COPYING")
}

// licenceTexts are what the texts of common licences say, in lower case and with
// single spaces, the most special first. All phrases must be there.
var licenceTexts = []struct {
	id      string
	phrases []string
}{
	{"Apache-2.0", []string{"apache license version 2.0, january 2004"}},
	{"MPL-2.0", []string{"mozilla public license version 2.0"}},
	{"MIT", []string{"permission is hereby granted, free of charge", "without warranty of any kind", "shall be included in all copies"}},
	{"ISC", []string{"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear"}},
	{"BSD-3-Clause", []string{"redistribution and use in source and binary forms", "endorse or promote products derived from"}},
	{"BSD-2-Clause", []string{"redistribution and use in source and binary forms", "binary form must reproduce the above copyright"}},
}

// licence returns the SPDX expression of the project's licence: as its metadata
// has it, or else what the text of its only licence is known to be.
func (s *Source) licence() string {
	if s.Metadata.Licence != "" {
		return s.Metadata.Licence
	}
	found := ""
	for p, text := range s.texts {
		if !isLicence(p) {
			continue
		}
		if found != "" {
			return ""
		}
		plain := strings.Join(strings.Fields(strings.ToLower(string(text))), " ")
		for _, known := range licenceTexts {
			if found == "" && containsAll(plain, known.phrases) {
				found = known.id
			}
		}
		if found == "" {
			return ""
		}
	}
	return found
}

func containsAll(text string, phrases []string) bool {
	for _, phrase := range phrases {
		if !strings.Contains(text, phrase) {
			return false
		}
	}
	return true
}
