"""Checks that a bundle is whole: its modules, its metadata and its entry points.

usage: python -I imports.py DESCRIPTION REPORT [MODULE]...

DESCRIPTION is the `NAME.json` of a bundle that is in site-packages. MODULEs are
imported besides those at the top of the bundle.
"""

import contextlib
import importlib
import importlib.metadata
import json
import os
import sys
import traceback
from functools import partial


def checks(description, modules):
    """Yields a name and a function for each check. The function raises what is wrong."""
    dist = importlib.metadata.distribution(description["name"])
    for module in [*description["modules"], *modules]:
        yield "import " + module, partial(check_module, module, dist)
    yield "version", partial(check_equal, dist.version, description["version"])
    yield "RECORD", partial(check_record, dist)
    for point in dist.entry_points:
        yield "entry point " + point.name, point.load


def check_module(name, dist):
    module = importlib.import_module(name)
    path = module.__file__ or next(iter(module.__path__))
    check_equal(os.path.commonpath([path, dist.locate_file("")]), str(dist.locate_file("")))


def check_record(dist):
    for path in dist.files:
        if path.name != "RECORD":
            check_equal((str(path), os.path.getsize(path.locate())), (str(path), path.size))


def check_equal(got, want):
    if got != want:
        raise AssertionError("got %r, want %r" % (got, want))


def main(description_path, report_path, *modules):
    with open(description_path, encoding="utf-8") as f:
        description = json.load(f)
    passed, failures = 0, []
    for name, check in checks(description, modules):
        try:
            with contextlib.redirect_stdout(sys.stderr):
                check()
        except BaseException:
            failures.append({"id": name, "message": traceback.format_exc()})
        else:
            passed += 1
    with open(report_path, "w", encoding="utf-8") as f:
        report = {
            "ok": not failures,
            "passed": passed,
            "failed": len(failures),
            "listed": 0,
            "skipped": 0,
            "failures": failures,
            "unlisted_passes": [],
            "log": "".join("%s\n%s\n" % (failure["id"], failure["message"]) for failure in failures),
        }
        json.dump(report, f, indent=1)
        f.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
