"""Makes tests of Cython's test inputs: each is what its own runtests.py makes of the file.

pytest takes this for its conftest.py, beside the source's `runtests.py` and `tests`.
"""

import functools
import os
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
        cases = _cases(tuple(self.config.getoption("runtests"))).get(str(self.path))
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
    """Returns what the case does with its file: `c`, `cpp_directives_cpp_locals_True`, `python`, `commands`."""
    if hasattr(case, "treefile"):
        return "commands"
    if not hasattr(case, "language"):
        return "python"
    return case.language + os.path.basename(case.workdir).removeprefix(case.module)


@functools.cache
def _cases(options):
    """Returns the cases that runtests.py would run, by the path of the file that they are of."""
    import runtests

    arguments = ["--no-unit", "--no-doctest", "--no-examples", "--no-code-style", "--no-refnanny", "--work-dir=/tmp/cython"]
    collected = []

    class Runner:
        def __init__(self, **_):
            pass

        def run(self, suite):
            collected.append(suite)
            return unittest.TestResult()

    with mock.patch.object(unittest, "TextTestRunner", Runner):
        with mock.patch.object(sys, "argv", ["runtests.py", *arguments, *options]):
            with pytest.raises(SystemExit):
                runtests.main()
    cases = {}
    for case in _flatten(collected):
        path = getattr(case, "module_path", None) or getattr(case, "treefile", None)
        if path:
            cases.setdefault(path, []).append(case)
    return cases


def _flatten(suites):
    for suite in suites:
        if isinstance(suite, unittest.TestSuite):
            yield from _flatten(suite)
        else:
            yield suite
