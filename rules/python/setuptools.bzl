"""Wheels by setuptools, and by whatever else builds one in a single run."""

load("//rules:source.bzl", "SourceInfo")
load("//rules/python:build_env.bzl", "BUILD_ATTRS", "COMPILER_ENV", "build_environment", "wheel_providers")

def _setuptools_wheel_impl(ctx):
    environment = build_environment(ctx)
    source = ctx.attr.src[SourceInfo].tree
    config = ctx.actions.write(ctx.label.name + ".json", json.encode({
        "label": str(ctx.label),
        "options": ctx.attr.options,
        "source": source.path,
    }))
    wheel = ctx.actions.declare_file(ctx.label.name + ".whl")
    ctx.actions.run(
        executable = environment.python.executable,
        arguments = ["program/backend.py", config, wheel],
        mounts = environment.mounts | environment.program,
        env = COMPILER_ENV | environment.env,
        inputs = [config, source],
        outputs = [wheel],
        mnemonic = "Setuptools",
        progress_message = "building %s" % ctx.label,
    )
    tree = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executor = "builtin",
        executable = "extract@1",
        arguments = ["--strip=0", wheel, tree],
        inputs = [wheel],
        outputs = [tree],
        mnemonic = "Extract",
        progress_message = "unpacking %s" % wheel.basename,
    )
    return wheel_providers(ctx, tree, [wheel])

setuptools_wheel = rule(
    implementation = _setuptools_wheel_impl,
    doc = """Builds the wheel of a source with the build backend that its `pyproject.toml` names (PEP 517).

It runs as one action. A source without that file is built with setuptools.""",
    attrs = BUILD_ATTRS | {
        "options": attr.string_dict(doc = "Settings for the backend, as `pip` takes them with `--config-settings`."),
    },
    provides = [SourceInfo],
)
