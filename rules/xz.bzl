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

def xz_compress(ctx, input, output):
    """Declares the compression of a file: at the best ratio, with CRC32.

    Args:
      ctx: the rule's context; the rule has `XZ_ATTRS`.
      input: the File to compress.
      output: the `.xz` File.
    """
    _run(
        ctx,
        ctx.attr._xz[RunInfo],
        [input, output],
        inputs = [input],
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

def tar_xz_pack(ctx, tree, output, parts = []):
    """Declares the packing of a directory, with nothing in it that depends on when or where.

    Args:
      ctx: the rule's context; the rule has `XZ_ATTRS`.
      tree: the directory.
      output: the `.tar.xz` File.
      parts: globs of files. What each matches comes first in the archive and is
        compressed by itself, in an action of its own.
    """
    name = ctx.label.name
    blocks = []
    for i, glob in enumerate(parts):
        part = "%s.part%d" % (name, i)
        files = ctx.actions.declare_directory(part)
        _select(ctx, tree, files, ["--include=" + glob] + ["--exclude=" + before for before in parts[:i]])
        tar = ctx.actions.declare_file(part + ".tar")
        _tar(ctx, files, tar, ["--unfinished"])
        blocks.append(ctx.actions.declare_file(part + ".tar.xz"))
        xz_compress(ctx, tar, blocks[-1])

    rest = tree
    if parts:
        rest = ctx.actions.declare_directory(name + ".rest")
        _select(ctx, tree, rest, ["--exclude=" + glob for glob in parts])
    tar = ctx.actions.declare_file(name + ".tar")
    _tar(ctx, rest, tar)
    if not parts:
        xz_compress(ctx, tar, output)
        return
    blocks.append(ctx.actions.declare_file(name + ".rest.tar.xz"))
    xz_compress(ctx, tar, blocks[-1])
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
