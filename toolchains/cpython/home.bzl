"""What surrounds an interpreter: its standard library and its headers."""

load("//rules:source.bzl", "SourceInfo")

def _short(version):
    """Returns `3.13` of `3.13.5`."""
    return ".".join(version.split(".")[:2])

def _merge(ctx, contents, inputs, output, progress):
    """Declares the directory that has each path of `contents` from another path."""
    ctx.actions.run(
        executor = "builtin",
        executable = "merge@1",
        arguments = [output] + ["%s=%s" % item for item in contents.items()],
        inputs = inputs,
        outputs = [output],
        mnemonic = "TreeMerge",
        progress_message = progress,
    )

def _run_python(ctx, home, mounts = {}, **kwargs):
    """Declares a run of the interpreter that has `home` as its prefix."""
    executable = "py/bin/python" + _short(ctx.attr.version)
    ctx.actions.run(
        executable = executable,
        mounts = {"py": home, executable: ctx.file.interpreter} | mounts,
        # Nothing but the standard library is to be seen or run.
        env = {"PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        **kwargs
    )

def _python_headers_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    tree = ctx.attr.src[SourceInfo].tree
    _merge(
        ctx,
        {".": tree.path + "/Include", "pyconfig.h": ctx.file.pyconfig.path},
        [tree, ctx.file.pyconfig],
        output,
        "collecting the headers of Python",
    )
    return [DefaultInfo(files = depset([output]))]

_PYCONFIG = attr.label(
    mandatory = True,
    allow_single_file = True,
    doc = "The configuration header.",
)

_SRC = attr.label(
    mandatory = True,
    providers = [SourceInfo],
    doc = "CPython's source tree.",
)

_INTERPRETER = attr.label(
    mandatory = True,
    allow_single_file = True,
    doc = "The interpreter.",
)

_VERSION = attr.string(
    mandatory = True,
    doc = "The full version, as in `3.13.5`.",
)

python_headers = rule(
    implementation = _python_headers_impl,
    doc = "A directory with what extension modules are compiled against.",
    attrs = {
        "pyconfig": _PYCONFIG,
        "src": _SRC,
    },
)

def _python_home_sources_impl(ctx):
    tree = ctx.attr.src[SourceInfo].tree
    library = "lib/python" + _short(ctx.attr.version)

    bare = ctx.actions.declare_directory(ctx.label.name + ".bare")
    contents = {
        library: tree.path + "/Lib",
        library + "/LICENSE.txt": tree.path + "/LICENSE",
        library + "/lib-dynload/README.txt": ctx.file._lib_dynload.path,
    }
    _merge(ctx, contents, [tree, ctx.file._lib_dynload], bare, "collecting the standard library")

    data = ctx.actions.declare_file("_sysconfigdata__wasi_wasm32-wasi.py")
    _run_python(
        ctx,
        bare,
        arguments = [ctx.file._sysconfigdata, ctx.file.pyconfig, data],
        inputs = [ctx.file._sysconfigdata, ctx.file.pyconfig],
        outputs = [data],
        mnemonic = "PySysconfig",
        progress_message = "describing the build to sysconfig",
    )

    output = ctx.actions.declare_directory(ctx.label.name)
    _merge(
        ctx,
        {".": bare.path, library + "/" + data.basename: data.path},
        [bare, data],
        output,
        "collecting the standard library",
    )
    return [DefaultInfo(files = depset([output]))]

python_home_sources = rule(
    implementation = _python_home_sources_impl,
    doc = "The standard library as source, with the data of `sysconfig`, at its place below the prefix.",
    attrs = {
        "interpreter": _INTERPRETER,
        "pyconfig": _PYCONFIG,
        "src": _SRC,
        "version": _VERSION,
        "_lib_dynload": attr.label(
            default = "//toolchains/cpython:lib-dynload.txt",
            allow_single_file = True,
        ),
        "_sysconfigdata": attr.label(
            default = "//toolchains/cpython:sysconfigdata.py",
            allow_single_file = True,
        ),
    },
)

def _python_home_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    library = "lib/python" + _short(ctx.attr.version)
    _run_python(
        ctx,
        ctx.file.sources,
        # Column tables underline parts of source lines: without sources they
        # would only be ballast.
        arguments = ([] if ctx.attr.keep_sources else ["-X", "no_debug_ranges"]) +
                    [ctx.file._compile_home] +
                    ["--exclude=" + glob for glob in ctx.attr.exclude] +
                    (["--keep-sources"] if ctx.attr.keep_sources else []) +
                    ["/py/" + library, output.path + "/" + library],
        inputs = [ctx.file._compile_home],
        outputs = [output],
        mnemonic = "PyHome",
        progress_message = "compiling the standard library",
        timeout = 1800,
    )
    return [DefaultInfo(files = depset([output]))]

python_home = rule(
    implementation = _python_home_impl,
    doc = """The standard library as bytecode, at its place below the prefix.

Its `.pyc` files carry no time and no path of the machine. Docstrings are kept.""",
    attrs = {
        "exclude": attr.string_list(doc = "Globs of what to leave out, below the library's directory."),
        "interpreter": _INTERPRETER,
        "keep_sources": attr.bool(
            doc = "Keep the sources, with the bytecode in `__pycache__` and with column tables, as tests of the library itself need it.",
        ),
        "sources": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A `python_home_sources`.",
        ),
        "version": _VERSION,
        "_compile_home": attr.label(
            default = "//toolchains/cpython:compile_home.py",
            allow_single_file = True,
        ),
    },
)
