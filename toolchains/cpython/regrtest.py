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
import xml.etree.ElementTree as ET

RESULTS = "/tmp/junit.xml"


def run(test):
    """Runs a test file. Returns what it printed and whether regrtest was content."""
    from test.libregrtest import main as regrtest

    sys.argv[1:] = [f"--junit-xml={RESULTS}", "--verbose", test]
    log = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        try:
            regrtest.main()
            status = 0
        except SystemExit as e:
            status = e.code or 0
    log.flush()
    return log.buffer.getvalue().decode(), status


def outcomes():
    """Yields the id of each test, its outcome and the message of a failure."""
    if not os.path.exists(RESULTS):
        return
    for case in ET.parse(RESULTS).iter("testcase"):
        name = case.get("name").removeprefix("test.")
        bad = case.findall("failure") + case.findall("error")
        if bad:
            yield name, "failed", "\n".join(e.text or "" for e in bad)
        elif case.find("skipped") is not None or case.get("result") == "skipped":
            yield name, "skipped", ""
        else:
            yield name, "passed", ""


def report(test, expected, cases, log, status):
    """Returns the report of a test file."""
    failures, listed, passes = {}, set(), set()
    count = {"passed": 0, "skipped": 0}
    for name, outcome, message in cases:
        if outcome != "failed":
            count[outcome] += 1
            if outcome == "passed":
                passes.add(name)
        elif name in expected:
            listed.add(name)
        else:
            failures[name] = message

    # What is wrong with the file as a whole: it cannot be imported, it leaves
    # the environment changed. 4 is "no test ran": all were skipped.
    if status not in (0, 4) and not failures and not listed:
        if test in expected:
            listed.add(test)
        else:
            failures[test] = f"regrtest ended with status {status}\n{log[-4000:]}"

    if not cases and not failures and not listed:
        count["skipped"] = 1  # the file as a whole

    unlisted = sorted(expected & passes - listed - failures.keys())
    return {
        "ok": not failures and not unlisted,
        "passed": count["passed"],
        "failed": len(failures),
        "listed": len(listed),
        "skipped": count["skipped"],
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

    os.makedirs("/tmp", exist_ok=True)
    target = os.path.abspath(options.report)
    log, status = run(options.test)
    result = report(options.test, set(options.xfail), list(outcomes()), log, status)
    with open(target, "w", encoding="utf-8", errors="backslashreplace") as f:
        json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
