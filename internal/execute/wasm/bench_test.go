package wasm_test

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkAction runs a program that does nothing: what an action costs
// beside its program.
func BenchmarkAction(b *testing.B) {
	bed := newBed(b)
	a := tiny(b, bed)
	bed.run(b, a) // translates the program
	for b.Loop() {
		if _, err := bed.executor.Execute(context.Background(), a); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReads reads 2000 small files, as a compiler reads headers.
func BenchmarkReads(b *testing.B) {
	bed := newBed(b)
	files := map[string]string{}
	for i := range 2000 {
		p := fmt.Sprintf("in/%02d/%02d", i/100, i%100)
		files[p] = p
	}
	a := bed.probeAction(b, files, "readall in")
	bed.run(b, a) // translates the program
	for b.Loop() {
		if _, err := bed.executor.Execute(context.Background(), a); err != nil {
			b.Fatal(err)
		}
	}
}
