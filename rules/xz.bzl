"""Compression with liblzma: a function for other rules, and a rule for directories."""

# What a rule that calls xz_compress adds to its attributes.
XZ_ATTRS = {
    "_xz": attr.label(
        default = "//toolchains/xz",
        providers = [RunInfo],
    ),
}

def xz_compress(ctx, input, output):
    """Declares the compression of a file: at the best ratio, with CRC32.

    Args:
      ctx: the rule's context; the rule has `XZ_ATTRS`.
      input: the File to compress.
      output: the `.xz` File.
    """
    xz = ctx.attr._xz[RunInfo]
    ctx.actions.run(
        executable = xz.executable,
        arguments = xz.arguments + [input, output],
        env = xz.env,
        inputs = depset(xz.inputs + [input]),
        mounts = xz.mounts,
        outputs = [output],
        mnemonic = "Xz",
        progress_message = "compressing %s" % output.basename,
    )

def _tar_xz_impl(ctx):
    tar = ctx.actions.declare_file(ctx.label.name + ".tar")
    ctx.actions.run(
        executor = "builtin",
        executable = "tar@1",
        arguments = [ctx.file.tree, tar],
        inputs = [ctx.file.tree],
        outputs = [tar],
        mnemonic = "Tar",
        progress_message = "packing %s" % tar.basename,
    )
    archive = ctx.actions.declare_file(ctx.label.name + ".tar.xz")
    xz_compress(ctx, tar, archive)
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
