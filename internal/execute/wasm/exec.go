package wasm

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/cowasm/cowasm/internal/diag"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/sandbox/engine"
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/tree"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

const (
	// maxInterpreters is how many scripts may each be the interpreter of the
	// one before, as on Linux.
	maxInterpreters = 5

	// maxHeading bounds the first line of a script, as Linux does.
	maxHeading = 256

	// search is the interpreter that looks up another one in PATH. Scripts
	// name it wherever they run, so it need not be there.
	search = "/usr/bin/env"
)

// An executable is a program that was loaded, with the arguments that it is to
// be given: those of a script have its interpreter before them.
type executable struct {
	program Program
	args    []string
}

// exec loads the program in the file at name, which is a module or a script.
// The error has an errno if it is neither, or cannot be read.
func (r *runner) exec(ctx context.Context, fs *vfs.FS, name string, args, env []string, progress engine.Reporter) (executable, error) {
	for range maxInterpreters {
		n, err := file(fs, name)
		if err != nil {
			return executable{}, err
		}
		program, err := r.load(ctx, n, name, progress)
		if program != nil || err != nil {
			return executable{program, args}, err
		}
		interpreter, err := readHeading(n, name)
		if err != nil {
			return executable{}, err
		}
		script := name
		if name, err = locate(fs, interpreter, script, env); err != nil {
			return executable{}, err
		}
		args = append(append(interpreter.args, script), args[1:]...)
	}
	return executable{}, fmt.Errorf("the script %s: the interpreter of its interpreter is a script, and so on: %w", name, errno.ELOOP)
}

// file returns the file at name.
func file(fs *vfs.FS, name string) (*vfs.Node, error) {
	n, err := fs.Lookup(fs.Root(), name, true)
	if err == errno.ENOENT {
		return nil, diag.Errorf(diag.Position{}, "the program %s is not among the inputs: %w", name, err)
	}
	if err == errno.OK && n.Kind() == tree.Dir {
		err = errno.EACCES
		return nil, fmt.Errorf("the program %s is a directory, not a file: %w", name, err)
	}
	if err != errno.OK {
		return nil, fmt.Errorf("the program %s: %w", name, err)
	}
	return n, nil
}

// load returns the program in a file, or nil if that is not a module.
func (r *runner) load(ctx context.Context, n *vfs.Node, name string, progress engine.Reporter) (Program, error) {
	d, input := n.Input()
	if input {
		if p := r.programs.find(ctx, d); p != nil {
			return p, nil
		}
	}
	module, err := n.Content()
	if err != errno.OK {
		return nil, fmt.Errorf("reading the program %s: %w", name, err)
	}
	if !bytes.HasPrefix(module, []byte("\x00asm")) {
		return nil, nil
	}
	if !input {
		d = digest.Of(module)
	}
	parsed, bad := wasmfile.Parse(module)
	if bad != nil {
		return nil, &misfit{"it is not a valid module: " + bad.Error(), fmt.Errorf("the program %s cannot be run: %w", name, bad)}
	}
	if reason := unfit(parsed); reason != "" {
		return nil, &misfit{reason, fmt.Errorf("the program %s cannot be run: %s", name, reason)}
	}
	program, bad := r.programs.get(ctx, engine.Module{Digest: d, Bytes: module, Parsed: parsed}, !input, progress(name, d))
	if bad != nil {
		return nil, fmt.Errorf("translating the program %s to machine code: %w", name, bad)
	}
	return program, nil
}

// A heading is the first line of a script.
type heading struct {
	path string
	args []string // of the interpreter, the first is its name
}

// readHeading reads the first line of a script.
func readHeading(n *vfs.Node, name string) (heading, error) {
	text, err := n.Content()
	if err != errno.OK {
		return heading{}, fmt.Errorf("reading the program %s: %w", name, err)
	}
	line, script := bytes.CutPrefix(text[:min(len(text), maxHeading)], []byte("#!"))
	if !script {
		return heading{}, fmt.Errorf("%s is not a WebAssembly module, nor a script, so it cannot be run; it starts with %q: %w",
			name, text[:min(len(text), 8)], errno.ENOEXEC)
	}
	h, ok := parseHeading(line)
	if !ok {
		return heading{}, fmt.Errorf("%s is a script whose first line names no interpreter: %w", name, errno.ENOEXEC)
	}
	return h, nil
}

// parseHeading parses what comes after "#!": an interpreter and, as on Linux,
// one argument. Of /usr/bin/env, it knows the name and -S.
func parseHeading(text []byte) (heading, bool) {
	line, _, whole := bytes.Cut(text, []byte("\n"))
	if !whole && len(text) >= maxHeading-len("#!") {
		return heading{}, false
	}
	interpreter, argument, _ := strings.Cut(strings.Trim(string(line), " \t\r"), " ")
	argument = strings.Trim(argument, " \t")
	switch {
	case interpreter == search:
		words := strings.Fields(strings.TrimPrefix(argument, "-S"))
		if len(words) == 0 || !strings.HasPrefix(argument, "-S") && len(words) > 1 {
			return heading{}, false
		}
		return heading{path: words[0], args: words}, true
	case !path.IsAbs(interpreter):
		return heading{}, false
	case argument == "":
		return heading{path: interpreter, args: []string{interpreter}}, true
	}
	return heading{path: interpreter, args: []string{interpreter, argument}}, true
}

// locate returns the path of an interpreter.
func locate(fs *vfs.FS, h heading, script string, env []string) (string, error) {
	if path.IsAbs(h.path) {
		if _, err := fs.Lookup(fs.Root(), h.path, true); err != errno.OK {
			return "", fmt.Errorf("the script %s is for %s: %w", script, h.path, err)
		}
		return h.path, nil
	}
	for _, v := range env {
		list, ok := strings.CutPrefix(v, "PATH=")
		if !ok {
			continue
		}
		for dir := range strings.SplitSeq(list, ":") {
			p := path.Join(dir, h.path)
			if n, err := fs.Lookup(fs.Root(), p, true); path.IsAbs(p) && err == errno.OK && n.Kind() == tree.File {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("the script %s is for %s, which is not in PATH: %w", script, h.path, errno.ENOENT)
}
