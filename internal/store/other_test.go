//go:build !unix

package store

var platformHarms []harm
