"""Parts of sources: files in a tree, archives within an archive."""

def _tree_file_impl(ctx):
    output = ctx.actions.declare_file(ctx.attr.out or ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "file@1",
        arguments = [ctx.file.tree, ctx.attr.path, output],
        inputs = [ctx.file.tree],
        outputs = [output],
        mnemonic = "TreeFile",
        progress_message = "taking out %s" % ctx.attr.path,
    )
    return [DefaultInfo(files = depset([output]))]

tree_file = rule(
    implementation = _tree_file_impl,
    doc = "Takes one file out of a directory.",
    attrs = {
        "out": attr.string(doc = "What to call the file. Default: the target's name."),
        "path": attr.string(
            mandatory = True,
            doc = "Where the file is, below the directory.",
        ),
        "tree": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The directory.",
        ),
    },
)

def _tree_extract_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "extract@1",
        arguments = ["--strip=%d" % ctx.attr.strip] +
                    ["--include=" + glob for glob in ctx.attr.include] +
                    ["--exclude=" + glob for glob in ctx.attr.exclude] +
                    [ctx.file.archive, output],
        inputs = [ctx.file.archive],
        outputs = [output],
        mnemonic = "Extract",
        progress_message = "unpacking %s" % ctx.file.archive.basename,
    )
    return [DefaultInfo(files = depset([output]))]

tree_extract = rule(
    implementation = _tree_extract_impl,
    doc = "Unpacks an archive that is itself a part of a source.",
    attrs = {
        "archive": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The archive.",
        ),
        "exclude": attr.string_list(doc = "Globs of what to leave out."),
        "include": attr.string_list(doc = "Globs of what to take. Default: everything."),
        "strip": attr.int(doc = "How many leading folders to take off each path."),
    },
)
