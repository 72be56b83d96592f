"""Runs one file of CPython's own tests and writes a report of it.

usage: regrtest.py [--xfail=ID]... TEST REPORT

TEST is the name of a file below Lib/test without its extension; an ID is that of
unittest, less the leading "test.". The tests run as `python -m test TEST` runs them.
"""

import argparse
import contextlib
import io
import json
import os
import sys
import traceback

from test.libregrtest import main as regrtest
from test.libregrtest import testresult


class Outcomes:
    """What came of each test, by its id."""

    def __init__(self):
        self.passed, self.skipped, self.failed = set(), set(), {}

    @staticmethod
    def name(test):
        return test.id().removeprefix("test.")

    def fail(self, test, message):
        name = self.name(test)
        self.failed[name] = self.failed.get(name, "") + message

    def recorder(self):
        """Returns the class that regrtest is to collect results with."""
        outcomes = self

        class Recorder(testresult.RegressionTestResult):
            def addSuccess(self, test):
                super().addSuccess(test)
                outcomes.passed.add(outcomes.name(test))

            def addExpectedFailure(self, test, err):
                super().addExpectedFailure(test, err)
                outcomes.passed.add(outcomes.name(test))

            def addSkip(self, test, reason):
                super().addSkip(test, reason)
                outcomes.skipped.add(outcomes.name(test))

            def addFailure(self, test, err):
                super().addFailure(test, err)
                outcomes.fail(test, "".join(traceback.format_exception(*err)))

            def addError(self, test, err):
                super().addError(test, err)
                outcomes.fail(test, "".join(traceback.format_exception(*err)))

            def addSubTest(self, test, subtest, err):
                super().addSubTest(test, subtest, err)
                if err:
                    message = "".join(traceback.format_exception(*err))
                    outcomes.fail(test, f"{subtest}\n{message}")

            def addUnexpectedSuccess(self, test):
                super().addUnexpectedSuccess(test)
                outcomes.fail(test, "it was expected to fail, and passed\n")

        return Recorder


def run(test):
    """Runs a test file. Returns the outcomes, what was printed and regrtest's status."""
    outcomes = Outcomes()
    testresult.RegressionTestResult = outcomes.recorder()
    sys.argv[1:] = [test]
    log = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        try:
            regrtest.main()
            status = 0
        except SystemExit as e:
            status = e.code or 0
    log.flush()
    return outcomes, log.buffer.getvalue().decode(), status


def report(test, expected, outcomes, log, status):
    """Returns the report of a test file."""
    failures = {k: v for k, v in outcomes.failed.items() if k not in expected}
    listed = outcomes.failed.keys() & expected
    passed = outcomes.passed - outcomes.failed.keys()
    skipped = len(outcomes.skipped)

    # What is wrong with the file as a whole: it cannot be imported, it leaves
    # the environment changed. Status 4 is that no test ran.
    if status not in (0, 4) and not outcomes.failed:
        if test in expected:
            listed = {test}
        else:
            failures[test] = f"regrtest ended with status {status}\n{log[-4000:]}"
    elif not passed and not outcomes.failed and not skipped:
        skipped = 1

    unlisted = sorted(expected & passed | ({test} & expected) - listed)
    return {
        "ok": not failures and not unlisted,
        "passed": len(passed),
        "failed": len(failures),
        "listed": len(listed),
        "skipped": skipped,
        "failures": [{"id": k, "message": v} for k, v in sorted(failures.items())],
        "unlisted_passes": unlisted,
        "log": log,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--xfail", action="append", default=[])
    parser.add_argument("test")
    parser.add_argument("report")
    options = parser.parse_args()

    target = os.path.abspath(options.report)
    result = report(options.test, set(options.xfail), *run(options.test))
    with open(target, "w", encoding="utf-8", errors="backslashreplace") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
