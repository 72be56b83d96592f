/* What of the interpreter each thread has its own of. */

#include "Python.h"
#include "pycore_pystate.h"

__attribute__((import_module("cowasm"), import_name("thread_local")))
int32_t cowasm_thread_local(void *address, size_t size);

__attribute__((constructor)) static void
tell_host(void)
{
    cowasm_thread_local(&_Py_tss_tstate, sizeof _Py_tss_tstate);
}
