"""Tests of bundles: that they can be imported, and the packages' own tests."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules:source.bzl", "SourceInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation", "python_site")

# Where pytest looks for its settings.
_SETTINGS = ["conftest.py", "pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini"]

# Where tests are put in the sandbox that are not part of the package.
_TESTS = "tests"

_PYTHON_ATTRS = {
    "bundle": attr.label(
        mandatory = True,
        providers = [PythonBundleInfo],
        doc = "The bundle to test.",
    ),
    "_python": attr.label(
        default = "//toolchains/cpython",
        providers = [PythonToolchainInfo],
    ),
    "_testing": attr.label(
        default = "//rules/python:testing",
        allow_files = True,
    ),
}

def _select_tests(ctx):
    """Declares the part of the source that the tests need and returns the directory."""
    tests = ctx.actions.declare_directory(ctx.label.name + ".tests")
    tree = ctx.attr.src[SourceInfo].tree
    globs = ctx.attr.data + _SETTINGS
    for path in ctx.attr.paths:
        parts = path.split("/")
        globs = globs + [path] + ["/".join(parts[:i] + ["conftest.py"]) for i in range(1, len(parts))]
    ctx.actions.run(
        executor = "builtin",
        executable = "select@1",
        arguments = ["--include=" + glob for glob in globs] + [tree, tests],
        inputs = [tree],
        outputs = [tests],
        mnemonic = "SelectTests",
        progress_message = "collecting the tests of %s" % ctx.attr.bundle.label,
    )
    return tests

def _config(ctx, name, root, shard = 0, shards = 1, report = None):
    """Declares the configuration of one run of the tests and returns the file."""
    return ctx.actions.write(name, json.encode({
        "args": ctx.attr.args,
        "label": str(ctx.label),
        "paths": ctx.attr.paths,
        "python_files": ctx.attr.python_files,
        "report": report.path if report else "",
        "root": root,
        "shard": shard,
        "shards": shards,
        "xfail": ctx.attr.xfail,
    }))

def _bundle_test_impl(ctx):
    bundle = ctx.attr.bundle[PythonBundleInfo]
    toolchain = ctx.attr._python[PythonToolchainInfo]
    tests = _select_tests(ctx)

    # Tests inside the package are laid over the bundle: they import their
    # neighbours as parts of the package.
    inside = [path for path in ctx.attr.paths if path.startswith(bundle.import_name + "/")]
    if inside and len(inside) < len(ctx.attr.paths):
        fail("%s: some paths are within the package %s and some are not: make two targets of it" % (ctx.label, bundle.import_name))
    root = python_site(toolchain) if inside else _TESTS

    bundles = [bundle] + [dep[PythonBundleInfo] for dep in ctx.attr.deps + [ctx.attr._pytest]]
    python = python_invocation(toolchain, bundles, overlays = [tests] if inside else [])
    mounts = python.mounts if inside else python.mounts | {root: tests}
    env = python.env | ctx.attr.env

    reports = []
    for shard in range(ctx.attr.shards):
        suffix = ".%d" % (shard + 1) if ctx.attr.shards > 1 else ""
        report = ctx.actions.declare_file("%s.report%s.json" % (ctx.label.name, suffix))
        config = _config(
            ctx,
            "%s.config%s.json" % (ctx.label.name, suffix),
            root,
            shard = shard,
            shards = ctx.attr.shards,
            report = report,
        )
        ctx.actions.run(
            executable = python.executable,
            arguments = ["rules/python/testing", config],
            mounts = mounts,
            env = env,
            inputs = ctx.files._testing + [config],
            outputs = [report],
            timeout = ctx.attr.timeout,
            mnemonic = "PythonTest",
            progress_message = "testing %s" % ctx.label + (" (%d of %d)" % (shard + 1, ctx.attr.shards) if suffix else ""),
        )
        reports.append(report)

    interactive = _config(ctx, ctx.label.name + ".run.json", root)
    return [
        DefaultInfo(files = depset(reports)),
        RunInfo(
            executable = python.executable,
            arguments = ["rules/python/testing", interactive.path],
            mounts = mounts,
            env = env,
            inputs = ctx.files._testing + [interactive],
        ),
        TestInfo(reports = reports),
    ]

bundle_test = rule(
    implementation = _bundle_test_impl,
    doc = """Runs a package's own tests under pytest, with the bundle and what it needs, and nothing else to import.

Every test runs. One that cannot pass is listed in `xfail` with its reason; it
is an error if a listed test passes, is skipped or does not exist.
`cowasm run` runs the tests with pytest on the terminal, and hands it further arguments.""",
    test = True,
    executable = True,
    attrs = _PYTHON_ATTRS | {
        "args": attr.string_list(doc = "Arguments for pytest."),
        "data": attr.string_list(doc = "Globs of further files of the source that the tests need."),
        "deps": attr.label_list(
            providers = [PythonBundleInfo],
            doc = "Further bundles that the tests import.",
        ),
        "env": attr.string_dict(doc = "Environment variables."),
        "paths": attr.string_list(
            mandatory = True,
            doc = "The tests: files and folders of the source, or globs of them. Either all are within the package or none is.",
        ),
        "python_files": attr.string_list(
            default = ["test_*.py", "*_test.py"],
            doc = "Patterns of the names of files with tests.",
        ),
        "shards": attr.int(
            default = 1,
            doc = "Over how many actions the files are spread. They run in parallel, and each is cached by itself.",
        ),
        "src": attr.label(
            mandatory = True,
            providers = [SourceInfo],
            doc = "The source that the tests are part of.",
        ),
        "timeout": attr.int(
            default = 600,
            doc = "How long a shard may take, in seconds.",
        ),
        "xfail": attr.string_dict(
            doc = "Tests that cannot pass, each with its reason. A key is the id of a test as pytest prints it, or of its file, class or function; `*` stands for any characters.",
        ),
        "_pytest": attr.label(
            default = "//packages/pytest",
            providers = [PythonBundleInfo],
        ),
    },
)

def _bundle_import_test_impl(ctx):
    bundle = ctx.attr.bundle[PythonBundleInfo]
    python = python_invocation(ctx.attr._python[PythonToolchainInfo], [bundle])
    report = ctx.actions.declare_file(ctx.label.name + ".report.json")
    ctx.actions.run(
        executable = python.executable,
        arguments = ["-I", "rules/python/testing/imports.py", bundle.description, report],
        mounts = python.mounts,
        env = python.env,
        inputs = ctx.files._testing + [bundle.description],
        outputs = [report],
        mnemonic = "PythonImport",
        progress_message = "importing %s" % ctx.attr.bundle.label,
    )
    return [
        DefaultInfo(files = depset([report])),
        TestInfo(reports = [report]),
    ]

bundle_import_test = rule(
    implementation = _bundle_import_test_impl,
    doc = "Imports each module at the top of a bundle, with what it needs and nothing else, and compares the bundle with its metadata.",
    test = True,
    attrs = _PYTHON_ATTRS,
)
