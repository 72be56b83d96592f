// Guest is the program that tests of the command line run in the sandbox.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	switch args := os.Args[1:]; args[0] {
	case "upper": // IN OUT
		data, err := os.ReadFile(args[1])
		if err == nil {
			err = os.WriteFile(args[2], []byte(strings.ToUpper(string(data))), 0o666)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "fail": // IN OUT
		fmt.Println("trying")
		fmt.Fprintln(os.Stderr, args[1]+":1:2: error: this can never work")
		os.Exit(3)
	case "nothing": // IN OUT
	case "trap": // IN OUT
		panic("out of order")
	case "hang": // IN OUT
		for {
		}
	case "greet": // ARG...
		fmt.Println("hello", strings.Join(args[1:], " "))
		in := bufio.NewReader(os.Stdin)
		line, err := in.ReadString('\n')
		if err != nil && err != io.EOF {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("read %q\n", line)
		os.Exit(len(args) - 1)
	}
}
