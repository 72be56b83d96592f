"""A pytest plugin that judges each test against what is expected of it."""

import pytest

_LONGEST_MESSAGE = 4000


class Recorder:
    """Notes the outcome of each test. A test has failed if any of its phases or subtests has."""

    def __init__(self, listing, files):
        self._listing = listing
        self._files = files
        self._listed = {}  # id to the key that stands for it
        self._failed = {}  # id to message
        self._skipped = set()
        self._passed = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        for item in items:
            self._list(item.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report):
        # A module that cannot be imported, or that skips itself, has no tests.
        if report.failed or report.skipped:
            self._list(report.nodeid)
            self._note(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        self._note(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        if report.failed and report.nodeid in self._listed:
            return "listed", "x", "LISTED"
        return None

    def _list(self, nodeid):
        key = self._listing.key(nodeid)
        if key:
            self._listed[nodeid] = key

    def _note(self, report):
        if report.failed:
            self._failed.setdefault(report.nodeid, report.longreprtext[-_LONGEST_MESSAGE:])
        elif report.skipped:
            self._skipped.add(report.nodeid)
        elif report.when == "call":
            self._passed.add(report.nodeid)

    def report(self, log):
        """Returns the JSON object by which `cowasm test` judges the tests."""
        failures = [
            {"id": nodeid, "message": message}
            for nodeid, message in sorted(self._failed.items())
            if nodeid not in self._listed
        ]
        unused = self._listing.unused(self._files)
        failures += [{"id": key, "message": "xfail lists it, but there is no such test"} for key in unused]
        skipped = self._skipped - self._failed.keys()
        passed = self._passed - self._failed.keys() - skipped
        # A listed test that is skipped has not failed either: its reason is out of date.
        unlisted = sorted(self._listed.keys() - self._failed.keys())
        needed = {key for nodeid, key in self._listed.items() if nodeid in self._failed}
        if not self._passed | self._failed.keys() | skipped:
            failures.append({"id": "", "message": "there are no tests"})
        return {
            "ok": not failures and not unlisted,
            "passed": len(passed),
            "failed": len(failures),
            "listed": len(self._listed.keys() & self._failed.keys()),
            "skipped": len(skipped),
            "failures": failures,
            "unlisted_passes": unlisted,
            # The keys that can be taken out of the listing.
            "outdated": sorted(set(self._listed.values()) - needed | set(unused)),
            "log": log,
        }
