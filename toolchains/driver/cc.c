/* usage: cc|c++|clang|clang++|gcc|g++ ARGUMENT..., or ar|ranlib|nm|strip|objcopy|objdump ARGUMENT...
   What it is comes from the name that it is called by. */

#include "cc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Returns clang's command line, but for what is to be done by whom. */
static struct list clang_command(const struct request *r)
{
	struct list command = {0};
	add(&command, r->cxx ? "clang++" : "clang");
	struct list own = read_flags(r->cxx ? "compile_cxx" : "compile_c");
	for (size_t i = 0; i < own.count; i++) {
		/* To link, clang needs to know the target. Of the rest it would say
		   that it is of no use. */
		if (r->sources || r->queries || starts_with(own.items[i], "--target="))
			add(&command, own.items[i]);
	}
	const char *directory = absolute(".");
	if (strcmp(directory, "/") != 0) {
		add(&command, "-working-directory");
		add(&command, directory);
	}
	return command;
}

int main(int argc, char **argv)
{
	(void)argc;
	const char *name = base_name(argv[0]);
	struct list args = expand_response_files(argv + 1);
	int code = run_binutil(name, args.items);
	if (code >= 0)
		return code;

	struct request request = read_request(ends_with(name, "++"), args.items);
	struct list command = clang_command(&request);
	/* clang can do one step by itself, and then it does all of it. */
	if (request.queries || (!request.links && request.inputs == 1 && !request.assembles && !request.several)) {
		add_all(&command, request.args.items);
		return run_llvm(command.items);
	}
	return run_jobs(&request, command);
}
