/* Processes after their start: who they are, waiting for their end, and ending
   them. */

#include "host.h"

#include <cowasm/process.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int result(int32_t value)
{
	if (value < 0) {
		errno = -value;
		return -1;
	}
	return value;
}

/* Replaces the emulation of wasi-libc, by which all are the same. */
pid_t getpid(void)
{
	return cowasm_getpid();
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED)) {
		errno = EINVAL;
		return -1;
	}
	/* All processes are of one group, so 0 means any child. */
	uint32_t ended = 0;
	pid_t found = result(cowasm_wait(pid == 0 ? -1 : pid, &ended, options & WNOHANG));
	if (found > 0 && status)
		*status = (int)ended;
	return found;
}

pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

int kill(pid_t pid, int signal)
{
	if (pid == getpid())
		return signal == 0 ? 0 : raise(signal);
	return result(cowasm_kill(pid, signal));
}
