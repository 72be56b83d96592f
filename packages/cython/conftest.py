"""Makes tests of Cython's test inputs: each is what its own runtests.py makes of the file.

pytest takes this for its conftest.py, beside the source's `runtests.py` and `tests`.
"""

import functools
import os
import re
import sys
import unittest
from unittest import mock

import pytest


def pytest_addoption(parser):
    parser.addoption("--runtests", action="append", default=[], help="an option for runtests.py")


def pytest_collect_file(file_path, parent):
    # Files in Python are asked for by the hook below.
    if file_path.suffix != ".py":
        return Input.from_parent(parent, path=file_path)
    return None


def pytest_pycollect_makemodule(module_path, parent):
    return Input.from_parent(parent, path=module_path)


class Input(pytest.File):
    """A file of which runtests.py makes some cases: one for C and one for C++, say."""

    def collect(self):
        cases = _cases(self.config).get(str(self.path))
        if not cases:
            pytest.skip("runtests.py leaves it out")
        for case in cases:
            yield Case.from_parent(self, name=_name(case), case=case)


class Case(pytest.Item):
    def __init__(self, *, case, **keywords):
        super().__init__(**keywords)
        self._case = case

    def runtest(self):
        result = unittest.TestResult()
        self._case.run(result)
        problems = [text for _, text in result.errors + result.failures]
        if problems:
            raise Failure("\n".join(problems))
        for _, reason in result.skipped:
            pytest.skip(reason)

    def repr_failure(self, excinfo):
        if excinfo.errisinstance(Failure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class Failure(Exception):
    """What unittest says of a case."""


def _name(case):
    """Returns what the case does with its file: `c`, `c_cy2`, `cpp` or `python`."""
    if not hasattr(case, "language"):
        return "python"
    return case.language + os.path.basename(case.workdir).removeprefix(case.module)


# The options of runtests.py that leave its cases of files only.
_OPTIONS = ["--no-unit", "--no-doctest", "--no-examples", "--no-code-style", "--no-refnanny", "--work-dir=/tmp/cython"]


@functools.cache
def _cases(config):
    """Returns the cases that runtests.py would run, by the path of the file that they are of."""
    import runtests

    collected = []

    class Runner:
        def __init__(self, **_):
            pass

        def run(self, suite):
            collected.append(suite)
            return unittest.TestResult()

    argv = ["runtests.py", *_OPTIONS, *config.getoption("runtests"), _selector(config.args)]
    with mock.patch.object(unittest, "TextTestRunner", Runner), mock.patch.object(sys, "argv", argv):
        with pytest.raises(SystemExit):
            runtests.main()
    cases = {}
    for case in _flatten(collected):
        if hasattr(case, "module_path"):
            cases.setdefault(case.module_path, []).append(case)
    return cases


def _selector(paths):
    """Returns the pattern by which runtests.py knows the files that pytest is to run."""
    names = [os.path.splitext(path)[0].split("/")[-2:] for path in paths]
    return "^(%s)$" % "|".join(re.escape(".".join(name)) for name in names)


def _flatten(suites):
    for suite in suites:
        if isinstance(suite, unittest.TestSuite):
            yield from _flatten(suite)
        else:
            yield suite
