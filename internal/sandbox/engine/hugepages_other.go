//go:build !linux

package engine

// hugePages does nothing where the system decides by itself.
func hugePages([]byte) {}
