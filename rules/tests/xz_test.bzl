"""Tests of the rules that compress."""

load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules:xz.bzl", "XZ_ATTRS", "tar_xz", "tar_xz_pack")
load(":actions.bzl", "action_of", "on", "paths")

_OUT = "out/rules/tests/"

def _tar_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["tar@1", "out/toolchains/clang/sysroot", "out/rules/tests/packed.tar"], action_of(env, "Tar").argv)
    xz = action_of(env, "Xz")
    asserts.equals(env, "wasm", xz.executor)
    asserts.equals(env, ["out/rules/tests/packed.tar", "out/rules/tests/packed.tar.xz"], xz.argv[-2:])
    asserts.contains(env, paths(xz.inputs), "out/rules/tests/packed.tar")
    asserts.equals(env, ["out/rules/tests/packed.tar.xz"], paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_tar_test = analysistest.make(_tar_test_impl)

def _in_parts_impl(ctx):
    archive = ctx.actions.declare_file(ctx.label.name + ".tar.xz")
    tar_xz_pack(ctx, ctx.file.tree, archive, parts = ["lib/one/*.so", "lib/**/*.so"])
    return [DefaultInfo(files = depset([archive]))]

_in_parts = rule(
    implementation = _in_parts_impl,
    attrs = XZ_ATTRS | {"tree": attr.label(allow_single_file = True)},
)

def _parts_test_impl(ctx):
    """Each part is an archive without an end, but for the last; no file is in two."""
    env = analysistest.begin(ctx)
    actions = analysistest.target_actions(env)
    asserts.equals(
        env,
        [
            ["--include=lib/one/*.so"],
            ["--include=lib/**/*.so", "--exclude=lib/one/*.so"],
            ["--exclude=**/*.so"],
            ["--include=**/*.so", "--exclude=lib/one/*.so", "--exclude=lib/**/*.so"],
        ],
        [action.argv[1:-2] for action in actions if action.mnemonic == "Select"],
    )
    asserts.equals(
        env,
        [["--unfinished"], ["--unfinished"], ["--unfinished"], []],
        [action.argv[1:-2] for action in actions if action.mnemonic == "Tar"],
    )
    compressed = [action for action in actions if action.mnemonic == "Xz"]
    asserts.equals(env, [_OUT + "in_parts.rest.tar", _OUT + "in_parts.modules.tar", _OUT + "in_parts.rest.tar.xz"], compressed[-1].argv[-3:])
    blocks = [paths(action.outputs)[0] for action in compressed]
    asserts.equals(env, [_OUT + "in_parts.%s.tar.xz" % part for part in ["part0", "part1", "rest"]], blocks)
    asserts.equals(env, [_OUT + "in_parts.tar.xz"] + blocks, action_of(env, "XzJoin").argv[-4:])
    return analysistest.end(env)

_parts_test = analysistest.make(_parts_test_impl)

def xz_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    tar_xz(name = "packed", tags = ["manual"], tree = "//toolchains/clang:sysroot")
    _in_parts(name = "in_parts", tags = ["manual"], tree = "//toolchains/clang:sysroot")
    unittest.suite(
        name,
        on(_tar_test, ":packed"),
        on(_parts_test, ":in_parts"),
    )
