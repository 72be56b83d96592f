// Package errno holds the error numbers of WASI preview 1.
//
// Numbers and names are those of the specification's "errno" type,
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno.
package errno

import "fmt"

// An Errno is an error number as a guest sees it. Zero is success.
type Errno uint16

const (
	OK              Errno = 0
	E2BIG           Errno = 1
	EACCES          Errno = 2
	EADDRINUSE      Errno = 3
	EADDRNOTAVAIL   Errno = 4
	EAFNOSUPPORT    Errno = 5
	EAGAIN          Errno = 6
	EALREADY        Errno = 7
	EBADF           Errno = 8
	EBADMSG         Errno = 9
	EBUSY           Errno = 10
	ECANCELED       Errno = 11
	ECHILD          Errno = 12
	ECONNABORTED    Errno = 13
	ECONNREFUSED    Errno = 14
	ECONNRESET      Errno = 15
	EDEADLK         Errno = 16
	EDESTADDRREQ    Errno = 17
	EDOM            Errno = 18
	EDQUOT          Errno = 19
	EEXIST          Errno = 20
	EFAULT          Errno = 21
	EFBIG           Errno = 22
	EHOSTUNREACH    Errno = 23
	EIDRM           Errno = 24
	EILSEQ          Errno = 25
	EINPROGRESS     Errno = 26
	EINTR           Errno = 27
	EINVAL          Errno = 28
	EIO             Errno = 29
	EISCONN         Errno = 30
	EISDIR          Errno = 31
	ELOOP           Errno = 32
	EMFILE          Errno = 33
	EMLINK          Errno = 34
	EMSGSIZE        Errno = 35
	EMULTIHOP       Errno = 36
	ENAMETOOLONG    Errno = 37
	ENETDOWN        Errno = 38
	ENETRESET       Errno = 39
	ENETUNREACH     Errno = 40
	ENFILE          Errno = 41
	ENOBUFS         Errno = 42
	ENODEV          Errno = 43
	ENOENT          Errno = 44
	ENOEXEC         Errno = 45
	ENOLCK          Errno = 46
	ENOLINK         Errno = 47
	ENOMEM          Errno = 48
	ENOMSG          Errno = 49
	ENOPROTOOPT     Errno = 50
	ENOSPC          Errno = 51
	ENOSYS          Errno = 52
	ENOTCONN        Errno = 53
	ENOTDIR         Errno = 54
	ENOTEMPTY       Errno = 55
	ENOTRECOVERABLE Errno = 56
	ENOTSOCK        Errno = 57
	ENOTSUP         Errno = 58
	ENOTTY          Errno = 59
	ENXIO           Errno = 60
	EOVERFLOW       Errno = 61
	EOWNERDEAD      Errno = 62
	EPERM           Errno = 63
	EPIPE           Errno = 64
	EPROTO          Errno = 65
	EPROTONOSUPPORT Errno = 66
	EPROTOTYPE      Errno = 67
	ERANGE          Errno = 68
	EROFS           Errno = 69
	ESPIPE          Errno = 70
	ESRCH           Errno = 71
	ESTALE          Errno = 72
	ETIMEDOUT       Errno = 73
	ETXTBSY         Errno = 74
	EXDEV           Errno = 75
	ENOTCAPABLE     Errno = 76
)

var texts = [...]string{
	OK:              "success",
	E2BIG:           "argument list too long",
	EACCES:          "permission denied",
	EADDRINUSE:      "address in use",
	EADDRNOTAVAIL:   "address not available",
	EAFNOSUPPORT:    "address family not supported",
	EAGAIN:          "operation would block",
	EALREADY:        "connection already in progress",
	EBADF:           "bad file descriptor",
	EBADMSG:         "bad message",
	EBUSY:           "device or resource busy",
	ECANCELED:       "operation cancelled",
	ECHILD:          "no child processes",
	ECONNABORTED:    "connection aborted",
	ECONNREFUSED:    "connection refused",
	ECONNRESET:      "connection reset",
	EDEADLK:         "resource deadlock would occur",
	EDESTADDRREQ:    "destination address required",
	EDOM:            "argument out of domain",
	EDQUOT:          "quota exceeded",
	EEXIST:          "file exists",
	EFAULT:          "bad address",
	EFBIG:           "file too large",
	EHOSTUNREACH:    "host is unreachable",
	EIDRM:           "identifier removed",
	EILSEQ:          "illegal byte sequence",
	EINPROGRESS:     "operation in progress",
	EINTR:           "interrupted",
	EINVAL:          "invalid argument",
	EIO:             "I/O error",
	EISCONN:         "socket is connected",
	EISDIR:          "is a directory",
	ELOOP:           "too many levels of symbolic links",
	EMFILE:          "too many open files",
	EMLINK:          "too many links",
	EMSGSIZE:        "message too large",
	EMULTIHOP:       "multihop attempted",
	ENAMETOOLONG:    "file name too long",
	ENETDOWN:        "network is down",
	ENETRESET:       "connection aborted by network",
	ENETUNREACH:     "network unreachable",
	ENFILE:          "too many open files in system",
	ENOBUFS:         "no buffer space available",
	ENODEV:          "no such device",
	ENOENT:          "no such file or directory",
	ENOEXEC:         "executable file format error",
	ENOLCK:          "no locks available",
	ENOLINK:         "link severed",
	ENOMEM:          "out of memory",
	ENOMSG:          "no message of the desired type",
	ENOPROTOOPT:     "protocol not available",
	ENOSPC:          "no space left on device",
	ENOSYS:          "function not supported",
	ENOTCONN:        "socket is not connected",
	ENOTDIR:         "not a directory",
	ENOTEMPTY:       "directory not empty",
	ENOTRECOVERABLE: "state not recoverable",
	ENOTSOCK:        "not a socket",
	ENOTSUP:         "not supported",
	ENOTTY:          "inappropriate I/O control operation",
	ENXIO:           "no such device or address",
	EOVERFLOW:       "value too large",
	EOWNERDEAD:      "previous owner died",
	EPERM:           "operation not permitted",
	EPIPE:           "broken pipe",
	EPROTO:          "protocol error",
	EPROTONOSUPPORT: "protocol not supported",
	EPROTOTYPE:      "protocol wrong type for socket",
	ERANGE:          "result too large",
	EROFS:           "read-only file system",
	ESPIPE:          "invalid seek",
	ESRCH:           "no such process",
	ESTALE:          "stale file handle",
	ETIMEDOUT:       "timed out",
	ETXTBSY:         "text file busy",
	EXDEV:           "cross-device link",
	ENOTCAPABLE:     "capabilities insufficient",
}

// Error describes e in words, as strerror does.
func (e Errno) Error() string {
	if int(e) < len(texts) {
		return texts[e]
	}
	return fmt.Sprintf("errno %d", uint16(e))
}
