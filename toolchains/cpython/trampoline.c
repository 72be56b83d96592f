#include "trampoline.h"

#include <stdlib.h>
#include <string.h>

/* How many parameters the function in a slot takes, or less than 0. */
__attribute__((import_module("cowasm"), import_name("arity"))) int32_t cowasm_arity(uint32_t slot);

uint8_t *_Cowasm_Arities;
uint32_t _Cowasm_ArityCount;

unsigned
_Cowasm_AskArity(void *function, unsigned declared)
{
    uint32_t slot = (uint32_t)(uintptr_t)function;
    int32_t arity = cowasm_arity(slot);
    if (arity < 0 || arity >= UINT8_MAX) {
        arity = declared;
    }
    if (slot >= _Cowasm_ArityCount) {
        uint32_t count = slot + 4096;
        uint8_t *grown = realloc(_Cowasm_Arities, count);
        if (!grown) {
            return arity;
        }
        memset(grown + _Cowasm_ArityCount, 0, count - _Cowasm_ArityCount);
        _Cowasm_Arities = grown;
        _Cowasm_ArityCount = count;
    }
    _Cowasm_Arities[slot] = arity + 1;
    return arity;
}
