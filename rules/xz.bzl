"""Compression with liblzma, as an action for other rules to use."""

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
