/* Identity: the sandbox has one process, of one user, without a parent. It is
   not the superuser, of whom programs expect that files can be given away. */

enum { USER = 1000 };

#include <unistd.h>
#include <sys/stat.h>

uid_t getuid(void)
{
	return USER;
}

uid_t geteuid(void)
{
	return USER;
}

gid_t getgid(void)
{
	return USER;
}

gid_t getegid(void)
{
	return USER;
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
