/* What other headers of POSIX declare of processes, and wasi-libc's leave out. */

#ifndef COWASM_PROCESS_H
#define COWASM_PROCESS_H

#define __NEED_FILE
#define __NEED_pid_t
#include <bits/alltypes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* <signal.h>. Every signal but 0 ends the child that gets it. */
int kill(pid_t pid, int signal);

/* <stdio.h> */
FILE *popen(const char *command, const char *mode);
int pclose(FILE *stream);

/* <stdlib.h> */
int system(const char *command);

/* <unistd.h> */
int execv(const char *path, char *const argv[]);
int execve(const char *path, char *const argv[], char *const environment[]);
int execvp(const char *file, char *const argv[]);

#ifdef __cplusplus
}
#endif
#endif
