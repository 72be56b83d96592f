//go:build unix && !linux

package engine

// mapNoReserve is not needed: address space without access is not accounted.
const mapNoReserve = 0
