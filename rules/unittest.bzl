"""Tests of code in `.bzl` files, and of what rules make of targets.

The names are those of Bazel's skylib. A unit test calls functions:

```python
def _join_test_impl(ctx):
    env = unittest.begin(ctx)
    asserts.equals(env, "a/b", join("a", "b"))
    return unittest.end(env)

join_test = unittest.make(_join_test_impl)
```

An analysis test looks at a target: at its providers, and at the actions that
its rule declared. Nothing is executed.

```python
def _flags_test_impl(ctx):
    env = analysistest.begin(ctx)
    compile = analysistest.target_actions(env)[0]
    asserts.equals(env, "CcCompile", compile.mnemonic)
    asserts.contains(env, compile.argv, "-O2")
    return analysistest.end(env)

flags_test = analysistest.make(_flags_test_impl)
```

In a BUILD file, or in a function that one calls, `flags_test(name = "flags_test",
target_under_test = ":x")` makes a target of it. A failed assertion is shown with
its place, and those after it are tried all the same.
"""

def _begin(ctx):
    """Begins a test and returns what the other functions want as `env`.

    Args:
      ctx: the context of the test.
    """
    return struct(ctx = ctx, failures = [], subject = "")

def _end(env):
    """Ends a test and returns what its implementation has to return.

    Args:
      env: what `begin` returned.
    """
    report = env.ctx.actions.write(env.ctx.label.name + ".report.json", json.encode({
        "ok": not env.failures,
        "passed": 0 if env.failures else 1,
        "failed": 1 if env.failures else 0,
        "failures": env.failures,
        "log": "".join(["%s: %s\n" % (failure["id"], failure["message"]) for failure in env.failures]),
    }))
    return [TestInfo(reports = [report])]

def _fail(env, message):
    """Notes a failure, and goes on.

    Args:
      env: what `begin` returned.
      message: what is wrong.
    """
    env.failures.append({"id": testing.call_site() + env.subject, "message": message})

def _make(implementation, attrs = {}, doc = ""):
    """Returns a rule whose targets are unit tests. It must be a global of its file.

    Args:
      implementation: a function that takes a context and returns what `unittest.end` returns.
      attrs: attributes of the rule.
      doc: what it tests.
    """
    return rule(implementation = implementation, attrs = attrs, doc = doc, test = True)

def _suite_impl(ctx):
    reports = [report for test in ctx.attr.tests for report in test[TestInfo].reports]
    return [TestInfo(reports = reports)]

_suite_test = rule(
    implementation = _suite_impl,
    doc = "Several tests in one.",
    test = True,
    attrs = {
        "tests": attr.label_list(
            providers = [TestInfo],
            doc = "The tests.",
        ),
    },
)

def _suite(name, *tests):
    """Declares a target for each test, and the target `name` which is all of them.

    Args:
      name: the name of the suite. Those of the tests are `NAME_test_0` and so on.
      *tests: what `make` returned, or functions that take `name` and `tags` as a
        rule does and call one: `lambda **attrs: flags_test(target_under_test = ":x", **attrs)`.
    """
    names = ["%s_test_%d" % (name, i) for i in range(len(tests))]
    for i, test in enumerate(tests):
        test(name = names[i], tags = ["manual"])
    _suite_test(name = name, tests = [":" + n for n in names])

def _make_analysis_test(implementation, expect_failure = False, attrs = {}, config_settings = {}, doc = ""):
    """Returns a rule whose targets test how the target `target_under_test` is analysed.

    It must be a global of its file. Targets that only tests are interested in,
    those that cannot be analysed in particular, should have the tag `manual`.

    Args:
      implementation: a function that takes a context and returns what `analysistest.end` returns.
      expect_failure: whether the target cannot be analysed; see `asserts.expect_failure`.
      attrs: further attributes of the rule. The actions of what they name can be looked at too.
      config_settings: build settings under which the target is analysed, by name.
      doc: what it tests.
    """
    return rule(
        implementation = implementation,
        analysis_test = True,
        attrs = {
            "target_under_test": attr.label(
                mandatory = True,
                cfg = analysis_test_transition(settings = config_settings, allow_failures = expect_failure),
                doc = "The target to test.",
            ),
        } | attrs,
        doc = doc,
    )

def _begin_analysis(ctx):
    """Begins a test and returns what the other functions want as `env`.

    Args:
      ctx: the context of the test.
    """
    return struct(ctx = ctx, failures = [], subject = " for %s" % ctx.attr.target_under_test.label)

def _target_under_test(env):
    """Returns the target, whose providers are there by `[]` as in any rule.

    Args:
      env: what `begin` returned.
    """
    return env.ctx.attr.target_under_test

def _target_actions(env):
    """Returns the actions that the rule of the target declared, in order.

    An action has the fields `argv`, `content` (of a file that is written), `env`,
    `executor`, `inputs` (a depset), `mnemonic`, `mounts` (from paths to lists of
    files that are not at their own path), `outputs` (a depset) and `progress_message`.

    Args:
      env: what `begin` returned.
    """
    return _target_under_test(env).actions

def _text(value):
    """Returns a value as a message shows it: strings in quotes, lists a line for each element."""
    if type(value) == "list" and len(value) > 1:
        return "[\n%s]" % "".join(["  %r,\n" % item for item in value])
    return repr(value)

def _equals(env, expected, actual, msg = None):
    """Asserts that two values are equal.

    Args:
      env: what `begin` returned.
      expected: what the value should be.
      actual: the value.
      msg: what to say before the values if they differ.
    """
    if expected == actual:
        return
    text = "%sexpected %s, but got %s" % (msg + ": " if msg else "", _text(expected), _text(actual))
    if type(expected) == "list" and type(actual) == "list":
        for i, (want, got) in enumerate(zip(expected, actual)):
            if want != got:
                text += "\nThe first difference is at [%d]: expected %r, but got %r" % (i, want, got)
                break
    _fail(env, text)

def _set_equals(env, expected, actual, msg = None):
    """Asserts that two lists or depsets have the same elements, in whatever order.

    Args:
      env: what `begin` returned.
      expected: the elements that should be there.
      actual: those that are there.
      msg: what to say before the differences.
    """
    want, got = _elements(expected), _elements(actual)
    missing = [item for item in want if item not in got]
    unexpected = [item for item in got if item not in want]
    if missing or unexpected:
        _fail(env, "%smissing %s, unexpected %s" % (msg + ": " if msg else "", _text(missing), _text(unexpected)))

def _elements(items):
    return items.to_list() if type(items) == "depset" else list(items)

def _true(env, condition, msg = "the condition does not hold"):
    """Asserts that a condition holds.

    Args:
      env: what `begin` returned.
      condition: the condition.
      msg: what to say if it does not.
    """
    if not condition:
        _fail(env, msg)

def _false(env, condition, msg = "the condition holds"):
    """Asserts that a condition does not hold.

    Args:
      env: what `begin` returned.
      condition: the condition.
      msg: what to say if it does.
    """
    if condition:
        _fail(env, msg)

def _contains(env, container, *items):
    """Asserts that a string has parts, or a list, dict or depset elements.

    Args:
      env: what `begin` returned.
      container: where to look.
      *items: what to look for. A list that is looked for in a list stands for its
        elements beside each other, as in `["-o", "x.o"]`.
    """
    for item in items:
        if type(container) == "list" and type(item) == "list":
            found = item in [container[i:i + len(item)] for i in range(len(container) - len(item) + 1)]
        else:
            found = item in (container.to_list() if type(container) == "depset" else container)
        if not found:
            _fail(env, "%s is not in %s" % (repr(item), _text(container)))

def _expect_failure(env, expected_failure_msg = ""):
    """Asserts that the target under test cannot be analysed, for a reason that the message tells.

    Args:
      env: what `begin` returned. The test was made with `expect_failure = True`.
      expected_failure_msg: a part of what a user would be told.
    """
    target = _target_under_test(env)
    if AnalysisFailureInfo not in target:
        _fail(env, "expected that %s cannot be analysed, but it can" % target.label)
        return
    messages = [cause.message for cause in target[AnalysisFailureInfo].causes.to_list()]
    if not [message for message in messages if expected_failure_msg in message]:
        _fail(env, "expected a failure with %r, but got %s" % (expected_failure_msg, "\n".join(messages)))

unittest = struct(
    begin = _begin,
    end = _end,
    fail = _fail,
    make = _make,
    suite = _suite,
)

analysistest = struct(
    begin = _begin_analysis,
    end = _end,
    fail = _fail,
    make = _make_analysis_test,
    target_actions = _target_actions,
    target_under_test = _target_under_test,
)

asserts = struct(
    contains = _contains,
    equals = _equals,
    expect_failure = _expect_failure,
    false = _false,
    set_equals = _set_equals,
    true = _true,
)
