"""Builds a wheel with the build backend of a source (PEP 517).

usage: python backend.py CONFIG OUTPUT

CONFIG is the JSON object that rules/python/setuptools.bzl writes. OUTPUT becomes
the wheel.
"""

import importlib
import json
import os
import shutil
import sys

import requirements
from problem import Problem

# Where sources are built, whatever their package. Backends write into them.
_SOURCE = "/src"
_WHEELS = "/tmp/wheels"


def build(config, output):
    """Writes the wheel."""
    requirements.check(config["source"])
    shutil.copytree(config["source"], _SOURCE)
    system = requirements.build_system(_SOURCE)
    os.chdir(_SOURCE)
    del sys.path[0]  # the folder of this program
    sys.path[:0] = map(os.path.abspath, system.get("backend-path", []))
    backend = _load(system.get("build-backend", "setuptools.build_meta:__legacy__"))
    os.makedirs(_WHEELS)
    name = backend.build_wheel(_WHEELS, config["options"])
    shutil.move(os.path.join(_WHEELS, name), output)


def _load(name):
    """Returns the object that `MODULE:ATTRIBUTE` names."""
    module, _, attributes = name.partition(":")
    value = importlib.import_module(module)
    for attribute in filter(None, attributes.split(".")):
        value = getattr(value, attribute)
    return value


def main(config_path, output):
    with open(config_path, encoding="utf-8") as f:
        config = json.load(f)
    try:
        build(config, os.path.abspath(output))
    except Problem as problem:
        sys.exit("%s: %s" % (config["label"], problem))


if __name__ == "__main__":
    main(*sys.argv[1:])
