package distribution

import (
	"regexp"
	"strings"
)

// spdx are the SPDX identifiers of licences as classifiers and as authors call
// them. Names that stand for several licences ("BSD License") are not in it.
var spdx = map[string]string{
	"OSI Approved :: Apache Software License":                                 "Apache-2.0",
	"OSI Approved :: GNU General Public License v2 (GPLv2)":                   "GPL-2.0-only",
	"OSI Approved :: GNU General Public License v2 or later (GPLv2+)":         "GPL-2.0-or-later",
	"OSI Approved :: GNU General Public License v3 (GPLv3)":                   "GPL-3.0-only",
	"OSI Approved :: GNU General Public License v3 or later (GPLv3+)":         "GPL-3.0-or-later",
	"OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)":           "LGPL-3.0-only",
	"OSI Approved :: GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
	"OSI Approved :: ISC License (ISCL)":                                      "ISC",
	"OSI Approved :: MIT License":                                             "MIT",
	"OSI Approved :: MIT No Attribution License (MIT-0)":                      "MIT-0",
	"OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)":                    "MPL-2.0",
	"OSI Approved :: Python Software Foundation License":                      "PSF-2.0",
	"OSI Approved :: The Unlicense (Unlicense)":                               "Unlicense",
	"OSI Approved :: zlib/libpng License":                                     "Zlib",
	"CC0 1.0 Universal (CC0 1.0) Public Domain Dedication":                    "CC0-1.0",
	"3-Clause BSD License":                                                    "BSD-3-Clause",
	"Apache 2.0":                                                              "Apache-2.0",
	"Apache License 2.0":                                                      "Apache-2.0",
	"BSD 2-Clause":                                                            "BSD-2-Clause",
	"BSD 3-Clause":                                                            "BSD-3-Clause",
	"BSD 3-Clause License":                                                    "BSD-3-Clause",
	"MIT License":                                                             "MIT",
	"MPL 2.0":                                                                 "MPL-2.0",
	"PSF":                                                                     "PSF-2.0",
}

// identifier matches what is likely an SPDX expression: one identifier that
// ends in a version or is short, or several with operators between them.
var identifier = regexp.MustCompile(`^(MIT|ISC|Zlib|0BSD|Unlicense|[A-Za-z]+(-[A-Za-z0-9.]+)+)( (AND|OR|WITH) [A-Za-z0-9.-]+)*$`)

// licence returns the SPDX expression that a distribution's metadata has, which
// older metadata can only hint at, or the empty string.
func licence(expression, text string, classifiers []string) string {
	if expression != "" {
		return expression
	}
	if identifier.MatchString(text) {
		return text
	}
	if id, ok := spdx[text]; ok {
		return id
	}
	found := ""
	for _, c := range classifiers {
		name, ok := strings.CutPrefix(c, "License :: ")
		if !ok || name == "OSI Approved" {
			continue
		}
		// Whether several hold together or one may be chosen is not told.
		if found != "" || spdx[name] == "" {
			return ""
		}
		found = spdx[name]
	}
	return found
}
