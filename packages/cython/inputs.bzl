"""Tests of what Cython makes of its own test inputs."""

load("//rules:python.bzl", "bundle_test")

def inputs_test(name, runtests, args = [], **kwargs):
    """Declares a test with a case for each that Cython's runtests.py makes of some files.

    Args:
      name: the name of the target.
      runtests: options for runtests.py.
      args: further arguments for pytest.
      **kwargs: other attributes of bundle_test.
    """
    bundle_test(
        name = name,
        src = ":src",
        args = args + ["--runtests=" + option for option in runtests],
        bundle = ":cython",
        conftest = "conftest.py",
        data = [
            "runtests.py",
            "tests/**",
        ],
        python_files = [
            "*.py",
            "*.pyx",
        ],
        deps = ["//packages/setuptools"],
        **kwargs
    )
