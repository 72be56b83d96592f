/* What POSIX has and wasi-libc's headers leave out, for programs that run in
   the sandbox. It is included before all else (`-include`), so that sources
   need no change. */

#ifndef COWASM_POSIX_H
#define COWASM_POSIX_H

#define _WASI_EMULATED_MMAN 1

#define __NEED_gid_t
#define __NEED_mode_t
#define __NEED_pid_t
#define __NEED_uid_t
#include <bits/alltypes.h>

#ifdef __cplusplus
extern "C" {
#endif

int dup(int fd);
int dup2(int fd, int to);
int pipe(int fds[2]);
int socketpair(int domain, int type, int protocol, int fds[2]);

uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
pid_t getppid(void);
mode_t umask(mode_t mask);

/* For fcntl. The values are those of wasi-libc's upstream, musl. */
#define F_DUPFD 0
#define F_DUPFD_CLOEXEC 1030
#define F_GETLK 12
#define F_SETLK 13
#define F_SETLKW 14
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

#ifdef __cplusplus
}
#endif
#endif
