"""Tests of the assertions, on which all other tests rely."""

load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load(":actions.bzl", "on")

def _messages(*assertions):
    """Returns the messages of assertions, each of which is called with an `env` of its own."""
    messages = []
    for assertion in assertions:
        env = unittest.begin(None)
        assertion(env)
        messages.append([failure["message"] for failure in env.failures])
    return messages

def _passing_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, [[]] * 10, _messages(
        lambda env: asserts.equals(env, 1, 1),
        lambda env: asserts.equals(env, {"a": [1]}, {"a": [1]}),
        lambda env: asserts.true(env, "x"),
        lambda env: asserts.false(env, []),
        lambda env: asserts.set_equals(env, ["a", "b"], depset(["b", "a"])),
        lambda env: asserts.contains(env, "one two", "two", "one"),
        lambda env: asserts.contains(env, ["-o", "x", "-c"], "-c", ["-o", "x"]),
        lambda env: asserts.contains(env, ["x"], []),
        lambda env: asserts.contains(env, {"key": 1}, "key"),
        lambda env: asserts.contains(env, depset(["x"]), "x"),
    ))
    return unittest.end(env)

_passing_test = unittest.make(_passing_test_impl)

def _failing_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(
        env,
        [
            ["expected 1, but got \"1\""],
            ["count: expected {}, but got []"],
            ["expected [], but got [\n  1,\n  2,\n]"],
            ["expected [\n  1,\n  2,\n], but got [\n  1,\n  3,\n]\nThe first difference is at [1]: expected 2, but got 3"],
            ["the condition does not hold"],
            ["it rains"],
            ["missing [\"a\"], unexpected [\"c\"]"],
            ["\"three\" is not in \"one two\""],
            ["[\"-o\", \"-c\"] is not in [\n  \"-o\",\n  \"x\",\n  \"-c\",\n]"],
        ],
        _messages(
            lambda env: asserts.equals(env, 1, "1"),
            lambda env: asserts.equals(env, {}, [], msg = "count"),
            lambda env: asserts.equals(env, [], [1, 2]),
            lambda env: asserts.equals(env, [1, 2], [1, 3]),
            lambda env: asserts.true(env, ""),
            lambda env: asserts.false(env, "rain", "it rains"),
            lambda env: asserts.set_equals(env, ["a", "b"], ["b", "c"]),
            lambda env: asserts.contains(env, "one two", "one", "three"),
            lambda env: asserts.contains(env, ["-o", "x", "-c"], ["-o", "-c"]),
        ),
    )
    return unittest.end(env)

_failing_test = unittest.make(_failing_test_impl)

def _place_test_impl(ctx):
    env = unittest.begin(ctx)
    inner = unittest.begin(ctx)
    asserts.true(inner, False)
    unittest.fail(inner, "x")
    asserts.equals(env, 2, len(inner.failures))
    for failure in inner.failures:
        asserts.true(env, failure["id"].startswith("rules/tests/unittest_test.bzl:"), "the place is " + failure["id"])
    return unittest.end(env)

_place_test = unittest.make(_place_test_impl)

def _writer_impl(ctx):
    if ctx.attr.text == "bad":
        fail("the text is bad")
    return [DefaultInfo(files = depset([
        ctx.actions.write(ctx.label.name + ".txt", ctx.attr.text + " in mode " + ctx.settings["mode"]),
    ]))]

_writer = rule(
    implementation = _writer_impl,
    attrs = {"text": attr.string()},
)

def _action_test_impl(ctx):
    env = analysistest.begin(ctx)
    target = analysistest.target_under_test(env)
    actions = analysistest.target_actions(env)
    asserts.equals(env, ["Write"], [action.mnemonic for action in actions])
    asserts.equals(env, ctx.attr.content, actions[0].content)
    asserts.equals(env, target[DefaultInfo].files.to_list(), actions[0].outputs.to_list())
    return analysistest.end(env)

_action_test = analysistest.make(_action_test_impl, attrs = {"content": attr.string()})
_debug_action_test = analysistest.make(
    _action_test_impl,
    attrs = {"content": attr.string()},
    config_settings = {"mode": "debug"},
)

def _failure_test_impl(ctx):
    env = analysistest.begin(ctx)
    asserts.expect_failure(env, "the text is bad")

    inner = analysistest.begin(ctx)
    asserts.expect_failure(inner, "the text is good")
    asserts.equals(env, 1, len(inner.failures))
    asserts.contains(env, inner.failures[0]["message"], "expected a failure with \"the text is good\"", "the text is bad")
    return analysistest.end(env)

_failure_test = analysistest.make(_failure_test_impl, expect_failure = True)

def _no_failure_test_impl(ctx):
    env = analysistest.begin(ctx)
    inner = analysistest.begin(ctx)
    asserts.expect_failure(inner, "x")
    asserts.equals(
        env,
        ["expected that //rules/tests:written cannot be analysed, but it can"],
        [failure["message"] for failure in inner.failures],
    )
    return analysistest.end(env)

_no_failure_test = analysistest.make(_no_failure_test_impl, expect_failure = True)

def unittest_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    _writer(name = "written", tags = ["manual"], text = "text")
    _writer(name = "not_written", tags = ["manual"], text = "bad")
    unittest.suite(
        name,
        _passing_test,
        _failing_test,
        _place_test,
        on(_action_test, ":written", content = "text in mode opt"),
        on(_debug_action_test, ":written", content = "text in mode debug"),
        on(_failure_test, ":not_written"),
        on(_no_failure_test, ":written"),
    )
