"""Wheels by Meson: the build system of a package runs as it is."""

load("//rules:source.bzl", "SourceInfo")
load("//rules/python:build_env.bzl", "BUILD_ATTRS", "COMPILER_ENV", "build_environment", "wheel_providers")

# Where the source and the build tree are in the sandbox, for all packages:
# files of the build tree have these paths in them.
_SOURCE = "src"
_BUILD = "build"

def _meson_wheel_impl(ctx):
    name = ctx.label.name
    source = ctx.attr.src[SourceInfo]
    environment = build_environment(ctx)
    python = environment.python
    config = ctx.actions.write(name + ".json", json.encode({
        "build": "/" + _BUILD,
        "label": str(ctx.label),
        "options": ctx.attr.options,
        "source": "/" + _SOURCE,
    }))

    configured = ctx.actions.declare_directory(name + ".configured")
    ctx.actions.run(
        executable = python.executable,
        arguments = ["program/configure.py", config, configured],
        mounts = environment.mounts | environment.program | {_SOURCE: source.tree},
        env = environment.env,
        inputs = [config],
        outputs = [configured],
        mnemonic = "MesonSetup",
        progress_message = "configuring %s" % ctx.label,
    )

    built = ctx.actions.declare_directory(name + ".built")
    ctx.actions.expand(
        expander = "ninja@1",
        input = configured,
        root = _BUILD,
        mounts = environment.mounts | {_SOURCE: source.tree},
        env = COMPILER_ENV | environment.env,
        outputs = [built],
        mnemonic = "Ninja",
    )

    wheel = ctx.actions.declare_directory(name)
    ctx.actions.run(
        executable = python.executable,
        arguments = ["program/assemble.py", config, wheel],
        mounts = python.mounts | environment.program | {_SOURCE: source.tree, _BUILD: built},
        env = environment.env,
        inputs = [config],
        outputs = [wheel],
        mnemonic = "MesonWheel",
        progress_message = "assembling %s" % ctx.label,
    )
    return wheel_providers(ctx, wheel, [wheel])

meson_wheel = rule(
    implementation = _meson_wheel_impl,
    doc = """Builds the wheel of a source with its own Meson project and meson-python.

Meson runs once, as an action. What it wants to be done becomes actions of their
own, which run in parallel and are cached one by one. The wheel is a directory:
nothing is packed only to be unpacked.""",
    attrs = BUILD_ATTRS | {
        "options": attr.string_dict(doc = "Options of the project and of Meson, as for `-D`."),
    },
    provides = [SourceInfo],
)
