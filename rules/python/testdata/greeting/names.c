#include "names.h"

#include "table.h"

#include <stddef.h>

const char *name(int number)
{
	return number >= 0 && number < (int)(sizeof table / sizeof *table) ? table[number] : NULL;
}
