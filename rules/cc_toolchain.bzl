"""The C and C++ toolchain: a compiler, a sysroot, and flags kept as data.

No rule holds a flag of its own. A `cc_args` attaches flags to the names of the
actions that take them, and a `cc_toolchain` is a compiler with a list of those.
"""

ACTIONS = struct(
    compile_c = "compile_c",
    compile_cxx = "compile_cxx",
    link_executable = "link_executable",
    link_main_module = "link_main_module",
    link_side_module = "link_side_module",
    position_independent = "position_independent",
    setjmp = "setjmp",
)

_ALL_ACTIONS = [getattr(ACTIONS, name) for name in dir(ACTIONS)]

CcArgsInfo = provider(
    doc = "Flags and the actions that take them.",
    fields = {
        "actions": "list of strings: names from `ACTIONS`.",
        "args": "list of strings: what comes before the files.",
        "libs": "list of strings: what comes after the files.",
    },
)

CcToolchainInfo = provider(
    doc = "A C and C++ compiler, its sysroot and its flags.",
    fields = {
        "args": "dict from the name of an action to the list of flags before its files.",
        "libs": "dict from the name of an action to the list of flags after its files.",
        "llvm": "The compiler, linker and binary tools as one WebAssembly program, which picks its tool by `argv[0]`.",
        "sysroot": "A directory, to be placed at `usr`.",
    },
)

def _cc_args_impl(ctx):
    unknown = [name for name in ctx.attr.actions if name not in _ALL_ACTIONS]
    if unknown:
        fail("%s: no action is named %s; there are %s" % (ctx.label, ", ".join(unknown), ", ".join(_ALL_ACTIONS)))
    return [CcArgsInfo(actions = ctx.attr.actions, args = ctx.attr.args, libs = ctx.attr.libs)]

cc_args = rule(
    implementation = _cc_args_impl,
    doc = "Flags of a toolchain, for the actions that it names.",
    attrs = {
        "actions": attr.string_list(
            mandatory = True,
            doc = "Which actions take the flags: `compile_c`, `compile_cxx`, `link_executable`, `link_main_module`, `link_side_module`; `position_independent` stands for compilations of what is put into side modules, `setjmp` for those of C that uses `setjmp`; these add to the others.",
        ),
        "args": attr.string_list(doc = "Flags that come before the files."),
        "libs": attr.string_list(doc = "Flags that come after the files: libraries, mostly."),
    },
    provides = [CcArgsInfo],
)

def _cc_toolchain_impl(ctx):
    args = {name: [] for name in _ALL_ACTIONS}
    libs = {name: [] for name in _ALL_ACTIONS}
    for target in ctx.attr.args:
        info = target[CcArgsInfo]
        for name in info.actions:
            args[name] = args[name] + info.args
            libs[name] = libs[name] + info.libs
    return [
        DefaultInfo(files = depset([ctx.file.llvm, ctx.file.sysroot])),
        CcToolchainInfo(args = args, libs = libs, llvm = ctx.file.llvm, sysroot = ctx.file.sysroot),
    ]

cc_toolchain = rule(
    implementation = _cc_toolchain_impl,
    doc = "A C and C++ compiler with its sysroot and its flags.",
    attrs = {
        "args": attr.label_list(
            providers = [CcArgsInfo],
            doc = "Flags, in the order in which they are to appear.",
        ),
        "llvm": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "clang, wasm-ld and llvm-ar as one WebAssembly program.",
        ),
        "sysroot": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A directory with `include` and `lib`.",
        ),
    },
    provides = [CcToolchainInfo],
)
