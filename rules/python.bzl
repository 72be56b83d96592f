"""Python packages: bundles of them, and their tests."""

load("//rules/python:bundle.bzl", _pure_python_bundle = "pure_python_bundle")
load("//rules/python:import_test.bzl", _bundle_import_test = "bundle_import_test")
load("//rules/python:info.bzl", _PythonBundleInfo = "PythonBundleInfo")
load("//rules/python:testing.bzl", _bundle_test = "bundle_test", _python_test = "python_test")

PythonBundleInfo = _PythonBundleInfo
bundle_test = _bundle_test
python_test = _python_test

def pure_python_bundle(name, visibility = ["//visibility:public"], tags = [], testonly = False, import_test_deps = [], **attributes):
    """Builds a bundle, and tests that it can be imported.

    The test is the target `NAME_import_test`. For the attributes see the rule
    in `//rules/python:bundle.bzl`.

    Args:
      name: the name of the distribution.
      visibility: who may depend on the bundle.
      tags: the tags of both targets.
      testonly: whether only tests may depend on it.
      import_test_deps: bundles that some of its modules import, and without which it is of use all the same.
      **attributes: those of the rule.
    """
    _pure_python_bundle(
        name = name,
        tags = tags,
        testonly = testonly,
        visibility = visibility,
        **attributes
    )
    _bundle_import_test(
        name = name + "_import_test",
        bundle = ":" + name,
        tags = tags,
        deps = import_test_deps,
    )
