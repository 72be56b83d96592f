"""Running any WebAssembly program, as an action or as a test."""

def _absolute(label, reference):
    """Returns the canonical form of a label as it is written in a BUILD file."""
    if not reference.startswith("//"):
        return "//%s:%s" % (label.package, reference.removeprefix(":"))
    if ":" in reference:
        return reference
    return "%s:%s" % (reference, reference.split("/")[-1])

def _expand(ctx, text, places):
    """Replaces each `$(location X)` in a text by the path of X."""
    parts = text.split("$(location ")
    expanded = parts[0]
    for part in parts[1:]:
        reference, closed, rest = part.partition(")")
        place = places.get(_absolute(ctx.label, reference.strip()))
        if not closed or not place:
            fail("%s: $(location %s) is neither an output nor a source with one file" % (ctx.label, reference))
        expanded += place + rest
    return expanded

def _places(ctx):
    """Returns the path of each source that is one file, by its label."""
    places = {}
    for source in ctx.attr.srcs:
        files = source.files.to_list()
        if len(files) == 1:
            places[str(source.label)] = files[0].path
    return places

def _run_tool_impl(ctx):
    files = [ctx.actions.declare_file(name) for name in ctx.attr.outs]
    directories = [ctx.actions.declare_directory(name) for name in ctx.attr.out_dirs]
    outputs = files + directories

    places = _places(ctx)
    for name, output in zip(ctx.attr.outs + ctx.attr.out_dirs, outputs):
        places[_absolute(ctx.label, name)] = output.path

    tool = ctx.attr.tool[RunInfo]
    ctx.actions.run(
        executable = tool.executable,
        arguments = tool.arguments + [_expand(ctx, arg, places) for arg in ctx.attr.args],
        env = tool.env | ctx.attr.env,
        inputs = depset(tool.inputs + ctx.files.srcs),
        mounts = tool.mounts,
        outputs = outputs,
        mnemonic = "RunTool",
        progress_message = ctx.attr.progress or "running %s" % ctx.attr.tool.label.name,
    )
    return [DefaultInfo(files = depset(outputs))]

run_tool = rule(
    implementation = _run_tool_impl,
    doc = "Runs a program on inputs. `$(location X)` in an argument is the path of X, a source or an output.",
    attrs = {
        "args": attr.string_list(doc = "The arguments."),
        "env": attr.string_dict(doc = "The environment: nothing else is in it."),
        "out_dirs": attr.string_list(doc = "The directories that it makes."),
        "outs": attr.string_list(doc = "The files that it makes."),
        "progress": attr.string(doc = "What the progress display says, as in `compressing x`."),
        "srcs": attr.label_list(
            allow_files = True,
            doc = "What it reads.",
        ),
        "tool": attr.label(
            mandatory = True,
            providers = [RunInfo],
            doc = "The program.",
        ),
    },
)

def _tool_test_impl(ctx):
    report = ctx.actions.declare_file(ctx.label.name + ".json")
    tool = ctx.attr.tool[RunInfo]
    ctx.actions.run(
        executable = tool.executable,
        arguments = tool.arguments + [_expand(ctx, arg, _places(ctx)) for arg in ctx.attr.args] + [report],
        env = tool.env,
        inputs = depset(tool.inputs + ctx.files.srcs),
        mounts = tool.mounts,
        outputs = [report],
        mnemonic = "ToolTest",
        progress_message = "testing with %s" % ctx.attr.tool.label.name,
    )
    return [
        DefaultInfo(files = depset([report])),
        TestInfo(reports = [report]),
    ]

tool_test = rule(
    implementation = _tool_test_impl,
    doc = "A test by a program whose last argument is the path of the report that it writes.",
    test = True,
    attrs = {
        "args": attr.string_list(doc = "Arguments that come before the report; `$(location X)` as in `run_tool`."),
        "srcs": attr.label_list(
            allow_files = True,
            doc = "What it reads.",
        ),
        "tool": attr.label(
            mandatory = True,
            providers = [RunInfo],
            doc = "The program.",
        ),
    },
)
