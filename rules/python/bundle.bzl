"""From the source of a Python distribution to its bundle."""

load("//rules:python_toolchain.bzl", "INTERACTIVE_ENV", "PythonToolchainInfo", "USER_DIRECTORY")
load("//rules:source.bzl", "SourceInfo")
load("//rules:xz.bzl", "XZ_ATTRS", "tar_xz_pack")
load("//rules/python:extension.bzl", "PythonExtensionInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation", "python_program")

_TESTS = [
    "**/test/**",
    "**/tests/**",
    "**/conftest.py",
]

# What other packages are built against.
_DEVELOPMENT = [
    "**/*.a",
    "**/*.h",
    "**/*.hpp",
    "**/*.pc",
    "**/*.pxd",
    "**/*.pxi",
]

# What nothing imports or reads at run time: the above, sources, and type
# information.
_DEFAULT_STRIP = _TESTS + _DEVELOPMENT + [
    "**/py.typed",
    "**/*.pyi",
    "**/*.pyc",
    "**/*.c",
    "**/*.cc",
    "**/*.cpp",
    "**/*.pyx",
]

def _run_script(ctx, program, arguments, inputs, outputs, mnemonic, progress_message, mounts = {}):
    """Declares the run of a Python program of ours, which needs the standard library only."""
    python = python_invocation(ctx.attr._python[PythonToolchainInfo], [])
    ctx.actions.run(
        executable = python.executable,
        # The bytecode that the program compiles is to have no column tables.
        arguments = ["-S", "-X", "no_debug_ranges", program] + arguments,
        mounts = python.mounts | mounts,
        env = python.env,
        inputs = inputs,
        outputs = outputs,
        mnemonic = mnemonic,
        progress_message = progress_message,
    )

def _stage(ctx, config, tree, development, report):
    """Declares the compilation of modules and the selection of what goes into the bundle.

    They are two actions: only the second has something to do when an extension
    module has changed.
    """
    name = ctx.label.name
    program = python_program(ctx.files._stage)
    inputs = ctx.files.data + ctx.files.extensions + [ctx.attr.src[SourceInfo].tree, config]
    compiled = ctx.actions.declare_directory(name + ".compiled")
    sizes = ctx.actions.declare_file(name + ".compiled.json")
    _run_script(
        ctx,
        "program/compile.py",
        [config, compiled, sizes],
        mounts = program,
        inputs = inputs,
        outputs = [compiled, sizes],
        mnemonic = "PythonCompile",
        progress_message = "compiling %s to bytecode" % ctx.label,
    )
    _run_script(
        ctx,
        "program",
        [config, compiled, sizes, tree, development, report],
        mounts = program,
        inputs = inputs + [compiled, sizes],
        outputs = [tree, development, report],
        mnemonic = "PythonStage",
        progress_message = "putting %s together" % ctx.label,
    )

def _unpack(ctx, archive, tree):
    """Declares the unpacking of a bundle: what is tested is what users get."""
    ctx.actions.run(
        executor = "builtin",
        executable = "extract@1",
        arguments = ["--strip=0", archive, tree],
        inputs = [archive],
        outputs = [tree],
        mnemonic = "Extract",
        progress_message = "unpacking %s" % archive.basename,
    )

def _pure_python_bundle_impl(ctx):
    name = ctx.label.name
    import_name = ctx.attr.import_name or name.replace("-", "_")
    source = ctx.attr.src[SourceInfo]
    toolchain = ctx.attr._python[PythonToolchainInfo]
    deps = [dep[PythonBundleInfo] for dep in ctx.attr.deps]
    extensions = [target[PythonExtensionInfo] for target in ctx.attr.extensions]
    data = {path: target.files.to_list()[0].path for path, target in ctx.attr.data.items()} | {
        extension.module.replace(".", "/") + toolchain.ext_suffix: extension.file.path
        for extension in extensions
    }

    config = ctx.actions.declare_file(name + ".config.json")
    ctx.actions.write(config, json.encode({
        "abi": toolchain.abi,
        "data": data,
        "default_development": _DEVELOPMENT,
        "default_strip": _DEFAULT_STRIP,
        "deps": [dep.distribution for dep in deps],
        "development": ctx.attr.development,
        "entry_points": ctx.attr.entry_points,
        "import_name": import_name,
        "keep": ctx.attr.keep,
        "label": str(ctx.label),
        "modules": ctx.attr.modules,
        "python": toolchain.version,
        "scripts": ctx.attr.scripts,
        "source": {"purl": source.purl, "sha256": source.sha256},
        "strip": ctx.attr.strip,
        "tests": _TESTS,
        "tree": source.tree.path,
        "version": source.version,
    }))

    staged = ctx.actions.declare_directory(name + ".staged")
    development = ctx.actions.declare_directory(name + ".dev")
    report = ctx.actions.declare_file(name + ".staged.json")
    _stage(ctx, config, staged, development, report)

    archive = ctx.actions.declare_file(import_name + ".tar.xz")
    tar_xz_pack(ctx, staged, archive, parts = ctx.attr.parts)

    description = ctx.actions.declare_file(import_name + ".json")
    sizes = ctx.actions.declare_file(import_name + ".sizes.txt")
    keys = ctx.actions.declare_file(name + ".actions.txt")
    ctx.actions.run(
        executor = "provenance",
        executable = "actions",
        inputs = [archive],
        outputs = [keys],
        mnemonic = "Provenance",
        progress_message = "listing the actions behind %s" % archive.basename,
    )
    _run_script(
        ctx,
        ctx.file._describe,
        [config, report, keys, archive, description, sizes],
        inputs = [ctx.file._describe, config, report, keys, archive],
        outputs = [description, sizes],
        mnemonic = "PythonDescribe",
        progress_message = "describing %s" % archive.basename,
    )

    tree = ctx.actions.declare_directory(name + ".bundle")
    _unpack(ctx, archive, tree)

    bundle = PythonBundleInfo(
        archive = archive,
        description = description,
        development = depset([development], transitive = [dep.development for dep in deps]),
        distribution = name,
        import_name = import_name,
        trees = depset([tree], transitive = [dep.trees for dep in deps]),
    )
    python = python_invocation(toolchain, [bundle])
    return [
        DefaultInfo(files = depset([archive, description, sizes])),
        RunInfo(
            executable = python.executable,
            default_arguments = ["-m", ctx.attr.main] if ctx.attr.main else [],
            mounts = python.mounts,
            env = python.env | INTERACTIVE_ENV,
            user_directory = USER_DIRECTORY,
        ),
        bundle,
    ]

pure_python_bundle = rule(
    implementation = _pure_python_bundle_impl,
    doc = """Builds a bundle from the source of a distribution and its extension modules, if it has any.

The source is an sdist or a wheel. What is imported is found in it, compiled to
bytecode, packed and compressed to `IMPORT_NAME.tar.xz`. Beside that are
`IMPORT_NAME.json`, which says what the bundle is, and `IMPORT_NAME.sizes.txt`,
which says what its bytes are. `cowasm run` starts Python with the bundle, and
with the arguments that follow `--`.

What other packages are built against (headers, Cython's interfaces, static
libraries) is not in the bundle, but in a directory of its own, `NAME.dev`.

A dependency that the distribution declares and `deps` lacks is an error.""",
    executable = True,
    attrs = XZ_ATTRS | {
        "data": attr.string_keyed_label_dict(
            allow_files = True,
            doc = "Further files, by their path in the bundle. A `.py` file is compiled as those of the source are.",
        ),
        "deps": attr.label_list(
            providers = [PythonBundleInfo],
            doc = "The bundles that it needs at run time.",
        ),
        "development": attr.string_list(
            doc = "Globs of files of the source that others are built against, besides those within the modules. They keep their paths.",
        ),
        "entry_points": attr.string_list_dict(
            doc = "Entry points, by group, as in `{\"console_scripts\": [\"x = x:main\"]}`. Default: those of the source.",
        ),
        "extensions": attr.label_list(
            providers = [PythonExtensionInfo],
            doc = "The extension modules.",
        ),
        "import_name": attr.string(doc = "What is imported. Default: the target's name with `_` for `-`."),
        "keep": attr.string_list(
            doc = "Globs of files that stay although they would be stripped, each with its reason in a comment.",
        ),
        "main": attr.string(
            doc = "The module that `cowasm run` starts when it is given no arguments, as `python -m` does. Default: none, and Python prompts.",
        ),
        "modules": attr.string_list(
            doc = "All top-level modules of the distribution. Default: `import_name` and those that the source itself lists.",
        ),
        "parts": attr.string_list(
            doc = "Globs of side modules. What each matches is compressed by itself, and again only when it has changed. It costs a few bytes.",
        ),
        "scripts": attr.string_list(
            doc = "Globs of Python files that stay source, since programs read them or run them by their path.",
        ),
        "src": attr.label(
            mandatory = True,
            providers = [SourceInfo],
            doc = "The source.",
        ),
        "strip": attr.string_list(
            doc = "Globs of what to leave out, by path in the bundle. Always left out: folders of tests, `conftest.py`, sources and headers of C and Cython, type stubs.",
        ),
        "_describe": attr.label(
            default = "//rules/python:describe.py",
            allow_single_file = True,
        ),
        "_python": attr.label(
            default = "//toolchains/cpython",
            providers = [PythonToolchainInfo],
        ),
        "_stage": attr.label(
            default = "//rules/python:stage",
            allow_files = True,
        ),
    },
    provides = [PythonBundleInfo],
)
