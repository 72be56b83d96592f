import contextlib
import io
import sys

import listing
import pytest
import verdict

TESTS = """
import unittest
import pytest

def test_pass():
    pass

def test_fail():
    assert 1 == 2

def test_skip():
    pytest.skip("no")

@pytest.mark.xfail
def test_expected():
    assert False

@pytest.fixture
def broken():
    raise ValueError("broken")

def test_error(broken):
    pass

@pytest.fixture
def late():
    yield
    raise ValueError("late")

def test_teardown(late):
    pass

@pytest.mark.parametrize("x", [1, 2])
def test_parameters(x):
    assert x > 2

class TestSub(unittest.TestCase):
    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)
"""


def run(folder, xfail, **files):
    for name, content in files.items():
        sys.modules.pop(name, None)  # of an earlier run
        (folder / (name + ".py")).write_text(content)
    names = [name + ".py" for name in files]
    recorder = verdict.Recorder(listing.Listing(xfail), names)
    arguments = ["--rootdir=%s" % folder, "--import-mode=importlib", "--continue-on-collection-errors", "-pno:cacheprovider"]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main(arguments + [str(folder / name) for name in names], [recorder])
    return recorder.report("")


def test_outcomes(tmp_path):
    report = run(tmp_path, {}, test_a=TESTS)
    assert {k: report[k] for k in ["ok", "passed", "failed", "listed", "skipped"]} == {
        "ok": False, "passed": 1, "failed": 6, "listed": 0, "skipped": 2,
    }
    assert [failure["id"] for failure in report["failures"]] == [
        "test_a.py::TestSub::test_subtests",
        "test_a.py::test_error",
        "test_a.py::test_fail",
        "test_a.py::test_parameters[1]",
        "test_a.py::test_parameters[2]",
        "test_a.py::test_teardown",
    ]
    assert "assert 1 == 2" in report["failures"][2]["message"]


def test_listed_failures_are_expected(tmp_path):
    keys = ["test_fail", "test_error", "test_teardown", "test_parameters", "TestSub"]
    report = run(tmp_path, {"test_a.py::" + key: "because" for key in keys}, test_a=TESTS)
    assert {k: report[k] for k in ["ok", "passed", "failed", "listed", "unlisted_passes", "outdated"]} == {
        "ok": True, "passed": 1, "failed": 0, "listed": 6, "unlisted_passes": [], "outdated": [],
    }


def test_a_listed_test_has_to_fail(tmp_path):
    xfail = {"test_b.py::test_pass": "because", "test_b.py::test_skip": "because", "test_b.py::test_gone": "because"}
    report = run(tmp_path, xfail, test_b="import pytest\ndef test_pass(): pass\ndef test_skip(): pytest.skip()\n")
    assert not report["ok"]
    assert report["unlisted_passes"] == ["test_b.py::test_pass", "test_b.py::test_skip"]
    assert [failure["id"] for failure in report["failures"]] == ["test_b.py::test_gone"]
    assert report["outdated"] == ["test_b.py::test_gone", "test_b.py::test_pass", "test_b.py::test_skip"]


def test_a_key_for_which_some_tests_fail_is_not_outdated(tmp_path):
    report = run(tmp_path, {"test_g.py": "because"}, test_g="def test_pass(): pass\ndef test_fail(): assert 0\n")
    assert (report["ok"], report["unlisted_passes"], report["outdated"]) == (False, ["test_g.py::test_pass"], [])


def test_a_module_that_cannot_be_imported(tmp_path):
    source = {"test_c": "import nonsense_that_is_nowhere", "test_d": "def test(): pass"}
    report = run(tmp_path, {}, **source)
    assert (report["passed"], report["failed"], report["failures"][0]["id"]) == (1, 1, "test_c.py")
    report = run(tmp_path, {"test_c.py": "because"}, **source)
    assert (report["ok"], report["passed"], report["listed"]) == (True, 1, 1)


def test_a_module_that_skips_itself(tmp_path):
    report = run(tmp_path, {}, test_e="import pytest; pytest.skip('no', allow_module_level=True)")
    assert (report["ok"], report["skipped"]) == (True, 1)


def test_no_tests_at_all(tmp_path):
    report = run(tmp_path, {}, test_f="")
    assert not report["ok"]
    assert report["failures"] == [{"id": "", "message": "there are no tests"}]
