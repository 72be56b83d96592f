/* Threads: one runs at a time, until it waits. What wasi-libc has instead cannot
   start any. */

#include "host.h"
#include "threads.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { STACK_SIZE = 8 << 20, STACK_ALIGNMENT = 16 };

struct thread {
	void *(*start)(void *);
	void *argument, *result;
	void *stack;
	bool ended, detached;
	struct thread *next; /* of those that can be freed */
	void *values[PTHREAD_KEYS_MAX];
};

static struct thread first;

/* Each thread has its own of this. */
static struct thread *self;

/* Threads that have ended and that nobody waits for. */
static struct thread *garbage;

static struct {
	bool used;
	void (*destructor)(void *);
} keys[PTHREAD_KEYS_MAX];

struct thread *__cowasm_self(void)
{
	return self ? self : &first;
}

int __cowasm_park(const void *address, int64_t nanoseconds)
{
	return -cowasm_park(address, nanoseconds);
}

static void free_thread(struct thread *t)
{
	free(t->stack);
	free(t);
}

static void free_garbage(void)
{
	while (garbage) {
		struct thread *t = garbage;
		garbage = t->next;
		free_thread(t);
	}
}

/* Calls what is to be called for values of keys. It may set others. */
static void destroy_values(struct thread *t)
{
	bool again = true;
	for (int i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS && again; i++) {
		again = false;
		for (int key = 0; key < PTHREAD_KEYS_MAX; key++) {
			void *value = t->values[key];
			t->values[key] = NULL;
			if (value && keys[key].destructor) {
				keys[key].destructor(value);
				again = true;
			}
		}
	}
}

/* Notes that the thread that calls it is about to end. */
static void finish(void *result)
{
	struct thread *t = __cowasm_self();
	destroy_values(t);
	t->result = result;
	t->ended = true;
	if (t->detached) {
		t->next = garbage;
		garbage = t;
	}
	cowasm_unpark(t, UINT32_MAX);
}

/* Where the host starts a thread. */
__attribute__((export_name("cowasm_thread"))) void cowasm_thread(struct thread *t)
{
	self = t;
	finish(t->start(t->argument));
}

/* Tells the host once what each thread has its own of. */
static int prepare(void)
{
	static bool prepared;
	if (prepared)
		return 0;
	int32_t error = cowasm_thread_local(&self, sizeof self);
	if (error == 0)
		error = cowasm_thread_local(&errno, sizeof errno);
	prepared = error == 0;
	return -error;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *),
                   void *restrict argument)
{
	size_t size = 0;
	int detached = PTHREAD_CREATE_JOINABLE, error = prepare();
	if (error)
		return error;
	free_garbage();
	if (attributes) {
		pthread_attr_getstacksize(attributes, &size);
		pthread_attr_getdetachstate(attributes, &detached);
	}
	size = (size < STACK_SIZE ? STACK_SIZE : size) & ~(size_t)(STACK_ALIGNMENT - 1);
	struct thread *t = calloc(1, sizeof *t);
	char *stack = t ? aligned_alloc(STACK_ALIGNMENT, size) : NULL;
	if (!stack) {
		free(t);
		return EAGAIN;
	}
	*t = (struct thread){
		.start = start,
		.argument = argument,
		.stack = stack,
		.detached = detached == PTHREAD_CREATE_DETACHED,
	};
	/* It runs at once, and may look at that. */
	*thread = (pthread_t)t;
	int32_t number = cowasm_start_thread(t, stack + size);
	if (number < 0) {
		free_thread(t);
		return -number;
	}
	return 0;
}

int pthread_join(pthread_t thread, void **result)
{
	struct thread *t = (struct thread *)thread;
	if (t == __cowasm_self())
		return EDEADLK;
	if (t->detached)
		return EINVAL;
	while (!t->ended) {
		int error = __cowasm_park(t, -1);
		if (error)
			return error;
	}
	if (result)
		*result = t->result;
	free_thread(t);
	return 0;
}

int pthread_detach(pthread_t thread)
{
	struct thread *t = (struct thread *)thread;
	if (t->detached)
		return EINVAL;
	t->detached = true;
	if (t->ended)
		free_thread(t);
	return 0;
}

pthread_t pthread_self(void)
{
	return (pthread_t)__cowasm_self();
}

_Noreturn void pthread_exit(void *result)
{
	if (__cowasm_self() == &first)
		exit(EXIT_SUCCESS);
	finish(result);
	cowasm_thread_exit();
	__builtin_unreachable();
}

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
	for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX; k++) {
		if (!keys[k].used) {
			keys[k].used = true;
			keys[k].destructor = destructor;
			*key = k;
			return 0;
		}
	}
	return EAGAIN;
}

/* As POSIX has it, values that threads have of it are theirs to free. */
int pthread_key_delete(pthread_key_t key)
{
	if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
		return EINVAL;
	keys[key].used = false;
	keys[key].destructor = NULL;
	return 0;
}

void *pthread_getspecific(pthread_key_t key)
{
	return key < PTHREAD_KEYS_MAX ? __cowasm_self()->values[key] : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
	if (key >= PTHREAD_KEYS_MAX || !keys[key].used)
		return EINVAL;
	__cowasm_self()->values[key] = (void *)value;
	return 0;
}
