/* Checks what there is of terminals where there is none, and ioctl. That
   programs can control a real one is checked where there is one.
   usage: terminal_test REPORT */

#include "check.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static void no_terminal(void)
{
	struct termios state;
	struct winsize size;
	CHECK(tcgetattr(0, &state) == -1 && errno == ENOTTY);
	CHECK(tcsetattr(0, TCSANOW, &state) == -1 && errno == ENOTTY);
	CHECK(tcsetattr(0, 7, &state) == -1 && errno == EINVAL);
	CHECK(tcdrain(1) == -1 && errno == ENOTTY);
	CHECK(tcflush(1, TCIFLUSH) == -1 && errno == ENOTTY);
	CHECK(ioctl(1, TIOCGWINSZ, &size) == -1 && errno == ENOTTY);
	CHECK(tcgetattr(99, &state) == -1 && errno == EBADF);
}

static void raw(void)
{
	struct termios state = {
		.c_iflag = ICRNL | IXON | IUTF8,
		.c_oflag = OPOST | ONLCR,
		.c_lflag = ISIG | ICANON | ECHO | IEXTEN | TOSTOP,
	};
	CHECK(cfsetispeed(&state, B9600) == 0 && cfsetospeed(&state, B19200) == 0);
	cfmakeraw(&state);
	CHECK(state.c_iflag == IUTF8);
	CHECK(state.c_oflag == ONLCR);
	CHECK(state.c_lflag == TOSTOP);
	CHECK(state.c_cflag == CS8);
	CHECK(state.c_cc[VMIN] == 1 && state.c_cc[VTIME] == 0);
	CHECK(cfgetispeed(&state) == B9600 && cfgetospeed(&state) == B19200);
}

static void requests(void)
{
	int fds[2], count = -1;
	CHECK(pipe(fds) == 0);
	CHECK(ioctl(fds[0], FIONREAD, &count) == 0 && count == 0);
	CHECK(write(fds[1], "abc", 3) == 3);
	CHECK(ioctl(fds[0], FIONREAD, &count) == 0 && count == 3);
	CHECK(ioctl(99, FIONREAD, &count) == -1 && errno == EBADF);

	CHECK(ioctl(fds[0], FIONBIO, &(int){1}) == 0 && fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	CHECK(ioctl(fds[0], FIONBIO, &(int){0}) == 0 && !(fcntl(fds[0], F_GETFL) & O_NONBLOCK));
	CHECK(ioctl(fds[0], 12345, NULL) == -1 && errno == EINVAL);
}

int main(int argc, char **argv)
{
	no_terminal();
	raw();
	requests();
	return write_report(argv[argc - 1]);
}
