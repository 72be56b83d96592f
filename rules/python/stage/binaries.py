"""Finds binaries that the Python of a bundle could never load."""

import os
from importlib.machinery import EXTENSION_SUFFIXES

from problem import Problem

# How the names of shared libraries end, here or elsewhere.
_LIBRARIES = (".so", ".pyd", ".dll", ".dylib")


def check(path, content):
    """Raises a Problem if a file is a shared library for another Python or another machine."""
    name, extension = os.path.splitext(os.path.basename(path))
    if extension not in _LIBRARIES:
        return
    tag = os.path.splitext(name)[1] + extension
    if extension != ".so" or "-" in tag and tag not in EXTENSION_SUFFIXES:
        raise Problem(
            "%s is for another Python or another machine: extension modules of this one end in %s. "
            "Take a source that it can be built from, not a wheel, or add it to strip" % (path, EXTENSION_SUFFIXES[0])
        )
    if not content.startswith(b"\0asm"):
        raise Problem("%s is not a WebAssembly module: build it from source, or add it to strip" % path)
