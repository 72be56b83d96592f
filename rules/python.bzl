"""Python packages: bundles of them, and their tests."""

load("//rules/python:bundle.bzl", _pure_python_bundle = "pure_python_bundle")
load("//rules/python:extension.bzl", _c_extension = "c_extension", _cython_extension = "cython_extension", _python_extension = "python_extension")
load("//rules/python:import_test.bzl", _bundle_import_test = "bundle_import_test")
load("//rules/python:info.bzl", _PythonBundleInfo = "PythonBundleInfo")
load("//rules/python:meson.bzl", _meson_wheel = "meson_wheel")
load("//rules/python:setuptools.bzl", _setuptools_wheel = "setuptools_wheel")
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

# From the name of a build system to the rule that makes a wheel with it.
_BUILD_SYSTEMS = {
    "meson": _meson_wheel,
    "setuptools": _setuptools_wheel,
}

def c_extension_bundle(
        name,
        src,
        extensions = {},
        build_system = None,
        build_deps = [],
        build_env = {},
        options = {},
        testonly = False,
        tags = [],
        import_test_modules = [],
        **attributes):
    """Builds a bundle with extension modules, and tests that it can be imported.

    The modules are either listed in `extensions`, or built by the source's own
    build system. The latter makes a wheel, the target `NAME.wheel`, and the
    bundle is made from that. The wheel is a source too: it has the tests that
    are installed, and the extension modules that only they use.

    Args:
      name: the name of the distribution.
      src: its source.
      extensions: from the name of each extension module, as in `yaml._yaml`, to
        what it is made of: a `c_extension` or a `cython_extension`.
      build_system: `meson`, or `setuptools`, which stands for all that build a
        wheel in a single run.
      build_deps: bundles of the build system, and of what it imports or compiles against.
      build_env: further environment variables for the build system.
      options: options for the build system: those of the Meson project, as for
        `-D`, or the settings of another backend.
      testonly: whether only tests may depend on it.
      tags: the tags of all targets.
      import_test_modules: what the test imports besides the modules at the top.
      **attributes: those of `pure_python_bundle`.
    """
    if build_system:
        if extensions:
            fail("%s: give either extensions or a build_system" % name)
        if build_system not in _BUILD_SYSTEMS:
            fail("%s: build_system is %r; there are %s" % (name, build_system, " and ".join(sorted(_BUILD_SYSTEMS))))
        wheel = name + ".wheel"
        _BUILD_SYSTEMS[build_system](
            name = wheel,
            src = src,
            build_deps = build_deps,
            build_env = build_env,
            options = options,
            tags = tags,
            testonly = testonly,
            visibility = ["//visibility:public"],
        )
        src = ":" + wheel
    elif build_deps or build_env or options:
        fail("%s: build_deps, build_env and options are for a build_system" % name)
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
        import_test_modules = import_test_modules + list(extensions),
        tags = tags,
        testonly = testonly,
        **attributes
    )
