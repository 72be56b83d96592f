"""C and C++ libraries and programs.

Sources are files of the package (`srcs`), or paths below a source tree that was
fetched (`paths`, with `src`). Of a fetched tree nothing needs to be declared but
what is compiled: headers are found where they are.
"""

load("//rules:cc_actions.bzl", "SOURCE_ROOT", "cc_archive", "cc_compile", "cc_link", "is_cxx")
load("//rules:cc_info.bzl", "CcInfo", "RUNTIMES", "cc_info")
load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo")
load("//rules:source.bzl", "SourceInfo")

_HEADER_EXTENSIONS = ["h", "hpp", "inc"]

def _join(directory, path):
    """Returns the path below the directory, where either may be `.`."""
    if path in ["", "."]:
        return directory
    if directory in ["", "."]:
        return path
    return directory + "/" + path

def _package_includes(ctx, includes):
    """Returns directories of the package, for its files and for what is generated in it."""
    package = ctx.label.package
    return [_join(package, i) for i in includes] + [_join("out/" + package, i) for i in includes]

def cc_compile_sources(ctx, info, position_independent = False, generated = []):
    """Declares the compilation of all sources of a target and returns the objects.

    Args:
      ctx: the context of a rule with `CC_COMPILE_ATTRS`.
      info: the CcInfo of what is compiled against.
      position_independent: whether they are for a side module.
      generated: sources that the rule itself makes.
    """
    toolchain = ctx.attr._toolchain[CcToolchainInfo]
    tree = ctx.attr.src[SourceInfo].tree if ctx.attr.src else None
    if ctx.attr.paths and not tree:
        fail("%s: paths are relative to a source tree: give its label as src" % ctx.label)

    own = ctx.attr.includes + ctx.attr.private_includes
    includes = [_join(SOURCE_ROOT, i) for i in own] if tree else _package_includes(ctx, own)

    # What a target hands on to its dependents, it takes itself too.
    sources = generated + [file for file in ctx.files.srcs if file.extension not in _HEADER_EXTENSIONS]
    copts = (toolchain.args[ACTIONS.position_independent] if position_independent else []) + ctx.attr.copts
    c_copts = copts + (toolchain.args[ACTIONS.setjmp] if ctx.attr.setjmp else [])
    info = cc_info(
        headers = ctx.files.hdrs + [file for file in ctx.files.srcs if file.extension in _HEADER_EXTENSIONS],
        defines = ctx.attr.defines + ctx.attr.local_defines,
        deps = [info],
    )

    unused = [path for path in ctx.attr.per_source_copts if path not in ctx.attr.paths]
    if unused:
        fail("%s: per_source_copts names %s, which paths does not" % (ctx.label, ", ".join(unused)))

    objects = []
    for path in ctx.attr.paths:
        output = ctx.actions.declare_file("_objs/%s/%s.o" % (ctx.label.name, path))
        cc_compile(
            ctx,
            toolchain,
            path,
            output,
            info,
            tree = tree,
            includes = includes,
            copts = (copts if is_cxx(path) else c_copts) + ctx.attr.per_source_copts.get(path, []),
        )
        objects.append(output)
    for source in sources:
        output = ctx.actions.declare_file("_objs/%s/%s.o" % (ctx.label.name, source.basename))
        cc_compile(
            ctx,
            toolchain,
            source.path,
            output,
            info,
            source = source,
            tree = tree,
            includes = includes,
            copts = copts if is_cxx(source.path) else c_copts,
        )
        objects.append(output)
    return objects

def _runtimes(ctx):
    """Returns what the target's own sources need of a program."""
    paths = ctx.attr.paths + [file.path for file in ctx.files.srcs]
    cxx = [RUNTIMES.cxx] if [path for path in paths if is_cxx(path)] else []
    return cxx + ([RUNTIMES.setjmp] if ctx.attr.setjmp else [])

def _header_tree(ctx):
    """Declares the directory of those headers of the source tree that dependents see."""
    headers = ctx.actions.declare_directory(ctx.label.name + ".hdrs")
    tree = ctx.attr.src[SourceInfo].tree
    ctx.actions.run(
        executor = "builtin",
        executable = "select@1",
        arguments = ["--include=" + glob for glob in ctx.attr.hdr_paths] + [tree, headers],
        inputs = [tree],
        outputs = [headers],
        mnemonic = "CcHeaders",
        progress_message = "collecting headers",
    )
    return headers

def _cc_library_impl(ctx):
    deps = [dep[CcInfo] for dep in ctx.attr.deps]
    private = cc_info(deps = deps + [dep[CcInfo] for dep in ctx.attr.implementation_deps])
    objects = cc_compile_sources(ctx, private, ctx.attr.position_independent)

    libraries = []
    if objects:
        archive = ctx.actions.declare_file("lib%s.a" % ctx.label.name)
        cc_archive(ctx, ctx.attr._toolchain[CcToolchainInfo], objects, archive)
        libraries.append(struct(archive = archive, alwayslink = ctx.attr.alwayslink))

    headers = ctx.files.hdrs
    if ctx.attr.hdr_paths:
        tree = _header_tree(ctx)
        headers = headers + [tree]
        includes = [_join(tree.path, i) for i in ctx.attr.includes or ["."]]
    else:
        includes = _package_includes(ctx, ctx.attr.includes)

    public = cc_info(
        headers = headers,
        includes = includes,
        defines = ctx.attr.defines,
        libraries = libraries,
        linkopts = ctx.attr.linkopts,
        runtimes = _runtimes(ctx),
        deps = deps,
    )
    return [
        DefaultInfo(files = depset([library.archive for library in libraries])),
        # What only the implementation needs is linked all the same.
        CcInfo(
            defines = public.defines,
            headers = public.headers,
            includes = public.includes,
            libraries = depset(libraries, transitive = [private.libraries], order = "topological"),
            linkopts = depset(ctx.attr.linkopts, transitive = [private.linkopts]),
            runtimes = depset(_runtimes(ctx), transitive = [private.runtimes]),
        ),
    ]

# The attributes of all rules that compile.
CC_COMPILE_ATTRS = {
    "copts": attr.string_list(doc = "Flags for the compiler, for this target alone."),
    "defines": attr.string_list(doc = "Preprocessor definitions, for this target and its dependents."),
    "deps": attr.label_list(
        providers = [CcInfo],
        doc = "Libraries to compile against and to link.",
    ),
    "hdrs": attr.label_list(
        allow_files = True,
        doc = "Headers of the package.",
    ),
    "includes": attr.string_list(
        doc = "Directories to search for headers, below `src` if that is given, else below the package; dependents search them too.",
    ),
    "linkopts": attr.string_list(doc = "Arguments for the linker of the program that this ends in."),
    "local_defines": attr.string_list(doc = "Preprocessor definitions, for this target alone."),
    "paths": attr.string_list(doc = "What to compile of `src`, as paths below it."),
    "per_source_copts": attr.string_list_dict(doc = "Flags for some of the `paths` alone."),
    "private_includes": attr.string_list(doc = "As `includes`, but for this target alone."),
    "setjmp": attr.bool(doc = "The C sources call `setjmp` or `longjmp`. Those of C++ always may."),
    "src": attr.label(
        providers = [SourceInfo],
        doc = "A source tree. It is seen as `src` while this target is compiled.",
    ),
    "srcs": attr.label_list(
        allow_files = [".c", ".cc", ".cpp", ".cxx", ".S", ".h", ".hpp", ".inc"],
        doc = "What to compile of the package, and headers that only this target includes.",
    ),
    "_toolchain": attr.label(
        default = "//toolchains/clang",
        providers = [CcToolchainInfo],
    ),
}

cc_library = rule(
    implementation = _cc_library_impl,
    doc = "A static library of C or C++.",
    attrs = CC_COMPILE_ATTRS | {
        "alwayslink": attr.bool(doc = "Link all of it, referred to or not."),
        "hdr_paths": attr.string_list(doc = "Globs: the headers of `src` that dependents see."),
        "implementation_deps": attr.label_list(
            providers = [CcInfo],
            doc = "Libraries to compile against and to link whose headers dependents do not see.",
        ),
        "position_independent": attr.bool(doc = "Compile it for side modules. What is not cannot be linked into one."),
    },
    provides = [CcInfo],
)

def _cc_import_impl(ctx):
    return [
        DefaultInfo(files = depset(ctx.files.archives)),
        cc_info(
            libraries = [struct(archive = file, alwayslink = ctx.attr.alwayslink) for file in ctx.files.archives],
            deps = [dep[CcInfo] for dep in ctx.attr.deps],
        ),
    ]

cc_import = rule(
    implementation = _cc_import_impl,
    doc = "Static libraries that are there already.",
    attrs = {
        "alwayslink": attr.bool(doc = "Link all of them, referred to or not."),
        "archives": attr.label_list(
            mandatory = True,
            allow_files = [".a"],
            doc = "The libraries.",
        ),
        "deps": attr.label_list(
            providers = [CcInfo],
            doc = "Libraries that they need.",
        ),
    },
    provides = [CcInfo],
)

def _runtime(ctx, needed):
    """Returns the CcInfos of the runtimes that a program needs."""
    if not needed:
        return []
    if ctx.attr.main_module:
        return [ctx.attr._whole_runtime[CcInfo]]
    return [getattr(ctx.attr, "_" + name)[CcInfo] for name in needed]

def _cc_binary_impl(ctx):
    info = cc_info(
        runtimes = _runtimes(ctx),
        deps = [dep[CcInfo] for dep in ctx.attr.deps],
    )
    info = cc_info(deps = [info] + _runtime(ctx, info.runtimes.to_list()))
    program = ctx.actions.declare_file(ctx.label.name + ".wasm")
    cc_link(
        ctx,
        ctx.attr._toolchain[CcToolchainInfo],
        ACTIONS.link_main_module if ctx.attr.main_module else ACTIONS.link_executable,
        cc_compile_sources(ctx, info),
        info,
        program,
        linkopts = ctx.attr.linkopts,
    )
    return [
        DefaultInfo(files = depset([program])),
        RunInfo(executable = program),
    ]

cc_binary = rule(
    implementation = _cc_binary_impl,
    doc = "A WebAssembly program of C or C++. It has the runtime that its sources need.",
    executable = True,
    attrs = CC_COMPILE_ATTRS | {
        "main_module": attr.bool(
            doc = "Link a program that side modules can be linked to while it runs: it exports all that it has. It had better depend on `//toolchains/libc`, and on `//toolchains/cxx:whole` if those modules are of C++ and it is not.",
        ),
        "_cxx": attr.label(
            default = "//toolchains/cxx",
            providers = [CcInfo],
        ),
        "_setjmp": attr.label(
            default = "//toolchains/cxx:setjmp",
            providers = [CcInfo],
        ),
        "_whole_runtime": attr.label(
            default = "//toolchains/cxx:whole",
            providers = [CcInfo],
        ),
    },
)
