"""Sources from outside: an archive pinned by its hash, unpacked and patched."""

SourceInfo = provider(
    doc = "A source tree and where it came from.",
    fields = {
        "archive": "The archive as it was published.",
        "licence": "The SPDX licence expression, or the empty string.",
        "purl": "The package URL, or the empty string.",
        "sha256": "The hash of the archive, in hex.",
        "tree": "A directory: what the archive holds, less its top folder, patched.",
        "version": "The version, or the empty string if it is not known.",
    },
)

def _purl_version(purl):
    """Returns the version that a package URL names, or the empty string."""
    path = purl.split("#")[0].split("?")[0]
    if "@" not in path.split("/")[-1]:
        return ""
    return path.split("@")[-1].replace("%2B", "+").replace("%2b", "+")

def _source_archive_impl(ctx):
    if not ctx.attr.purl and not ctx.attr.urls:
        fail("%s: a source needs a purl or urls to be fetched from" % ctx.label)

    archive = ctx.actions.declare_file(ctx.label.name + ".archive")
    ctx.actions.run(
        executor = "builtin",
        executable = "fetch@1",
        arguments = ["--sha256=" + ctx.attr.sha256] +
                    ["--url=" + url for url in ctx.attr.urls] +
                    (["--purl=" + ctx.attr.purl] if ctx.attr.purl else []) +
                    [archive],
        outputs = [archive],
        mnemonic = "Fetch",
        progress_message = "fetching %s" % (ctx.attr.purl or ctx.attr.urls[0].split("/")[-1]),
    )

    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "extract@1",
        arguments = ["--strip=" + (str(ctx.attr.strip) if ctx.attr.strip >= 0 else "auto")] +
                    ["--include=" + glob for glob in ctx.attr.include] +
                    ["--exclude=" + glob for glob in ctx.attr.exclude] +
                    ["--patch=" + patch.path for patch in ctx.files.patches] +
                    [archive, tree],
        inputs = [archive] + ctx.files.patches,
        outputs = [tree],
        mnemonic = "Extract",
        progress_message = "unpacking " + (ctx.attr.purl or ctx.label.name),
    )

    return [
        DefaultInfo(files = depset([tree])),
        SourceInfo(
            archive = archive,
            licence = ctx.attr.licence,
            purl = ctx.attr.purl,
            sha256 = ctx.attr.sha256,
            tree = tree,
            version = ctx.attr.version or _purl_version(ctx.attr.purl),
        ),
    ]

source_archive = rule(
    implementation = _source_archive_impl,
    doc = """Fetches an archive, checks its hash and unpacks it.

The hash alone says what the source is; `urls` and `purl` say where to look for it.""",
    attrs = {
        "exclude": attr.string_list(doc = "Globs of what to leave out of the tree."),
        "include": attr.string_list(doc = "Globs of what to take into the tree. Default: everything."),
        "licence": attr.string(doc = "The SPDX licence expression."),
        "patches": attr.label_list(
            allow_files = [".patch", ".diff"],
            doc = "Unified diffs against the tree, applied in order, without fuzz.",
        ),
        "purl": attr.string(doc = "The package URL, as in `pkg:pypi/six@1.17.0`."),
        "sha256": attr.string(
            mandatory = True,
            doc = "The hash of the archive, in hex.",
        ),
        "strip": attr.int(
            default = -1,
            doc = "How many leading folders to take off each path; -1: one, if all share it.",
        ),
        "urls": attr.string_list(doc = "Where upstream publishes the archive."),
        "version": attr.string(doc = "The version. Default: what the purl says."),
    },
    provides = [SourceInfo],
)

def _source_tree_impl(ctx):
    folder = ctx.label.package + "/" if ctx.label.package else ""
    strip = folder + (ctx.attr.strip_prefix + "/" if ctx.attr.strip_prefix else "")
    outside = [file.path for file in ctx.files.srcs if not file.path.startswith(strip)]
    if outside:
        fail("%s: %s is not below %s" % (ctx.label, outside[0], strip))
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "merge@1",
        arguments = [tree] + ["%s=%s" % (file.path.removeprefix(strip), file.path) for file in ctx.files.srcs],
        inputs = ctx.files.srcs,
        outputs = [tree],
        mnemonic = "SourceTree",
        progress_message = "collecting %s" % ctx.label,
    )
    return [
        DefaultInfo(files = depset([tree])),
        SourceInfo(archive = None, licence = ctx.attr.licence, purl = "", sha256 = "", tree = tree, version = ctx.attr.version),
    ]

source_tree = rule(
    implementation = _source_tree_impl,
    doc = "Takes files of the workspace for a source, as if they had been fetched: for projects that are developed here.",
    attrs = {
        "licence": attr.string(doc = "The SPDX licence expression."),
        "srcs": attr.label_list(
            mandatory = True,
            allow_files = True,
            doc = "The files.",
        ),
        "strip_prefix": attr.string(doc = "The folder of the package that becomes the top of the tree. Default: the package itself."),
        "version": attr.string(doc = "The version."),
    },
    provides = [SourceInfo],
)
