"""Rules for tests, of builtin functions only."""

def _text_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.write(out, ctx.attr.content)
    return [DefaultInfo(files = depset([out]))]

text = rule(
    implementation = _text_impl,
    doc = "A file with a text.",
    attrs = {"content": attr.string(mandatory = True, doc = "What is in it.")},
)

def _folder_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "merge@1",
        arguments = [out] + [f.basename + "=" + f.path for f in ctx.files.srcs],
        inputs = ctx.files.srcs,
        outputs = [out],
        mnemonic = "Merge",
        progress_message = "merging %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]))]

folder = rule(
    implementation = _folder_impl,
    doc = "A folder of files.",
    attrs = {"srcs": attr.label_list(allow_files = True)},
)

def _packed_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".tar")
    ctx.actions.run(
        executor = "builtin",
        executable = ctx.attr.function,
        arguments = [ctx.file.src, out],
        inputs = [ctx.file.src],
        outputs = [out],
        mnemonic = "Tar",
        progress_message = "packing %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]))]

packed = rule(
    implementation = _packed_impl,
    doc = "A folder as an archive.",
    attrs = {
        "src": attr.label(mandatory = True, allow_single_file = True),
        "function": attr.string(default = "tar@1"),
    },
)

def _download_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "fetch@1",
        arguments = ["--sha256=" + ctx.attr.sha256, "--url=" + ctx.attr.url, out],
        outputs = [out],
        mnemonic = "Fetch",
        progress_message = "fetching %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]))]

download = rule(
    implementation = _download_impl,
    attrs = {"sha256": attr.string(mandatory = True), "url": attr.string(mandatory = True)},
)

def _toy_test_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    failures = [{"id": id, "message": message} for id, message in ctx.attr.failures.items()]
    ctx.actions.write(out, json.encode({
        "ok": not failures,
        "passed": 2,
        "failed": len(failures),
        "listed": 1,
        "skipped": 0,
        "failures": failures,
        "unlisted_passes": [],
        "log": "the log of " + ctx.label.name,
    }))
    return [TestInfo(reports = [out])]

toy_test = rule(
    implementation = _toy_test_impl,
    attrs = {"failures": attr.string_dict()},
    test = True,
)

def _program_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.run(
        executable = ctx.file.guest,
        arguments = [ctx.attr.verb, ctx.file.src, out],
        inputs = [ctx.file.src],
        outputs = [out],
        timeout = ctx.attr.timeout,
        mnemonic = "Guest",
        progress_message = "running %s" % ctx.attr.verb,
    )
    return [
        DefaultInfo(files = depset([out])),
        RunInfo(
            executable = ctx.file.guest,
            arguments = ["greet"],
            default_arguments = ctx.attr.default_arguments,
            inputs = [out],
        ),
    ]

program = rule(
    implementation = _program_impl,
    doc = "The output of the guest.",
    attrs = {
        "default_arguments": attr.string_list(),
        "guest": attr.label(mandatory = True, allow_single_file = True),
        "src": attr.label(mandatory = True, allow_single_file = True),
        "timeout": attr.int(),
        "verb": attr.string(mandatory = True),
    },
)

tool = rule(
    implementation = lambda ctx: RunInfo(executable = ctx.file.guest, user_directory = "user"),
    doc = "The guest, to be run on the user's files.",
    executable = True,
    attrs = {"guest": attr.label(mandatory = True, allow_single_file = True)},
)
