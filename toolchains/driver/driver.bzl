"""What a build system runs to compile and link: programs and their places in a sandbox."""

load("//rules:cc_info.bzl", "CcInfo")
load("//rules:cc_toolchain.bzl", "ACTIONS", "CcArgsInfo", "CcToolchainInfo")
load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load(":shell.bzl", "PosixShellInfo")

CcDriverInfo = provider(
    doc = "A compiler as build systems know it, with the binary tools and a shell.",
    fields = {
        "mounts": "A dict for `ctx.actions.run(mounts = ...)`: all that they need, at its place. The programs are in `bin`.",
    },
)

_COMPILERS = ["cc", "c++", "clang", "clang++", "gcc", "g++"]

_BINUTILS = ["ar", "nm", "objcopy", "objdump", "ranlib", "size", "strip"]

# cc looks for these two.
_LLVM = "usr/libexec/cowasm/llvm"

# A folder with a file of flags for each kind of command line.
_FLAGS = "etc/cowasm/flags/"

_SYMBOLS = "etc/cowasm/program.symbols"

# Where libraries are that are linked to programs.
_LIBRARIES = "usr/lib/cowasm/"

_DIRECTORY = _LIBRARIES + "libdirectory.a"

# What a side module gets from the program that opens it.
_PROVIDED = ["c", "c++", "c++abi", "crypt", "dl", "m", "pthread", "resolv", "rt", "unwind", "util"]

def _flags(targets, cxx_libraries):
    """Returns what `cc` adds to command lines, by kind."""
    args = {name: [] for name in dir(ACTIONS)}
    libs = {name: [] for name in dir(ACTIONS)}
    for target in targets:
        info = target[CcArgsInfo]
        for name in info.actions:
            args[name] = args[name] + info.args
            libs[name] = libs[name] + info.libs
    return {
        # Who calls cc does not say which sources use setjmp. Of those that do not,
        # the flags change nothing but the list of features that an object names.
        "compile_c": args["compile_c"] + args["setjmp"] + libs["compile_c"],
        "compile_cxx": args["compile_cxx"] + libs["compile_cxx"],
        "link_executable": args["link_executable"] + ["--whole-archive", "/" + _DIRECTORY, "--no-whole-archive"],
        "link_executable_cxx_libs": ["/" + path for path in cxx_libraries],
        "link_executable_libs": libs["link_executable"] + ["-lsetjmp"],
        "link_side_module": args["link_side_module"] + [
            "--unresolved-symbols=report-all",
            "--allow-undefined-file=/" + _SYMBOLS,
        ],
        "link_side_module_libs": libs["link_side_module"],
        "provided": _PROVIDED,
    }

def _cc_driver_impl(ctx):
    toolchain = ctx.attr.toolchain[CcToolchainInfo]
    program = ctx.attr.python[PythonToolchainInfo].wasm
    symbols = ctx.actions.declare_file(ctx.label.name + ".symbols")
    exports = ctx.attr._exports[RunInfo]
    ctx.actions.run(
        executable = exports.executable,
        arguments = [program, symbols],
        inputs = exports.inputs + [program],
        outputs = [symbols],
        mnemonic = "CcExports",
        progress_message = "listing what %s exports" % program.basename,
    )
    cxx = {
        _LIBRARIES + library.archive.basename: library.archive
        for library in ctx.attr.cxx[CcInfo].libraries.to_list()
    }
    mounts = cxx | ctx.attr.shell[PosixShellInfo].mounts | {
        "usr": toolchain.sysroot,
        _LLVM: toolchain.llvm,
        _DIRECTORY: ctx.file.directory,
        _SYMBOLS: symbols,
    }
    for kind, flags in _flags(ctx.attr.args, cxx.keys()).items():
        mounts[_FLAGS + kind] = ctx.actions.write("%s.%s" % (ctx.label.name, kind), "".join([flag + "\n" for flag in flags]))
    for name in _COMPILERS + _BINUTILS:
        mounts["bin/" + name] = ctx.file.cc
    return [
        DefaultInfo(files = depset([ctx.file.cc], transitive = [ctx.attr.shell[DefaultInfo].files])),
        CcDriverInfo(mounts = mounts),
    ]

cc_driver = rule(
    implementation = _cc_driver_impl,
    doc = """Puts together what a build system runs to compile and link.

It finds `cc`, `c++`, `ar` and so on, `sh`, and the usual small commands in `/bin`.
Shared modules that it links are for one interpreter: what neither they nor their
libraries nor the interpreter have, is an error of the linker.""",
    attrs = {
        "args": attr.label_list(
            providers = [CcArgsInfo],
            doc = "Flags that are added to each command line: what a program needs to run here at all. Choices, such as optimisation, are up to the build system.",
        ),
        "cc": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The program that all the tools of the compiler are.",
        ),
        "cxx": attr.label(
            default = "//toolchains/cxx",
            providers = [CcInfo],
            doc = "The libraries of programs in C++. Shared modules have those of the interpreter.",
        ),
        "directory": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A library that is linked whole into each program.",
        ),
        "python": attr.label(
            default = "//toolchains/cpython",
            providers = [PythonToolchainInfo],
            doc = "The interpreter that shared modules are for.",
        ),
        "shell": attr.label(
            mandatory = True,
            providers = [PosixShellInfo],
            doc = "The shell and the small commands.",
        ),
        "toolchain": attr.label(
            default = "//toolchains/clang",
            providers = [CcToolchainInfo],
            doc = "clang and its sysroot.",
        ),
        "_exports": attr.label(
            default = "//toolchains/driver:exports",
            providers = [RunInfo],
        ),
    },
    provides = [CcDriverInfo],
)

def _in_driver_impl(ctx):
    tool = ctx.attr.tool[RunInfo]
    return [RunInfo(
        executable = tool.executable,
        arguments = tool.arguments,
        env = tool.env | {"PATH": "/bin"},
        inputs = tool.inputs,
        mounts = tool.mounts | ctx.attr.driver[CcDriverInfo].mounts,
    )]

in_driver = rule(
    implementation = _in_driver_impl,
    doc = "A program that sees a compiler and a shell. `cowasm run` starts it.",
    executable = True,
    attrs = {
        "driver": attr.label(
            mandatory = True,
            providers = [CcDriverInfo],
            doc = "What it sees.",
        ),
        "tool": attr.label(
            mandatory = True,
            providers = [RunInfo],
            doc = "The program.",
        ),
    },
)
