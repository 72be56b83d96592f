"""Tests of the rules that run the build systems of Python packages."""

load("//rules:python.bzl", "c_extension_bundle")
load("//rules:source.bzl", "SourceInfo", "source_tree")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules/python:bundle.bzl", "pure_python_bundle")
load(":actions.bzl", "action_of", "mounted", "on", "paths")

_OUT = "out/rules/tests/"
_SITE = "py/lib/python3.13/site-packages"

def _environment_test_impl(ctx):
    """What the source is built with can be imported, with its headers, and its programs are found."""
    env = analysistest.begin(ctx)
    setup = action_of(env, ctx.attr.mnemonic)
    asserts.equals(env, "/py/bin:/bin", setup.env["PATH"])
    asserts.equals(env, "some", setup.env["THING"])
    asserts.contains(env, setup.env, "SOURCE_DATE_EPOCH")
    mounts = mounted(setup)
    asserts.contains(env, mounts[_SITE], _OUT + "backend.bundle", _OUT + "backend.dev")
    asserts.contains(env, mounts, "bin/cc", "bin/sh", "py/bin/python3", "py/include/python3.13", "usr")
    asserts.equals(env, [_OUT + ctx.attr.programs], mounts["py/bin"])
    return analysistest.end(env)

_environment_test = analysistest.make(_environment_test_impl, attrs = {
    "mnemonic": attr.string(),
    "programs": attr.string(),
})

def _meson_test_impl(ctx):
    env = analysistest.begin(ctx)
    setup = action_of(env, "MesonSetup")
    wheel = action_of(env, "MesonWheel")
    asserts.equals(env, [_OUT + "project"], mounted(setup)["src"])
    asserts.equals(env, [_OUT + "bacon.wheel.built"], mounted(wheel)["build"])

    # What only compiles has no part in the wheel, and does not make it anew.
    asserts.false(env, "bin/cc" in wheel.mounts)
    config = json.decode(action_of(env, "Write").content)
    asserts.equals(env, {"blas": "none"}, config["options"])
    asserts.equals(env, "//rules/tests:bacon.wheel", config["label"])
    return analysistest.end(env)

_meson_test = analysistest.make(_meson_test_impl)

def _wheel_test_impl(ctx):
    """The wheel is a source, of which it is known where it came from."""
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    asserts.equals(env, [target.label.name + ctx.attr.extension], [file.basename for file in target.files.to_list()])
    source = target[SourceInfo]
    asserts.equals(env, "1.0", source.version)
    asserts.equals(env, "MIT", source.licence)
    asserts.equals(env, [source.tree.path], paths(action_of(env, ctx.attr.mnemonic).outputs))
    return analysistest.end(env)

_wheel_test = analysistest.make(_wheel_test_impl, attrs = {
    "extension": attr.string(),
    "mnemonic": attr.string(),
})

def _bundle_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.contains(env, paths(action_of(env, "PythonStage").inputs), _OUT + "bacon.wheel")
    return analysistest.end(env)

_bundle_test = analysistest.make(_bundle_test_impl)

def python_build_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    source_tree(name = "project", srcs = ["one.c"], licence = "MIT", tags = ["manual"], version = "1.0")
    pure_python_bundle(name = "backend", src = ":project", tags = ["manual"])
    for distribution, build_system in {"bacon": "meson", "eggs": "setuptools"}.items():
        c_extension_bundle(
            name = distribution,
            src = ":project",
            build_deps = [":backend"],
            build_env = {"THING": "some"},
            build_system = build_system,
            options = {"blas": "none"},
            tags = ["manual"],
        )
    unittest.suite(
        name,
        on(_environment_test, ":bacon.wheel", mnemonic = "MesonSetup", programs = "bacon.wheel.programs"),
        on(_environment_test, ":eggs.wheel", mnemonic = "Setuptools", programs = "eggs.wheel.programs"),
        on(_meson_test, ":bacon.wheel"),
        on(_wheel_test, ":bacon.wheel", mnemonic = "MesonWheel"),
        on(_wheel_test, ":eggs.wheel", extension = ".whl", mnemonic = "Extract"),
        on(_bundle_test, ":bacon"),
    )
