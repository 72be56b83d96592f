"""CPython's own test suite."""

load("//toolchains/driver:shell.bzl", "PosixShellInfo")

def _regrtest_impl(ctx):
    version = ".".join(ctx.attr.version.split(".")[:2])
    executable = "py/bin/python" + version
    extensions = {
        "py/lib/python%s/lib-dynload/%s" % (version, extension.basename): extension
        for extension in ctx.files.extensions
    }
    mounts = {"py": ctx.file.home, executable: ctx.file.interpreter} | extensions | ctx.attr._shell[PosixShellInfo].mounts
    unknown = [name for name in ctx.attr.xfail if name.split(".")[0] not in ctx.attr.tests]
    if unknown:
        fail("%s: xfail lists %s, which is in none of the tests" % (ctx.label, ", ".join(unknown)))

    reports = []
    for test in ctx.attr.tests:
        if test in ctx.attr.excluded:
            continue
        report = ctx.actions.declare_file("%s/%s.json" % (ctx.label.name, test))
        ctx.actions.run(
            executable = executable,
            arguments = [ctx.file._runner] +
                        ["--xfail=" + name for name in ctx.attr.xfail if name.split(".")[0] == test] +
                        [test, report],
            env = {"PATH": "/bin", "PYTHONSAFEPATH": "1", "TMPDIR": "/tmp"},
            inputs = [ctx.file._runner],
            mounts = mounts,
            outputs = [report],
            mnemonic = "PyRegrtest",
            progress_message = "running %s" % test,
            timeout = 3600,
        )
        reports.append(report)
    return [
        DefaultInfo(files = depset(reports)),
        TestInfo(reports = reports),
    ]

regrtest = rule(
    implementation = _regrtest_impl,
    doc = "Runs files of CPython's own test suite, each as an action of its own.",
    test = True,
    attrs = {
        "excluded": attr.string_dict(
            doc = "Files of `tests` that cannot even be run to their end, and the reason of each.",
        ),
        "extensions": attr.label_list(
            allow_files = [".so"],
            doc = "Extension modules that the tests use.",
        ),
        "home": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "A `python_home` with sources and tests.",
        ),
        "interpreter": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The interpreter.",
        ),
        "tests": attr.string_list(
            mandatory = True,
            doc = "The files below `Lib/test`, without their extension.",
        ),
        "version": attr.string(
            mandatory = True,
            doc = "The full version, as in `3.13.5`.",
        ),
        "xfail": attr.string_dict(
            doc = "Tests that fail, by their id without the leading `test.`, and the reason of each. It is a failure if one passes.",
        ),
        "_runner": attr.label(
            default = "//toolchains/cpython:regrtest.py",
            allow_single_file = True,
        ),
        "_shell": attr.label(
            default = "//toolchains/driver:shell",
            providers = [PosixShellInfo],
        ),
    },
)
