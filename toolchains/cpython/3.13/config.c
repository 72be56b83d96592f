/* The table of built-in modules: CPython's Modules/config.c.in, filled in.
   Every module is built in, since a side module costs a dynamic link. */

#include "Python.h"

/* Each has one line here and needs no other. */
#define MODULES(X) \
	X(_abc) \
	X(array) \
	X(_asyncio) \
	X(atexit) \
	X(binascii) \
	X(_bisect) \
	X(_blake2) \
	X(_bz2) \
	X(cmath) \
	X(_codecs) \
	X(_codecs_cn) \
	X(_codecs_hk) \
	X(_codecs_iso2022) \
	X(_codecs_jp) \
	X(_codecs_kr) \
	X(_codecs_tw) \
	X(_collections) \
	X(_contextvars) \
	X(_csv) \
	X(_ctypes) \
	X(_datetime) \
	X(_decimal) \
	X(_elementtree) \
	X(errno) \
	X(faulthandler) \
	X(fcntl) \
	X(_functools) \
	X(_heapq) \
	X(_io) \
	X(itertools) \
	X(_json) \
	X(_locale) \
	X(_lsprof) \
	X(_lzma) \
	X(math) \
	X(_md5) \
	X(mmap) \
	X(_multibytecodec) \
	X(_opcode) \
	X(_operator) \
	X(_pickle) \
	X(posix) \
	X(_posixsubprocess) \
	X(pyexpat) \
	X(_queue) \
	X(_random) \
	X(select) \
	X(_sha1) \
	X(_sha2) \
	X(_sha3) \
	X(_signal) \
	X(_socket) \
	X(_sqlite3) \
	X(_sre) \
	X(_stat) \
	X(_statistics) \
	X(_struct) \
	X(_suggestions) \
	X(_symtable) \
	X(_sysconfig) \
	X(_thread) \
	X(termios) \
	X(time) \
	X(_tracemalloc) \
	X(_typing) \
	X(unicodedata) \
	X(_weakref) \
	X(zlib) \
	X(_zoneinfo)

#define DECLARE(name) extern PyObject *PyInit_##name(void);
MODULES(DECLARE)

/* These are parts of the interpreter. */
DECLARE(_ast)
DECLARE(_imp)
DECLARE(_string)
DECLARE(_tokenize)
DECLARE(gc)
extern PyObject *PyMarshal_Init(void);
extern PyObject *_PyWarnings_Init(void);

#define ENTRY(name) {#name, PyInit_##name},
struct _inittab _PyImport_Inittab[] = {
	MODULES(ENTRY)
	ENTRY(_ast)
	ENTRY(_imp)
	ENTRY(_string)
	ENTRY(_tokenize)
	ENTRY(gc)
	{"_warnings", _PyWarnings_Init},
	{"marshal", PyMarshal_Init},

	/* These are here for sys.builtin_module_names. */
	{"builtins", NULL},
	{"sys", NULL},

	{NULL, NULL},
};
