"""Python packages: bundles of them, and their tests."""

load("//rules/python:bundle.bzl", _pure_python_bundle = "pure_python_bundle")
load("//rules/python:extension.bzl", _c_extension = "c_extension", _cython_extension = "cython_extension", _python_extension = "python_extension")
load("//rules/python:import_test.bzl", _bundle_import_test = "bundle_import_test")
load("//rules/python:info.bzl", _PythonBundleInfo = "PythonBundleInfo")
load("//rules/python:testing.bzl", _bundle_test = "bundle_test", _python_test = "python_test")

PythonBundleInfo = _PythonBundleInfo
bundle_test = _bundle_test
c_extension = _c_extension
cython_extension = _cython_extension
python_test = _python_test

def pure_python_bundle(name, visibility = ["//visibility:public"], tags = [], testonly = False, import_test_deps = [], import_test_modules = [], **attributes):
    """Builds a bundle, and tests that it can be imported.

    The test is the target `NAME_import_test`. For the attributes see the rule
    in `//rules/python:bundle.bzl`.

    Args:
      name: the name of the distribution.
      visibility: who may depend on the bundle.
      tags: the tags of both targets.
      testonly: whether only tests may depend on it.
      import_test_deps: bundles that some of its modules import, and without which it is of use all the same.
      import_test_modules: what the test imports besides the modules at the top.
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
        modules = import_test_modules,
        deps = import_test_deps,
    )

def c_extension_bundle(name, src, extensions, testonly = False, tags = [], **attributes):
    """Builds a bundle with extension modules, and tests that it can be imported.

    Args:
      name: the name of the distribution.
      src: its source.
      extensions: from the name of each extension module, as in `yaml._yaml`, to
        what it is made of: a `c_extension` or a `cython_extension`.
      testonly: whether only tests may depend on it.
      tags: the tags of all targets.
      **attributes: those of `pure_python_bundle`.
    """
    for module, extension in extensions.items():
        _python_extension(
            name = module,
            module = module,
            tags = tags,
            testonly = testonly,
            **({"src": src} | extension.attributes)
        )
    pure_python_bundle(
        name = name,
        src = src,
        extensions = [":" + module for module in extensions],
        import_test_modules = list(extensions),
        tags = tags,
        testonly = testonly,
        **attributes
    )
