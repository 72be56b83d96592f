/* Side modules: dlopen and its kin, which the host's linker serves. */

#include "host.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Handles of the host are small numbers, never 0. */

static bool failed;

static int32_t checked(int32_t result)
{
	if (result < 0)
		failed = true;
	return result;
}

void *dlopen(const char *path, int flags)
{
	if (!path)
		path = "";
	/* The host knows no working directory. */
	char absolute[PATH_MAX];
	if (*path && *path != '/' && getcwd(absolute, sizeof absolute)) {
		size_t used = strlen(absolute), room = sizeof absolute - used;
		if ((size_t)snprintf(absolute + used, room, "/%s", path) < room)
			path = absolute;
	}
	int32_t handle = checked(cowasm_dlopen(path, strlen(path), flags));
	return handle < 0 ? NULL : (void *)handle;
}

void *dlsym(void *restrict handle, const char *restrict name)
{
	void *value;
	return checked(cowasm_dlsym((uintptr_t)handle, name, strlen(name), &value)) < 0 ? NULL : value;
}

int dlclose(void *handle)
{
	return checked(cowasm_dlclose((uintptr_t)handle)) < 0 ? -1 : 0;
}

char *dlerror(void)
{
	static char message[2048];
	if (!failed)
		return NULL;
	failed = false;
	int32_t length = cowasm_dlerror(message, sizeof message - 1);
	message[length < 0 ? 0 : length] = '\0';
	return message;
}
