/* A side module of C, through which exceptions pass. */

#define SHARED __attribute__((visibility("default")))

static int returned;

SHARED void frames_call(void (*f)(void *), void *argument)
{
	f(argument);
	returned++;
}

SHARED int frames_returned(void)
{
	return returned;
}
