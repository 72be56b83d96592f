"""Compression with liblzma: a function for other rules, and a rule for directories."""

# What a rule that calls xz_compress adds to its attributes.
XZ_ATTRS = {
    "_xz": attr.label(
        default = "//toolchains/xz",
        providers = [RunInfo],
    ),
    "_xz_join": attr.label(
        default = "//toolchains/xz:join",
        providers = [RunInfo],
    ),
}

def _run(ctx, tool, arguments, inputs, output, mnemonic, progress_message):
    ctx.actions.run(
        executable = tool.executable,
        arguments = tool.arguments + arguments,
        env = tool.env,
        inputs = depset(tool.inputs + inputs),
        mounts = tool.mounts,
        outputs = [output],
        mnemonic = mnemonic,
        progress_message = progress_message,
    )

def xz_compress(ctx, inputs, output):
    """Declares the compression of files, one after the other: at the best ratio, with CRC32.

    Args:
      ctx: the rule's context; the rule has `XZ_ATTRS`.
      inputs: the Files to compress.
      output: the `.xz` File.
    """
    _run(
        ctx,
        ctx.attr._xz[RunInfo],
        inputs + [output],
        inputs = inputs,
        output = output,
        mnemonic = "Xz",
        progress_message = "compressing %s" % output.basename,
    )

def _tar(ctx, tree, tar, flags = []):
    ctx.actions.run(
        executor = "builtin",
        executable = "tar@1",
        arguments = flags + [tree, tar],
        inputs = [tree],
        outputs = [tar],
        mnemonic = "Tar",
        progress_message = "packing %s" % tar.basename,
    )

def _select(ctx, tree, output, flags):
    ctx.actions.run(
        executor = "builtin",
        executable = "select@1",
        arguments = flags + [tree, output],
        inputs = [tree],
        outputs = [output],
        mnemonic = "Select",
        progress_message = "selecting %s" % output.basename,
    )

# What is alike in a bundle and unlike all else.
_MODULES = "**/*.so"

def tar_xz_pack(ctx, tree, output, parts = []):
    """Declares the packing of a directory, with nothing in it that depends on when or where.

    Args:
      ctx: the rule's context; the rule has `XZ_ATTRS`.
      tree: the directory.
      output: the `.tar.xz` File.
      parts: globs of side modules. What each matches comes first in the archive and is
        compressed by itself, in an action of its own. Other side modules come last.
    """
    name = ctx.label.name

    def packed(part, select = [], flags = []):
        files = tree
        if select:
            files = ctx.actions.declare_directory(part)
            _select(ctx, tree, files, select)
        tar = ctx.actions.declare_file(part + ".tar")
        _tar(ctx, files, tar, flags)
        return tar

    if not parts:
        xz_compress(ctx, [packed(name)], output)
        return

    blocks = []
    for i, glob in enumerate(parts):
        part = "%s.part%d" % (name, i)
        tar = packed(part, ["--include=" + glob] + ["--exclude=" + before for before in parts[:i]], ["--unfinished"])
        blocks.append(ctx.actions.declare_file(part + ".tar.xz"))
        xz_compress(ctx, [tar], blocks[-1])
    rest = [
        packed(name + ".rest", ["--exclude=" + _MODULES], ["--unfinished"]),
        packed(name + ".modules", ["--include=" + _MODULES] + ["--exclude=" + glob for glob in parts]),
    ]
    blocks.append(ctx.actions.declare_file(name + ".rest.tar.xz"))
    xz_compress(ctx, rest, blocks[-1])
    _run(
        ctx,
        ctx.attr._xz_join[RunInfo],
        [output] + blocks,
        inputs = blocks,
        output = output,
        mnemonic = "XzJoin",
        progress_message = "joining %s" % output.basename,
    )

def _tar_xz_impl(ctx):
    archive = ctx.actions.declare_file(ctx.label.name + ".tar.xz")
    tar_xz_pack(ctx, ctx.file.tree, archive)
    return [DefaultInfo(files = depset([archive]))]

tar_xz = rule(
    implementation = _tar_xz_impl,
    doc = "Packs a directory to `NAME.tar.xz`, with nothing in it that depends on when or where.",
    attrs = XZ_ATTRS | {
        "tree": attr.label(
            mandatory = True,
            allow_single_file = True,
            doc = "The directory.",
        ),
    },
)
