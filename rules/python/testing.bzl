"""Tests of Python code: the packages' own, and those of this repository."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules:source.bzl", "SourceInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_site")
load("//rules/python:pytest.bzl", "PYTEST_ATTRS", "run_pytest")
load("//toolchains/driver:driver.bzl", "CcDriverInfo")

# Where pytest looks for its settings.
_SETTINGS = ["conftest.py", "pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini"]

# Where tests are put in the sandbox that are not part of the package.
_TESTS = "tests"

def _select_tests(ctx):
    """Declares the part of the source that the tests need and returns the directory."""
    tests = ctx.actions.declare_directory(ctx.label.name + ".tests")
    tree = ctx.attr.src[SourceInfo].tree
    settings = _SETTINGS
    for path in ctx.attr.paths:
        parts = path.split("/")
        settings = settings + ["/".join(parts[:i] + ["conftest.py"]) for i in range(1, len(parts))]
    ctx.actions.run(
        executor = "builtin",
        executable = "select@1",
        arguments = ["--include=" + glob for glob in ctx.attr.paths + ctx.attr.data] +
                    ["--optional=" + path for path in settings] +
                    [tree, tests],
        inputs = [tree],
        outputs = [tests],
        mnemonic = "SelectTests",
        progress_message = "collecting the tests of %s" % ctx.attr.bundle.label,
    )
    return tests

def _driver_mounts(ctx):
    """Returns what tests need to run a shell and to compile extension modules, at its places."""
    if not ctx.attr.driver:
        return {}
    python = ctx.attr.python[PythonToolchainInfo]
    return ctx.attr.driver[CcDriverInfo].mounts | {
        "py/include/python" + ".".join(python.version.split(".")[:2]): python.headers,
    }

def _bundle_test_impl(ctx):
    bundle = ctx.attr.bundle[PythonBundleInfo]
    tests = _select_tests(ctx)

    # Tests inside the package are laid over the bundle: they import their
    # neighbours as parts of the package.
    inside = [path for path in ctx.attr.paths if path.startswith(bundle.import_name + "/")]
    if inside and len(inside) < len(ctx.attr.paths):
        fail("%s: some paths are within the package %s and some are not: make two targets of it" % (ctx.label, bundle.import_name))
    root = python_site(ctx.attr.python[PythonToolchainInfo]) if inside else _TESTS
    conftest = {root + "/conftest.py": ctx.file.conftest} if ctx.file.conftest else {}
    return run_pytest(
        ctx,
        root = root,
        paths = ctx.attr.paths,
        bundles = [bundle],
        overlays = [tests] if inside else [],
        mounts = _driver_mounts(ctx) | conftest | ({} if inside else {_TESTS: tests}),
    )

bundle_test = rule(
    implementation = _bundle_test_impl,
    doc = """Runs a package's own tests under pytest, with the bundle and what it needs, and nothing else to import.

Every test runs. One that cannot pass is listed in `xfail` with its reason; it
is an error if a listed test passes, is skipped or does not exist.
`cowasm run` runs the tests with pytest on the terminal, and hands it further arguments.""",
    test = True,
    executable = True,
    attrs = PYTEST_ATTRS | {
        "bundle": attr.label(
            mandatory = True,
            providers = [PythonBundleInfo],
            doc = "The bundle to test.",
        ),
        "conftest": attr.label(
            allow_single_file = [".py"],
            doc = "A `conftest.py` of this repository's, for tests that pytest alone cannot run.",
        ),
        "data": attr.string_list(doc = "Globs of further files of the source that the tests need."),
        "driver": attr.label(
            providers = [CcDriverInfo],
            doc = "A compiler and the small commands that come with it, for tests that run them: `//toolchains/driver`.",
        ),
        "paths": attr.string_list(
            mandatory = True,
            doc = "The tests: files and folders of the source, or globs of them. Either all are within the package or none is.",
        ),
        "src": attr.label(
            mandatory = True,
            providers = [SourceInfo],
            doc = "The source that the tests are part of.",
        ),
    },
)

def _python_test_impl(ctx):
    return run_pytest(
        ctx,
        root = ".",
        paths = [file.path for file in ctx.files.srcs],
        inputs = ctx.files.srcs + ctx.files.data,
    )

python_test = rule(
    implementation = _python_test_impl,
    doc = "Runs test files of this repository under pytest. Each can import what is in its own folder, and the bundles in `deps`.",
    test = True,
    executable = True,
    attrs = PYTEST_ATTRS | {
        "data": attr.label_list(
            allow_files = True,
            doc = "Further files that the tests need.",
        ),
        "srcs": attr.label_list(
            mandatory = True,
            allow_files = [".py"],
            doc = "The files with the tests.",
        ),
    },
)
