package wasi

import (
	"github.com/cowasm/cowasm/internal/sandbox/errno"
	"github.com/cowasm/cowasm/internal/sandbox/vfs"
	"github.com/cowasm/cowasm/internal/wasmfile"
)

// A Function is something that a guest can import.
type Function struct {
	Module string
	Name   string

	// Params has a letter for each parameter: i for an i32, I for an i64.
	Params string
	// Result is the same for the result, or empty.
	Result string

	// Call carries out a call. Parameters of type i32 must come with their
	// upper halves zero. It may panic with an *Exit.
	Call func(s *System, m Memory, params []uint64) uint64
}

// Type returns the type of the function.
func (f Function) Type() wasmfile.FuncType {
	types := func(letters string) []wasmfile.ValueType {
		list := make([]wasmfile.ValueType, len(letters))
		for i, c := range letters {
			list[i] = wasmfile.I32
			if c == 'I' {
				list[i] = wasmfile.I64
			}
		}
		return list
	}
	return wasmfile.FuncType{Params: types(f.Params), Results: types(f.Result)}
}

// The modules of imports.
const (
	Preview1 = "wasi_snapshot_preview1"
	Cowasm   = "cowasm"
)

// Functions returns all that guests can import.
//
// The module wasi_snapshot_preview1 is that of the specification. The module
// cowasm holds what it lacks. Its functions return a value that is not
// negative, or the negative of an errno:
//
//	dup(fd i32) -> i32            another descriptor for the same open file
//	dup2(old i32, new i32) -> i32 new, which first is closed if it is open
//	pipe(fds i32) -> i32          stores two i32: the end to read, the end to write
//	socketpair(fds i32) -> i32    stores two i32: the ends of a stream each way
//	flock(fd i32, op i32) -> i32  as flock(2), between the guest's own descriptors
//
// Pipes and sockets are in memory. A read that finds nothing is the end of the
// stream if every descriptor for the other end was closed, EAGAIN if the
// descriptor has the fdflag nonblock, else it waits for another process, and is
// EDEADLK if none can go on. So is a write to a full pipe, and EPIPE if nobody
// can read it any more.
//
// A standard stream can be a terminal, ENOTTY otherwise:
//
//	terminal_size(fd i32, size i32) -> i32  stores two i32: rows, columns
//	terminal_mode(fd i32) -> i32            the sum of the TerminalMode that hold
//	terminal_set_mode(fd i32, mode i32) -> i32
//
// A guest may run any program that it sees. Strings are not terminated, but
// for those of argv and env:
//
//	spawn(path i32, len i32, argv i32, len i32, env i32, len i32, cwd i32, len i32,
//	      fds i32, count i32) -> i32   the number of the process
//	wait(pid i32, status i32, options i32) -> i32   that of one that has ended
//	kill(pid i32, signal i32) -> i32
//	getpid() -> i32
//	getppid() -> i32
//
// The program is a module, or a script that names its interpreter; path is
// absolute or relative to cwd. It sees the same files and the same clock; cwd,
// which must be absolute, is in its environment as PWD. Of the descriptors it
// has those of which fds has a pair of u32, the caller's number and its own,
// and the root as 3. There are at most 64 processes, 16 inside each other; one
// more is EAGAIN.
//
// wait stores a u32: 256 times the exit code, or the signal that killed the
// process, 6 if it trapped. The pid -1 is any process that the caller spawned;
// ECHILD says that there is none. With option 1 the result is 0 if none has
// ended yet. kill ends a process that the caller spawned; signal 0 only asks
// whether there is one. When the first process ends, so do all others.
//
// A guest that exports its stack pointer as __stack_pointer, and a function
// cowasm_thread of an i32, may have threads. One runs until it has to wait, as a
// process does:
//
//	thread(argument i32, stack i32) -> i32
//	                              starts one, which calls cowasm_thread(argument)
//	thread_exit() -> i32          ends the caller; it does not return
//	thread_local(address i32, size i32) -> i32
//	                              each has its own of these bytes; they begin as zero
//	park(address i32, nanoseconds i64) -> i32
//	                              waits to be woken, if nanoseconds is not negative at
//	                              most so long: ETIMEDOUT; EDEADLK if nobody can do it
//	unpark(address i32, count i32) -> i32
//	                              wakes that many that wait there, the first first
//
// An address is but a name, which threads agree upon. When the first thread ends,
// or one exits or traps, the process ends.
//
// A guest that exports its memory, its table, malloc, free and its symbols can
// link side modules to itself; package dylink says how:
//
//	dlopen(path i32, len i32, flags i32) -> i32   a handle; flags as in wasi-libc's dlfcn.h
//	dlsym(handle i32, name i32, len i32, value i32) -> i32
//	                              stores an i32, the address of data or the slot of a function
//	dlclose(handle i32) -> i32
//	dlerror(buf i32, size i32) -> i32  copies what went wrong last, once; its length
//	arity(function i32) -> i32    how many parameters the function in a slot takes
//
// The empty path is the guest itself, as is the handle 0.
//
// Such a guest can call functions whose type it learns only then, and make
// functions. A signature is a letter for each parameter, a colon, and one for
// the result, if any: i, I, f, F for i32, i64, f32, f64. What goes wrong is
// EINVAL, and dlerror says more:
//
//	caller(function i32, signature i32, len i32) -> i32
//	        the slot of a function (function i32, args i32, result i32) that calls
//	        one with arguments from slots of 8 bytes
//	closure_allocate() -> i32   an empty slot
//	closure_set(slot i32, signature i32, len i32, handler i32, data i32) -> i32
//	        fills it with a function that calls handler (data i32, args i32, result i32)
//	closure_free(slot i32) -> i32
func Functions() []Function {
	return []Function{
		{Preview1, "args_get", "ii", "i", status(argsGet)},
		{Preview1, "args_sizes_get", "ii", "i", status(argsSizesGet)},
		{Preview1, "environ_get", "ii", "i", status(environGet)},
		{Preview1, "environ_sizes_get", "ii", "i", status(environSizesGet)},
		{Preview1, "clock_res_get", "ii", "i", status(clockResGet)},
		{Preview1, "clock_time_get", "iIi", "i", status(clockTimeGet)},
		{Preview1, "fd_advise", "iIIi", "i", status(fdAdvise)},
		{Preview1, "fd_allocate", "iII", "i", status(fdAllocate)},
		{Preview1, "fd_close", "i", "i", status(fdClose)},
		{Preview1, "fd_datasync", "i", "i", status(fdSync)},
		{Preview1, "fd_fdstat_get", "ii", "i", status(fdFdstatGet)},
		{Preview1, "fd_fdstat_set_flags", "ii", "i", status(fdFdstatSetFlags)},
		{Preview1, "fd_fdstat_set_rights", "iII", "i", status(fdFdstatSetRights)},
		{Preview1, "fd_filestat_get", "ii", "i", status(fdFilestatGet)},
		{Preview1, "fd_filestat_set_size", "iI", "i", status(fdFilestatSetSize)},
		{Preview1, "fd_filestat_set_times", "iIIi", "i", status(fdFilestatSetTimes)},
		{Preview1, "fd_pread", "iiiIi", "i", status(fdPread)},
		{Preview1, "fd_prestat_get", "ii", "i", status(fdPrestatGet)},
		{Preview1, "fd_prestat_dir_name", "iii", "i", status(fdPrestatDirName)},
		{Preview1, "fd_pwrite", "iiiIi", "i", status(fdPwrite)},
		{Preview1, "fd_read", "iiii", "i", status(fdRead)},
		{Preview1, "fd_readdir", "iiiIi", "i", status(fdReaddir)},
		{Preview1, "fd_renumber", "ii", "i", status(fdRenumber)},
		{Preview1, "fd_seek", "iIii", "i", status(fdSeek)},
		{Preview1, "fd_sync", "i", "i", status(fdSync)},
		{Preview1, "fd_tell", "ii", "i", status(fdTell)},
		{Preview1, "fd_write", "iiii", "i", status(fdWrite)},
		{Preview1, "path_create_directory", "iii", "i", status(pathCall((*vfs.FS).Mkdir))},
		{Preview1, "path_filestat_get", "iiiii", "i", status(pathFilestatGet)},
		{Preview1, "path_filestat_set_times", "iiiiIIi", "i", status(pathFilestatSetTimes)},
		{Preview1, "path_link", "iiiiiii", "i", status(pathLink)},
		{Preview1, "path_open", "iiiiiIIii", "i", status(pathOpen)},
		{Preview1, "path_readlink", "iiiiii", "i", status(pathReadlink)},
		{Preview1, "path_remove_directory", "iii", "i", status(pathCall((*vfs.FS).Rmdir))},
		{Preview1, "path_rename", "iiiiii", "i", status(pathRename)},
		{Preview1, "path_symlink", "iiiii", "i", status(pathSymlink)},
		{Preview1, "path_unlink_file", "iii", "i", status(pathCall((*vfs.FS).Unlink))},
		{Preview1, "poll_oneoff", "iiii", "i", status(pollOneoff)},
		{Preview1, "proc_exit", "i", "", status(procExit)},
		{Preview1, "proc_raise", "i", "i", status(unsupported)},
		{Preview1, "random_get", "ii", "i", status(randomGet)},
		{Preview1, "sched_yield", "", "i", status(schedYield)},
		{Preview1, "sock_accept", "iii", "i", status(sockAccept)},
		{Preview1, "sock_recv", "iiiiii", "i", status(sockRecv)},
		{Preview1, "sock_send", "iiiii", "i", status(sockSend)},
		{Preview1, "sock_shutdown", "ii", "i", status(sockShutdown)},

		{Cowasm, "dup", "i", "i", value(dup)},
		{Cowasm, "dup2", "ii", "i", value(dup2)},
		{Cowasm, "pipe", "i", "i", value(makePipe)},
		{Cowasm, "socketpair", "i", "i", value(socketpair)},
		{Cowasm, "flock", "ii", "i", value(flock)},

		{Cowasm, "terminal_size", "ii", "i", value(terminalSize)},
		{Cowasm, "terminal_mode", "i", "i", value(terminalMode)},
		{Cowasm, "terminal_set_mode", "ii", "i", value(terminalSetMode)},

		{Cowasm, "spawn", "iiiiiiiiii", "i", value(spawn)},
		{Cowasm, "wait", "iii", "i", value(wait)},
		{Cowasm, "kill", "ii", "i", value(kill)},
		{Cowasm, "getpid", "", "i", value(getpid)},
		{Cowasm, "getppid", "", "i", value(getppid)},

		{Cowasm, "thread", "ii", "i", value(thread)},
		{Cowasm, "thread_exit", "", "i", value(threadExit)},
		{Cowasm, "thread_local", "ii", "i", value(threadLocal)},
		{Cowasm, "park", "iI", "i", value(park)},
		{Cowasm, "unpark", "ii", "i", value(unpark)},

		{Cowasm, "dlopen", "iii", "i", value(dlopen)},
		{Cowasm, "dlsym", "iiii", "i", value(dlsym)},
		{Cowasm, "dlclose", "i", "i", value(dlclose)},
		{Cowasm, "dlerror", "ii", "i", value(dlerror)},
		{Cowasm, "arity", "i", "i", value(arity)},
		{Cowasm, "caller", "iii", "i", value(caller)},
		{Cowasm, "closure_allocate", "", "i", value(closureAllocate)},
		{Cowasm, "closure_set", "iiiii", "i", value(closureSet)},
		{Cowasm, "closure_free", "i", "i", value(closureFree)},
	}
}

// status makes the Call of a function that returns an errno.
func status(f func(*System, Memory, []uint64) errno.Errno) func(*System, Memory, []uint64) uint64 {
	return func(s *System, m Memory, a []uint64) uint64 {
		s.count()
		return uint64(f(s, m, a))
	}
}

// value makes the Call of a function that returns a number or the negative of
// an errno.
func value(f func(*System, Memory, []uint64) (uint32, errno.Errno)) func(*System, Memory, []uint64) uint64 {
	return func(s *System, m Memory, a []uint64) uint64 {
		s.count()
		v, err := f(s, m, a)
		if err != errno.OK {
			return uint64(uint32(-int32(err)))
		}
		return uint64(v)
	}
}
