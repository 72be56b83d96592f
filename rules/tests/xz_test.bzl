"""Tests of the rules that compress."""

load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules:xz.bzl", "tar_xz")
load(":actions.bzl", "action_of", "on", "paths")

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

def xz_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    tar_xz(name = "packed", tags = ["manual"], tree = "//toolchains/clang:sysroot")
    unittest.suite(name, on(_tar_test, ":packed"))
