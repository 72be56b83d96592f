"""The test that every bundle has: that it can be imported."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules/python:info.bzl", "PythonBundleInfo", "python_invocation")

def _bundle_import_test_impl(ctx):
    bundle = ctx.attr.bundle[PythonBundleInfo]
    python = python_invocation(ctx.attr._python[PythonToolchainInfo], [bundle] + [dep[PythonBundleInfo] for dep in ctx.attr.deps])
    report = ctx.actions.declare_file(ctx.label.name + ".report.json")
    ctx.actions.run(
        executable = python.executable,
        arguments = ["-I", ctx.file._script, bundle.description, report] + ctx.attr.modules,
        mounts = python.mounts,
        env = python.env,
        inputs = [ctx.file._script, bundle.description],
        outputs = [report],
        mnemonic = "PythonImport",
        progress_message = "importing %s" % ctx.attr.bundle.label,
    )
    return [
        TestInfo(reports = [report]),
    ]

bundle_import_test = rule(
    implementation = _bundle_import_test_impl,
    doc = "Imports each module at the top of a bundle, with what it needs and nothing else, and compares the bundle with its metadata.",
    test = True,
    attrs = {
        "bundle": attr.label(
            mandatory = True,
            providers = [PythonBundleInfo],
            doc = "The bundle to test.",
        ),
        "deps": attr.label_list(
            providers = [PythonBundleInfo],
            doc = "Further bundles that modules of the bundle import, though it can do without.",
        ),
        "modules": attr.string_list(doc = "Further modules to import: extension modules, that the bundle may do without unnoticed."),
        "_python": attr.label(
            default = "//toolchains/cpython",
            providers = [PythonToolchainInfo],
        ),
        "_script": attr.label(
            default = "//rules/python:imports.py",
            allow_single_file = True,
        ),
    },
)
