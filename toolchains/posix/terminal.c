/* Terminal control, and the whole of ioctl. */

#include "host.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <wasi/api.h>

static int result(int32_t value)
{
	if (value < 0) {
		errno = -value;
		return -1;
	}
	return value;
}

/* What a terminal was told last. Most of it is remembered, and no more. */
static struct termios state = {
	.c_cflag = CREAD | CS8,
	.c_cc = {
		[VINTR] = 3,
		[VQUIT] = 28,
		[VERASE] = 127,
		[VKILL] = 21,
		[VEOF] = 4,
		[VMIN] = 1,
		[VSTART] = 17,
		[VSTOP] = 19,
		[VSUSP] = 26,
		[VREPRINT] = 18,
		[VDISCARD] = 15,
		[VWERASE] = 23,
		[VLNEXT] = 22,
	},
	.c_ispeed = B38400,
	.c_ospeed = B38400,
};

/* What the host knows: a mode, and the flags that stand for it, of which the
   first decides. */
#define MODES(MODE) \
	MODE(COWASM_LINES, c_lflag, ICANON, IEXTEN) \
	MODE(COWASM_ECHO, c_lflag, ECHO, ECHOE | ECHOK | ECHOCTL | ECHOKE) \
	MODE(COWASM_SIGNALS, c_lflag, ISIG, 0) \
	MODE(COWASM_INPUT, c_iflag, ICRNL, IXON) \
	MODE(COWASM_OUTPUT, c_oflag, OPOST, ONLCR)

int tcgetattr(int fd, struct termios *out)
{
	int32_t mode = cowasm_terminal_mode(fd);
	if (mode < 0)
		return result(mode);
#define READ(bit, field, flag, more) \
	if (mode & (bit)) { \
		if (!(state.field & (flag))) \
			state.field |= (flag) | (more); \
	} else { \
		state.field &= ~(tcflag_t)(flag); \
	}
	MODES(READ)
	*out = state;
	return 0;
}

int tcsetattr(int fd, int when, const struct termios *in)
{
	if (when != TCSANOW && when != TCSADRAIN && when != TCSAFLUSH) {
		errno = EINVAL;
		return -1;
	}
	int32_t mode = 0;
#define WRITE(bit, field, flag, more) \
	if (in->field & (flag)) \
		mode |= (bit);
	MODES(WRITE)
	if (result(cowasm_terminal_set_mode(fd, mode)) < 0)
		return -1;
	state = *in;
	return 0;
}

/* Returns 0 if fd is a terminal. */
static int terminal(int fd)
{
	return result(cowasm_terminal_mode(fd)) < 0 ? -1 : 0;
}

/* What was written is shown already, and what was typed is kept. */

int tcdrain(int fd)
{
	return terminal(fd);
}

int tcflush(int fd, int queue)
{
	return terminal(fd);
}

int tcflow(int fd, int action)
{
	return terminal(fd);
}

int tcsendbreak(int fd, int duration)
{
	return terminal(fd);
}

speed_t cfgetispeed(const struct termios *in)
{
	return in->c_ispeed;
}

speed_t cfgetospeed(const struct termios *in)
{
	return in->c_ospeed;
}

int cfsetispeed(struct termios *in, speed_t speed)
{
	in->c_ispeed = speed;
	return 0;
}

int cfsetospeed(struct termios *in, speed_t speed)
{
	in->c_ospeed = speed;
	return 0;
}

void cfmakeraw(struct termios *in)
{
	in->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	in->c_oflag &= ~(tcflag_t)OPOST;
	in->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	in->c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	in->c_cflag |= CS8;
	in->c_cc[VMIN] = 1;
	in->c_cc[VTIME] = 0;
}

/* Stores how much fd has to read. */
static int readable(int fd, int *count)
{
	__wasi_subscription_t subscription = {
		.u.tag = __WASI_EVENTTYPE_FD_READ,
		.u.u.fd_read.file_descriptor = fd,
	};
	__wasi_subscription_t now = {.u.tag = __WASI_EVENTTYPE_CLOCK, .u.u.clock.id = __WASI_CLOCKID_MONOTONIC};
	__wasi_event_t events[2];
	__wasi_size_t happened;
	int32_t error = __wasi_poll_oneoff((const __wasi_subscription_t[]){subscription, now}, events, 2, &happened);
	*count = 0;
	for (__wasi_size_t i = 0; error == 0 && i < happened; i++)
		if (events[i].type == __WASI_EVENTTYPE_FD_READ) {
			error = events[i].error;
			*count = (int)events[i].fd_readwrite.nbytes;
		}
	return result(-error);
}

static int set_blocking(int fd, int blocking)
{
	__wasi_fdstat_t fdstat;
	int32_t error = __wasi_fd_fdstat_get(fd, &fdstat);
	if (error == 0) {
		__wasi_fdflags_t flags = fdstat.fs_flags & ~__WASI_FDFLAGS_NONBLOCK;
		error = __wasi_fd_fdstat_set_flags(fd, blocking ? flags : flags | __WASI_FDFLAGS_NONBLOCK);
	}
	return result(-error);
}

int ioctl(int fd, int request, ...)
{
	va_list arguments;
	va_start(arguments, request);
	void *argument = va_arg(arguments, void *);
	va_end(arguments);
	switch (request) {
	case FIONREAD:
		return readable(fd, argument);
	case FIONBIO:
		return set_blocking(fd, *(const int *)argument == 0);
	case TIOCGWINSZ: {
		struct cowasm_size size;
		if (result(cowasm_terminal_size(fd, &size)) < 0)
			return -1;
		*(struct winsize *)argument = (struct winsize){.ws_row = (unsigned short)size.rows, .ws_col = (unsigned short)size.columns};
		return 0;
	}
	}
	errno = EINVAL;
	return -1;
}
