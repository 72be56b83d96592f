/* What threads and locks know of each other. */

#ifndef COWASM_THREADS_H
#define COWASM_THREADS_H

#include <pthread.h>
#include <stdint.h>

/* A thread, which pthread_t points to. */
struct thread;

struct thread *__cowasm_self(void);

/* Waits to be woken at an address. Returns 0, ETIMEDOUT, or EDEADLK if all that
   could wake it wait themselves. */
int __cowasm_park(const void *address, int64_t nanoseconds);

#endif
