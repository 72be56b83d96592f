package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

//go:wasmimport cowasm spawn
func cowasmSpawn(path unsafe.Pointer, pathLen int32, argv unsafe.Pointer, argvLen int32, env unsafe.Pointer, envLen int32, cwd unsafe.Pointer, cwdLen int32, fds unsafe.Pointer, n int32) int32

//go:wasmimport cowasm wait
func cowasmWait(pid int32, status unsafe.Pointer, options int32) int32

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

func init() {
	verbs["run"] = func(a []string) (string, error) {
		pid, err := child{path: a[0], args: nested(a), env: os.Environ(), fds: standard}.spawn()
		if err != nil {
			return "", err
		}
		_, status, err := wait(pid, 0)
		return fmt.Sprintf("%d ended with %x", pid, status), err
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
