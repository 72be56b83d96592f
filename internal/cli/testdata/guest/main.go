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
	case "join": // OUT IN..., where @FILE stands for the words in FILE
		var joined strings.Builder
		for _, in := range words(args[2:]) {
			data, err := os.ReadFile(in)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			joined.Write(data)
		}
		if err := os.WriteFile(args[1], []byte(joined.String()), 0o666); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		_ = os.WriteFile(args[1]+".d", nil, 0o666)
	case "-c": // a shell that knows: echo TEXT > FILE
		text, file, _ := strings.Cut(strings.TrimPrefix(args[1], "echo "), " > ")
		if err := os.WriteFile(file, []byte(text+"\n"), 0o666); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "nothing": // IN OUT
	case "trap": // IN OUT
		panic("out of order")
	case "hang": // IN OUT
		fmt.Println("hanging")
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

// words returns args with the words in FILE in the place of @FILE.
func words(args []string) (all []string) {
	for _, arg := range args {
		file, ok := strings.CutPrefix(arg, "@")
		if !ok {
			all = append(all, arg)
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		all = append(all, strings.Fields(string(text))...)
	}
	return all
}
