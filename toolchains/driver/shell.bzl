"""A shell and the small programs that scripts call."""

PosixShellInfo = provider(
    doc = "A shell, and the small commands that scripts use.",
    fields = {
        "mounts": "A dict for `ctx.actions.run(mounts = ...)`: the programs, in `bin`.",
    },
)

# Commands that are part of the shell, for those that run them without one.
_COMMANDS = ["cat", "chmod", "cp", "echo", "env", "false", "ln", "mkdir", "mv", "pwd", "rm", "rmdir", "sleep", "test", "touch", "true"]

def _posix_shell_impl(ctx):
    return [
        DefaultInfo(files = depset([ctx.file.sh])),
        PosixShellInfo(mounts = {"bin/" + name: ctx.file.sh for name in ["sh"] + _COMMANDS}),
    ]

posix_shell = rule(
    implementation = _posix_shell_impl,
    doc = "Puts a shell where scripts expect it: `/bin/sh`, and its commands beside it.",
    attrs = {
        "sh": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The program that the shell and the commands are.",
        ),
    },
    provides = [PosixShellInfo],
)
