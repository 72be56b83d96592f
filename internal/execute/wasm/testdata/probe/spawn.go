package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

//go:wasmimport cowasm spawn
func cowasmSpawn(path unsafe.Pointer, pathLen int32, argv unsafe.Pointer, argvLen int32, env unsafe.Pointer, envLen int32, cwd unsafe.Pointer, cwdLen int32, fds unsafe.Pointer, n int32) int32

//go:wasmimport cowasm wait
func cowasmWait(pid int32, status unsafe.Pointer, options int32) int32

//go:wasmimport cowasm kill
func cowasmKill(pid, signal int32) int32

//go:wasmimport cowasm pipe
func cowasmPipe(fds unsafe.Pointer) int32

//go:wasmimport cowasm getpid
func cowasmGetpid() int32

//go:wasmimport cowasm getppid
func cowasmGetppid() int32

func bytesOf(s string) (unsafe.Pointer, int32) {
	return unsafe.Pointer(unsafe.StringData(s)), int32(len(s))
}

func result(r int32) (int32, error) {
	if r < 0 {
		return 0, syscall.Errno(-r)
	}
	return r, nil
}

// A child is a process to be spawned.
type child struct {
	path string
	args []string
	env  []string
	cwd  string
	fds  [][2]uint32
}

var standard = [][2]uint32{{0, 0}, {1, 1}, {2, 2}}

func (c child) spawn() (int32, error) {
	block := func(list []string) string {
		text := ""
		for _, s := range list {
			text += s + "\x00"
		}
		return text
	}
	if c.cwd == "" {
		c.cwd = "/"
	}
	args, env := block(c.args), block(c.env)
	path, pathLen := bytesOf(c.path)
	argv, argvLen := bytesOf(args)
	envp, envLen := bytesOf(env)
	cwd, cwdLen := bytesOf(c.cwd)
	pid, err := result(cowasmSpawn(path, pathLen, argv, argvLen, envp, envLen, cwd, cwdLen, unsafe.Pointer(unsafe.SliceData(c.fds)), int32(len(c.fds))))
	runtime.KeepAlive(args)
	runtime.KeepAlive(env)
	return pid, err
}

func wait(pid, options int32) (int32, uint32, error) {
	var status uint32
	pid, err := result(cowasmWait(pid, unsafe.Pointer(&status), options))
	return pid, status, err
}

// nested returns the arguments of a process as they are written among those of
// its parent: a comma stands for a space, a semicolon for a comma.
func nested(a []string) []string {
	var args []string
	for _, s := range a {
		if s != "" {
			args = append(args, strings.NewReplacer(",", " ", ";", ",").Replace(s))
		}
	}
	return args
}

func pipes() (in, out [2]uint32, err error) {
	if _, err = result(cowasmPipe(unsafe.Pointer(&in))); err != nil {
		return in, out, err
	}
	_, err = result(cowasmPipe(unsafe.Pointer(&out)))
	return in, out, err
}

// waiting spawns a process that reads from a pipe to which nobody writes.
func waiting() (int32, error) {
	in, _, err := pipes()
	if err != nil {
		return 0, err
	}
	return child{path: "bin/probe", args: []string{"bin/probe", "upper"}, fds: [][2]uint32{{in[0], 0}, {1, 1}, {2, 2}}}.spawn()
}

// read and write wait, unlike those of os, which poll.
func read(fd uint32) (string, error) {
	b := make([]byte, 100)
	n, err := syscall.Read(int(fd), b)
	return string(b[:max(n, 0)]), err
}

func write(fd uint32, text string) error {
	_, err := syscall.Write(int(fd), []byte(text))
	return err
}

func closeAll(fds ...uint32) {
	for _, fd := range fds {
		_ = syscall.Close(int(fd)) // it is open
	}
}

func init() {
	verbs["run"] = func(a []string) (string, error) {
		pid, err := child{path: a[0], args: nested(a), env: os.Environ(), fds: standard}.spawn()
		if err != nil {
			return "", err
		}
		_, status, err := wait(pid, 0)
		return fmt.Sprintf("%d ended with %x", pid, status), err
	}
	// runs runs a program a number of times.
	verbs["runs"] = func(a []string) (string, error) {
		n, err := strconv.Atoi(a[0])
		for i := 0; i < n && err == nil; i++ {
			var pid int32
			if pid, err = (child{path: a[1], args: nested(a[1:]), fds: standard}).spawn(); err == nil {
				_, _, err = wait(pid, 0)
			}
		}
		return a[0], err
	}
	verbs["runin"] = func(a []string) (string, error) {
		pid, err := child{path: a[1], args: nested(a[1:]), env: os.Environ(), cwd: a[0], fds: standard}.spawn()
		if err != nil {
			return "", err
		}
		_, _, err = wait(pid, 0)
		return "", err
	}
	// bomb spawns itself as often as it can.
	verbs["bomb"] = func([]string) (string, error) {
		pid, err := child{path: "bin/probe", args: []string{"bin/probe", "bomb"}, fds: standard}.spawn()
		if err != nil {
			os.Exit(7)
		}
		_, status, err := wait(pid, 0)
		os.Exit(int(status >> 8))
		return "", err
	}
	// dialogue sends words to a process and reads what comes back.
	verbs["dialogue"] = func(a []string) (string, error) {
		in, out, err := pipes()
		if err != nil {
			return "", err
		}
		pid, err := child{path: "bin/probe", args: []string{"bin/probe", "upper"}, fds: [][2]uint32{{in[0], 0}, {out[1], 1}, {2, 2}}}.spawn()
		if err != nil {
			return "", err
		}
		closeAll(in[0], out[1])
		heard := ""
		for range 3 {
			for _, word := range a[:2] {
				if err := write(in[1], word); err != nil {
					return heard, err
				}
				reply, err := read(out[0])
				if err != nil {
					return heard, err
				}
				heard += reply
			}
		}
		closeAll(in[1])
		_, status, err := wait(pid, 0)
		return fmt.Sprintf("%s %x", heard, status), err
	}
	verbs["upper"] = func([]string) (string, error) {
		word := make([]byte, 100)
		for {
			n, err := os.Stdin.Read(word)
			if err == io.EOF {
				os.Exit(3)
			}
			if err != nil {
				return "", err
			}
			if _, err := os.Stdout.WriteString(strings.ToUpper(string(word[:n]))); err != nil {
				return "", err
			}
		}
	}
	// kill kills a process that waits for input; leave leaves it behind.
	verbs["kill"] = func(a []string) (string, error) {
		pid, err := waiting()
		if err != nil {
			return "", err
		}
		before, _, err := wait(pid, 1)
		if err != nil {
			return "", err
		}
		if _, err := result(cowasmKill(pid, 9)); err != nil {
			return "", err
		}
		_, status, err := wait(pid, 0)
		return fmt.Sprintf("%d %x", before, status), err
	}
	verbs["leave"] = func(a []string) (string, error) {
		pid, err := waiting()
		return fmt.Sprint(pid), err
	}
	verbs["deadlock"] = func(a []string) (string, error) {
		pid, err := waiting()
		if err != nil {
			return "", err
		}
		_, _, err = wait(pid, 0)
		return "", err
	}
	verbs["pids"] = func([]string) (string, error) {
		return fmt.Sprintf("%d of %d", cowasmGetpid(), cowasmGetppid()), nil
	}
	verbs["cwd"] = func([]string) (string, error) { return os.Getwd() }
	verbs["cp"] = func(a []string) (string, error) {
		data, err := os.ReadFile(a[0])
		if err != nil {
			return "", err
		}
		return "", os.WriteFile(a[1], data, 0o666)
	}
}
