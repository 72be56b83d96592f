"""Writes the programs of the distributions that can be imported.

usage: python programs.py OUTPUT

OUTPUT becomes a directory with a file for each of their entry points.
"""

import os
import sys
from importlib import metadata

_PROGRAM = """\
#!{interpreter}
import sys
from {module} import {name}
sys.exit({attribute}())
"""

# Build systems ask it for its version. What is to be done is done by actions.
_NINJA = """\
#!/bin/sh
test "$1" = --version && echo 1.12.1
"""


def program(interpreter, point):
    """Returns the program that calls an entry point."""
    return _PROGRAM.format(
        interpreter=interpreter, module=point.module, name=point.attr.split(".")[0], attribute=point.attr
    )


def main(output):
    programs = {point.name: program(sys.executable, point) for point in metadata.entry_points(group="console_scripts")}
    programs["ninja"] = _NINJA
    for name, content in programs.items():
        with open(os.path.join(output, name), "w", encoding="utf-8") as f:
            f.write(content)


if __name__ == "__main__":
    main(*sys.argv[1:])
