"""Modules that are part of the interpreter as bytecode."""

load("//rules:cc_info.bzl", "CcInfo", "cc_info")
load("//rules:source.bzl", "SourceInfo")

def _freeze_modules_impl(ctx):
    freezer = ctx.attr.freezer[RunInfo]
    tree = ctx.attr.src[SourceInfo].tree
    headers = []
    for module, path in ctx.attr.modules.items():
        header = ctx.actions.declare_file("%s/Python/frozen_modules/%s.h" % (ctx.label.name, module))
        ctx.actions.run(
            executable = freezer.executable,
            arguments = [module, "src/" + path, header],
            inputs = freezer.inputs,
            mounts = freezer.mounts | {"src": tree},
            outputs = [header],
            mnemonic = "PyFreeze",
            progress_message = "freezing %s" % module,
        )
        headers.append(header)

    # getpath.c and frozen.c name the headers from different places.
    root = "out/%s/%s" % (ctx.label.package, ctx.label.name)
    return [
        DefaultInfo(files = depset(headers)),
        cc_info(headers = headers, includes = [root, root + "/Python"]),
    ]

freeze_modules = rule(
    implementation = _freeze_modules_impl,
    doc = "Compiles Python modules to bytecode in C headers, as `Python/frozen.c` includes them.",
    attrs = {
        "freezer": attr.label(
            mandatory = True,
            providers = [RunInfo],
            doc = "`Programs/_freeze_module.c` as a program.",
        ),
        "modules": attr.string_dict(
            mandatory = True,
            doc = "From the name of each module to its path below `src`.",
        ),
        "src": attr.label(
            mandatory = True,
            providers = [SourceInfo],
            doc = "CPython's source tree.",
        ),
    },
    provides = [CcInfo],
)
