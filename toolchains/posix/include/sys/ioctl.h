/* wasi-libc's <sys/ioctl.h>, and the size of a terminal. */

#ifndef COWASM_SYS_IOCTL_H
#define COWASM_SYS_IOCTL_H

#include_next <sys/ioctl.h>

#define TIOCGWINSZ 0x5413

struct winsize {
	unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel;
};

#endif
