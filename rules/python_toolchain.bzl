"""The interpreter that Python rules run: what it is made of, and how it is started."""

# The environment of an interpreter that a user talks to: its line editor needs
# curses, and warns of its absence otherwise.
INTERACTIVE_ENV = {"PYTHON_BASIC_REPL": "1"}

# Where it sees the user's folder.
USER_DIRECTORY = "work"

PythonToolchainInfo = provider(
    doc = """A CPython that runs in the sandbox.

To start it, give `ctx.actions.run` the `executable` and (among others) the
`mounts` of this provider; `sys.prefix` is then `/py`.""",
    fields = {
        "abi": "The tag of what is compiled for it, as in `cp313-wasi-p1`.",
        "executable": "Where `mounts` places the interpreter: `argv[0]` of each run.",
        "ext_suffix": "How the file names of its extension modules end.",
        "headers": "A directory: what extension modules are compiled against (`Python.h`).",
        "home": "A directory: what lies below the prefix, that is `lib/pythonX.Y` with the standard library as `.pyc`.",
        "mounts": "A dict for `ctx.actions.run(mounts = ...)`: the interpreter and its home at their places.",
        "version": "The full version, as in `3.13.5`.",
        "wasm": "The interpreter: a main module that side modules can be linked to.",
    },
)

def _python_toolchain_impl(ctx):
    short = ".".join(ctx.attr.version.split(".")[:2])
    tag = short.replace(".", "")
    executable = "py/bin/python" + short
    mounts = {"py": ctx.file.home, executable: ctx.file.wasm}
    return [
        DefaultInfo(files = depset([ctx.file.wasm, ctx.file.home])),
        RunInfo(
            executable = executable,
            mounts = mounts,
            env = INTERACTIVE_ENV,
            user_directory = USER_DIRECTORY,
        ),
        PythonToolchainInfo(
            abi = "cp%s-wasi-p1" % tag,
            executable = executable,
            ext_suffix = ".cpython-%s-wasm32-wasi.so" % tag,
            headers = ctx.file.headers,
            home = ctx.file.home,
            mounts = mounts,
            version = ctx.attr.version,
            wasm = ctx.file.wasm,
        ),
    ]

python_toolchain = rule(
    implementation = _python_toolchain_impl,
    doc = "Puts an interpreter and its standard library together. `cowasm run` starts it.",
    executable = True,
    attrs = {
        "headers": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A directory with `Python.h` and `pyconfig.h`.",
        ),
        "home": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A directory with `lib/pythonX.Y`.",
        ),
        "version": attr.string(
            mandatory = True,
            doc = "The full version, as in `3.13.5`.",
        ),
        "wasm": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The interpreter.",
        ),
    },
    provides = [PythonToolchainInfo],
)
