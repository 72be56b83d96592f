"""Tests of the rules that run tests of Python code."""

load("//rules:python_toolchain.bzl", "PythonToolchainInfo")
load("//rules:source.bzl", "source_archive")
load("//rules:unittest.bzl", "analysistest", "asserts", "unittest")
load("//rules/python:bundle.bzl", "pure_python_bundle")
load("//rules/python:info.bzl", "python_site")
load("//rules/python:testing.bzl", "bundle_test", "python_test")
load(":actions.bzl", "action_of", "actions_of", "failure_test", "mounted", "on", "paths")

_OUT = "out/rules/tests/"

_PYTHON = {
    "_python": attr.label(
        default = "//toolchains/cpython",
        providers = [PythonToolchainInfo],
    ),
}

def _config(env, name):
    """Returns the configuration that an action of the target writes to a file."""
    for action in actions_of(env, "Write"):
        if paths(action.outputs) == [_OUT + name]:
            return json.decode(action.content)
    fail("no action writes " + name)

def _shards_test_impl(ctx):
    """Each shard is an action of its own, with a configuration and a report of its own."""
    env = analysistest.begin(ctx)
    shards = actions_of(env, "PythonTest")
    asserts.equals(env, 2, len(shards))
    for i, shard in enumerate(shards):
        report = _OUT + "sharded.report.%d.json" % (i + 1)
        asserts.equals(env, ["rules/python/testing", _OUT + "sharded.config.%d.json" % (i + 1)], shard.argv[1:])
        asserts.equals(env, [report], paths(shard.outputs))
        config = _config(env, "sharded.config.%d.json" % (i + 1))
        asserts.equals(env, [i, 2, report, "tests"], [config[key] for key in ["shard", "shards", "report", "root"]])
        asserts.equals(env, {"test_a.py::test_x": "no sockets"}, config["xfail"])
    asserts.equals(
        env,
        [_OUT + "sharded.report.1.json", _OUT + "sharded.report.2.json"],
        paths(analysistest.target_under_test(env)[TestInfo].reports),
    )
    return analysistest.end(env)

_shards_test = analysistest.make(_shards_test_impl)

def _selection_test_impl(ctx):
    """Tests see the files that are named, and the settings of pytest on the way to them."""
    env = analysistest.begin(ctx)
    select = action_of(env, "SelectTests")
    asserts.contains(
        env,
        select.argv,
        "--include=data/*.txt",
        "--optional=pyproject.toml",
        "--optional=conftest.py",
        "--optional=tests/conftest.py",
        "--optional=tests/unit/conftest.py",
        "--include=tests/unit/test_a.py",
    )
    asserts.equals(env, [_OUT + "tested_src", _OUT + "sharded.tests"], select.argv[-2:])
    return analysistest.end(env)

_selection_test = analysistest.make(_selection_test_impl)

def _outside_test_impl(ctx):
    """Tests beside the package are put beside it, and cannot import the source by chance."""
    env = analysistest.begin(ctx)
    shard = actions_of(env, "PythonTest")[0]
    asserts.equals(env, [_OUT + "sharded.tests"], mounted(shard)["tests"])
    asserts.contains(env, mounted(shard)[python_site(ctx.attr._python[PythonToolchainInfo])], _OUT + "tested.bundle")
    asserts.false(env, _OUT + "tested_src" in paths(shard.inputs), "the source is an input")
    asserts.equals(env, "1", shard.env["OF_THE_TEST"])
    return analysistest.end(env)

_outside_test = analysistest.make(_outside_test_impl, attrs = _PYTHON)

def _inside_test_impl(ctx):
    """Tests within the package are laid over the bundle."""
    env = analysistest.begin(ctx)
    site = python_site(ctx.attr._python[PythonToolchainInfo])
    asserts.contains(env, mounted(action_of(env, "PythonTest"))[site], _OUT + "tested.bundle", _OUT + "inside.tests")
    asserts.equals(env, site, _config(env, "inside.config.json")["root"])
    return analysistest.end(env)

_inside_test = analysistest.make(_inside_test_impl, attrs = _PYTHON)

def _surroundings_test_impl(ctx):
    """Tests see a compiler, what it needs for extension modules, and a conftest.py of ours."""
    env = analysistest.begin(ctx)
    python = ctx.attr._python[PythonToolchainInfo]
    seen = mounted(action_of(env, "PythonTest"))
    asserts.equals(env, ["rules/tests/own_test.py"], seen[python_site(python) + "/conftest.py"])
    asserts.equals(env, [python.headers.path], seen["py/include/python" + ".".join(python.version.split(".")[:2])])
    asserts.true(env, "bin/cc" in seen, "there is a compiler")
    return analysistest.end(env)

_surroundings_test = analysistest.make(_surroundings_test_impl, attrs = _PYTHON)

def _run_test_impl(ctx):
    """`cowasm run` has a configuration without a report: pytest speaks to the user."""
    env = analysistest.begin(ctx)
    run = analysistest.target_under_test(env)[RunInfo]
    asserts.equals(env, ["rules/python/testing", _OUT + "own.run.json"], run.arguments)
    config = _config(env, "own.run.json")
    asserts.equals(env, ["", ".", ["rules/tests/own_test.py"]], [config[key] for key in ["report", "root", "paths"]])
    return analysistest.end(env)

_run_test = analysistest.make(_run_test_impl)

_mixed_test = failure_test("//rules/tests:mixed: some paths are within the package tested and some are not: make two targets of it")

def python_testing_test_suite(name):
    """Declares the tests.

    Args:
      name: what the suite is called.
    """
    source_archive(name = "tested_src", purl = "pkg:pypi/tested@1.0", sha256 = "0" * 64, tags = ["manual"])
    pure_python_bundle(name = "tested", src = ":tested_src", tags = ["manual"])
    bundle_test(
        name = "sharded",
        src = ":tested_src",
        bundle = ":tested",
        data = ["data/*.txt"],
        env = {"OF_THE_TEST": "1"},
        paths = ["tests/unit/test_a.py"],
        shards = 2,
        tags = ["manual"],
        xfail = {"test_a.py::test_x": "no sockets"},
    )
    bundle_test(
        name = "inside",
        src = ":tested_src",
        bundle = ":tested",
        conftest = "own_test.py",
        driver = "//toolchains/driver",
        paths = ["tested/tests"],
        tags = ["manual"],
    )
    bundle_test(name = "mixed", src = ":tested_src", bundle = ":tested", paths = ["tested/tests", "tests"], tags = ["manual"])
    python_test(name = "own", srcs = ["own_test.py"], tags = ["manual"])
    unittest.suite(
        name,
        on(_shards_test, ":sharded"),
        on(_selection_test, ":sharded"),
        on(_outside_test, ":sharded"),
        on(_inside_test, ":inside"),
        on(_surroundings_test, ":inside"),
        on(_run_test, ":own"),
        on(_mixed_test, ":mixed"),
    )
