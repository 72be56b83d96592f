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

// BenchmarkSpawn has a guest run a program that does nothing, 100 times.
func BenchmarkSpawn(b *testing.B) {
	bed := newBed(b)
	a := bed.probeAction(b, map[string]string{"bin/exits42": exits42}, "runs 100 bin/exits42")
	bed.run(b, a) // translates the programs
	for b.Loop() {
		if r, err := bed.executor.Execute(context.Background(), a); err != nil || string(r.Stdout) != "runs: 100\n" {
			b.Fatal(r, err)
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
