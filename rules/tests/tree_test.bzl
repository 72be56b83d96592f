"""Tests of the rules for parts of sources."""

load("//rules:tree.bzl", "tree_extract", "tree_file")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "action_of", "failure_test", "on", "paths")

def _file_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = action_of(env, "TreeFile")
    output = "out/rules/tests/" + ctx.attr.out
    asserts.equals(env, ["file@1", "out/toolchains/clang/dist", "a/b.h", output], action.argv)
    asserts.equals(env, ["out/toolchains/clang/dist"], paths(action.inputs))
    asserts.equals(env, [output], paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_file_test = analysistest.make(_file_test_impl, attrs = {"out": attr.string()})

def _extract_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = action_of(env, "Extract")
    asserts.equals(
        env,
        ["extract@1", "--strip=1", "--include=*.h", "--exclude=x.h", "rules/tests/one.patch", "out/rules/tests/unpacked"],
        action.argv,
    )
    asserts.true(env, analysistest.target_under_test(env).files.to_list()[0].is_directory)
    return analysistest.end(env)

_extract_test = analysistest.make(_extract_test_impl)

_two_files_test = failure_test("//rules/tests:two_files stands for 2 files; the attribute takes one")

def tree_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    tree_file(name = "by_name", path = "a/b.h", tags = ["manual"], tree = "//toolchains/clang:dist")
    tree_file(name = "by_out", out = "c.h", path = "a/b.h", tags = ["manual"], tree = "//toolchains/clang:dist")
    tree_extract(name = "unpacked", archive = "one.patch", exclude = ["x.h"], include = ["*.h"], strip = 1, tags = ["manual"])
    native.filegroup(name = "two_files", srcs = ["one.c", "one.h"], tags = ["manual"])
    tree_extract(name = "confused", archive = ":two_files", tags = ["manual"])
    unittest.suite(
        name,
        on(_file_test, ":by_name", out = "by_name"),
        on(_file_test, ":by_out", out = "c.h"),
        on(_extract_test, ":unpacked"),
        on(_two_files_test, ":confused"),
    )
