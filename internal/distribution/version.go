// Package distribution reads what Python distributions say of themselves: their
// versions, requirements and metadata, and what their sources import.
package distribution

import (
	"strings"

	"deps.dev/util/pypi"
	"deps.dev/util/semver"
)

// The Python that bundles are for. It is the version of //toolchains/cpython.
const (
	pythonVersion = "3.13"
	pythonRelease = "3.13.5"
)

// PythonVersion is the version of Python that bundles are for, as in "3.13".
const PythonVersion = pythonVersion

// CanonicalName returns the form of a distribution's name that all its
// spellings share (PEP 503), as in "scikit-learn" for "Scikit_Learn".
func CanonicalName(name string) string { return pypi.CanonPackageName(name) }

// ValidName reports whether name can be the name of a distribution (PEP 508).
func ValidName(name string) bool {
	for i, r := range name {
		alphanumeric := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		inner := i > 0 && i < len(name)-1
		if !alphanumeric && !(inner && strings.ContainsRune("-_.", r)) {
			return false
		}
	}
	return name != ""
}

// ValidVersion reports whether version is one by PEP 440.
func ValidVersion(version string) bool {
	_, err := semver.PyPI.Parse(version)
	return err == nil
}

// CompareVersions compares two versions by PEP 440. What is no version comes
// before all that are.
func CompareVersions(a, b string) int { return semver.PyPI.Compare(a, b) }

// IsFinal reports whether version is neither a pre-release nor one of
// development nor local.
func IsFinal(version string) bool {
	v, err := semver.PyPI.Parse(version)
	return err == nil && !v.IsPrerelease() && !strings.Contains(v.Canon(true), "dev") && !strings.Contains(version, "+")
}

// AllowsPython reports whether a Requires-Python has our Python. One that
// cannot be read is none, as it is for pip.
func AllowsPython(requires string) bool {
	c, err := semver.PyPI.ParseConstraint(requires)
	return err != nil || c.Match(pythonRelease)
}
