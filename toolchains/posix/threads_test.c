/* Checks threads and locks. usage: threads_test REPORT */

#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* wasi-libc does not declare it. */
_Noreturn void pthread_exit(void *result);

static void *double_it(void *argument)
{
	return (char *)argument + (size_t)argument;
}

static void test_create(void)
{
	pthread_t threads[50];
	for (size_t i = 0; i < 50; i++)
		CHECK(pthread_create(&threads[i], NULL, double_it, (void *)i) == 0);
	for (size_t i = 0; i < 50; i++) {
		void *result;
		CHECK(pthread_join(threads[i], &result) == 0 && (size_t)result == 2 * i);
	}
	CHECK(pthread_join(pthread_self(), NULL) == EDEADLK);
	pthread_t detached;
	CHECK(pthread_create(&detached, NULL, double_it, NULL) == 0 && pthread_detach(detached) == 0);
}

/* Two threads take turns. */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int turn, rounds;
	char log[64];
} game = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *play(void *argument)
{
	int me = (int)(size_t)argument;
	for (int i = 0; i < 4; i++) {
		pthread_mutex_lock(&game.mutex);
		while (game.turn != me)
			pthread_cond_wait(&game.changed, &game.mutex);
		game.log[game.rounds++] = (char)('a' + me);
		game.turn = !me;
		pthread_cond_signal(&game.changed);
		pthread_mutex_unlock(&game.mutex);
	}
	return NULL;
}

static void test_turns(void)
{
	pthread_t other;
	CHECK(pthread_create(&other, NULL, play, (void *)1) == 0);
	play((void *)0);
	CHECK(pthread_join(other, NULL) == 0);
	CHECK_MESSAGE(strcmp(game.log, "abababab") == 0, game.log);
}

/* Waiting for what others write, and for time to pass. */
static void *reads(void *argument)
{
	char c;
	return read(*(int *)argument, &c, 1) == 1 ? (void *)(size_t)c : NULL;
}

static void *sleeps(void *argument)
{
	struct timespec time = {.tv_nsec = 1000000};
	nanosleep(&time, NULL);
	return write(*(int *)argument, "x", 1) == 1 ? argument : NULL;
}

static void test_waiting(void)
{
	int fds[2];
	pthread_t reader, sleeper;
	void *result;
	CHECK(pipe(fds) == 0);
	CHECK(pthread_create(&reader, NULL, reads, &fds[0]) == 0);
	CHECK(pthread_create(&sleeper, NULL, sleeps, &fds[1]) == 0);
	CHECK(pthread_join(reader, &result) == 0 && (size_t)result == 'x');
	CHECK(pthread_join(sleeper, &result) == 0 && result);
	close(fds[0]);
	close(fds[1]);
}

static void test_mutex(void)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	struct timespec past = {0}, wrong = {.tv_nsec = -1};
	CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY);
	CHECK(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT && pthread_mutex_timedlock(&mutex, &wrong) == EINVAL);
	/* Nobody is left who could unlock it. */
	CHECK(pthread_mutex_lock(&mutex) == EDEADLK);
	CHECK(pthread_mutex_destroy(&mutex) == EBUSY && pthread_mutex_unlock(&mutex) == 0);
	CHECK(pthread_mutex_unlock(&mutex) == EPERM && pthread_mutex_destroy(&mutex) == 0);

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
	CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
	CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == 0);
	for (int i = 0; i < 3; i++)
		CHECK(pthread_mutex_unlock(&mutex) == 0);
	pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
	CHECK(pthread_mutex_init(&mutex, &attributes) == 0);
	CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_lock(&mutex) == EDEADLK);
}

static void test_condition(void)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_condattr_t attributes;
	pthread_cond_t condition;
	struct timespec before, after;
	pthread_condattr_init(&attributes);
	CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	CHECK(pthread_cond_init(&condition, &attributes) == 0);
	CHECK(pthread_cond_wait(&condition, &mutex) == EPERM);
	CHECK(pthread_mutex_lock(&mutex) == 0);
	CHECK(pthread_cond_wait(&condition, &mutex) == EDEADLK);
	clock_gettime(CLOCK_MONOTONIC, &before);
	before.tv_sec += 5;
	CHECK(pthread_cond_timedwait(&condition, &mutex, &before) == ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK(after.tv_sec >= before.tv_sec);
	CHECK(pthread_mutex_unlock(&mutex) == 0 && pthread_cond_destroy(&condition) == 0);
}

/* What each thread has its own of. */
static pthread_key_t key;
static int destroyed;

static void destroy(void *value)
{
	destroyed += (int)(size_t)value;
}

static void *keeps(void *argument)
{
	char deep[4096];
	memset(deep, (int)(size_t)argument, sizeof deep);
	CHECK(pthread_getspecific(key) == NULL && errno == 0);
	pthread_setspecific(key, argument);
	errno = (int)(size_t)argument;
	struct timespec time = {.tv_nsec = 1000000};
	nanosleep(&time, NULL);
	CHECK(pthread_getspecific(key) == argument && errno == (int)(size_t)argument);
	for (size_t i = 0; i < sizeof deep; i++)
		if (deep[i] != (char)(size_t)argument)
			return NULL;
	if ((size_t)argument == 2)
		pthread_exit(argument);
	return argument;
}

static void test_own(void)
{
	pthread_t threads[3];
	void *result;
	CHECK(pthread_key_create(&key, destroy) == 0);
	errno = 77;
	for (size_t i = 0; i < 3; i++)
		CHECK(pthread_create(&threads[i], NULL, keeps, (void *)(i + 1)) == 0);
	CHECK(errno == 77);
	for (size_t i = 0; i < 3; i++)
		CHECK(pthread_join(threads[i], &result) == 0 && (size_t)result == i + 1);
	CHECK(errno == 77 && destroyed == 6);
	CHECK(pthread_getspecific(key) == NULL && pthread_setspecific(key, &key) == 0);
	CHECK(pthread_key_delete(key) == 0 && pthread_setspecific(key, NULL) == EINVAL);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	test_create();
	test_turns();
	test_waiting();
	test_mutex();
	test_condition();
	test_own();
	return write_report(argv[1]);
}
