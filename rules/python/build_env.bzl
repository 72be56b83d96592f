"""The sandbox in which the build system of a Python package runs."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules:source.bzl", "SourceInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation", "python_program")
load("//toolchains/driver:driver.bzl", "CcDriverInfo")

# What a rule that calls build_environment adds to its attributes.
BUILD_ATTRS = {
    "build_deps": attr.label_list(
        providers = [PythonBundleInfo],
        doc = "What the source needs to be built: its build system, and what that imports or includes.",
    ),
    "build_env": attr.string_dict(doc = "Further environment variables for the build system."),
    "src": attr.label(
        mandatory = True,
        providers = [SourceInfo],
        doc = "The source.",
    ),
    "_build": attr.label(
        default = "//rules/python:build",
        allow_files = True,
    ),
    "_packaging": attr.label(
        default = "//packages/packaging",
        providers = [PythonBundleInfo],
    ),
    "_python": attr.label(
        default = "//toolchains/cpython",
        providers = [PythonToolchainInfo],
    ),
    "_cc": attr.label(
        default = "//toolchains/driver",
        providers = [CcDriverInfo],
    ),
}

# How clang changes its command lines where a package is compiled: it ignores
# warnings, since only upstream can mend what they are about, shows the first
# errors, and writes plain text.
COMPILER_ENV = {"CCC_OVERRIDE_OPTIONS": "#+-w +-ferror-limit=5 x-fdiagnostics-color=always"}

# All that is built has this age: the first that a ZIP archive can tell.
_SOURCE_DATE_EPOCH = "315532800"

def build_environment(ctx):
    """Returns what it takes to run the build system of a source.

    It finds Python with its headers, `build_deps` with what others are built
    against, their programs, a compiler and a shell.

    Args:
      ctx: the context of a rule with `BUILD_ATTRS`.

    Returns:
      A struct of `python`, which runs Python with `build_deps` alone as
      `python_invocation` says, of `mounts` and `env` with all the rest, and of
      `program`, the mounts of our programs that call build systems.
    """
    toolchain = ctx.attr._python[PythonToolchainInfo]
    bundles = [dep[PythonBundleInfo] for dep in ctx.attr.build_deps + [ctx.attr._packaging]]
    python = python_invocation(
        toolchain,
        bundles,
        overlays = depset(transitive = [bundle.development for bundle in bundles]).to_list(),
    )
    program = python_program(ctx.files._build)
    programs = ctx.actions.declare_directory(ctx.label.name + ".programs")
    ctx.actions.run(
        executable = python.executable,
        arguments = ["program/programs.py", programs],
        mounts = python.mounts | program,
        env = python.env,
        outputs = [programs],
        mnemonic = "PythonPrograms",
        progress_message = "collecting the programs that build %s" % ctx.label,
    )
    short = ".".join(toolchain.version.split(".")[:2])
    return struct(
        python = python,
        program = program,
        mounts = python.mounts | ctx.attr._cc[CcDriverInfo].mounts | {
            "py/bin": programs,
            "py/bin/python": toolchain.wasm,
            "py/bin/python3": toolchain.wasm,
            "py/include/python" + short: toolchain.headers,
        },
        env = python.env | {
            "PATH": "/py/bin:/bin",
            "SOURCE_DATE_EPOCH": _SOURCE_DATE_EPOCH,
        } | ctx.attr.build_env,
    )

def wheel_providers(ctx, tree, files):
    """Returns the providers of a rule that builds a wheel from `src`.

    The wheel is a source in its own right, for a bundle to be made from.

    Args:
      ctx: the context of a rule with `BUILD_ATTRS`.
      tree: the directory with what the wheel holds.
      files: the Files that the target stands for.
    """
    source = ctx.attr.src[SourceInfo]
    return [
        DefaultInfo(files = depset(files)),
        SourceInfo(
            archive = source.archive,
            licence = source.licence,
            purl = source.purl,
            sha256 = source.sha256,
            tree = tree,
            version = source.version,
        ),
    ]
