"""Extension modules: side modules of the interpreter."""

load("//rules:cc.bzl", "CC_COMPILE_ATTRS", "cc_compile_sources")
load("//rules:cc_info.bzl", "CcInfo", "cc_info")
load("//rules:cc_shared.bzl", "cc_link_side_module")
load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules:source.bzl", "SourceInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation")

PythonExtensionInfo = provider(
    doc = "An extension module.",
    fields = {
        "module": "The name that it is imported by, as in `yaml._yaml`.",
        "file": "The side module.",
    },
)

# Where Cython finds the source tree. Its output names the places of its inputs.
_SOURCE = "src"

def _cythonize(ctx, path):
    """Declares the translation of a Cython source to C and returns the C file."""
    output = ctx.actions.declare_file("_cython/%s/%s.c" % (ctx.label.name, path.removesuffix(".pyx")))
    python = python_invocation(
        ctx.attr._python[PythonToolchainInfo],
        [target[PythonBundleInfo] for target in ctx.attr.cython],
    )
    ctx.actions.run(
        executable = python.executable,
        arguments = ["-m", "cython", "--3str"] +
                    ctx.attr.cython_options +
                    ["--module-name", ctx.attr.module, "-I", _SOURCE, "-o", output, _SOURCE + "/" + path],
        mounts = python.mounts | {_SOURCE: ctx.attr.src[SourceInfo].tree},
        env = python.env,
        outputs = [output],
        mnemonic = "Cythonize",
        progress_message = "translating %s to C" % path,
    )
    return output

def _python_extension_impl(ctx):
    python = ctx.attr._python[PythonToolchainInfo]
    if ctx.attr.cython_paths and not ctx.attr.cython:
        fail("%s: cython_paths need the Cython that translates them, as cython" % ctx.label)
    info = cc_info(
        headers = [python.headers],
        includes = [python.headers.path],
        deps = [dep[CcInfo] for dep in ctx.attr.deps],
    )
    objects = cc_compile_sources(
        ctx,
        info,
        position_independent = True,
        generated = [_cythonize(ctx, path) for path in ctx.attr.cython_paths],
    )
    output = ctx.actions.declare_file(ctx.attr.module.split(".")[-1] + python.ext_suffix)
    cc_link_side_module(ctx, objects, info, python.wasm, output, linkopts = ctx.attr.linkopts)
    return [
        DefaultInfo(files = depset([output])),
        PythonExtensionInfo(module = ctx.attr.module, file = output),
    ]

python_extension = rule(
    implementation = _python_extension_impl,
    doc = "An extension module of C or Cython. A symbol that neither it nor the interpreter has is an error when it is linked.",
    attrs = CC_COMPILE_ATTRS | {
        "cython": attr.label_list(
            providers = [PythonBundleInfo],
            doc = "The bundle of Cython, if there is something to translate.",
        ),
        "cython_options": attr.string_list(doc = "Arguments for Cython."),
        "cython_paths": attr.string_list(doc = "Cython sources of `src`, as paths below it."),
        "module": attr.string(
            mandatory = True,
            doc = "The name that it is imported by.",
        ),
        "_python": attr.label(
            default = "//toolchains/cpython",
            providers = [PythonToolchainInfo],
        ),
    },
    provides = [PythonExtensionInfo],
)

def c_extension(srcs, **attributes):
    """Describes an extension module of C for `c_extension_bundle`.

    Args:
      srcs: what to compile of the package's source, as paths below it.
      **attributes: those of `python_extension`.

    Returns:
      A struct, for `extensions`.
    """
    return struct(attributes = {"paths": srcs} | attributes)

def cython_extension(srcs, cython = ["//toolchains/cython"], **attributes):
    """Describes an extension module of Cython for `c_extension_bundle`.

    Args:
      srcs: Cython sources of the package's source, as paths below it.
      cython: the Cython that translates them.
      **attributes: those of `python_extension`.

    Returns:
      A struct, for `extensions`.
    """
    return struct(attributes = {"cython_paths": srcs, "cython": cython} | attributes)
