/* Identity: the sandbox has one process, of the superuser, without a parent. */

#include <unistd.h>
#include <sys/stat.h>

uid_t getuid(void)
{
	return 0;
}

uid_t geteuid(void)
{
	return 0;
}

gid_t getgid(void)
{
	return 0;
}

gid_t getegid(void)
{
	return 0;
}

pid_t getppid(void)
{
	return 0;
}

/* Files have no permission bits that a mask could clear: it is only kept. */
mode_t umask(mode_t mask)
{
	static mode_t current = 022;
	mode_t previous = current;
	current = mask & 0777;
	return previous;
}
