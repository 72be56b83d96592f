/* Local time: what <time.h> of POSIX declares, and wasi-libc's leaves out. */

#ifndef COWASM_TIMEZONE_H
#define COWASM_TIMEZONE_H

#ifdef __cplusplus
extern "C" {
#endif

/* Reads the environment variable TZ, in the form that POSIX describes: names,
   offsets and rules. What is not of that form is UTC, by the name in it. There
   are no names of places. */
void tzset(void);

extern char *tzname[2];
extern long timezone;
extern int daylight;

#ifdef __cplusplus
}
#endif
#endif
