// Cowasm builds Python packages for WebAssembly. Run it without arguments for
// a list of what it can do.
package main

import (
	"os"

	"github.com/cowasm/cowasm/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
