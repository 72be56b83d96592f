"""Runs the tests of a package under pytest and writes a report of them.

usage: python testing CONFIG [PYTEST ARGUMENT]...

CONFIG is the JSON object that rules/python/testing.bzl writes. The report goes
to the path that it names; without one, pytest talks to the terminal and further
arguments are handed to it.
"""

import contextlib
import io
import json
import os
import sys

import pytest

import listing
import sharding
import verdict

# How pytest ends when it has run what there is. The plugin judges the rest.
_JUDGED = [pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED]


def _settings(root, files):
    """Returns further settings for test files within the package that they test.

    pytest finds the name of such a module by looking for `__init__.py` further
    up, and in a bundle there is `__init__.pyc`. It can look at what can be
    imported instead.
    """
    for folder in {os.path.dirname(os.path.join(root, path)) for path in files}:
        if os.path.exists(folder + "/__init__.py") and os.path.exists(os.path.dirname(folder) + "/__init__.pyc"):
            return ["--override-ini=consider_namespace_packages=true"]
    return []


def main(config_path, *arguments):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    root = os.path.abspath(config["root"])
    try:
        expected = listing.Listing(config["xfail"])
        files = sharding.test_files(root, config["paths"], config["python_files"])
        expected.check_files(files)
        chosen = sharding.shard(root, files, config["shard"], config["shards"])
    except ValueError as e:
        sys.exit("%s: %s" % (config["label"], e))

    os.chdir(root)
    recorder = verdict.Recorder(expected, chosen)
    arguments = [
        "--rootdir=" + root,
        "--continue-on-collection-errors",
        "-pno:cacheprovider",
        *_settings(root, chosen),
        *config["args"],
        *arguments,
        *chosen,
    ]
    if not config["report"]:
        sys.exit(pytest.main(arguments, [recorder]))

    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        status = pytest.main(arguments, [recorder])
    if status not in _JUDGED:
        sys.exit("%s\n%s: pytest ended with %s" % (log.getvalue(), config["label"], pytest.ExitCode(status).name))
    with open(os.path.join("/", config["report"]), "w", encoding="utf-8") as f:
        json.dump(recorder.report(log.getvalue()), f, indent=1)
        f.write("\n")


main(*sys.argv[1:])
