/* Mutexes and conditions. Since a thread runs until it waits, what is done here
   needs no lock itself. */

#include "host.h"
#include "threads.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

/* What is kept in a pthread_mutex_t, of which all zero is one that is free. */
struct __attribute__((may_alias)) mutex {
	int type;
	unsigned count; /* how often it is locked */
	struct thread *owner;
};

/* The same of a pthread_cond_t. */
struct __attribute__((may_alias)) condition {
	clockid_t clock; /* NULL: the real time */
};

_Static_assert(sizeof(struct mutex) <= sizeof(pthread_mutex_t), "a mutex has no room");
_Static_assert(sizeof(struct condition) <= sizeof(pthread_cond_t), "a condition has no room");

/* Returns how long it is until a time, and 0 if that is past. */
static int64_t until(clockid_t clock, const struct timespec *time)
{
	struct timespec now;
	clock_gettime(clock, &now);
	int64_t seconds = time->tv_sec - now.tv_sec;
	if (seconds > INT64_MAX / 1000000000 - 1)
		return INT64_MAX;
	int64_t nanoseconds = seconds * 1000000000 + (time->tv_nsec - now.tv_nsec);
	return nanoseconds > 0 ? nanoseconds : 0;
}

static bool is_time(const struct timespec *time)
{
	return time->tv_nsec >= 0 && time->tv_nsec < 1000000000;
}

int pthread_mutex_init(pthread_mutex_t *restrict mutex, const pthread_mutexattr_t *restrict attributes)
{
	int type = PTHREAD_MUTEX_NORMAL;
	if (attributes)
		pthread_mutexattr_gettype(attributes, &type);
	*(struct mutex *)mutex = (struct mutex){.type = type};
	return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *mutex)
{
	return ((struct mutex *)mutex)->count ? EBUSY : 0;
}

/* Locks it, waiting up to a time if one is given. */
static int lock(struct mutex *m, const struct timespec *time)
{
	while (m->count > 0) {
		if (m->owner == __cowasm_self() && m->type == PTHREAD_MUTEX_RECURSIVE) {
			m->count++;
			return 0;
		}
		if (m->owner == __cowasm_self() && m->type == PTHREAD_MUTEX_ERRORCHECK)
			return EDEADLK;
		if (time && !is_time(time))
			return EINVAL;
		int error = __cowasm_park(m, time ? until(CLOCK_REALTIME, time) : -1);
		if (error)
			return error;
	}
	m->owner = __cowasm_self();
	m->count = 1;
	return 0;
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	return lock((struct mutex *)mutex, NULL);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict time)
{
	return lock((struct mutex *)mutex, time);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
	struct mutex *m = (struct mutex *)mutex;
	if (m->count > 0 && (m->type != PTHREAD_MUTEX_RECURSIVE || m->owner != __cowasm_self()))
		return EBUSY;
	return lock(m, NULL);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	struct mutex *m = (struct mutex *)mutex;
	if (m->count == 0 || (m->type != PTHREAD_MUTEX_NORMAL && m->owner != __cowasm_self()))
		return EPERM;
	if (--m->count == 0) {
		m->owner = NULL;
		cowasm_unpark(m, 1);
	}
	return 0;
}

/* wasi-libc's clocks are pointers, and the attribute has room for one. */
int pthread_condattr_setclock(pthread_condattr_t *attributes, clockid_t clock)
{
	attributes->__attr = (unsigned)(uintptr_t)clock;
	return 0;
}

int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict attributes)
{
	*(struct condition *)condition = (struct condition){
		.clock = attributes ? (clockid_t)(uintptr_t)attributes->__attr : NULL,
	};
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition)
{
	(void)condition;
	return 0;
}

/* Waits, with the mutex unlocked meanwhile. */
static int await(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds)
{
	int error = pthread_mutex_unlock(mutex);
	if (error)
		return error;
	error = __cowasm_park(condition, nanoseconds);
	int locked = pthread_mutex_lock(mutex);
	return locked ? locked : error;
}

int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex)
{
	return await(condition, mutex, -1);
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict time)
{
	clockid_t clock = ((struct condition *)condition)->clock;
	return is_time(time) ? await(condition, mutex, until(clock ? clock : CLOCK_REALTIME, time)) : EINVAL;
}

int pthread_cond_signal(pthread_cond_t *condition)
{
	cowasm_unpark(condition, 1);
	return 0;
}

int pthread_cond_broadcast(pthread_cond_t *condition)
{
	cowasm_unpark(condition, UINT32_MAX);
	return 0;
}
