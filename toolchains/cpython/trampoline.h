/* Calls of C functions that take another number of parameters than they were
   declared with, as many extension modules have them: a method that ignores its
   second parameter and leaves it out. Native calls do not mind, WebAssembly
   traps. The host knows how many each function takes.

   It is included before all else (`-include`) by those of CPython's sources that
   call such functions, and defines the macros anew that CPython has for this on
   another platform. */

#ifndef COWASM_TRAMPOLINE_H
#define COWASM_TRAMPOLINE_H

#include "Python.h"
#include "pycore_emscripten_trampoline.h"
#include "pycore_object.h"

#include <stdint.h>

/* By the slots of the table: one more than how many parameters the function
   takes, or 0 where that has not been asked yet. */
extern uint8_t *_Cowasm_Arities;
extern uint32_t _Cowasm_ArityCount;

/* Returns how many parameters a function takes; `declared` if nobody knows. */
unsigned _Cowasm_AskArity(void *function, unsigned declared);

static inline unsigned
_Cowasm_Arity(void *function, unsigned declared)
{
    uintptr_t slot = (uintptr_t)function;
    if (slot < _Cowasm_ArityCount && _Cowasm_Arities[slot]) {
        return _Cowasm_Arities[slot] - 1;
    }
    return _Cowasm_AskArity(function, declared);
}

static inline PyObject *
_Cowasm_Call(void *function, unsigned declared, void *a, void *b, void *c)
{
    switch (_Cowasm_Arity(function, declared)) {
        case 0:
            return ((PyObject *(*)(void))function)();
        case 1:
            return ((PyObject *(*)(void *))function)(a);
        case 2:
            return ((PyObject *(*)(void *, void *))function)(a, b);
        default:
            return ((PyObject *(*)(void *, void *, void *))function)(a, b, c);
    }
}

#undef _PyCFunction_TrampolineCall
#define _PyCFunction_TrampolineCall(meth, self, args) \
    _Cowasm_Call((void *)(meth), 2, (self), (args), NULL)

#undef _PyCFunctionWithKeywords_TrampolineCall
#define _PyCFunctionWithKeywords_TrampolineCall(meth, self, args, kw) \
    _Cowasm_Call((void *)(meth), 3, (self), (args), (kw))

#undef descr_set_trampoline_call
#define descr_set_trampoline_call(set, obj, value, closure) \
    ((int)_Cowasm_Call((void *)(set), 3, (obj), (value), (void *)(closure)))

#undef descr_get_trampoline_call
#define descr_get_trampoline_call(get, obj, closure) \
    _Cowasm_Call((void *)(get), 2, (obj), (void *)(closure), NULL)

#endif
