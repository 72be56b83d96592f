#ifndef SH_TEST_H
#define SH_TEST_H

#include "sh.h"

/* test EXPRESSION, or [ EXPRESSION ] */
int do_test(int argc, char **argv);

#endif
