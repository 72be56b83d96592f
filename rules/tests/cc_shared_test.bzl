"""Tests of the rule for side modules."""

load("//rules:cc.bzl", "cc_binary")
load("//rules:cc_shared.bzl", "cc_shared")
load("//rules:cc_toolchain.bzl", "ACTIONS", "CcToolchainInfo")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "action_of", "failure_test", "on", "paths")

def _link_test_impl(ctx):
    """A side module is linked first, and then checked against the program and its libraries."""
    env = analysistest.begin(ctx)
    toolchain = ctx.attr._toolchain[CcToolchainInfo]
    linked = "out/rules/tests/_linked/side/side.so"
    asserts.contains(env, action_of(env, "CcCompile").argv, toolchain.args[ACTIONS.position_independent])
    asserts.equals(
        env,
        ["bin/wasm-ld"] + toolchain.args[ACTIONS.link_side_module] +
        ["out/rules/tests/_objs/side/two.cc.o", "out/rules/tests/base.so"] +
        toolchain.libs[ACTIONS.link_side_module] +
        ["-o", linked],
        action_of(env, "CcLink").argv,
    )
    check = action_of(env, "CcLinkable")
    asserts.equals(
        env,
        ["linkable@1", "--library=out/rules/tests/base.so", "out/rules/tests/host.wasm", linked, "out/rules/tests/side.so"],
        check.argv,
    )
    asserts.equals(env, sorted(["out/rules/tests/base.so", "out/rules/tests/host.wasm", linked]), paths(check.inputs))
    asserts.equals(env, ["out/rules/tests/side.so"], paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_link_test = analysistest.make(
    _link_test_impl,
    attrs = {
        "_toolchain": attr.label(
            default = "//toolchains/clang",
            providers = [CcToolchainInfo],
        ),
    },
)

def _out_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.equals(env, ["out/rules/tests/base.so"], paths(analysistest.target_under_test(env).files))
    return analysistest.end(env)

_out_test = analysistest.make(_out_test_impl)

_not_a_side_module_test = failure_test("//rules/tests:host makes out/rules/tests/host.wasm, which is not of the kind that the attribute takes")

def cc_shared_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    cc_binary(name = "host", srcs = ["one.c"], main_module = True, tags = ["manual"])
    cc_shared(name = "base_module", srcs = ["one.c"], out = "base.so", program = ":host", tags = ["manual"])
    cc_shared(name = "side", srcs = ["two.cc"], libraries = [":base_module"], program = ":host", tags = ["manual"])
    cc_shared(name = "misled", libraries = [":host"], program = ":host", tags = ["manual"])
    unittest.suite(
        name,
        on(_link_test, ":side"),
        on(_out_test, ":base_module"),
        on(_not_a_side_module_test, ":misled"),
    )
