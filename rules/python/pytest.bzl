"""Running pytest as an action: what the rules for tests are made of."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation")
load("//toolchains/driver:shell.bzl", "PosixShellInfo")

# What a rule that calls run_pytest adds to its attributes.
PYTEST_ATTRS = {
    "args": attr.string_list(doc = "Arguments for pytest."),
    "deps": attr.label_list(
        providers = [PythonBundleInfo],
        doc = "Further bundles that the tests import.",
    ),
    "env": attr.string_dict(doc = "Environment variables."),
    "python": attr.label(
        default = "//toolchains/cpython",
        providers = [PythonToolchainInfo],
        doc = "The Python that runs the tests: `//toolchains/cpython:with_sources` for those that read the standard library.",
    ),
    "python_files": attr.string_list(
        default = ["test_*.py", "*_test.py"],
        doc = "Patterns of the names of files with tests.",
    ),
    "shards": attr.int(
        default = 1,
        doc = "Over how many actions the files are spread. They run in parallel, and each is cached by itself.",
    ),
    "timeout": attr.int(
        default = 1800,
        doc = "How long a shard may take, in seconds.",
    ),
    "xfail": attr.string_dict(
        doc = "Tests that cannot pass, each with its reason. A key is the id of a test as pytest prints it, or of its file, class or function; `*` stands for any characters.",
    ),
    "_pytest": attr.label(
        default = "//packages/pytest",
        providers = [PythonBundleInfo],
    ),
    "_shell": attr.label(
        default = "//toolchains/driver:shell",
        providers = [PosixShellInfo],
    ),
    "_testing": attr.label(
        default = "//rules/python:testing",
        allow_files = True,
    ),
}

_ENV = {
    # Hypothesis keeps files beside the tests unless it is told where to.
    "HYPOTHESIS_STORAGE_DIRECTORY": "/tmp/hypothesis",
    "PATH": "/bin",
}

def _config(ctx, name, root, paths, shard = 0, shards = 1, report = None):
    """Declares the configuration of one run of the tests and returns the file."""
    return ctx.actions.write(name, json.encode({
        "args": ctx.attr.args,
        "label": str(ctx.label),
        "paths": paths,
        "python_files": ctx.attr.python_files,
        "report": report.path if report else "",
        "root": root,
        "shard": shard,
        "shards": shards,
        "xfail": ctx.attr.xfail,
    }))

def run_pytest(ctx, root, paths, bundles = [], overlays = [], mounts = {}, inputs = []):
    """Declares the runs of a target's tests.

    Args:
      ctx: the rule's context; the rule has `PYTEST_ATTRS`.
      root: where the tests are in the sandbox. Ids of tests are relative to it.
      paths: files and folders below the root, or globs of them.
      bundles: PythonBundleInfos that the tests import, besides `deps`.
      overlays: directories that are laid over the bundles.
      mounts: what else is put at places in the sandbox.
      inputs: what else is put at its path.

    Returns:
      The providers of the target.
    """
    python = python_invocation(
        ctx.attr.python[PythonToolchainInfo],
        bundles + [dep[PythonBundleInfo] for dep in ctx.attr.deps + [ctx.attr._pytest]],
        overlays = overlays,
    )
    mounts = python.mounts | ctx.attr._shell[PosixShellInfo].mounts | mounts
    env = python.env | _ENV | ctx.attr.env
    inputs = inputs + ctx.files._testing

    reports = []
    for shard in range(ctx.attr.shards):
        suffix = ".%d" % (shard + 1) if ctx.attr.shards > 1 else ""
        report = ctx.actions.declare_file("%s.report%s.json" % (ctx.label.name, suffix))
        config = _config(
            ctx,
            "%s.config%s.json" % (ctx.label.name, suffix),
            root,
            paths,
            shard = shard,
            shards = ctx.attr.shards,
            report = report,
        )
        ctx.actions.run(
            executable = python.executable,
            arguments = ["rules/python/testing", config],
            mounts = mounts,
            env = env,
            inputs = inputs + [config],
            outputs = [report],
            timeout = ctx.attr.timeout,
            mnemonic = "PythonTest",
            progress_message = "testing %s" % ctx.label + (" (%d of %d)" % (shard + 1, ctx.attr.shards) if suffix else ""),
        )
        reports.append(report)

    interactive = _config(ctx, ctx.label.name + ".run.json", root, paths)
    return [
        RunInfo(
            executable = python.executable,
            arguments = ["rules/python/testing", interactive.path],
            mounts = mounts,
            env = env,
            inputs = inputs + [interactive],
        ),
        TestInfo(reports = reports),
    ]
