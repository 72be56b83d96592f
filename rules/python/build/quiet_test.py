import os
import subprocess
import sys

import pytest

_PROGRAM = """\
import os, subprocess, sys
from problem import Problem
from quiet import quiet

try:
    with quiet("it failed:"):
        print("one")
        os.write(2, b"two\\n")
        subprocess.run([sys.executable, "-c", "print('three')"], check=True)
        {last}
except Problem as problem:
    print(problem)
print("after")
"""


def output(last):
    """Returns what is written, in order, by a program that does something quietly at last."""
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(last=last)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), os.environ["PYTHONPATH"]])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    ).stdout.splitlines()


def test_what_succeeds_is_silent():
    assert output("pass") == ["after"]


@pytest.mark.parametrize("last, error", [("raise ValueError('why')", "ValueError: why"), ("sys.exit('why')", "SystemExit: why")])
def test_what_fails_tells_all(last, error):
    lines = output(last)
    assert lines[0] == "it failed:"
    assert sorted(lines[1:4]) == ["one", "three", "two"]
    assert lines[-2:] == [error, "after"]


def test_the_end_is_shown():
    lines = output("print(*range(10000), sep='\\n'); raise ValueError")
    assert len(lines) < 100
    assert "9999" in lines
