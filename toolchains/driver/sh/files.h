#ifndef SH_FILES_H
#define SH_FILES_H

#include "sh.h"

/* Commands that change files. Each takes what POSIX says of the options that it
   has, and an option that it has not is an error. */
int do_cat(int argc, char **argv);
int do_chmod(int argc, char **argv);
int do_cp(int argc, char **argv);
int do_ln(int argc, char **argv);
int do_mkdir(int argc, char **argv);
int do_mv(int argc, char **argv);
int do_rm(int argc, char **argv);
int do_rmdir(int argc, char **argv);
int do_touch(int argc, char **argv);

#endif
