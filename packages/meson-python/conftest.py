"""Gives the tests a program that they run: a bundle has modules and no programs."""

import os
import pathlib
import sys

programs = pathlib.Path("/tmp/bin")
programs.mkdir()
(programs / "meson").write_text(f"""\
#!{sys.executable}
import sys
from mesonbuild import mesonmain

sys.exit(mesonmain.main())
""")
os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
