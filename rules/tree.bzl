"""Directories as values: taking files out of them, filtering, merging, unpacking."""

def _one_file(target):
    """Returns the only file of a target."""
    files = target.files.to_list()
    if len(files) != 1:
        fail("%s has %d files; one is needed here" % (target.label, len(files)))
    return files[0]

def _tree_file_impl(ctx):
    output = ctx.actions.declare_file(ctx.attr.out or ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "file@1",
        arguments = [ctx.file.tree, ctx.attr.path, output],
        inputs = [ctx.file.tree],
        outputs = [output],
        mnemonic = "TreeFile",
        progress_message = "taking %s out of %s" % (ctx.attr.path, ctx.attr.tree.label),
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

def _tree_select_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "select@1",
        arguments = ["--include=" + glob for glob in ctx.attr.include] +
                    ["--exclude=" + glob for glob in ctx.attr.exclude] +
                    [ctx.file.tree, output],
        inputs = [ctx.file.tree],
        outputs = [output],
        mnemonic = "TreeSelect",
        progress_message = "filtering %s" % ctx.attr.tree.label,
    )
    return [DefaultInfo(files = depset([output]))]

tree_select = rule(
    implementation = _tree_select_impl,
    doc = "Filters a directory.",
    attrs = {
        "exclude": attr.string_list(doc = "Globs of what to leave out."),
        "include": attr.string_list(doc = "Globs of what to take. Default: everything."),
        "tree": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The directory.",
        ),
    },
)

def _tree_merge_impl(ctx):
    output = ctx.actions.declare_directory(ctx.label.name)
    files = {place: _one_file(target) for place, target in ctx.attr.contents.items()}
    ctx.actions.run(
        executor = "builtin",
        executable = "merge@1",
        arguments = [output] + ["%s=%s" % (place, file.path) for place, file in files.items()],
        inputs = files.values(),
        outputs = [output],
        mnemonic = "TreeMerge",
        progress_message = "putting %s together" % ctx.label,
    )
    return [DefaultInfo(files = depset([output]))]

tree_merge = rule(
    implementation = _tree_merge_impl,
    doc = "Puts files and directories together in one directory. Where two disagree is an error.",
    attrs = {
        "contents": attr.string_keyed_label_dict(
            mandatory = True,
            allow_files = True,
            doc = "What to place, by its path in the new directory.",
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
        progress_message = "unpacking %s" % ctx.attr.archive.label,
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
