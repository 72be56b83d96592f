/* Turns of threads and processes. One runs until it waits; one that looks over
   and over whether another has done something would look for ever. So it gives
   way after some thousand calls and loops.

   It is included before all else (`-include`) by ceval.c, and defines the macro
   anew in which that counts on another platform. */

#ifndef COWASM_TURNS_H
#define COWASM_TURNS_H

#include "Python.h"
#include "pycore_emscripten_signal.h"

/* Calls and loops until the end of the turn. */
extern int _Cowasm_Turn;

/* Lets other threads run, if there are any, and the process that started this
   one. */
void _Cowasm_EndTurn(PyThreadState *tstate);

#undef _Py_CHECK_EMSCRIPTEN_SIGNALS_PERIODICALLY
#define _Py_CHECK_EMSCRIPTEN_SIGNALS_PERIODICALLY() \
    do { \
        if (--_Cowasm_Turn <= 0) { \
            _Cowasm_EndTurn(tstate); \
        } \
    } while (0)

#endif
