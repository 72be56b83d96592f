"""Tests of the toolchain for C and C++."""

load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo", "cc_args", "cc_toolchain")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "failure_test", "on")

def _order_test_impl(ctx):
    env = analysistest.begin(ctx)
    info = analysistest.target_under_test(env)[CcToolchainInfo]
    asserts.equals(env, ["-a", "-b"], info.args[ACTIONS.compile_c])
    asserts.equals(env, ["-b"], info.args[ACTIONS.compile_cxx])
    asserts.equals(env, ["-lb"], info.libs[ACTIONS.compile_cxx])
    asserts.equals(env, [], info.args[ACTIONS.link_executable])
    return analysistest.end(env)

_order_test = analysistest.make(_order_test_impl)

_unknown_action_test = failure_test("//rules/tests:misspelt_args: no action is named compile_d; there are compile_c, compile_cxx,")
_not_args_test = failure_test("rules/tests/one.c is a file; the attribute takes targets only")

def cc_toolchain_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    cc_args(name = "c_args", actions = ["compile_c"], args = ["-a"], tags = ["manual"])
    cc_args(name = "both_args", actions = ["compile_c", "compile_cxx"], args = ["-b"], libs = ["-lb"], tags = ["manual"])
    cc_args(name = "misspelt_args", actions = ["compile_d"], tags = ["manual"])
    cc_toolchain(
        name = "small_toolchain",
        args = [":c_args", ":both_args"],
        llvm = "//toolchains/clang:llvm",
        sysroot = "//toolchains/clang:sysroot",
        tags = ["manual"],
    )
    cc_toolchain(
        name = "wrong_toolchain",
        args = ["one.c"],
        llvm = "//toolchains/clang:llvm",
        sysroot = "//toolchains/clang:sysroot",
        tags = ["manual"],
    )
    unittest.suite(
        name,
        on(_order_test, ":small_toolchain"),
        on(_unknown_action_test, ":misspelt_args"),
        on(_not_args_test, ":wrong_toolchain"),
    )
