"""Builds a wheel with the build backend of a source (PEP 517).

usage: python backend.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/setuptools.bzl writes. OUTPUT becomes
the wheel.
"""

import importlib
import os
import shutil
import sys

import command
import requirements
from quiet import quiet

# Where sources are built, whatever their package. Backends write into them.
_SOURCE = "/tmp/src"
_WHEELS = "/tmp/wheels"


def build(config, output):
    """Writes the wheel."""
    requirements.check(config["source"])
    shutil.copytree(config["source"], _SOURCE)
    system = requirements.build_system(_SOURCE)
    os.chdir(_SOURCE)
    del sys.path[0]  # the folder of this program
    sys.path[:0] = map(os.path.abspath, system.get("backend-path", []))
    os.makedirs(_WHEELS)
    with quiet("it cannot be built:"):
        backend = _load(system.get("build-backend", "setuptools.build_meta:__legacy__"))
        name = backend.build_wheel(_WHEELS, config["options"])
    shutil.move(os.path.join(_WHEELS, name), output)


def _load(name):
    """Returns the object that `MODULE:ATTRIBUTE` names."""
    module, _, attributes = name.partition(":")
    value = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        value = getattr(value, attribute)
    return value


if __name__ == "__main__":
    command.run(build)
