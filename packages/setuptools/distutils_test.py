import os
import subprocess
import sys

import pytest

_PROGRAM = """\
import sys
assert "setuptools" not in sys.modules
from distutils.core import setup
print(setup.__module__)
"""


@pytest.mark.parametrize("distutils, found", [("local", True), ("stdlib", False)])
def test_a_program_finds_distutils(distutils, found):
    env = os.environ | {"SETUPTOOLS_USE_DISTUTILS": distutils}
    done = subprocess.run([sys.executable, "-c", _PROGRAM], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    # The standard library has none any more.
    assert (done.returncode == 0, done.stdout) == (found, "distutils.core\n" if found else "")
