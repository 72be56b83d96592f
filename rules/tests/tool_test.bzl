"""Tests of the rules that run a program."""

load("//rules:cc.bzl", "cc_binary")
load("//rules:tool.bzl", "run_tool", "tool_test")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "action_of", "failure_test", "on", "paths")

def _run_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = action_of(env, "RunTool")
    asserts.equals(
        env,
        ["out/rules/tests/tool_program.wasm", "-i", "rules/tests/one.c", "--out=out/rules/tests/made.txt,out/rules/tests/made", "$"],
        action.argv,
    )
    asserts.equals(env, {"LANG": "C"}, action.env)
    asserts.equals(env, ["out/rules/tests/tool_program.wasm", "rules/tests/one.c"], paths(action.inputs))
    asserts.equals(env, ["out/rules/tests/made", "out/rules/tests/made.txt"], paths(action.outputs))
    asserts.equals(env, "running tool_program", action.progress_message)
    return analysistest.end(env)

_run_test = analysistest.make(_run_test_impl)

def _report_test_impl(ctx):
    env = analysistest.begin(ctx)
    action = action_of(env, "ToolTest")
    report = "out/rules/tests/checked.json"
    asserts.equals(env, ["out/rules/tests/tool_program.wasm", "rules/tests/one.c", report], action.argv)
    asserts.equals(env, [report], paths(analysistest.target_under_test(env)[TestInfo].reports))
    return analysistest.end(env)

_report_test = analysistest.make(_report_test_impl)

_unknown_location_test = failure_test("//rules/tests:misspelt: $(location two.c) is neither an output nor a source with one file")
_open_location_test = failure_test("//rules/tests:open: $(location one.c) is neither an output nor a source with one file")
_no_program_test = failure_test("rules/tests/one.c is a file; the attribute takes targets only")

def tool_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    cc_binary(name = "tool_program", srcs = ["one.c"], tags = ["manual"])
    run_tool(
        name = "ran",
        srcs = ["one.c"],
        outs = ["made.txt"],
        args = ["-i", "$(location one.c)", "--out=$(location made.txt),$(location :made)", "$"],
        env = {"LANG": "C"},
        out_dirs = ["made"],
        tags = ["manual"],
        tool = ":tool_program",
    )
    tool_test(name = "checked", srcs = ["one.c"], args = ["$(location //rules/tests:one.c)"], tags = ["manual"], tool = ":tool_program")
    run_tool(name = "misspelt", srcs = ["one.c"], outs = ["misspelt.txt"], args = ["$(location two.c)"], tags = ["manual"], tool = ":tool_program")
    run_tool(name = "open", srcs = ["one.c"], outs = ["open.txt"], args = ["$(location one.c"], tags = ["manual"], tool = ":tool_program")
    run_tool(name = "toolless", outs = ["toolless.txt"], tags = ["manual"], tool = "one.c")
    unittest.suite(
        name,
        on(_run_test, ":ran"),
        on(_report_test, ":checked"),
        on(_unknown_location_test, ":misspelt"),
        on(_open_location_test, ":open"),
        on(_no_program_test, ":toolless"),
    )
